import { Redis } from '@upstash/redis'
import { beforeEach, describe, expect, it } from 'vitest'
import { CommandError, createRedis, createServer, type Server } from '../../lib/index.ts'

let server: Server
beforeEach(() => {
  server = createServer({ log: () => {} })
})

describe('execute of a connection', () => {
  it('returns JavaScript values, at once', () => {
    const { execute } = bound()
    expect(execute('SET', 'k', 'é')).toBe('OK')
    expect(execute('GET', 'k')).toBe('é')
    expect(execute('STRLEN', 'k')).toBe(2)
    expect(execute('GET', 'none')).toBe(null)
    expect(execute('MGET', 'k', 'none')).toEqual(['é', null])
    expect(execute('INCRBYFLOAT', 'f', 1.5)).toBe('1.5')
    expect(execute('HELLO')).toContain('redis')
  })

  it('takes every kind of argument', () => {
    const { execute, executeBuffer } = bound()
    execute('MSET', 'int', 42, 'big', 9007199254740993n, 'yes', true, 'none', null)
    expect(execute('MGET', 'int', 'big', 'yes', 'none')).toEqual(['42', '9007199254740993', 'true', 'null'])
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i)
    execute('SET', 'bin', bytes)
    expect(execute('STRLEN', 'bin')).toBe(256)
    expect(executeBuffer('GET', 'bin')).toEqual(Buffer.from(bytes))
    expect(executeBuffer('MGET', 'bin', 'nosuch')).toEqual([Buffer.from(bytes), null])
    expect(execute('INCR', 'big')).toBe(9007199254740994n)
  })

  it('throws what failed', () => {
    const { execute } = bound()
    expect(() => execute('GET')).toThrow(new CommandError("ERR wrong number of arguments for 'get' command"))
    expect(() => execute('NOSUCH', 'é')).toThrow("ERR unknown command 'NOSUCH', with args beginning with: 'é' ")
    expect(() => execute()).toThrow('ERR empty command')
  })

  it.each([
    ['a call that runs by places', () => server.execute('LPUSH', 'text', 'a')],
    ['another call', () => server.execute('NOSUCH')],
    ['a call for bytes', () => server.executeBuffer('LPUSH', 'text', 'a')],
    ['a connection', () => bound().execute('LPUSH', 'text', 'a')],
    ['a connection, for bytes', () => bound().executeBuffer('NOSUCH')],
  ])('throws with a trace that begins in the code of the caller: %s', (_, callHere) => {
    server.execute('SET', 'text', 'v')
    try {
      callHere()
      expect.unreachable()
    } catch (error) {
      const [head, first] = (error as Error).stack!.split('\n')
      expect(head).toMatch(/^ReplyError: (WRONGTYPE|ERR) /)
      expect(first).toContain('inprocess.test.ts')
    }
  })

  it('keeps SELECT and MULTI from call to call, and errors of EXEC as values', () => {
    const { execute } = bound()
    execute('SELECT', 5)
    execute('SET', 'k', 'x')
    expect(execute('MULTI')).toBe('OK')
    expect(execute('INCR', 'k')).toBe('QUEUED')
    expect(execute('GET', 'k')).toBe('QUEUED')
    expect(execute('EXEC')).toEqual([new CommandError('ERR value is not an integer or out of range'), 'x'])
    expect(bound().execute('EXISTS', 'k')).toBe(0)
  })

  it('returns a promise for a command that waits, and goes on meanwhile', async () => {
    const { execute } = bound()
    execute('SELECT', 5)
    const first = execute('BLPOP', 'list', 0)
    const second = execute('BLPOP', 'list', 0)
    expect(first).toBeInstanceOf(Promise)
    execute('RPUSH', 'list', 'a', 'b')
    expect(await first).toEqual(['list', 'a'])
    expect(await second).toEqual(['list', 'b'])
    expect(server.clientCount).toBe(1)
  })
})

describe('execute of the server, for everybody in the process', () => {
  const call = (...args: unknown[]) => (server.execute as (...args: unknown[]) => unknown)(...args)

  it('answers at once, and a promise where the command waits', async () => {
    expect(call('SET', 'k', 'é')).toBe('OK')
    expect(call('GET', 'k')).toBe('é')
    expect(server.executeBuffer('GET', 'k')).toEqual(Buffer.from('é'))
    const first = call('BLPOP', 'list', 0)
    const second = call('BLPOP', 'list', 0)
    expect([first, second]).toEqual([expect.any(Promise), expect.any(Promise)])
    call('RPUSH', 'list', 'a', 'b')
    expect(await Promise.all([first, second])).toEqual([
      ['list', 'a'],
      ['list', 'b'],
    ])
    expect(server.clientCount).toBe(1)
  })

  it.each([
    [['SUBSCRIBE', 'c'], 'subscribe() and psubscribe()'],
    [['MONITOR'], 'subscribe() and psubscribe()'],
    [['SELECT', 1], 'getServer().inProcess()'],
    [['MULTI'], 'getServer().inProcess()'],
    [['WATCH', 'k'], 'getServer().inProcess()'],
    [['HELLO', 3], 'getServer().inProcess()'],
    [['CLIENT', 'REPLY', 'OFF'], 'getServer().inProcess()'],
    [['CLIENT', 'SETNAME', 'x'], 'getServer().inProcess()'],
    [['RESET'], 'getServer().inProcess()'],
  ])('refuses %j, which the next call would find, and says what to do', (argv, way) => {
    expect(() => call(...argv)).toThrow(CommandError)
    expect(() => call(...argv)).toThrow(way)
    expect(call('SET', 'k', 'v')).toBe('OK')
    expect(server.inProcess().execute('GET', 'k')).toBe('v')
  })

  it('leaves SELECT, MULTI and SUBSCRIBE to a connection of one’s own', async () => {
    const own = server.inProcess()
    own.execute('SELECT', 5)
    own.execute('CLIENT', 'SETNAME', 'own')
    own.execute('HELLO', 3)
    call('SET', 'k', 'of 0')
    expect(own.execute('GET', 'k')).toBe(null)
    own.execute('WATCH', 'w')
    const waits = own.execute('BLPOP', 'list', 0)
    expect(own.execute('CLIENT', 'GETNAME')).toBe('own')
    own.execute('RPUSH', 'list', 'a')
    expect(await waits).toEqual(['list', 'a'])
    expect(own.execute('CLIENT', 'INFO')).toMatch(/ name=own .* db=5 .* watch=1 .* resp=3 /)
    own.execute('MULTI')
    expect(own.execute('BLPOP', 'list', 0)).toBe('QUEUED')
    expect(own.execute('EXEC')).toEqual([null])
    own.close()
    expect(call('GET', 'k')).toBe('of 0')
  })

  it('reads a stream that a waiting connection tracks no less than another', () => {
    const own = server.inProcess()
    own.execute('SELECT', 3)
    own.execute('XADD', 's', '1-1', 'f', 'v')
    expect(own.execute('XREAD', 'STREAMS', 's', '0')).toEqual([['s', [['1-1', ['f', 'v']]]]])
    expect(server.clientCount).toBe(1)
  })

  it.each([
    [undefined, 'argument 2 is undefined'],
    [{}, 'argument 2 is an object'],
    [['a'], 'argument 2 is an object'],
    [new Date(), 'argument 2 is an object'],
    [new String('x'), 'argument 2 is an object'],
    [() => 1, 'argument 2 is a function'],
    [Symbol('x'), 'argument 2 is a symbol'],
    [Number.NaN, 'argument 2 is NaN'],
  ])('takes %o for a mistake, on every way in', (value, message) => {
    const own = server.inProcess() as unknown as { execute(...args: unknown[]): unknown; executeBuffer: typeof call }
    for (const run of [call, server.executeBuffer as typeof call, own.execute.bind(own), own.executeBuffer.bind(own)]) {
      expect(() => run('SET', 'a', value)).toThrow(TypeError)
      expect(() => run('SET', 'a', value)).toThrow(message)
    }
    expect(() => call(value)).toThrow(message.replace('2', '0'))
    expect(call('EXISTS', 'a')).toBe(0)
  })

  it('takes no channel for another', () => {
    const own = server.inProcess()
    expect(() => own.subscribe('subscribe', ['c', undefined as unknown as string])).toThrow(
      new TypeError('argument 2 is undefined: text, numbers, bigints, booleans, null and bytes can be sent'),
    )
    expect(server.clientCount).toBe(0)
  })

  it('takes numbers, null and every kind of buffer', () => {
    const { buffer } = Uint8Array.from([0, 255, 1, 2])
    const values: [unknown, string][] = [
      [1.5, '1.5'],
      [-0, '0'],
      [Number.POSITIVE_INFINITY, 'Infinity'],
      [12n, '12'],
      [false, 'false'],
      [null, 'null'],
      [buffer, '\x00\xff\x01\x02'],
      [new DataView(buffer, 1, 2), '\xff\x01'],
      [new Uint16Array(buffer), '\x00\xff\x01\x02'],
      [new Float64Array([0]), '\0'.repeat(8)],
      [new SharedArrayBuffer(2), '\0\0'],
    ]
    for (const [value, bytes] of values) {
      call('SET', 'k', value)
      expect((server.executeBuffer('GET', 'k') as Buffer).toString('latin1')).toBe(bytes)
    }
  })
})

describe('a request of the SDK', () => {
  it('that is no JSON of values is answered as over HTTP', async () => {
    const door = server.inProcess()
    const error = expect.stringMatching(/^ERR failed to parse command/)
    expect(await door.request({ body: ['SET', 'k', { a: 1 }] })).toEqual({ error })
    expect(await door.request({ body: 'GET k' })).toEqual({ error })
    expect(await door.request({ path: ['pipeline'], body: [['SET', 'k', ['v']]] })).toEqual({
      error: expect.stringMatching(/^ERR failed to parse pipeline request/),
    })
    expect(await door.request({ body: ['SET', 'k', undefined] })).toEqual({ result: 'OK' })
    expect(server.execute('GET', 'k')).toBe('null')
  })

  it('is no connection that stays', async () => {
    const door = server.inProcess()
    expect(await door.request({ body: ['MULTI'] })).toEqual({ error: expect.stringContaining('/multi-exec') })
    expect(
      await door.request({
        path: ['pipeline'],
        body: [
          ['SELECT', 1],
          ['SET', 'k', 'v'],
        ],
      }),
    ).toEqual([{ result: 'OK' }, { result: 'OK' }])
    expect(server.execute('EXISTS', 'k')).toBe(0)
  })
})

function bound() {
  const door = server.inProcess()
  return {
    execute: door.execute.bind(door) as (...args: unknown[]) => unknown,
    executeBuffer: door.executeBuffer.bind(door) as (...args: unknown[]) => unknown,
  }
}

describe.each([false, true])('createRedis with auto-pipelining %s', (enableAutoPipelining) => {
  const open = () => createRedis({ server, enableAutoPipelining })

  it('is the SDK without a network', async () => {
    const redis = open()
    expect(redis).toBeInstanceOf(Redis)
    expect(await redis.set('k', 'v')).toBe('OK')
    expect(await redis.get('k')).toBe('v')
    expect(await redis.get('none')).toBe(null)
    expect(await Promise.all([redis.incr('n'), redis.incr('n'), redis.get('n')])).toEqual([1, 2, 2])
    expect(await redis.mset({ a: '1', b: 'é€😀' })).toBe('OK')
    expect(await redis.mget('a', 'b', 'c')).toEqual([1, 'é€😀', null])
    expect(await redis.scan('0', { match: 'a' })).toEqual(['0', ['a']])
    expect(await redis.exec(['STRLEN', 'b'])).toBe(9)
  })

  it('serializes objects and parses them again', async () => {
    const redis = open()
    const value = { name: 'x', list: [1, 2.5, null], deep: { yes: true } }
    await redis.set('o', value)
    expect(await redis.get('o')).toEqual(value)
    await redis.set('big', '9007199254740993')
    expect(await redis.get('big')).toBe('9007199254740993')
    const plain = createRedis({ server, enableAutoPipelining, automaticDeserialization: false })
    expect(await plain.get('o')).toBe(JSON.stringify(value))
  })

  it('runs pipelines and transactions', async () => {
    const redis = open()
    expect(await redis.pipeline().set('a', 1).incr('a').get('a').exec()).toEqual(['OK', 2, 2])
    expect(await redis.multi().set('b', 'x').incr('b').get('b').exec({ keepErrors: true })).toEqual([
      { error: undefined, result: 'OK' },
      { error: 'ERR value is not an integer or out of range', result: undefined },
      { error: undefined, result: 'x' },
    ])
    await expect(redis.pipeline().set('c', 1).incr('b').exec()).rejects.toThrow(
      'Command 2 [ incr ] failed: ERR value is not an integer or out of range',
    )
  })

  it('fails as the SDK does', async () => {
    const redis = open()
    await redis.set('k', 'x')
    const failed = redis.incr('k')
    await expect(failed).rejects.toThrow(/ERR value is not an integer or out of range/)
    await expect(failed).rejects.toHaveProperty('name', 'UpstashError')
    const discarded = redis.multi().set('k', 'y').mset({}).exec()
    await expect(discarded).rejects.toThrow('EXECABORT Transaction discarded because of previous errors.')
    await expect(discarded).rejects.toHaveProperty('name', 'UpstashError')
    expect(await redis.get('k')).toBe('x')
  })

  it('leaves no session behind', async () => {
    const redis = open()
    await redis.set('k', 'v')
    await redis.multi().get('k').exec()
    expect(server.clientCount).toBe(0)
  })
})
