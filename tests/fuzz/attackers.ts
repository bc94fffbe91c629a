/**
 * One attacker for each door. Each opens connections, one after the other, and treats each in one of several ways: commands,
 * mutated frames, random bytes, frames cut in their midst, and asking for much that is never read. What is sent is noted in
 * the trail first.
 */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { Bytes } from '../../lib/base/bytes.ts'
import { encodeCommand } from '../clients/resp.ts'
import type { Random } from '../differential/random.ts'
import { type Argv, Hostile, SETUP } from './hostile.ts'

export interface Target {
  readonly port: number
  readonly httpPort: number
  readonly token: string
}

export interface Attack {
  readonly target: Target
  readonly random: Random
  /** Notes what is about to be sent. */
  readonly note: (input: Bytes) => void
  readonly isOver: () => boolean
}

export type Attacker = (attack: Attack) => Promise<void>

/** Commands with long replies, for whoever does not read them. */
const LONG_REPLIES: readonly Argv[] = [
  ['GET', 'str'],
  ['LRANGE', 'list', '0', '-1'],
  ['HGETALL', 'hash'],
  ['SMEMBERS', 'set'],
  ['ZRANGE', 'zset', '0', '-1', 'WITHSCORES'],
  ['XRANGE', 'stream', '-', '+'],
  ['COMMAND'],
  ['INFO', 'everything'],
  ['LOLWUT'],
]

type Way = (socket: Socket, attack: Attack, hostile: Hostile) => Promise<void>

/** Connects, does something, and leaves without good-bye, until the time is over. */
function attacker(portOf: (target: Target) => number, ways: readonly (readonly [number, Way])[]): Attacker {
  return async (attack) => {
    const { random, target } = attack
    const hostile = new Hostile(random)
    while (!attack.isOver()) {
      const socket = connect({ port: portOf(target), host: '127.0.0.1' })
      socket.on('error', () => {})
      await Promise.race([once(socket, 'connect'), once(socket, 'close')]).catch(() => {})
      socket.resume()
      await random.weighted(ways)(socket, attack, hostile)
      socket.destroy()
    }
  }
}

function write(socket: Socket, { note }: Attack, bytes: Bytes): void {
  note(bytes)
  if (!socket.destroyed) socket.write(Buffer.from(bytes, 'latin1'))
}

const pause = (random: Random, min: number, max: number): Promise<void> => delay(random.integer(min, max))

/** Turns some bytes into others. */
function mutate(random: Random, bytes: Bytes): Bytes {
  let text = bytes
  for (let i = random.integer(1, 3); i > 0 && text.length > 0; i--) {
    const at = random.integer(0, Math.min(text.length - 1, 200))
    text = random.pick([
      () => text.slice(0, at) + random.bytes(1, 1) + text.slice(at + 1),
      () => text.slice(0, at) + text.slice(at + random.integer(1, 5)),
      () => text.slice(0, at) + random.bytes(1, 8) + text.slice(at),
      () =>
        text.slice(0, at) + random.pick(['-1', '99999999999', '2147483648', '\r\n', '{', '"', '\0']) + text.slice(at),
    ])()
  }
  return text
}

function commands({ random }: Attack, hostile: Hostile): Bytes {
  return random.times(1, random.chance(0.1) ? 200 : 12, () => encodeCommand(hostile.command())).join('')
}

// RESP.

const respWays: readonly (readonly [number, Way])[] = [
  [
    6,
    async (socket, attack, hostile) => {
      const { random } = attack
      if (random.chance(0.4)) write(socket, attack, encodeCommand(['HELLO', '3']))
      if (random.chance(0.3)) for (const argv of SETUP) write(socket, attack, encodeCommand(argv))
      for (let i = random.integer(1, 12); i > 0 && !socket.destroyed && !attack.isOver(); i--) {
        write(socket, attack, commands(attack, hostile))
        await pause(random, 1, 30)
      }
    },
  ],
  [
    2,
    async (socket, attack, hostile) => {
      const { random } = attack
      write(socket, attack, random.chance(0.5) ? mutate(random, commands(attack, hostile)) : random.bytes(1, 300))
      await pause(random, 1, 10)
    },
  ],
  [
    1,
    async (socket, attack, hostile) => {
      const text = commands(attack, hostile)
      write(socket, attack, text.slice(0, attack.random.integer(1, text.length)))
      await pause(attack.random, 0, 50)
    },
  ],
  [
    1,
    async (socket, attack) => {
      const { random } = attack
      socket.pause()
      const wanted = random.pick(LONG_REPLIES)
      write(socket, attack, encodeCommand(wanted).repeat(random.integer(1, 300)))
      await pause(random, 10, 1500)
      if (random.chance(0.3)) {
        socket.resume()
        await pause(random, 10, 200)
      }
    },
  ],
]

export const attackResp = attacker(({ port }) => port, respWays)

// HTTP.

const HEADERS = [
  'upstash-encoding: base64',
  'upstash-response-format: resp2',
  'accept-encoding: gzip',
  'content-type: text/plain',
  'expect: 100-continue',
  'upstash-sync-token: x.9999999999999999999',
  'x-forwarded-proto: https,http',
  'x-forwarded-for: 1.2.3.4, ,::1',
  'connection: close',
  'connection: upgrade',
  'upgrade: websocket',
  'origin: null',
]
const TARGETS = [
  '/',
  '/pipeline',
  '/multi-exec',
  '/get/str',
  '/%',
  '/set/a/%00%ff?EX=1&NX',
  '/subscribe/c',
  '//',
  '/monitor',
  '/nosuch?_token=',
]
const METHODS = ['POST', 'POST', 'POST', 'GET', 'PUT', 'HEAD', 'OPTIONS', 'DELETE', 'TRACE']

function request(attack: Attack, method: Bytes, path: Bytes, body: Bytes): Bytes {
  const { random, target } = attack
  const headers = random.times(0, 3, () => random.pick(HEADERS))
  if (random.chance(0.02)) headers.push(`x-long: ${'y'.repeat(random.integer(1, 30_000))}`)
  const token = random.chance(0.95) ? target.token : random.pick(['', 'wrong', 'x'.repeat(5000)])
  const length = random.chance(0.98) ? body.length : random.pick([0, body.length - 1, body.length + 10, -1, 1e20])
  const chunked = random.chance(0.1)
  const framed = chunked ? 'transfer-encoding: chunked' : `content-length: ${length}`
  const sent = chunked ? `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n` : body
  return `${method} ${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\n${framed}\r\n${headers.join('\r\n')}${headers.length > 0 ? '\r\n' : ''}\r\n${sent}`
}

/** JSON that costs more to read than it looks. */
function costlyJson(random: Random): Bytes {
  const count = random.integer(1, random.chance(0.05) ? 300_000 : 3000)
  return random.pick([
    () => '['.repeat(count),
    () => `[${'[],'.repeat(count)}[]]`,
    () => `["DEL"${',1'.repeat(count)}]`,
    () => `["SET","a",${'9'.repeat(count)}]`,
    () => `["SET","a","${'\\u0000'.repeat(count)}"]`,
    () => `[${'["PING"],'.repeat(Math.min(count, 2000))}["PING"]]`,
    () => `{"a":${'{"a":'.repeat(count)}1${'}'.repeat(count)}}`,
    () => `["SET","a",1e${count}]`,
    () => '["EVAL","return 1",0',
    () => `["SET","a",{"b":[null,true,1.5]}]`,
  ])()
}

/** JSON text in UTF-8, one code unit a byte. */
const json = (value: unknown): Bytes => Buffer.from(JSON.stringify(value)).toString('latin1')

function restBody(attack: Attack, hostile: Hostile): { path: Bytes; body: Bytes } {
  const { random } = attack
  return random.weighted<() => { path: Bytes; body: Bytes }>([
    [5, () => ({ path: '/', body: json(hostile.command()) })],
    [3, () => ({ path: '/pipeline', body: json(random.times(0, 60, () => hostile.command())) })],
    [2, () => ({ path: '/multi-exec', body: json(random.times(0, 30, () => hostile.command())) })],
    [2, () => ({ path: random.pick(TARGETS), body: costlyJson(random) })],
    [1, () => ({ path: random.pick(TARGETS), body: random.bytes(0, 200) })],
    [
      1,
      () => ({
        path: `/${hostile
          .command()
          .slice(0, 20)
          .map((word) => encodeURIComponent(word.slice(0, 500)))
          .join('/')}`,
        body: '',
      }),
    ],
  ])()
}

const httpWays: readonly (readonly [number, Way])[] = [
  [
    6,
    async (socket, attack, hostile) => {
      const { random } = attack
      for (let i = random.integer(1, 10); i > 0 && !socket.destroyed && !attack.isOver(); i--) {
        const { path, body } = restBody(attack, hostile)
        write(socket, attack, request(attack, random.pick(METHODS), path, body))
        await pause(random, 1, 30)
      }
    },
  ],
  [
    1,
    async (socket, attack, hostile) => {
      const { random } = attack
      const { path, body } = restBody(attack, hostile)
      const text = request(attack, 'POST', path, body)
      write(socket, attack, random.chance(0.5) ? mutate(random, text) : text.slice(0, random.integer(1, text.length)))
      await pause(random, 1, 60)
    },
  ],
  [
    1,
    async (socket, attack) => {
      const { random } = attack
      socket.pause()
      const body = json(random.times(1, 200, () => random.pick(LONG_REPLIES)))
      write(socket, attack, request(attack, 'POST', '/pipeline', body))
      await pause(random, 10, 1500)
    },
  ],
]

export const attackRest = attacker(({ httpPort }) => httpPort, httpWays)

/** Streams that are opened, not read, and left; others fill them. */
export const attackSse = attacker(
  ({ httpPort }) => httpPort,
  [
    [
      1,
      async (socket, attack, hostile) => {
        const { random, target } = attack
        if (random.chance(0.5)) socket.pause()
        const path = random.pick([
          '/subscribe/c',
          '/subscribe/a/b/c',
          `/psubscribe/${encodeURIComponent(hostile.pattern())}`,
          '/monitor',
        ])
        const head = `accept: text/event-stream\r\nauthorization: Bearer ${target.token}\r\n`
        write(
          socket,
          attack,
          `${random.pick(['GET', 'POST'])} ${path} HTTP/1.1\r\nhost: x\r\n${head}content-length: 0\r\n\r\n`,
        )
        await pause(random, 1, random.chance(0.1) ? 2000 : 100)
      },
    ],
  ],
)

// WebSockets.

/** A frame as a client sends it; some are what no client may send. */
function frame(random: Random, opcode: number, payload: Bytes): Bytes {
  const mask = randomBytes(4)
  const masked = Buffer.from(payload, 'latin1').map((byte, i) => byte ^ mask[i & 3])
  const { length } = masked
  const first = (random.chance(0.95) ? 0x80 : random.integer(0, 255) & 0xf0) | opcode
  const head =
    length < 126
      ? Buffer.of(first, 0x80 | length)
      : length < 65_536
        ? Buffer.of(first, 0x80 | 126, length >> 8, length & 255)
        : Buffer.of(
            first,
            0x80 | 127,
            0,
            0,
            0,
            0,
            length >>> 24,
            (length >> 16) & 255,
            (length >> 8) & 255,
            length & 255,
          )
  return Buffer.concat([head, mask, masked]).toString('latin1')
}

function webSocketWays(isJson: boolean): readonly (readonly [number, Way])[] {
  const open = (socket: Socket, attack: Attack): void =>
    write(
      socket,
      attack,
      `GET /ws?_token=${attack.target.token}${isJson ? '&format=json' : ''} HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-version: 13\r\nsec-websocket-key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
    )
  const message = (attack: Attack, hostile: Hostile): Bytes =>
    isJson
      ? attack.random.chance(0.85)
        ? json(hostile.command())
        : costlyJson(attack.random)
      : commands(attack, hostile)
  const opcode = isJson ? 1 : 2
  return [
    [
      5,
      async (socket, attack, hostile) => {
        const { random } = attack
        open(socket, attack)
        for (let i = random.integer(1, 20); i > 0 && !socket.destroyed && !attack.isOver(); i--) {
          const kind = random.chance(0.93) ? opcode : random.integer(0, 15)
          write(socket, attack, frame(random, kind, message(attack, hostile)))
          await pause(random, 1, 20)
        }
      },
    ],
    [
      1,
      async (socket, attack, hostile) => {
        const { random } = attack
        open(socket, attack)
        const text = frame(random, opcode, message(attack, hostile))
        write(socket, attack, random.chance(0.5) ? mutate(random, text) : random.bytes(1, 100))
        await pause(random, 1, 30)
      },
    ],
    [
      1,
      async (socket, attack) => {
        const { random } = attack
        socket.pause()
        open(socket, attack)
        const wanted = random.pick(LONG_REPLIES)
        const one = frame(random, opcode, isJson ? json(wanted) : encodeCommand(wanted))
        write(socket, attack, one.repeat(random.integer(1, 200)))
        await pause(random, 10, 1500)
      },
    ],
  ]
}

export const attackWebSocket = attacker(({ httpPort }) => httpPort, webSocketWays(false))
export const attackWebSocketJson = attacker(({ httpPort }) => httpPort, webSocketWays(true))

export const ATTACKERS: Readonly<Record<string, Attacker>> = {
  resp: attackResp,
  rest: attackRest,
  sse: attackSse,
  websocket: attackWebSocket,
  'websocket-json': attackWebSocketJson,
}
