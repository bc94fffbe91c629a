/** `npm run dev` and `npm start`: Next, REST and RESP in one process, from the command line to Ctrl-C. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from '@upstash/redis'
import { Redis as IoRedis } from 'ioredis'
import { chromium } from 'playwright'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findChromium } from '../chromium.ts'
import { freePort } from '../clients/process.ts'
import { Child, root } from './child.ts'
import { expectFigures, expectSecure } from './visit.ts'

const [port, httpPort] = [await freePort(), await freePort()]
const folder = mkdtempSync(join(tmpdir(), 'dev-'))
afterAll(() => rmSync(folder, { recursive: true }))
const flags = ['--port', `${port}`, '--http-port', `${httpPort}`, '--dir', folder]
const url = `http://127.0.0.1:${httpPort}`

function host(mode: 'dev' | 'start', args: readonly string[], env: Record<string, string> = {}): Child {
  return new Child(process.execPath, ['--import', 'tsx', 'lib/host/nexthost.ts', mode, ...args], { env })
}

/** Whether a route that Next has bundled works on the store that the doors serve: its limiter leaves keys. */
async function routeSharesStore(resp: IoRedis): Promise<boolean> {
  const answer = await fetch(`${url}/api/example/limited`)
  return answer.ok && (await resp.keys('b_example_*')).length > 0
}

describe('npm run dev', () => {
  test('prints the doors and the lines for .env.local, and those lines work', async () => {
    const server = host('dev', [...flags, '--requirepass', 'a b'])
    await server.sees(/REDIS_URL=.*\n/)
    const lines = Object.fromEntries([...server.output.matchAll(/^([A-Z_]+)=(.*)$/gm)].map((match) => match.slice(1)))
    expect(lines).toEqual({
      KV_REST_API_URL: url,
      KV_REST_API_TOKEN: expect.stringMatching(/^[\w-]{32}$/),
      UPSTASH_REDIS_REST_URL: url,
      UPSTASH_REDIS_REST_TOKEN: lines.KV_REST_API_TOKEN,
      REDIS_URL: `redis://:a%20b@127.0.0.1:${port}`,
    })
    const rest = new Redis({ url: lines.KV_REST_API_URL, token: lines.KV_REST_API_TOKEN })
    const resp = new IoRedis(lines.REDIS_URL)
    await rest.set('k', 'v')
    expect(await resp.get('k')).toBe('v')
    await server.sees(/Pages are ready/)
    expect(await routeSharesStore(resp)).toBe(true)
    expect(server.output).toContain(`${url}/#token=${lines.KV_REST_API_TOKEN}\n`)
    await resp.quit()
    expect(await server.kill('SIGINT')).toBe(0)
  }, 120_000)

  test('takes the token of the environment', async () => {
    const server = host('dev', flags, { KV_REST_API_TOKEN: 'mine' })
    await server.sees(/KV_REST_API_TOKEN=mine\n/)
    expect(await server.kill('SIGINT')).toBe(0)
  })

  test('a port in use is one line with the port and the flag, and exit code 1', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(httpPort, '127.0.0.1', resolve))
    const server = host('dev', flags)
    expect(await server.ended).toBe(1)
    expect(server.output).toBe(
      `Failed listening on port ${httpPort} (http) of 127.0.0.1: address already in use; choose another with --http-port.\n`,
    )
    other.close()
  })
})

describe('npm start', () => {
  beforeAll(() => {
    const env = { PATH: process.env.PATH, HOME: process.env.HOME } as object as NodeJS.ProcessEnv
    const built = spawnSync('npm', ['run', 'build'], { cwd: root, encoding: 'utf8', env })
    expect(built.status, built.stdout + built.stderr).toBe(0)
  }, 240_000)

  test('shows no secret, serves all doors on one store, and ends in order', async () => {
    const server = host('start', [...flags, '--rest-token', 'hidden'])
    await server.sees(/Pages are ready/)
    expect(server.output).not.toContain('hidden')
    const rest = new Redis({ url, token: 'hidden' })
    const resp = new IoRedis(port, '127.0.0.1')
    await resp.set('k', 'v')
    expect(await rest.get('k')).toBe('v')
    expect(await routeSharesStore(resp)).toBe(true)
    for (const proto of ['https,http', 'no such']) {
      const page = await fetch(url, { headers: { 'x-forwarded-proto': proto, 'x-forwarded-host': 'a.example, b' } })
      expect([page.status, (await page.text()).includes('://a.example')]).toEqual([200, true])
    }
    const waiting = rest.exec(['BLPOP', 'nothing', '0'])
    while (!/blocked_clients:1/.test(await resp.info('clients'))) {}
    resp.disconnect()
    const ended = server.kill('SIGTERM')
    expect(await waiting).toBe(null)
    expect(await ended).toBe(0)
  }, 60_000)

  test('has a page that runs in a browser under its policy', async (context) => {
    const found = findChromium()
    if ('missing' in found) return context.skip(found.missing)
    const server = host('start', [...flags, '--rest-token', 'told-to-nobody'])
    await server.sees(/Pages are ready/)
    const browser = await chromium.launch({ ...found, args: ['--no-sandbox', '--disable-background-networking'] })
    await expectSecure(browser, url, 'told-to-nobody')
    await expectFigures(browser, url, 'told-to-nobody', port)
    await browser.close()
    expect(await server.kill('SIGTERM')).toBe(0)
  }, 60_000)

  test('loads what it saved before, and does not touch a file that it cannot read', async () => {
    const saving = [...flags, '--save', '1 1']
    const file = join(folder, 'dump.rdb')
    const first = host('start', saving)
    await first.sees(/RESP/)
    const one = new IoRedis(port, '127.0.0.1')
    await one.set('kept', 'é')
    one.disconnect()
    expect(await first.kill('SIGTERM')).toBe(0)
    const second = host('start', saving)
    await second.sees(/RESP/)
    const two = new IoRedis(port, '127.0.0.1')
    expect(await two.get('kept')).toBe('é')
    two.disconnect()
    expect(await second.kill('SIGTERM')).toBe(0)
    const damaged = readFileSync(file).subarray(0, -12)
    writeFileSync(file, damaged)
    const third = host('start', saving)
    expect(await third.ended).toBe(1)
    expect(third.output).toContain('Fatal error loading the DB')
    expect(readFileSync(file)).toEqual(damaged)
    rmSync(file)
  }, 60_000)

  test.each(['SIGTERM', 'SIGKILL'] as const)(
    'what npm started saves and ends when npm is ended by %s',
    async (signal) => {
      const saving = ['start', '--', ...flags, '--rest-token', 't', '--save', '3600 1']
      const npm = new Child('npm', saving)
      await npm.sees(/Pages are ready/)
      const resp = new IoRedis(port, '127.0.0.1')
      await resp.set('k', signal)
      const gone = new Promise((resolve) => resp.once('end', resolve))
      resp.options.retryStrategy = () => null
      npm.process.kill(signal)
      await gone
      await npm.ended // nobody holds its output any more
      const file = join(folder, 'dump.rdb')
      expect(readFileSync(file).includes(signal)).toBe(true)
      rmSync(file)
    },
    60_000,
  )

  test('without a token REST answers 503, and it is said at the start', async () => {
    const server = host('start', flags)
    await server.sees(/REST answers 503 until a token is set/)
    const refused = await fetch(`${url}/api/redis/get/k`)
    expect([refused.status, await refused.json()]).toEqual([503, { error: expect.stringContaining('token') }])
    await server.sees(/Pages are ready/)
    expect(await server.kill('SIGTERM')).toBe(0)
  }, 60_000)
})
