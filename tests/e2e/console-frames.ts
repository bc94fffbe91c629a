/**
 * How smooth the console is on a store of a million keys: `node --import tsx tests/e2e/console-frames.ts [keys]`. It says how long the first
 * rows took, how long all keys took to come, and how many frames a second were drawn while the list was scrolled, by the browser's own trace.
 */
import { type Browser, chromium, type Page } from 'playwright'
import { createServer } from '../../lib/server.ts'
import { buildConsole } from '../../packaging/console.ts'
import { findChromium } from '../chromium.ts'
import { signIn } from './visit.ts'

const KEYS = Number(process.argv[2] ?? 1_000_000)
const SCROLL_MS = 5000
const STEP_MS = 16

interface TraceEvent {
  readonly name: string
  readonly ts: number
}

const found = findChromium()
if ('missing' in found) throw new Error(found.missing)
await buildConsole()
const server = createServer({ 'rest-token': 't' })
for (let i = 0; i < KEYS; i++) server.execute('SET', `user:${i % 1000}:${i}`, `${i}`)
const { httpPort } = await server.listen({ port: 0, httpPort: 0 })
const url = `http://127.0.0.1:${httpPort}/console/`
const browser = await chromium.launch({ ...found, args: ['--no-sandbox', '--disable-background-networking'] })
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  await page.addInitScript(() => {
    const seen = globalThis as unknown as { framed?: number; listed?: number }
    new MutationObserver(() => {
      if (document.querySelector('.frame') !== null) seen.framed ??= performance.now()
      if (document.querySelector('[role=treeitem]') !== null) seen.listed ??= performance.now()
    }).observe(document, { childList: true, subtree: true })
  })
  for (const view of ['list', 'tree']) {
    await page.goto(`${url}#/browser?view=${view}`)
    if (view === 'list') {
      await signIn(page, 't')
      await page.locator('.frame').waitFor()
    }
    await page.reload()
    await page.getByRole('treeitem').first().waitFor()
    const { framed, listed } = await page.evaluate(() => ({ ...(globalThis as unknown as Record<string, number>) }))
    const loadedAt = performance.now()
    await page.getByRole('button', { name: 'Load all' }).click()
    await page.getByText(`${KEYS.toLocaleString('en')} keys`, { exact: true }).waitFor({ timeout: 600_000 })
    const loading = Math.round(performance.now() - loadedAt)
    if (view === 'tree') await page.getByRole('treeitem').first().click()
    const { frames, longest } = await scrolled(browser, page)
    console.log(
      `${view}: first rows ${Math.round(listed - framed)} ms behind the page (${Math.round(listed)} ms behind the address), ` +
        `all keys ${loading} ms, ${frames.toFixed(1)} frames/s, longest gap ${longest.toFixed(0)} ms`,
    )
  }
} finally {
  await browser.close()
  await server.close()
}

/** Frames that were drawn while the wheel turned, and the longest time without one. */
async function scrolled(browser: Browser, page: Page): Promise<{ frames: number; longest: number }> {
  await page.locator('.key-list').hover()
  await browser.startTracing(page, {
    categories: [
      'devtools.timeline',
      'disabled-by-default-devtools.timeline',
      'disabled-by-default-devtools.timeline.frame',
    ],
  })
  const startedAt = performance.now()
  for (let i = 0; performance.now() - startedAt < SCROLL_MS; i++) {
    await page.mouse.wheel(0, 400)
    const next = startedAt + (i + 1) * STEP_MS - performance.now()
    if (next > 0) await new Promise((resolve) => setTimeout(resolve, next))
  }
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: TraceEvent[] }
  const drawn = traceEvents
    .filter(({ name }) => name === 'DrawFrame')
    .map(({ ts }) => ts)
    .sort((one, other) => one - other)
  const gaps = drawn.slice(1).map((ts, i) => ts - drawn[i])
  return { frames: ((drawn.length - 1) * 1e6) / (drawn.at(-1)! - drawn[0]), longest: Math.max(...gaps) / 1000 }
}
