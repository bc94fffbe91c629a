/** In the place of serverless-redis-http with its file of tokens. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { readTokens } from '../../lib/host/tokensfile.ts'
import { TokensHost } from '../../lib/host/tokenshost.ts'
import { Genuine, genuineVersion } from '../contract/harness/genuine.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tokens-'))
  path = join(folder, 'tokens.json')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('the file', () => {
  test('is read as serverless-redis-http reads it', async () => {
    writeFileSync(path, JSON.stringify({ one: { srh_id: 'a', connection_string: 'redis://h', max_connections: 7 } }))
    expect(await readTokens(path)).toEqual([{ token: 'one', id: 'a', upstream: 'redis://h', maxConnections: 7 }])
    writeFileSync(path, JSON.stringify({ one: { srh_id: 'a', connection_string: 'redis://h' } }))
    expect(await readTokens(path)).toMatchObject([{ maxConnections: 3 }])
  })

  test.each([
    ['{"secrettoken": {"srh_id": "a", "connection_string": "http://u:topsecret@h"}}', /entry "a", connection_string: /],
    ['{"secrettoken": {"srh_id": "a"}}', /entry "a", connection_string: /],
    ['{"secrettoken": {"connection_string": "redis://:topsecret@h"}}', /entry 1, srh_id: /],
    ['{"secrettoken": {"srh_id": "a", "connection_string": "redis://h", "max_connections": "3"}}', /max_connections/],
    ['{"secrettoken": "redis://:topsecret@h"}', /entry 1: /],
    [
      '{"secrettoken": {"srh_id": "a", "connection_string": "redis://h/10000"}}',
      /entry "a", connection_string: .* 9999/,
    ],
    [
      '{"secrettoken": {"srh_id": "a", "connection_string": "redis://h", "max_connections": 1e9}}',
      /entry "a", max_connections: /,
    ],
    [
      '{"secrettoken": {"srh_id": "a", "connection_string": "rediss://:topsecret@h?tls_ca=/none"}}',
      /tls_ca cannot be read/,
    ],
    ['{"": {"srh_id": "a", "connection_string": "redis://:topsecret@h"}}', /entry "a": its token is empty/],
    ['{"secrettoken": null}', /entry 1: /],
    ['{"__proto__": "redis://:topsecret@h"}', /entry 1: /],
    ['', /it is no JSON/],
    ['["secrettoken"]', /it is no object of tokens/],
    ['{"secrettoken": topsecret}', /it is no JSON/],
  ])('a mistake is told by entry and field, without a secret: %s', async (text, message) => {
    writeFileSync(path, text)
    const error = (await readTokens(path).catch((reason: unknown) => reason)) as Error
    expect(error.message).toMatch(message)
    expect(error.message).not.toMatch(/topsecret|secrettoken/)
  })

  test('that is missing is told', async () => {
    await expect(readTokens(path)).rejects.toThrow(/tokens\.json: No such file or directory/)
  })
})

describe.skipIf(genuineVersion === undefined)('the token chooses the server', () => {
  let servers: readonly Genuine[]
  let host: TokensHost
  const messages: string[] = []

  beforeAll(async () => {
    servers = await Promise.all([Genuine.start(), Genuine.start()])
  })
  afterAll(async () => {
    for (const server of servers) await server.stop()
  })
  afterEach(() => host.close())

  async function ask(token: string, command: string): Promise<unknown> {
    const response = await fetch(`http://127.0.0.1:${host.port}/${command.replaceAll(' ', '/')}`, {
      headers: { authorization: `Bearer ${token}` },
    })
    return [response.status, await response.json()]
  }

  const write = (entries: Record<string, Genuine>): void =>
    writeFileSync(
      path,
      JSON.stringify(
        Object.fromEntries(
          Object.entries(entries).map(([token, { path: socket }]) => [
            token,
            { srh_id: token, connection_string: `unix:${socket}`, max_connections: 3 },
          ]),
        ),
      ),
    )

  test('which may be any database of it; one that cannot be used is told, and the others go on', async () => {
    const ca = join(folder, 'ca.crt')
    writeFileSync(ca, 'none')
    const entry = (id: string, address: string) => ({ srh_id: id, connection_string: address })
    const at = servers[0].path
    writeFileSync(
      path,
      JSON.stringify({
        one: entry('a', `unix:${at}?db=15`),
        far: entry('far', `unix:${at}?db=99`),
        gone: entry('gone', `rediss://:topsecret@127.0.0.1:1?tls_ca=${ca}`),
      }),
    )
    host = await TokensHost.listen(
      { path, settings: {}, idleMs: 60_000, log: (_, message) => void messages.push(message) },
      { port: 0, host: '127.0.0.1' },
    )
    rmSync(ca)
    expect(await ask('gone', 'get k')).toEqual([
      502,
      { error: 'ERR upstream of this token cannot be used: see the log' },
    ])
    expect(messages.join()).toMatch(/entry "gone": the file of tls_ca cannot be read/)
    expect(await ask('one', 'set k 15')).toEqual([200, { result: 'OK' }])
    expect(await ask('far', 'set k 99')).toEqual([502, { error: expect.stringMatching(/DB index is out of range/) }])
    expect(await ask('one', 'get k')).toEqual([200, { result: '15' }])
    expect(messages.join()).not.toContain('topsecret')
  })

  test('which is read anew when the file changes, and kept when it is wrong', async () => {
    write({ one: servers[0], two: servers[1] })
    host = await TokensHost.listen(
      { path, settings: {}, idleMs: 60_000, log: (_, message) => void messages.push(message) },
      { port: 0, host: '127.0.0.1' },
    )
    expect(await ask('one', 'set k 1')).toEqual([200, { result: 'OK' }])
    expect(await ask('two', 'get k')).toEqual([200, { result: null }])
    expect(await ask('three', 'get k')).toEqual([401, { error: 'WRONGPASS invalid or missing auth token' }])
    write({ two: servers[0], three: servers[1] })
    while (((await ask('three', 'get k')) as [number])[0] !== 200)
      await new Promise((resolve) => setTimeout(resolve, 50))
    expect(await ask('two', 'get k')).toEqual([200, { result: '1' }])
    expect(((await ask('one', 'get k')) as [number])[0]).toBe(401)
    writeFileSync(path, '{"x":')
    while (!messages.some((message) => message.includes('what was read before holds'))) {
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    expect(await ask('two', 'get k')).toEqual([200, { result: '1' }])
  }, 20_000)
})
