/**
 * The pictures of docs/guides/console.md, taken of the console as it is: `node --import tsx tests/e2e/console-pictures.ts`, with the names of
 * some of them behind it for those alone.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Bottleneck from 'bottleneck'
import { Queue } from 'bullmq'
import { Redis } from 'ioredis'
import type { Page } from 'playwright'
import { createServer } from '../../lib/server.ts'
import { buildConsole } from '../../packaging/console.ts'
import { findChromium, launchChromium } from '../chromium.ts'
import { signIn } from './visit.ts'

const FOLDER = join(import.meta.dirname, '../../docs/guides/images')

interface Picture {
  readonly name: string
  readonly hash: string
  readonly scheme: 'light' | 'dark'
  /** What is done before it is taken. */
  readonly prepare?: (page: Page) => Promise<void>
}

const PICTURES: readonly Picture[] = [
  { name: 'signin', hash: '', scheme: 'light' },
  { name: 'browser', hash: 'browser?key==user:1', scheme: 'light', prepare: openBranch },
  { name: 'map', hash: 'browser?key==places', scheme: 'dark', prepare: (page) => press(page, 'Map') },
  { name: 'commands', hash: 'commands', scheme: 'dark', prepare: typeCommands },
  { name: 'live', hash: 'live', scheme: 'light', prepare: (page) => page.waitForTimeout(30_000) },
  { name: 'latency', hash: 'live?part=latency', scheme: 'light' },
  { name: 'slowlog', hash: 'live?part=slowlog', scheme: 'dark' },
  { name: 'clients', hash: 'live?part=clients', scheme: 'light' },
  { name: 'monitor', hash: 'live?part=monitor', scheme: 'dark', prepare: watch('Start') },
  { name: 'pubsub', hash: 'live?part=pubsub', scheme: 'light', prepare: listen },
  { name: 'events', hash: 'live?part=events', scheme: 'dark', prepare: watch('Start', 'Tell them') },
  { name: 'memory', hash: 'live?part=memory', scheme: 'dark', prepare: takeSample },
  { name: 'server', hash: 'server', scheme: 'light' },
  { name: 'configuration', hash: 'server?part=configuration', scheme: 'light' },
  { name: 'users', hash: 'server?part=users', scheme: 'dark' },
  { name: 'functions', hash: 'server?part=functions', scheme: 'light' },
  { name: 'queues', hash: 'queues?queue=bull:mails:', scheme: 'light', prepare: (page) => press(page, 'wait') },
  { name: 'limiters', hash: 'queues?queue=b_imports_', scheme: 'dark' },
  { name: 'connect', hash: 'connect', scheme: 'dark' },
]

const found = findChromium()
if ('missing' in found) throw new Error(found.missing)
await buildConsole()
const wanted = process.argv.slice(2)
const server = createServer({ 'rest-token': 't', 'latency-monitor-threshold': '1' })
const { port, httpPort } = await server.listen({ port: 0, httpPort: 0 })
const limiter = new Bottleneck({ id: 'imports', datastore: 'ioredis', clientOptions: { port }, maxConcurrent: 2 })
await fill()
const clients = await connectClients()
const load = setInterval(() => {
  for (let i = 0; i < 40 + Math.random() * 40; i++) server.execute('GET', `session:${Math.floor(Math.random() * 70)}`)
  server.execute('HINCRBY', `user:${1 + Math.floor(Math.random() * 60)}`, 'visits', 1)
  if (Math.random() < 0.2) server.execute('PUBLISH', `chat:${Math.ceil(Math.random() * 3)}`, 'Who is there?')
}, 50)
const browser = await launchChromium(found)
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 760 } })
  await page.goto(`http://127.0.0.1:${httpPort}/console/`)
  for (const { name, hash, scheme, prepare } of PICTURES) {
    if (name === 'browser') {
      await signIn(page, 't')
      await page.locator('.frame').waitFor()
    }
    if (wanted.length !== 0 && !wanted.includes(name)) continue
    await page.emulateMedia({ colorScheme: scheme })
    await page.goto(`http://127.0.0.1:${httpPort}/console/#/${hash}`)
    await page.waitForTimeout(1500)
    await prepare?.(page)
    writeFileSync(join(FOLDER, `console-${name}.webp`), await webp(page))
  }
} finally {
  clearInterval(load)
  for (const client of clients) client.disconnect()
  await limiter.disconnect(false)
  await browser.close()
  await server.close()
}

/** What the page shows; the browser packs it, for Playwright writes no WebP. */
async function webp(page: Page): Promise<Buffer> {
  const png = (await page.screenshot()).toString('base64')
  const other = await browser.newPage()
  const url = await other.evaluate(async (data) => {
    const image = new Image()
    image.src = `data:image/png;base64,${data}`
    await image.decode()
    const canvas = document.createElement('canvas')
    canvas.width = image.width
    canvas.height = image.height
    canvas.getContext('2d')!.drawImage(image, 0, 0)
    return canvas.toDataURL('image/webp', 0.85)
  }, png)
  await other.close()
  return Buffer.from(url.slice(url.indexOf(',') + 1), 'base64')
}

async function press(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name, exact: true }).click()
  await page.waitForTimeout(500)
}

/** Presses buttons, the last of them in a dialog, and waits until lines have come. */
function watch(...names: readonly string[]): (page: Page) => Promise<void> {
  return async (page) => {
    for (const name of names) await press(page, name)
    await page.waitForTimeout(2000)
  }
}

async function listen(page: Page): Promise<void> {
  await page.getByLabel('Channel or pattern').fill('chat:*')
  await watch('Listen')(page)
}

async function openBranch(page: Page): Promise<void> {
  await page.getByRole('treeitem').filter({ hasText: 'session' }).first().click()
  await page.waitForTimeout(500)
}

async function typeCommands(page: Page): Promise<void> {
  const line = page.getByRole('combobox', { name: 'Command' })
  for (const text of ['hgetall user:1', 'zrange scores 0 -1 withscores', 'incr visits']) {
    await line.fill(text)
    await line.press('Enter')
  }
  await line.fill('zadd scores ')
  await page.waitForTimeout(500)
}

async function takeSample(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Take a sample' }).click()
  await page.getByText('keys were looked at.').waitFor()
}

/** Those that the page of clients shows: who waits, subscribes, watches, tracks. */
async function connectClients(): Promise<readonly Redis[]> {
  const named = (name: string): Redis => new Redis({ port, connectionName: name })
  const [worker, chat, shop, cache] = ['worker', 'chat', 'shop', 'cache'].map(named)
  worker.blpop('queue:high', 'queue:low', 0).catch(() => {}) // it waits until the end
  await chat.psubscribe('chat:*')
  await shop.watch('session:1')
  await cache.client('TRACKING', 'ON', 'BCAST', 'REDIRECT', await chat.client('ID'))
  return [worker, chat, shop, cache]
}

async function fill(): Promise<void> {
  const run = (...argv: (string | number)[]): unknown => server.execute(...argv)
  for (let i = 1; i <= 60; i++) {
    run('HSET', `user:${i}`, 'name', `User ${i}`, 'plan', i % 3 === 0 ? 'pro' : 'free', 'visits', i * 7)
    run('SET', `session:${i}`, JSON.stringify({ user: i, at: 1_700_000_000 + i }), 'EX', 3600 * i)
  }
  run('HPEXPIRE', 'user:1', 3_600_000, 'FIELDS', 1, 'visits')
  run('ZADD', 'scores', 10, 'ada', 7.5, 'grace', 12, 'edsger')
  run('RPUSH', 'jobs', 'first', 'second')
  run('XADD', 'events', '*', 'kind', 'signup', 'user', 1)
  run('GEOADD', 'places', 13.361389, 38.115556, 'Palermo', 15.087269, 37.502669, 'Catania')
  run('JSON.SET', 'shop', '$', '{"name":"shop","open":true}')
  for (let i = 0; i < 300; i++) run('SET', `page:${i % 4}:${i}`, 'x'.repeat(i * 20))
  run('ACL', 'SETUSER', 'reader', 'on', '>p', '~page:*', '+@read')
  run('ACL', 'SETUSER', 'worker', 'on', '>p', '~bull:*', '+@all', '-@dangerous')
  run(
    'FUNCTION',
    'LOAD',
    "#!lua name=greeting\nredis.register_function('greet', function(keys, args)\n  return 'Hello, ' .. args[1]\nend)",
  )
  run('SCRIPT', 'LOAD', "return redis.call('INCRBY', KEYS[1], ARGV[1])")
  run('CONFIG', 'SET', 'slowlog-log-slower-than', 0)
  run('KEYS', 'session:*')
  run('SORT', 'jobs', 'ALPHA')
  run('ZRANGE', 'scores', 0, -1, 'WITHSCORES')
  run('CONFIG', 'SET', 'slowlog-log-slower-than', 10_000)
  await limiter.ready()
  for (let i = 0; i < 5; i++) limiter.schedule({ id: `import-${i}` }, () => new Promise(() => {})).catch(() => {})
  const mails = new Queue('mails', { connection: { host: '127.0.0.1', port } })
  await mails.addBulk(Array.from({ length: 6 }, (_, i) => ({ name: 'send', data: { to: `user-${i}@example.org` } })))
  await mails.close()
}
