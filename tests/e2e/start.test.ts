/** `npm start`: Next, REST and RESP in one process, from the command line to Ctrl-C. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from '@upstash/redis'
import { Redis as IoRedis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findChromium, launchChromium } from '../chromium.ts'
import { freePort } from '../clients/ports.ts'
import { Child } from './child.ts'
import { buildSite, routeSharesStore, startHost } from './site.ts'
import { expectFigures, expectSecure } from './visit.ts'

const [port, httpPort] = [await freePort(), await freePort()]
const folder = mkdtempSync(join(tmpdir(), 'dev-'))
afterAll(() => rmSync(folder, { recursive: true }))
const flags = ['--port', `${port}`, '--http-port', `${httpPort}`, '--dir', folder]
const url = `http://127.0.0.1:${httpPort}`

describe('npm start', () => {
  beforeAll(buildSite, 240_000)

  test('shows no secret, serves all doors on one store, and ends in order', async () => {
    const server = startHost('start', [...flags, '--rest-token', 'hidden'])
    await server.sees(/Pages are ready/)
    expect(server.output).not.toContain('hidden')
    const rest = new Redis({ url, token: 'hidden' })
    const resp = new IoRedis(port, '127.0.0.1')
    await resp.set('k', 'v')
    expect(await rest.get('k')).toBe('v')
    expect(await routeSharesStore(url, resp)).toBe(true)
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
    const server = startHost('start', [...flags, '--rest-token', 'told-to-nobody'])
    await server.sees(/Pages are ready/)
    const browser = await launchChromium(found)
    await expectSecure(browser, url, 'told-to-nobody')
    await expectFigures(browser, url, 'told-to-nobody', port)
    await browser.close()
    expect(await server.kill('SIGTERM')).toBe(0)
  }, 60_000)

  test('loads what it saved before, and does not touch a file that it cannot read', async () => {
    const saving = [...flags, '--save', '1 1']
    const file = join(folder, 'dump.rdb')
    const first = startHost('start', saving)
    await first.sees(/RESP/)
    const one = new IoRedis(port, '127.0.0.1')
    await one.set('kept', 'é')
    one.disconnect()
    expect(await first.kill('SIGTERM')).toBe(0)
    const second = startHost('start', saving)
    await second.sees(/RESP/)
    const two = new IoRedis(port, '127.0.0.1')
    expect(await two.get('kept')).toBe('é')
    two.disconnect()
    expect(await second.kill('SIGTERM')).toBe(0)
    const damaged = readFileSync(file).subarray(0, -12)
    writeFileSync(file, damaged)
    const third = startHost('start', saving)
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
    const server = startHost('start', flags)
    await server.sees(/REST answers 503 until a token is set/)
    const refused = await fetch(`${url}/api/redis/get/k`)
    expect([refused.status, await refused.json()]).toEqual([503, { error: expect.stringContaining('token') }])
    await server.sees(/Pages are ready/)
    expect(await server.kill('SIGTERM')).toBe(0)
  }, 60_000)
})
