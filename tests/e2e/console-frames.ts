/**
 * How smooth the console is on a store of a million keys: `node --import tsx tests/e2e/console-frames.ts [keys]`. It says how long the first
 * rows took, how long all keys took to come, and how many frames a second were drawn while the list was scrolled, by the browser's own trace;
 * and, for a machine that does other things, too, what a frame took of the page's thread, and of all processes of the browser (Linux).
 */
import { readdirSync, readFileSync } from 'node:fs'
import { type Browser, type CDPSession, chromium, type Page } from 'playwright'
import { createServer } from '../../lib/server.ts'
import { buildConsole } from '../../packaging/console.ts'
import { findChromium } from '../chromium.ts'
import { signIn } from './visit.ts'

const KEYS = Number(process.argv[2] ?? 1_000_000)
const SCROLL_MS = 5000
const STEP_MS = 16
/** Ticks of the kernel's figures in a second. */
const TICKS = 100

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
    const { frames, longest, spent } = await scrolled(browser, page)
    console.log(
      `${view}: first rows ${Math.round(listed - framed)} ms behind the page (${Math.round(listed)} ms behind the address), ` +
        `all keys ${loading} ms, ${frames.toFixed(1)} frames/s, longest gap ${longest.toFixed(0)} ms; of a frame ${spent}`,
    )
  }
} finally {
  await browser.close()
  await server.close()
}

/** Frames that were drawn while the wheel turned, and the longest time without one. */
async function scrolled(browser: Browser, page: Page): Promise<{ frames: number; longest: number; spent: string }> {
  await page.locator('.key-list').hover()
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable', { timeDomain: 'threadTicks' })
  const spentBefore = await metricsOf(session)
  await browser.startTracing(page, {
    categories: [
      'devtools.timeline',
      'disabled-by-default-devtools.timeline',
      'disabled-by-default-devtools.timeline.frame',
    ],
  })
  const processorBefore = processorSeconds()
  const startedAt = performance.now()
  for (let i = 0; performance.now() - startedAt < SCROLL_MS; i++) {
    await page.mouse.wheel(0, 400)
    const next = startedAt + (i + 1) * STEP_MS - performance.now()
    if (next > 0) await new Promise((resolve) => setTimeout(resolve, next))
  }
  const processor = processorSeconds() - processorBefore
  const spentAfter = await metricsOf(session)
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: TraceEvent[] }
  const drawn = traceEvents
    .filter(({ name }) => name === 'DrawFrame')
    .map(({ ts }) => ts)
    .sort((one, other) => one - other)
  const gaps = drawn.slice(1).map((ts, i) => ts - drawn[i])
  const spent = ['Task', 'Script', 'RecalcStyle', 'Layout'].map((name) => {
    const seconds = spentAfter.get(`${name}Duration`)! - spentBefore.get(`${name}Duration`)!
    return `${name} ${((seconds * 1000) / drawn.length).toFixed(2)} ms`
  })
  return {
    frames: ((drawn.length - 1) * 1e6) / (drawn.at(-1)! - drawn[0]),
    longest: Math.max(...gaps) / 1000,
    spent: `${spent.join(', ')}; all processes ${((processor * 1000) / drawn.length).toFixed(2)} ms`,
  }
}

/** What those that this process has started, and that they have, have had of the processor. */
function processorSeconds(): number {
  const stats = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const [, ...fields] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(/.*\) /)
        const [, parent, ...others] = fields[0].split(' ')
        return [{ pid: Number(pid), parent: Number(parent), ticks: Number(others[9]) + Number(others[10]) }]
      } catch {
        return [] // it has ended meanwhile
      }
    })
  const ours = new Set([process.pid])
  for (let before = 0; before !== ours.size; ) {
    before = ours.size
    for (const { pid, parent } of stats) if (ours.has(parent)) ours.add(pid)
  }
  ours.delete(process.pid)
  return stats.reduce((sum, { pid, ticks }) => sum + (ours.has(pid) ? ticks / TICKS : 0), 0)
}

/** Seconds by what they were spent for. */
async function metricsOf(session: CDPSession): Promise<ReadonlyMap<string, number>> {
  const { metrics } = await session.send('Performance.getMetrics')
  return new Map(metrics.map(({ name, value }) => [name, value]))
}
