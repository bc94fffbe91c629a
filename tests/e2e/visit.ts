/** A visit of a page by a real browser, which tells what the page's policy forbade. */
import type { Browser, Page } from 'playwright'
import { expect } from 'vitest'

export interface Visit {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly title: string
  readonly content: string
  /** Errors of the console and of scripts, and what the policy forbade. */
  readonly problems: readonly string[]
  /** Whether React has taken the page over: its scripts ran. */
  readonly isAlive: boolean
}

export async function visit(browser: Browser, url: string): Promise<Visit> {
  const page = await browser.newPage()
  const problems: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text())
  })
  page.on('pageerror', (error) => problems.push(error.message))
  await page.exposeFunction('tell', (text: string) => void problems.push(text))
  await page.addInitScript(() => {
    const { tell } = globalThis as unknown as { tell(text: string): void }
    document.addEventListener('securitypolicyviolation', (event) =>
      tell(`${event.violatedDirective} forbids ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`),
    )
  })
  const response = (await page.goto(url, { waitUntil: 'networkidle' }))!
  const isAlive = await page
    .waitForFunction(() => Object.keys(document.querySelector('main')!).some((key) => /^__react/.test(key)))
    .then(
      () => true,
      () => false,
    )
  const [status, headers] = [response.status(), await response.allHeaders()]
  const visited = { status, headers, title: await page.title(), content: await page.content(), problems, isAlive }
  await page.close()
  return visited
}

/** A page without a secret that runs under its policy, which nobody frames and nothing keeps. */
export async function expectSecure(browser: Browser, url: string, secret: string): Promise<void> {
  const first = await visit(browser, url)
  const second = await fetch(url, { headers: { accept: 'text/html' } })
  expect(first.problems).toEqual([])
  expect(first.isAlive).toBe(true)
  expect(first.content).not.toContain(secret)
  const { headers } = first
  const policy = headers['content-security-policy']
  expect(policy).toMatch(/script-src 'nonce-[\w+/=]{20,}' 'strict-dynamic'/)
  expect(policy).not.toMatch(/script-src[^;]*'unsafe-inline'/)
  for (const rule of ["default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"]) expect(policy).toContain(rule)
  const other = nonceOf(second.headers.get('content-security-policy') ?? '')
  expect(other).toMatch(/^[\w+/=]{20,}$/)
  expect(other).not.toBe(nonceOf(policy))
  expect(headers['x-content-type-options']).toBe('nosniff')
  expect(headers['x-frame-options']).toBe('DENY')
  expect(headers['referrer-policy']).toBe('no-referrer')
  expect(headers['cache-control']).toContain('no-store')
  expect(headers['set-cookie']).toBeUndefined()
  const missing = await visit(browser, `${url}/no-such-page`)
  expect(missing.status).toBe(404)
  // The browser itself tells of the 404.
  expect(missing.problems.filter((problem) => !problem.includes('404'))).toEqual([])
}

const nonceOf = (policy: string): string | undefined => /'nonce-([^']+)'/.exec(policy)?.[1]

/**
 * Without a token the page shows health alone; a wrong one is refused in REST's words; with the right one, typed in, it shows
 * the figures of the store that REST serves. The host keeps the session: who loads the page again need not say the token, and no script
 * finds it.
 */
export async function expectFigures(browser: Browser, url: string, token: string, respPort: number): Promise<void> {
  const context = await browser.newContext()
  const page = await context.newPage()
  // A development server lets a browser of its machine in at once.
  await page.route('**/session', (route) =>
    route.request().headers()['authorization'] === undefined && route.request().headers()['cookie'] === undefined
      ? route.fulfill({ status: 200, body: '{}' })
      : route.fallback(),
  )
  await page.goto(url)
  await page.getByText('The store is up').waitFor()
  expect(await page.getByText('Uptime', { exact: true }).count()).toBe(0)
  await signIn(page, 'wrong')
  await page.getByText('WRONGPASS').waitFor()
  await signIn(page, token)
  await page.getByRole('link', { name: 'Live' }).click()
  await page.getByText('Uptime', { exact: true }).waitFor()
  const answer = await fetch(`${url}/api/redis/dbsize`, { headers: { authorization: `Bearer ${token}` } })
  const { result } = (await answer.json()) as { result: number }
  const keys = page.locator('dl > div', { hasText: 'Keys' }).locator('dd').first()
  expect(await keys.textContent()).toBe(`${result}`)
  await page.getByRole('link', { name: 'Connect' }).click()
  await page.getByText(`redis://127.0.0.1:${respPort}`).first().waitFor()
  await page.unroute('**/session')
  await page.reload()
  await page.getByText(`redis://127.0.0.1:${respPort}`).first().waitFor()
  const found = await page.evaluate(() =>
    JSON.stringify([document.cookie, { ...localStorage }, { ...sessionStorage }, location.href]),
  )
  expect(found).not.toContain(token)
  await context.close()
}

export async function signIn(page: Page, token: string): Promise<void> {
  await page.getByLabel('Token of REST').fill(token)
  await page.getByRole('button', { name: 'Sign in' }).click()
}
