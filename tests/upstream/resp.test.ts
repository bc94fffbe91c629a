/** RESP that is passed through to a genuine Redis: by TCP in both protocols, by our users and their rights. */
import { once } from 'node:events'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createServer, type Server, type ServerOptions } from '../../lib/server.ts'
import { RespClient } from '../clients/resp.ts'
import { RespSocket, TextSocket } from '../clients/websocket.ts'
import { Genuine, genuineVersion } from '../contract/harness/genuine.ts'
import { show } from '../contract/harness/seen.ts'

describe.skipIf(genuineVersion === undefined)('RESP in front of a Redis', () => {
  let genuine: Genuine
  let control: RespClient
  let server: Server
  let port: number
  let client: RespClient

  beforeAll(async () => {
    genuine = await Genuine.start()
    control = await genuine.connect()
  })
  afterAll(async () => {
    control.close()
    await genuine.stop()
  })
  beforeEach(async () => {
    await control.send(['FLUSHALL'])
    await open({})
  })
  afterEach(async () => {
    client.close()
    await server.close()
  })

  async function open(options: ServerOptions): Promise<void> {
    client?.close()
    await server?.close()
    server = createServer({ upstream: `unix:${genuine.path}`, 'rest-token': 'token', log: () => {}, ...options })
    ;({ port } = await server.listen({ port: 0, httpPort: 0 }))
    client = await RespClient.connect({ host: '127.0.0.1', port })
  }

  const tell = async (line: string): Promise<string> => show(await client.send(line.split(' ')))

  test('is answered as by the Redis itself', async () => {
    expect(await tell('SET k v')).toBe('+OK')
    expect(await tell('HSET h f v')).toBe('1')
    expect(await tell('HGETALL h')).toBe('["f", "v"]')
    expect(await tell('HELLO 3')).toContain('"proto"')
    expect(await tell('HGETALL h')).toBe('map ["f", "v"]')
    expect(await tell('MULTI x')).toMatch(/wrong number/)
    expect(await tell('ACL WHOAMI')).toBe('"default"')
    expect(await tell('MULTI')).toBe('+OK')
    expect(await tell('GET k')).toBe('+QUEUED')
    expect(await tell('EXEC')).toBe('["v"]')
    expect(await tell('SELECT 3')).toBe('+OK')
    expect(await tell('GET k')).toBe('nil')
    expect(await tell('NO_SUCH x')).toMatch(/unknown command 'NO_SUCH'/)
  })

  test('a refused command is answered at its place', async () => {
    await server.execute('ACL', 'SETUSER', 'app', 'on', '>pw', '~app:*', '+@all', '-keys')
    const commands = ['AUTH app pw', 'SET app:1 a', 'SET other b', 'GET app:1', 'KEYS *', 'ACL WHOAMI', 'GET app:1']
    const replies = (await client.pipeline(commands.map((line) => line.split(' ')))).map(show)
    expect(replies).toEqual([
      '+OK',
      '+OK',
      expect.stringMatching(/^-NOPERM .*key/),
      '"a"',
      expect.stringMatching(/^-NOPERM .*'keys'/),
      '"app"',
      '"a"',
    ])
    expect(await tell('MULTI')).toBe('+OK')
    expect(await tell('SET app:2 x')).toBe('+QUEUED')
    expect(await tell('SET other x')).toMatch(/NOPERM/)
    expect(await tell('EXEC')).toMatch(/^-EXECABORT/)
    expect(await control.send(['EXISTS', 'other', 'app:2'])).toBe(0)
  })

  test('a stranger is asked for a password, and costs the upstream nothing', async () => {
    await open({ requirepass: 'secret' })
    expect(await tell('GET k')).toBe('-NOAUTH Authentication required.')
    expect(await tell('AUTH wrong')).toMatch(/WRONGPASS/)
    const list = (await control.send(['CLIENT', 'LIST'])) as string
    expect(list.trim().split('\n').length).toBeLessThanOrEqual(2) // this one, and that of all
    expect(await tell('AUTH secret')).toBe('+OK')
    expect(await tell('SET k v')).toBe('+OK')
    expect(await tell('RESET')).toBe('+RESET')
    expect(await tell('GET k')).toBe('-NOAUTH Authentication required.')
    expect(await tell('HELLO 3 AUTH default secret')).toContain('proto')
    expect(await tell('GET k')).toBe('"v"')
  })

  test('passwords of one side are not told to the other', async () => {
    await server.execute('ACL', 'SETUSER', 'app', 'on', '>pw', '~*', '+@all')
    expect(await tell('HELLO 2 SETNAME auth AUTH app pw AUTH app pw')).toContain('"proto"')
    expect(await tell('CLIENT GETNAME')).toBe('"auth"')
    await control.send(['CONFIG', 'SET', 'requirepass', 'theirs'])
    try {
      expect(await tell('CONFIG GET requirepass')).toBe('["requirepass", ""]')
    } finally {
      await control.send(['CONFIG', 'SET', 'requirepass', ''])
    }
  })

  test("messages, tracking and blocking are the connection's own", async () => {
    const other = await RespClient.connect({ host: '127.0.0.1', port })
    await other.send(['HELLO', '3'])
    other.tell(['SUBSCRIBE', 'c'])
    expect(show(await other.push())).toContain('subscribe')
    await tell('PUBLISH c hello')
    expect(show(await other.push())).toContain('hello')
    await other.send(['CLIENT', 'TRACKING', 'ON'])
    await other.send(['GET', 'k'])
    await tell('SET k 1')
    expect(show(await other.push())).toContain('invalidate')
    const popped = other.send(['BLPOP', 'q', '5'])
    await tell('RPUSH q x')
    expect(show(await popped)).toBe('["q", "x"]')
    other.close()
  })

  test('large values and long pipelines pass both ways', async () => {
    const large = 'x\r\n'.repeat(1_000_000)
    expect(show(await client.send(['SET', 'large', large]))).toBe('+OK')
    expect(await client.send(['GET', 'large'])).toBe(large)
    const many = Array.from({ length: 20_000 }, (_, i) => client.send(['INCR', 'n']).then((n) => n === i + 1))
    expect((await Promise.all(many)).every(Boolean)).toBe(true)
  })

  test('answers of ours that wait for their places are bounded, and come in order', async () => {
    const waits = client.send(['BLPOP', 'none', '0'])
    const answers = Array.from({ length: 30_000 }, (_, i) =>
      client.send(i % 2 === 0 ? ['ACL', 'WHOAMI'] : ['ECHO', `${i}`]),
    )
    const [session] = [...server.engine.ports.connections.clients].filter(({ door }) => door === 'tcp')
    await expect.poll(() => session.link.outputBytes).toBeGreaterThan(2 ** 20)
    expect(session.link.outputBytes).toBeLessThan(2 ** 20 + 1000)
    await control.send(['RPUSH', 'none', 'x'])
    expect(show(await waits)).toBe('["none", "x"]')
    const got = await Promise.all(answers)
    expect(got.every((reply, i) => reply === (i % 2 === 0 ? 'default' : `${i}`))).toBe(true)
  })

  test('a client goes with its connection there, and one that the upstream ends goes, too', async () => {
    await tell('PING')
    const connected = async (): Promise<number> =>
      ((await control.send(['CLIENT', 'LIST'])) as string).trim().split('\n').length
    const before = await connected()
    client.close()
    while ((await connected()) !== before - 1) await new Promise((resolve) => setTimeout(resolve, 5))
    client = await RespClient.connect({ host: '127.0.0.1', port })
    await tell('PING')
    const ended = once(client.socket, 'close')
    await control.send(['CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes'])
    await ended
    client = await RespClient.connect({ host: '127.0.0.1', port })
    expect(await tell('PING')).toBe('+PONG')
  })

  test('one that cannot be reached is told, once for the connection', async () => {
    await open({ upstream: 'redis://:topsecret@127.0.0.1:1' })
    expect(await tell('GET k')).toMatch(/^-ERR upstream redis:\/\/127\.0\.0\.1:1 cannot be reached/)
  })

  test('over a WebSocket after its token', async () => {
    const socket = new RespSocket(`ws://127.0.0.1:${server.doors.httpPort}/ws?token=token`)
    expect(show(await socket.ask('SET', 'k', 'v'))).toBe('+OK')
    expect(show(await socket.ask('GET', 'k'))).toBe('"v"')
    socket.socket.close()
  })

  test('in JSON over a WebSocket, where messages come between the answers', async () => {
    const page = new TextSocket(`ws://127.0.0.1:${server.doors.httpPort}/ws?format=json&token=token`)
    expect(await page.ask('SET', 'k', 'é"\n')).toEqual({ result: 'OK' })
    expect(await page.ask('GET', 'k')).toEqual({ result: 'é"\n' })
    expect(await page.ask('LPUSH', 'k', 'x')).toEqual({ error: expect.stringMatching(/^WRONGTYPE/) })
    expect(await page.ask('HSET', 'h', 'f', '1')).toEqual({ result: 1 })
    expect(await page.ask('HGETALL', 'h')).toEqual({ result: ['f', '1'] })
    expect(await page.ask('MULTI')).toEqual({ result: 'OK' })
    expect(await page.ask('INCR', 'n')).toEqual({ result: 'QUEUED' })
    expect(await page.ask('EXEC')).toEqual({ result: [1] })
    expect(await page.ask('WATCH', 'n')).toEqual({ result: 'OK' })
    await control.send(['INCR', 'n'])
    expect(await page.ask('MULTI')).toEqual({ result: 'OK' })
    expect(await page.ask('INCR', 'n')).toEqual({ result: 'QUEUED' })
    expect(await page.ask('EXEC')).toEqual({ result: null })
    expect(await page.ask('SUBSCRIBE', 'c')).toEqual({ push: ['subscribe', 'c', 1] })
    await control.send(['PUBLISH', 'c', 'hello'])
    expect(await page.next()).toEqual({ push: ['message', 'c', 'hello'] })
    expect(await page.ask('GET', 'n')).toEqual({ result: '2' })
    const popped = page.ask('BLPOP', 'q', '5')
    await expect.poll(() => control.send(['INFO', 'clients'])).toMatch(/blocked_clients:1/)
    await control.send(['RPUSH', 'q', 'x'])
    expect(await popped).toEqual({ result: ['q', 'x'] })
    expect(await page.ask('UNSUBSCRIBE')).toEqual({ push: ['unsubscribe', 'c', 0] })
    page.socket.close()
  })

  describe('with upstream-resp-auth client', () => {
    test('who comes by TCP says to the upstream who it is, and has its rights', async () => {
      await control.send(['ACL', 'SETUSER', 'theirs', 'on', '>pw', '~theirs:*', '+@all', '-flushall'])
      await control.send(['CONFIG', 'SET', 'requirepass', 'all'])
      try {
        await open({ 'upstream-resp-auth': 'client', upstream: `unix://:all@${genuine.path}`, requirepass: 'ours' })
        expect(await tell('GET k')).toBe('-NOAUTH Authentication required.')
        expect(await tell('AUTH ours')).toMatch(/^-WRONGPASS/)
        expect(await tell('AUTH theirs pw')).toBe('+OK')
        expect(await tell('ACL WHOAMI')).toBe('"theirs"')
        expect(await tell('SET theirs:k v')).toBe('+OK')
        expect(await tell('SET k v')).toMatch(/^-NOPERM/)
        expect(await tell('HELLO 3')).toContain('"proto"')
        expect(await tell('RESET')).toBe('+RESET')
        expect(await tell('GET theirs:k')).toBe('-NOAUTH Authentication required.')
        // The other doors are ours as before.
        const socket = new RespSocket(`ws://127.0.0.1:${server.doors.httpPort}/ws?token=token`)
        expect(show(await socket.ask('SET', 'k', 'v'))).toBe('+OK')
        socket.socket.close()
      } finally {
        await control.send(['CONFIG', 'SET', 'requirepass', ''])
        await control.send(['ACL', 'DELUSER', 'theirs'])
      }
    })
  })
})
