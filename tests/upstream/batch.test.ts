/**
 * A pipeline that goes to the upstream as a whole is answered what it is answered command by command, and the upstream sees the same, also
 * where something fails in its midst. A body with an escape in it goes command by command.
 */
import type { Socket } from 'node:net'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createServer, type Server, type ServerOptions } from '../../lib/server.ts'
import { FakeRedis, type Script } from './fakeredis.ts'

const TOKEN = 'token'
type Commands = readonly (readonly string[])[]

let fake: FakeRedis
let server: Server
/** What was asked of the fake, in order. */
let seen: string[]
/** Connections on which the fake says nothing more. */
const hung = new Set<Socket>()

beforeEach(async () => {
  seen = []
  fake = await FakeRedis.start()
  open()
  await pipeline([['PING']]) // its connection is there
})
afterEach(async () => {
  await server.close()
  fake.close()
})

function open(options: ServerOptions = {}): void {
  server = createServer({ upstream: fake.url, 'rest-token': TOKEN, log: () => {}, ...options })
}

/** `singly`: each of its commands by itself. */
async function pipeline(commands: Commands, singly = false): Promise<{ status: number; text: string }> {
  const body = JSON.stringify(commands)
  const escaped = body.replace(/\[\["(.)/, (_, letter: string) => `[["\\u00${letter.charCodeAt(0).toString(16)}`)
  const request = new Request('http://store.test/pipeline', {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}` },
    body: singly ? escaped : body,
  })
  const response = await server.fetch(request)
  const text = Buffer.from(await response.arrayBuffer()).toString('latin1')
  return { status: response.status, text: text.replaceAll(LOSSES, 'it was lost') }
}

/** What a lost connection is told by, as the other side had read all that was sent or not. */
const LOSSES = /read ECONNRESET|write EPIPE|the connection was closed/g

/** Answers by a script that begins anew for each of both ways, and compares them. */
async function both(
  commands: Commands,
  scriptOf: () => Script,
): Promise<{ status: number; text: string; seen: string[] }> {
  const run = async (singly: boolean) => {
    fake.script = () => undefined
    await pipeline([['PING']]) // where the connection was lost
    seen = []
    const script = scriptOf()
    fake.script = (argv, socket) => {
      if (argv[0] === 'client' || argv[0] === 'info') return undefined
      if (argv[0] === 'PING') return hung.has(socket) ? '' : undefined
      seen.push(argv.join(' '))
      return script(argv, socket)
    }
    const answer = await pipeline(commands, singly)
    return { ...answer, seen }
  }
  const whole = await run(false)
  expect(whole).toEqual(await run(true))
  return whole
}

async function countOf(family: string, command: string): Promise<number> {
  const response = await server.fetch(
    new Request('http://store.test/metrics', { headers: { authorization: `Bearer ${TOKEN}` } }),
  )
  const line = new RegExp(`^${family}\\{cmd="${command}"\\} (\\d+)$`, 'm').exec(await response.text())
  return Number(line?.[1] ?? 0)
}

describe('replies of all kinds', () => {
  test('are the same either way', async () => {
    const commands = [
      ['SET', 'k', 'v'],
      ['GET', 'k'],
      ['INCR', 'n'],
      ['GET', 'none'],
      ['LPUSH', 's', 'x'],
      ['LRANGE', 'l', '0', '-1'],
    ]
    const replies = ['+OK\r\n', '$1\r\nv\r\n', ':-5\r\n', '$-1\r\n', '-WRONGTYPE a "b"\r\n', '*2\r\n$1\r\na\r\n*-1\r\n']
    const { text } = await both(
      commands,
      () =>
        ([name]) =>
          replies[commands.findIndex((argv) => argv[0] === name && seen.length > 0)] ?? '',
    )
    expect(JSON.parse(text)).toHaveLength(6)
  })

  test('at random, sent in pieces', async () => {
    const reply = fc.oneof(
      fc.constantFrom(
        '+OK\r\n',
        ':12\r\n',
        '$-1\r\n',
        '*0\r\n',
        '-ERR x\r\n',
        '+a"b\r\n',
        '$3\r\n\u00c3\u00a9x\r\n',
        '*-1\r\n',
      ),
      fc.stringMatching(/^[ -~]{0,40}$/).map((text) => `$${text.length}\r\n${text}\r\n`),
      fc.integer({ min: 500, max: 70_000 }).map((length) => `$${length}\r\n${'x'.repeat(length)}\r\n`),
    )
    await fc.assert(
      fc.asyncProperty(
        fc.array(reply, { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 1, max: 9 }),
        async (replies, cut) => {
          await both(
            replies.map((_, i) => ['GET', `k${i}`]),
            () => (argv, socket) => {
              const wire = Buffer.from(replies[Number(argv[1].slice(1))], 'latin1')
              socket.write(wire.subarray(0, cut))
              return wire.subarray(cut)
            },
          )
        },
      ),
      { numRuns: 60, interruptAfterTimeLimit: 2000 },
    )
  })

  test('that are long together leave by parts', async () => {
    const value = 'v'.repeat(900)
    const commands = Array.from({ length: 300 }, (_, i) => ['GET', `k${i}`])
    const { text } = await both(commands, () => () => `$${value.length}\r\n${value}\r\n`)
    expect(JSON.parse(text)).toEqual(commands.map(() => ({ result: value })))
  })
})

describe('faults in its midst', () => {
  const commands = [
    ['GET', 'a'],
    ['INCR', 'b'],
    ['GET', 'c'],
    ['SET', 'd', '1'],
    ['GET', 'e'],
  ]

  test.each([0, 1, 2, 3, 4])('a connection lost after %i replies: what only reads is asked again', async (after) => {
    const { text, seen: asked } = await both(commands, () => {
      let replies = 0
      let lost = false
      return ([name], socket) => {
        if (lost) return name === 'GET' ? '$5\r\nlater\r\n' : undefined
        if (replies++ < after) return name === 'GET' ? '$2\r\nat\r\n' : ':1\r\n'
        if (name !== 'GET' || after % 2 === 0) {
          lost = true
          socket.destroy()
        }
        return ''
      }
    })
    const outcomes = JSON.parse(text)
    for (const [i, [name]] of commands.entries()) {
      if (i < after) expect(outcomes[i].error).toBeUndefined()
      else if (name === 'GET') expect(outcomes[i].result).toBe('later')
      else expect(outcomes[i].error).toMatch(/may have run/)
    }
    expect(asked.filter((line) => line === 'INCR b').length).toBeLessThanOrEqual(1)
  })

  test('of writes alone: one fault for all of it, with a status of its own', async () => {
    const { status, text } = await both(
      [
        ['INCR', 'a'],
        ['INCR', 'b'],
      ],
      () => (_, socket) => {
        socket.destroy()
        return ''
      },
    )
    expect([status, text]).toEqual([502, expect.stringMatching(/^\{"error":.*may have run/)])
  })

  test('a server that loads for a while is asked again for what it did not run', async () => {
    const { text } = await both(commands, () => {
      const refused = new Set<string>()
      return ([name, key]) => {
        if ((key === 'b' || key === 'e') && !refused.has(key)) {
          refused.add(key)
          return '-LOADING Redis is loading the dataset in memory\r\n'
        }
        return name === 'GET' ? `$1\r\n${key}\r\n` : '+OK\r\n'
      }
    })
    expect(JSON.parse(text)).toEqual([
      { result: 'a' },
      { result: 'OK' },
      { result: 'c' },
      { result: 'OK' },
      { result: 'e' },
    ])
  })

  test('READONLY names the server, at its place', async () => {
    const { text } = await both(
      commands,
      () =>
        ([name]) =>
          name === 'GET' ? '$-1\r\n' : '-READONLY no writes\r\n',
    )
    expect(JSON.parse(text)[1].error).toBe(`READONLY no writes (upstream redis://127.0.0.1:${fake.port})`)
  })

  test('no answer in time: what was answered before is told', async () => {
    await server.close()
    open({ 'upstream-timeout': '60' })
    const commands = [
      ['SET', 'a', '1'],
      ['SET', 'b', '1'],
    ]
    const { text } = await both(commands, () => ([, key], socket) => {
      if (key === 'b') hung.add(socket)
      return hung.has(socket) ? '' : '+OK\r\n'
    })
    const [first, second] = JSON.parse(text)
    expect([first.result, second.error]).toEqual(['OK', expect.stringMatching(/did not answer within 60 ms/)])
  })

  test('an answer that is no RESP', async () => {
    const { text } = await both(
      [
        ['SET', 'a', '1'],
        ['SET', 'b', '1'],
      ],
      () =>
        ([, key]) =>
          key === 'a' ? '+OK\r\n' : '?\r\n',
    )
    expect(JSON.parse(text)[1].error).toMatch(/a reply begins with byte 63/)
  })
})

describe('statistics and rights', () => {
  test('count each of its commands, and errors', async () => {
    const script: Script = ([name]) => (name === 'INCR' ? '-WRONGTYPE no\r\n' : undefined)
    await both(
      [
        ['SET', 'a', '1'],
        ['INCR', 'a'],
        ['SET', 'b', '1'],
      ],
      () => script,
    )
    expect(await countOf('redis_commands_total', 'set')).toBe(4)
    expect(await countOf('redis_commands_total', 'incr')).toBe(2)
    expect(await countOf('redis_commands_failed_calls_total', 'set')).toBe(0)
    expect(await countOf('redis_commands_failed_calls_total', 'incr')).toBe(2)
  })

  test('a user who may not do everything is asked about for each command', async () => {
    await server.execute('ACL', 'SETUSER', 'default', '-incr')
    const { text } = await both(
      [
        ['SET', 'a', '1'],
        ['INCR', 'a'],
      ],
      () => () => undefined,
    )
    expect(JSON.parse(text)[1].error).toMatch(/^NOPERM/)
  })

  test('commands that need more than the common way are found in any pipeline', async () => {
    const { text, seen: asked } = await both(
      [['SET', 'a', '1'], ['COPY', 'a', 'a'], ['SELECT', '0'], ['NO_SUCH'], ['GET']],
      () =>
        ([name]) =>
          name === 'COPY' ? '-ERR source and destination objects are the same\r\n' : undefined,
    )
    expect(JSON.parse(text)[1]).toEqual({ result: 0 })
    expect(asked).not.toContain('GET')
  })

  test('a pipeline that is too long is refused', async () => {
    await server.close()
    open({ 'rest-max-pipeline-length': '2' })
    await pipeline([['PING']])
    const { status } = await both(
      [
        ['GET', 'a'],
        ['GET', 'b'],
        ['GET', 'c'],
      ],
      () => () => '$-1\r\n',
    )
    expect(status).toBe(400)
  })
})
