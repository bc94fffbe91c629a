/** Commands decoded ahead are those that come one by one, however the stream is cut and whichever keys exist. */
import { describe, expect, test } from 'vitest'
import type { Bytes } from '../../lib/base/bytes.ts'
import { KEYS_AHEAD } from '../../lib/keyspace/table/ahead.ts'
import { Decoder, ProtocolError } from '../../lib/protocol/decode.ts'
import { createServer } from '../../lib/server.ts'
import { KeysAhead, LookAhead } from '../../lib/transports/lookahead.ts'
import { encodeCommand } from '../clients/resp.ts'
import { Random, seedOfRun } from '../differential/random.ts'

const BULK_MAX = 512 * 1024 * 1024
const { engine } = createServer()
const db = engine.keyspace.dbs[0]
const key = (random: Random): Bytes =>
  random.chance(0.1)
    ? random.bytes(0, 80)
    : `${random.pick(['k', 'key:', 'a longer name of a key '])}${random.integer(0, 300)}`
for (let i = 0; i < 300; i += 2) for (const start of ['k', 'key:']) db.set(`${start}${i}`, `value ${i}`, -1)

/** What a reader gets of a stream in pieces, each of which stands in a buffer that is overwritten afterwards. */
function read(pieces: readonly Bytes[], decoder: Decoder, next: () => Bytes[] | ProtocolError | undefined): unknown[] {
  const all: unknown[] = []
  const lent = Buffer.alloc(64 * 1024)
  for (const piece of pieces) {
    lent.fill('#').write(piece, 'latin1')
    decoder.feed(lent, piece.length)
    for (let found = next(); found !== undefined; found = next()) {
      if (found instanceof ProtocolError) return [...all, found.text]
      all.push(found)
    }
    decoder.settle()
  }
  return all
}

const plainly = (pieces: readonly Bytes[]): unknown[] => {
  const decoder = new Decoder(BULK_MAX)
  return read(pieces, decoder, () => decoder.next())
}
const ahead = (pieces: readonly Bytes[]): unknown[] => {
  const commands = new LookAhead(BULK_MAX, new KeysAhead(engine.table))
  return read(pieces, commands.decoder, () => commands.next(db))
}

describe('commands decoded ahead', () => {
  const random = new Random(seedOfRun())
  const commands: (() => Bytes[])[] = [
    () => ['GET', key(random)],
    () => ['set', key(random), random.bytes(0, 200)],
    () => ['MSET', ...random.times(1, 100, () => [key(random), random.bytes(0, 40)]).flat()],
    () => ['MGET', ...random.times(1, 100, () => key(random))],
    () => ['DEL', ...random.times(1, 6, () => key(random))],
    () => ['nosuch', ...random.times(0, 6, () => key(random))],
    () => ['EVAL', 'return 1', '2', key(random), key(random)],
    // Keys that are counted: as many as there are, more, fewer, or no number at all.
    () => ['evalsha', 'f'.repeat(40), random.pick(['1', '2', '0', '99', '-1', 'x', '1e9']), key(random), key(random)],
    () => ['ZUNIONSTORE', key(random), '2', key(random), key(random), 'WEIGHTS', '1', '2'],
    () => ['MSETEX', '2', key(random), random.bytes(0, 40), key(random), random.bytes(0, 40), 'EX', '100'],
    // Most of their arguments are those of the one before.
    () => ['EVAL', 'return 1', '6', ...random.times(6, 7, () => `key:${random.integer(0, 1)}`)],
    () => ['HSET', key(random), ...['name', 'age', 'town'].flatMap((field) => [field, `${random.integer(0, 2)}`])],
    () => ['PING'],
  ]
  const pipeline = (): Bytes =>
    random
      .times(1, 40, () => (random.chance(0.05) ? 'GET inline-key\r\n' : encodeCommand(random.pick(commands)())))
      .join('')

  test('are the commands of the stream', () => {
    for (let round = 0; round < 200; round++) {
      const stream = pipeline().slice(0, 60_000)
      expect(ahead([stream])).toEqual(plainly([stream]))
      const pieces: Bytes[] = []
      for (let at = 0; at < stream.length; ) {
        const length = random.integer(1, random.chance(0.5) ? 4 : 2000)
        pieces.push(stream.slice(at, at + length))
        at += length
      }
      expect(ahead(pieces)).toEqual(plainly([stream]))
    }
  })

  test('have more keys than are read at once', () => {
    const mset = ['MSET', ...Array.from({ length: 3 * KEYS_AHEAD }, (_, i) => [`key:${i}`, `${i}`]).flat()]
    expect(ahead([encodeCommand(mset)])).toEqual([mset])
  })

  test('end where the protocol is broken', () => {
    const stream = `${encodeCommand(['MSET', 'key:1', 'a', 'key:2', 'b'])}*2\r\n$3\r\nGET\r\n?`
    expect(ahead([`${stream}\r\n`])).toEqual(plainly([`${stream}\r\n`]))
  })
})
