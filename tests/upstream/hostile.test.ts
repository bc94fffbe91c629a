/**
 * An upstream that is slow, broken, or no Redis at all: whoever asked is told so, in time and without a secret, nobody else is harmed, and
 * when it is well again it is found.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createServer, type Server, type ServerOptions } from '../../lib/server.ts'
import { RespClient } from '../clients/resp.ts'
import { show } from '../contract/harness/seen.ts'
import { FakeRedis, type Script } from './fakeredis.ts'

/** Where somebody is to be late, and elsewhere, as the machine may be busy. */
const LATE_MS = 300
const TIMEOUT_MS = 3000

describe('an upstream', () => {
  let fake: FakeRedis
  let server: Server
  let logged: string[]

  beforeEach(async () => {
    fake = await FakeRedis.start()
    logged = []
    server = open()
  })
  afterEach(async () => {
    await server.close()
    fake.close()
  })

  function open(options: ServerOptions = {}): Server {
    return createServer({
      upstream: fake.url,
      'upstream-timeout': `${TIMEOUT_MS}`,
      'rest-token': 'token',
      log: (_, message) => logged.push(message),
      ...options,
    })
  }

  async function ask(path: string, body?: unknown) {
    const response = await server.fetch(
      new Request(`http://store.test${path}`, {
        method: body === undefined ? 'GET' : 'POST',
        headers: { authorization: 'Bearer token' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
    )
    return { status: response.status, text: await response.text() }
  }

  /** Only for a key of that name. */
  const forKey =
    (key: string, answer: (socket: Parameters<Script>[1]) => string | Buffer): Script =>
    (argv, socket) =>
      argv[1] === key ? answer(socket) : undefined

  /** It goes on with the next command as if nothing had been. */
  async function isWell(): Promise<void> {
    fake.script = () => undefined
    await expect.poll(async () => (await ask('/get/well')).text, { interval: 20 }).toBe('{"result":"OK"}')
    await expect.poll(async () => (await ask('/readyz')).status, { interval: 20 }).toBe(200)
  }

  test.each([
    ['takes connections and says nothing', (() => '') as Script],
    ['says nothing to AUTH and its like', ((argv) => (argv[0].toLowerCase() === 'info' ? '' : undefined)) as Script],
    [
      'loads for ever',
      ((argv) => (argv[0].toLowerCase() === 'info' ? '$11\r\nloading:1\r\n\r\n' : undefined)) as Script,
    ],
  ])('one that %s is late: 504', async (_, script) => {
    await server.close()
    fake.script = script
    server = open({ 'upstream-timeout': `${LATE_MS}` })
    const startedAt = Date.now()
    const answers = await Promise.all([ask('/get/k'), ask('/set/k/v'), ask('/pipeline', [['GET', 'k']])])
    for (const { status, text } of answers) {
      expect([status, text]).toEqual([504, expect.stringContaining(`was not ready within ${LATE_MS} ms`)])
    }
    expect(Date.now() - startedAt).toBeLessThan(TIMEOUT_MS)
    expect((await ask('/readyz')).status).toBe(503)
    await server.execute('CONFIG', 'SET', 'upstream-timeout', `${TIMEOUT_MS}`)
    await isWell()
  })

  test('one that speaks another protocol is told to do so', async () => {
    await server.close()
    fake.script = (_, socket) => {
      socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n')
      return ''
    }
    server = open()
    const { status, text } = await ask('/get/k')
    expect([status, text]).toEqual([502, expect.stringMatching(/^\{"error":"ERR upstream .* cannot be reached: /)])
    await isWell()
  })

  test.each([
    ['closes instead of an answer', '', 'connection was closed'],
    ['closes in the midst of one', '$100\r\nhalf of it', 'connection was closed'],
    ['answers garbage', 'HTTP/1.1 400 Bad Request\r\n', 'a reply begins with byte 72'],
    ['answers a length that is none', '$abc\r\n', 'no number'],
    ['answers an integer that is none', ':12x\r\n', 'an integer is no number'],
    ['answers a string that does not end where it says', '$2\r\nabc\r\n', 'does not end where it should'],
    ['answers 600 MB', `$${600 * 2 ** 20}\r\n`, 'longer than any can be here'],
    ['answers arrays without a bottom', '*1\r\n'.repeat(2000), 'deeper than'],
    ['answers a line without an end', Buffer.alloc(2 ** 21, '+'), 'a line is longer than'],
  ])('one that %s: a fault for who reads and for who writes, and for nobody else', async (_, answer, reason) => {
    fake.script = forKey('bad', (socket) => {
      socket.write(answer)
      if (reason === 'connection was closed') socket.end()
      return ''
    })
    const before = process.memoryUsage().rss
    for (const path of ['/get/bad', '/set/bad/v']) {
      const { status, text } = await ask(path)
      expect([status, text]).toEqual([502, expect.stringContaining(reason)])
      if (path.startsWith('/set')) expect(text).toContain('may have run')
    }
    const { text } = await ask('/multi-exec', [['SET', 'bad', 'v']])
    expect(text).toContain(reason)
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 2 ** 20)
    await isWell()
  })

  test('one that answers what nobody asked does not have it taken for the next answer', async () => {
    fake.script = forKey('twice', () => '+OK\r\n$6\r\nothers\r\n')
    expect((await ask('/set/twice/v')).text).toBe('{"result":"OK"}')
    fake.script = () => undefined
    for (let i = 0; i < 5; i++) expect((await ask('/get/k')).text).not.toContain('others')
    await isWell()
  })

  test('one that answers byte by byte is late, however many it has sent', async () => {
    fake.script = forKey('slow', (socket) => {
      const timer = setInterval(() => socket.write('x'), 10)
      socket.once('close', () => clearInterval(timer))
      return '$100000\r\n'
    })
    await server.execute('CONFIG', 'SET', 'upstream-timeout', `${LATE_MS}`)
    const startedAt = Date.now()
    expect(await ask('/get/slow')).toMatchObject({
      status: 504,
      text: expect.stringContaining('did not answer within'),
    })
    expect(Date.now() - startedAt).toBeLessThan(TIMEOUT_MS)
    await server.execute('CONFIG', 'SET', 'upstream-timeout', `${TIMEOUT_MS}`)
    await isWell()
  })

  test('one that hangs in the midst of a transaction or of what blocks does not hold its caller', async () => {
    await server.close()
    server = open({ 'rest-blocking-timeout': '100', 'upstream-timeout': `${LATE_MS}` })
    fake.script = ([name]) => (/^(exec|blpop|client)$/i.test(name) ? '' : undefined)
    const answers = await Promise.all([ask('/multi-exec', [['SET', 'k', 'v']]), ask('/blpop/q/0')])
    expect(answers.map(({ status }) => status)).toEqual([504, expect.any(Number)])
    expect(answers[1].text).toMatch(/^\{"(error|result)":/)
  })

  test('one that quotes a password has it told to nobody', async () => {
    await server.close()
    fake.script = (argv) =>
      argv[0].toLowerCase() === 'auth'
        ? `-ERR unknown command 'AUTH', with args beginning with: '${argv.slice(1).join("' '")}'\r\n`
        : '-NOAUTH Authentication required.\r\n'
    server = open({ upstream: fake.url.replace('redis://', 'redis://user:topsecret@') })
    for (const path of ['/get/k', '/subscribe/c', '/monitor']) {
      const { status, text } = await ask(path)
      expect([status, text]).toEqual([502, expect.stringContaining("unknown command 'AUTH'")])
      expect(text).not.toContain('topsecret')
    }
    await expect.poll(() => logged.join('\n')).toContain('does not answer')
    expect(logged.join('\n')).not.toContain('topsecret')
  })

  test('one that refuses the database is not used at another', async () => {
    await server.close()
    const asked: string[] = []
    fake.script = (argv) => {
      asked.push(argv.join(' '))
      return argv[0].toLowerCase() === 'select' ? '-ERR DB index is out of range\r\n' : undefined
    }
    server = open({ upstream: `${fake.url}/9` })
    expect(await ask('/set/k/v')).toMatchObject({
      status: 502,
      text: expect.stringContaining('DB index is out of range'),
    })
    expect(asked.some((line) => /^set /i.test(line))).toBe(false)
  })

  describe('one that does not run a command yet is asked again, and then it answers', () => {
    test.each([
      'LOADING Redis is loading the dataset in memory',
      'CLUSTERDOWN The cluster is down',
      'TRYAGAIN Multiple keys request during rehashing of slot',
      "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
    ])('%s', async (error) => {
      const left = new Map([
        ['set', 2],
        ['blpop', 2],
        ['exec', 2],
      ])
      fake.script = ([name]) => {
        const command = name.toLowerCase()
        const times = left.get(command) ?? 0
        left.set(command, times - 1)
        if (times > 0) return `-${error}\r\n`
        return command === 'exec' ? '*1\r\n+OK\r\n' : undefined
      }
      expect((await ask('/set/k/v')).text).toBe('{"result":"OK"}')
      expect((await ask('/blpop/k/0')).text).toBe('{"result":"OK"}')
      expect((await ask('/multi-exec', [['GET', 'k']])).text).toBe('[{"result":"OK"}]')
      expect((await ask('/info/upstream')).text).toMatch(/upstream_retries:[^0]/)
    })

    test('and no longer than an answer may take', async () => {
      await server.execute('CONFIG', 'SET', 'upstream-timeout', `${LATE_MS}`)
      fake.script = ([name]) => (name.toLowerCase() === 'set' ? '-LOADING x\r\n' : undefined)
      const { status, text } = await ask('/set/k/v')
      expect([status, text]).toEqual([400, `{"error":"LOADING x (upstream ${fake.url})"}`])
    })
  })

  test('connections that nobody uses are closed, but the first', async () => {
    await server.close()
    server = open({ 'upstream-idle-timeout': '1' })
    const pipeline = [
      ['SELECT', '3'],
      ['SET', 'k', 'v'],
    ]
    await Promise.all([ask('/pipeline', pipeline), ask('/multi-exec', [['SET', 'k', 'v']]), ask('/blpop/k/0')])
    const open4 = Number(/upstream_connections:(\d+)/.exec((await ask('/info/upstream')).text)![1])
    expect(open4).toBeGreaterThanOrEqual(3)
    await expect
      .poll(
        async () => {
          server.cron()
          return /upstream_connections:(\d+)/.exec((await ask('/info/upstream')).text)![1]
        },
        { interval: 100 },
      )
      .toBe('1')
  })

  test('a circuit opens after failures in a row, refuses at once, and tries again', async () => {
    await server.close()
    const { port, url } = fake
    fake.close()
    server = open({ upstream: url })
    for (let i = 0; i < 4; i++) expect((await ask('/get/k')).status).toBe(502)
    expect((await ask('/info/upstream')).text).toContain('upstream_circuit:open')
    fake = await FakeRedis.start(() => undefined, port)
    await isWell()
    expect((await ask('/info/upstream')).text).toContain('upstream_circuit:closed')
  })

  test('however many wait for one that is late, it is dialled once', async () => {
    await server.close()
    fake.script = () => ''
    const before = fake.connections
    server = open({ 'upstream-timeout': `${LATE_MS}` })
    const answers = await Promise.all(Array.from({ length: 500 }, () => ask('/get/k')))
    expect(answers.every(({ status }) => status === 504)).toBe(true)
    expect(fake.connections - before).toBeLessThanOrEqual(3)
  })

  describe('that says it is a Cluster', () => {
    let asked: number
    let answer: (name: string, socket: Parameters<Script>[1]) => string
    let client: RespClient

    beforeEach(async () => {
      asked = 0
      fake.script = (argv, socket) => {
        const [name, word = ''] = argv
        if (name === 'CLUSTER') {
          const node = `*2\r\n$9\r\n127.0.0.1\r\n:${fake.port}\r\n`
          return `*1\r\n*3\r\n:0\r\n:16383\r\n${node}`
        }
        if (name !== 'SSUBSCRIBE') return undefined
        asked++
        return answer(word, socket)
      }
      await server.close()
      server = open({ upstream: `redis+cluster://127.0.0.1:${fake.port}`, 'upstream-timeout': `${LATE_MS}` })
      const { port } = await server.listen({ port: 0, httpPort: false })
      client = await RespClient.connect({ host: '127.0.0.1', port })
    })
    afterEach(() => client.close())

    const said = (kind: string, name: string, count: number): string =>
      `*3\r\n$${kind.length}\r\n${kind}\r\n$${name.length}\r\n${name}\r\n:${count}\r\n`

    test('and sends a subscriber round in circles', async () => {
      answer = () => `-MOVED 1 127.0.0.1:${fake.port}\r\n`
      expect(show(await client.send(['SSUBSCRIBE', 'a']))).toMatch(/^-MOVED/)
      expect(asked).toBeLessThan(20)
    })

    test('and refuses one', async () => {
      answer = () => '-NOPERM no\r\n'
      expect(show(await client.send(['SSUBSCRIBE', 'a']))).toBe('-NOPERM no')
      expect(asked).toBe(1)
    })

    test('and is silent, or ends the connection', async () => {
      answer = () => ''
      fake.script = (
        (before) => (argv, socket) =>
          argv[0] === 'PING' ? '' : before(argv, socket)
      )(fake.script)
      expect(show(await client.send(['SSUBSCRIBE', 'a']))).toMatch(/^-ERR upstream .* did not answer within/)
      answer = (_, socket) => {
        socket.destroy()
        return ''
      }
      expect(show(await client.send(['SSUBSCRIBE', 'b']))).toMatch(/^-ERR upstream /)
      expect(asked).toBeLessThan(20)
    })

    test('and lets a channel go as soon as it has taken it', async () => {
      answer = (name, socket) => {
        setTimeout(() => socket.write(said('sunsubscribe', name, 0)), 5)
        return said('ssubscribe', name, 1)
      }
      client.tell(['SSUBSCRIBE', 'a'])
      expect(await client.push()).toEqual(['ssubscribe', 'a', 1])
      await expect.poll(() => asked, { interval: 20 }).toBeGreaterThan(2)
      const before = asked
      await new Promise((resolve) => setTimeout(resolve, 500))
      expect(asked - before).toBeLessThan(8)
    })
  })
})
