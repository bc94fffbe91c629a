/**
 * Bytes at random. Frames cut anywhere give the same commands; whatever the decoder is fed, it gives commands, an error
 * or nothing, and never throws; and the TCP door answers random bytes with the bytes of genuine Redis.
 * ZERODIS_FUZZ_SEED repeats a run.
 */
import { describe, expect, test } from 'vitest'
import type { Bytes } from '../../lib/base/bytes.ts'
import { Decoder, ProtocolError } from '../../lib/protocol/decode.ts'
import { createServer } from '../../lib/server.ts'
import { TcpListener } from '../../lib/transports/tcp.ts'
import { converse } from '../clients/raw.ts'
import { encodeCommand } from '../clients/resp.ts'
import { Genuine, genuineVersion, NO_GENUINE } from '../contract/harness/genuine.ts'
import { Random, seedOfRun } from '../differential/random.ts'

const seed = seedOfRun()
const rounds = Number(process.env.ZERODIS_FUZZ_OPS ?? 20_000) / 100

type Decoded = Bytes[] | string

/** All that comes of a stream in these pieces; an error ends it. */
function decode(pieces: readonly Bytes[]): Decoded[] {
  const decoder = new Decoder(512 * 1024 * 1024)
  const all: Decoded[] = []
  for (const piece of pieces) {
    decoder.feed(Buffer.from(piece, 'latin1'))
    for (let next = decoder.next(); next !== undefined; next = decoder.next()) {
      if (next instanceof ProtocolError) return [...all, next.text]
      all.push(next)
    }
  }
  return all
}

function cut(stream: Bytes, random: Random): Bytes[] {
  const pieces: Bytes[] = []
  for (let at = 0; at < stream.length; ) {
    const length = random.integer(1, random.chance(0.5) ? 3 : 40)
    pieces.push(stream.slice(at, at + length))
    at += length
  }
  return pieces
}

/** Bytes that look like the protocol more often than chance would have it. */
function almostProtocol(random: Random): Bytes {
  const part = (): Bytes =>
    random.weighted<() => Bytes>([
      [4, () => encodeCommand(['PING', random.bytes(0, 8)])],
      [3, () => random.pick(['\r\n', '\n', '\r', '*', '$', '-1', '0', '1', '2', '3', ' ', '"', "'", '\\', '\x00'])],
      [2, () => `*${random.integer(-2, 4)}\r\n`],
      [2, () => `$${random.integer(-2, 6)}\r\n`],
      [
        2,
        () =>
          `${random.pick(['PING', 'ECHO', 'GET', 'nosuch'])} ${random.pick(['a', '"a b"', "'x'", '"\\x41"', '"'])}\r\n`,
      ],
      [1, () => random.bytes(1, 12)],
    ])()
  return random.times(1, 8, part).join('')
}

describe(`random bytes, seed ${seed}`, () => {
  test('a frame cut at any byte gives the same commands', () => {
    const random = new Random(seed)
    for (let round = 0; round < 20; round++) {
      const commands = random.times(1, 4, () => ['cmd', ...random.times(0, 3, () => random.bytes(0, 30))])
      const stream = commands.map(encodeCommand).join('')
      expect(decode([stream])).toEqual(commands)
      for (let at = 1; at < stream.length; at++) {
        expect(decode([stream.slice(0, at), stream.slice(at)]), `cut at ${at}`).toEqual(commands)
      }
    }
  })

  test('arguments that come again at their places, or nearly, are those that were sent', () => {
    const random = new Random(seed)
    for (let round = 0; round < rounds; round++) {
      let argv = ['cmd', ...random.times(7, 12, () => random.bytes(0, 30))]
      const commands = random.times(2, 12, () => {
        argv = argv.map((argument) => {
          if (random.chance(0.7)) return argument
          const at = random.integer(0, argument.length)
          return random.chance(0.5)
            ? argument.slice(0, at) + random.bytes(1, 1) + argument.slice(at + 1)
            : random.bytes(0, 40)
        })
        if (random.chance(0.1)) argv = [...argv, random.bytes(1000, 3000)]
        return random.chance(0.2) ? ['other', ...random.times(0, 3, () => random.bytes(0, 30))] : [...argv]
      })
      const stream = commands.map(encodeCommand).join('')
      expect(decode([stream])).toEqual(commands)
      expect(decode(cut(stream, random))).toEqual(commands)
    }
  })

  test('large arguments cut at random places arrive whole', () => {
    const random = new Random(seed)
    for (let round = 0; round < 10; round++) {
      const commands = [
        ['SET', 'k', random.bytes(30_000, 40_000)],
        ['GET', 'k'],
      ]
      const stream = commands.map(encodeCommand).join('')
      const at = random.integer(1, stream.length - 1)
      const pieces = [stream.slice(0, at), ...cut(stream.slice(at, at + 2000), random), stream.slice(at + 2000)]
      expect(decode(pieces.filter((piece) => piece !== ''))).toEqual(commands)
    }
  })

  test('anything at all gives commands, an error or nothing, however it is cut', () => {
    const random = new Random(seed)
    for (let round = 0; round < rounds * 10; round++) {
      const stream = random.chance(0.3) ? random.bytes(1, 60) : almostProtocol(random)
      const whole = decode([stream])
      const label = JSON.stringify(stream)
      expect(decode([...stream]), label).toEqual(whole)
      expect(decode(cut(stream, random)), label).toEqual(whole)
    }
  })

  test('the TCP door answers as genuine Redis', { timeout: 30_000 + rounds * 1000 }, async (context) => {
    if (genuineVersion === undefined) return context.skip(NO_GENUINE)
    const random = new Random(seed)
    const genuine = await Genuine.start()
    const server = createServer({ loglevel: 'nothing' })
    const listener = await TcpListener.listen(server, { host: '127.0.0.1', port: 0 })
    try {
      const once = async (): Promise<void> => {
        // Redis reads an inline command to the first NUL only, and waits for ever.
        const stream = almostProtocol(random).replaceAll('\x00', '0')
        const pieces = random.chance(0.5) ? [stream] : cut(stream, random).slice(0, 20)
        const [ours, theirs] = await Promise.all([
          converse({ port: listener.port, host: '127.0.0.1' }, pieces, false),
          converse({ path: genuine.path }, pieces, false),
        ])
        // A server that closes with bytes unread may lose its answer on the way.
        const sees = ours.closed && pieces.length > 1 ? { ...ours, bytes: theirs.bytes && ours.bytes } : ours
        expect(sees, JSON.stringify(pieces)).toEqual(theirs)
      }
      // Several at once: most of the time goes by in waiting for a server that says nothing more.
      for (let round = 0; round < rounds; round += 20) await Promise.all(Array.from({ length: 20 }, once))
    } finally {
      await listener.close(0)
      await server.close()
      await genuine.stop()
    }
  })
})
