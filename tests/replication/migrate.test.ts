/** MIGRATE: keys go to a genuine server, and from here only what has arrived there as it is here. */
import { createServer as createNetServer, type Server as NetServer } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createServer, type Server } from '../../lib/server.ts'
import { freePort } from '../clients/ports.ts'
import type { RespClient } from '../clients/resp.ts'
import { Genuine, genuineVersion } from '../contract/harness/genuine.ts'
import { show } from '../contract/harness/seen.ts'
import { type Client, engineClient } from '../contract/harness/subjects.ts'

let server: Server
let client: Client

beforeEach(() => {
  server = createServer({ log() {} })
  client = engineClient(server)
})
afterEach(() => server.close())

const tell = async (...argv: string[]): Promise<string> => show(await client.send(argv))

function listen(listener: NetServer): Promise<number> {
  return new Promise((resolve) =>
    listener.listen(0, '127.0.0.1', () => resolve((listener.address() as { port: number }).port)),
  )
}

describe.skipIf(genuineVersion === undefined)(`to a genuine Redis ${genuineVersion}`, () => {
  let genuine: Genuine
  let other: RespClient
  let port: string
  const tellOther = async (...argv: string[]): Promise<string> => show(await other.send(argv))
  const migrate = (...rest: string[]): Promise<string> => tell('MIGRATE', '127.0.0.1', port, ...rest)

  beforeAll(async () => {
    port = `${await freePort()}`
    genuine = await Genuine.start('--port', port)
    other = await genuine.connect()
  })
  afterAll(async () => {
    other?.close()
    await genuine?.stop()
  })
  beforeEach(() => other.send(['FLUSHALL']))

  test('a key moves with what it holds and the time that it has', async () => {
    await tell('HSET', 'h', 'f', 'v')
    await tell('PEXPIRE', 'h', '100000')
    expect(await migrate('h', '0', '1000')).toBe('+OK')
    expect(await tell('EXISTS', 'h')).toBe('0')
    expect(await tellOther('HGETALL', 'h')).toBe('["f", "v"]')
    expect(Number(await tellOther('PTTL', 'h'))).toBeGreaterThan(90_000)
  })

  test('many keys move by KEYS, those that are not there are left out, and it is one change that deletes them', async () => {
    const effects: string[] = []
    server.engine.effectListeners.push((batch) => effects.push(...batch.map(({ argv }) => argv.join(' '))))
    for (const key of ['a', 'b', 'c']) await tell('SET', key, key)
    expect(await migrate('', '3', '1000', 'KEYS', 'a', 'missing', 'b')).toBe('+OK')
    expect(await tell('KEYS', '*')).toBe('["c"]')
    await tellOther('SELECT', '3')
    expect(await tellOther('MGET', 'a', 'b', 'missing')).toBe('["a", "b", nil]')
    await tellOther('SELECT', '0')
    expect(effects.slice(3)).toEqual(['DEL a b'])
  })

  test('COPY leaves it, REPLACE overwrites, and without it the error of the other server comes back', async () => {
    await tell('SET', 'k', 'new')
    await tellOther('SET', 'k', 'old')
    const busy = '-ERR Target instance replied with error: BUSYKEY Target key name already exists.'
    expect(await migrate('k', '0', '1000')).toBe(busy)
    expect(await tellOther('GET', 'k')).toBe('"old"')
    expect(await migrate('k', '0', '1000', 'COPY', 'REPLACE')).toBe('+OK')
    expect(await tellOther('GET', 'k')).toBe('"new"')
    expect(await tell('GET', 'k')).toBe('"new"')
  })

  test('of several keys those move that the other server takes', async () => {
    await tell('MSET', 'a', '1', 'b', '2')
    await tellOther('SET', 'a', 'old')
    expect(await migrate('', '0', '1000', 'KEYS', 'a', 'b')).toMatch(/BUSYKEY/)
    expect(await tell('MGET', 'a', 'b')).toBe('["1", nil]')
    expect(await tellOther('GET', 'b')).toBe('"2"')
  })

  test('passwords are given, and never shown', async () => {
    await tellOther('CONFIG', 'SET', 'requirepass', 'secret')
    await tell('CONFIG', 'SET', 'slowlog-log-slower-than', '0')
    await tell('SET', 'k', 'v')
    expect(await migrate('k', '0', '1000')).toMatch(/^-ERR Target instance replied with error: NOAUTH/)
    expect(await migrate('k', '0', '1000', 'AUTH', 'wrong')).toMatch(/^-ERR Target instance .*WRONGPASS/)
    expect(await migrate('k', '0', '1000', 'COPY', 'AUTH', 'secret')).toBe('+OK')
    expect(await migrate('k', '0', '1000', 'REPLACE', 'AUTH2', 'default', 'secret')).toBe('+OK')
    expect(await tell('SLOWLOG', 'GET', '-1')).not.toMatch(/secret|wrong/)
    await tellOther('CONFIG', 'SET', 'requirepass', '')
  })
})

describe('a server that is no Redis', () => {
  let listener: NetServer
  let port: number

  beforeEach(async () => {
    await tell('SET', 'k', 'v')
    listener = createNetServer()
    port = await listen(listener)
  })
  afterEach(() => new Promise((resolve) => listener.close(resolve)))

  test('that says nothing, hangs up or is not there leaves the key', async () => {
    listener.on('connection', (socket) => socket.on('error', () => {}).resume())
    expect(await tell('MIGRATE', '127.0.0.1', `${port}`, 'k', '0', '50')).toBe(
      '-IOERR error or timeout reading from target instance',
    )
    listener.removeAllListeners('connection').on('connection', (socket) => socket.destroy())
    expect(await tell('MIGRATE', '127.0.0.1', `${port}`, 'k', '0', '5000')).toMatch(/^-IOERR error or timeout /)
    expect(await tell('MIGRATE', '127.0.0.1', '0', 'k', '0', '50')).toMatch(/^-IOERR error or timeout /)
    expect(await tell('GET', 'k')).toBe('"v"')
  })

  test('that answers without end is left', async () => {
    listener.on('connection', (socket) => socket.on('error', () => {}).write('x'.repeat(200_000)))
    expect(await tell('MIGRATE', '127.0.0.1', `${port}`, 'k', '0', '5000')).toBe(
      '-IOERR error or timeout reading from target instance',
    )
  })

  test('meanwhile others are served, and what they change stays', async () => {
    const connected = new Promise<void>((resolve) => {
      listener.on('connection', (socket) => {
        socket
          .on('error', () => {})
          .once('data', () => {
            void tell('PING') // another client's turn
            void engineClient(server)
              .send(['APPEND', 'k', '2'])
              .then(() => socket.write('+OK\r\n+OK\r\n'))
            resolve()
          })
      })
    })
    const mover = engineClient(server)
    const answer = mover.send(['MIGRATE', '127.0.0.1', `${port}`, 'k', '0', '5000'])
    await connected
    expect(show(await answer)).toBe('-ERR a key was changed while it was migrated, it is at both ends')
    expect(await tell('GET', 'k')).toBe('"v2"')
  })

  test('inside MULTI, where nothing can wait, it is refused', async () => {
    await tell('MULTI')
    await tell('MIGRATE', '127.0.0.1', `${port}`, 'k', '0', '50')
    expect(await tell('EXEC')).toBe('[-ERR MIGRATE waits for the other server, which it cannot do here]')
  })
})
