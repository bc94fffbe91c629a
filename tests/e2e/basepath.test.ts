/**
 * The Next app below a path (`BASE_PATH`), behind two proxies: the console signs in, shows and edits. It is built in a folder
 * below this one, which lends its packages; that takes a minute, so `npm run test:whole` does it.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, chromium } from 'playwright'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findChromium } from '../chromium.ts'
import { freePort } from '../clients/ports.ts'
import { Program } from '../clients/process.ts'
import { TOKEN } from '../clients/rest.ts'
import { root } from './child.ts'
import { type Proxies, proxiesBefore } from './proxies.ts'
import { SOURCES } from './sources.ts'
import { signIn } from './visit.ts'

const folder = join(root, '.cache', 'basepath')
const NEXT = join(root, 'node_modules/next/dist/bin/next')
const BASE = '/store'

const found = findChromium()

describe.skipIf('missing' in found)('the app below a path', () => {
  let site: Program
  let proxies: Proxies
  let browser: Browser
  let url: string

  beforeAll(async () => {
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder, { recursive: true })
    for (const name of SOURCES) cpSync(join(root, name), join(folder, name), { recursive: true })
    const env = { PATH: process.env.PATH, HOME: process.env.HOME, BASE_PATH: BASE, NEXT_TELEMETRY_DISABLED: '1' }
    const built = spawnSync(process.execPath, [NEXT, 'build'], {
      cwd: folder,
      encoding: 'utf8',
      env: env as object as NodeJS.ProcessEnv,
    })
    expect(built.status, built.stdout + built.stderr).toBe(0)
    const [port, respPort] = [await freePort(), await freePort()]
    site = new Program([NEXT, 'start', folder, '-p', `${port}`, '-H', '127.0.0.1'], {
      BASE_PATH: BASE,
      ZERODIS_PORT: `${respPort}`,
      KV_REST_API_TOKEN: TOKEN,
    })
    await site.until(() => site.output.includes(`RESP on port ${respPort}`))
    proxies = await proxiesBefore(`http://127.0.0.1:${port}`, ['', ''])
    url = proxies.url + BASE
    browser = await chromium.launch({ ...found, args: ['--no-sandbox', '--disable-background-networking'] })
  }, 240_000)
  afterAll(async () => {
    await browser?.close()
    proxies?.close()
    await site?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  test('serves REST below it, and nothing beside it', async () => {
    const headers = { authorization: `Bearer ${TOKEN}` }
    const answer = await fetch(`${url}/api/redis/ping`, { headers })
    expect([answer.status, await answer.text()]).toEqual([200, '{"result":"PONG"}'])
    expect((await fetch(`${proxies.url}/api/redis/ping`, { headers })).status).toBe(404)
    expect((await fetch(`${url}/api/redis/metrics`, { headers })).status).toBe(200)
  })

  test('answers whoever brings a token at the bare path, too', async () => {
    const answer = await fetch(`${url}/ping`, { headers: { authorization: `Bearer ${TOKEN}` } })
    expect([answer.status, await answer.text()]).toEqual([200, '{"result":"PONG"}'])
  })

  test('has the console there: it signs in, keeps the session, shows and edits, and names the address that it has', async () => {
    const page = await (await browser.newContext()).newPage()
    const [problems, asked]: string[][] = [[], []]
    page.on('pageerror', (error) => problems.push(error.message))
    page.on('console', (message) => {
      if (/Content Security Policy/.test(message.text())) problems.push(message.text())
    })
    page.on('request', (request) => asked.push(request.url()))
    await fetch(`${url}/api/redis/set/below/v`, { headers: { authorization: `Bearer ${TOKEN}` } })
    await page.goto(url)
    await page.getByText('The store is up').waitFor()
    await signIn(page, TOKEN)
    await page.getByRole('treeitem').filter({ hasText: 'below' }).click()
    await page.locator('textarea.value').fill('changed')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('button', { name: 'Save' }).waitFor({ state: 'detached' })
    await page.reload()
    await expect.poll(() => page.locator('textarea.value').inputValue()).toBe('changed')
    for (const part of ['Command line', 'Live', 'Server', 'Queues', 'Connect']) {
      await page.getByRole('link', { name: part, exact: true }).click()
      await page.locator('main > section').waitFor()
    }
    await page.getByText(`${url}`, { exact: false }).first().waitFor()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByLabel('Token of REST').waitFor()
    expect(asked.filter((address) => !address.startsWith(url) && !address.startsWith('blob:'))).toEqual([])
    expect(problems).toEqual([])
  }, 60_000)
})

if ('missing' in found) test('the app below a path', (context) => context.skip(found.missing))
