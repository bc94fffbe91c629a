/** Snapshots that are read as they come: whatever cuts them, what is read is what was written, and each byte of it once. */
import { describe, expect, test } from 'vitest'
import type { Bytes } from '../../../lib/base/bytes.ts'
import { crc64 } from '../../../lib/persistence/format/crc64.ts'
import { RdbOutput } from '../../../lib/persistence/format/output.ts'
import { type Progress, SnapshotArrival } from '../../../lib/persistence/snapshot/arrival.ts'
import { Staging } from '../../../lib/persistence/snapshot/staging.ts'
import type { SnapshotTaker } from '../../../lib/persistence/snapshot/taker.ts'
import { typeFor } from '../../../lib/persistence/values/write.ts'
import type { Server } from '../../../lib/server.ts'
import { everyForm, fresh } from '../everyform.ts'

const NOBODY: SnapshotTaker = { fact() {}, expect() {}, library() {}, empty() {}, entry() {} }

/** A snapshot in pieces of a size, the last of which may be shorter. */
function cut(bytes: Uint8Array, size: number): Uint8Array[] {
  const pieces: Uint8Array[] = []
  for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.slice(at, at + size))
  return pieces
}

function digestOf(server: Server): unknown {
  return server.execute('DEBUG', 'DIGEST')
}

const pieces = (server: Server): Buffer => Buffer.concat(server.engine.ports.persistence.rdb.pieces([]))

describe('a snapshot of every form', () => {
  const bytes = everyForm()
  const whole = fresh()
  whole.engine.ports.persistence.rdb.replaceAll([bytes])

  test.each([1, 2, 7, 61, 1000])('is the same in pieces of %i bytes', (size) => {
    const server = fresh()
    server.engine.ports.persistence.rdb.replaceAll(cut(bytes, size))
    expect(digestOf(server)).toBe(digestOf(whole))
    expect(pieces(server).length).toBe(pieces(whole).length)
  })

  test('may have something behind it, where that is expected', () => {
    const staging = new Staging(fresh().engine, { keepsExpired: true, refusesDouble: true, log() {} })
    const arrival = new SnapshotArrival(whole.engine.config, staging, { mayBeFollowed: true })
    arrival.readAll(cut(Buffer.concat([bytes, Buffer.from('*1\r\n$4\r\nPING\r\n')]), 100))
    expect(arrival.readBytes).toBe(bytes.length)
    const strict = new SnapshotArrival(whole.engine.config, NOBODY)
    expect(() => strict.readAll([Buffer.concat([bytes, Buffer.from('x')])])).toThrow('bytes behind the end')
  })
})

/** What is held of a snapshot that comes in pieces, at the most, in bytes. */
function mostHeld(server: Server, size: number): number {
  const arrival = new SnapshotArrival(server.engine.config, NOBODY)
  let most = 0
  let progress: Progress = 'more'
  for (const piece of cut(pieces(server), size)) {
    arrival.feed(piece)
    progress = arrival.read(Infinity)
    most = Math.max(most, arrival.heldBytes)
  }
  expect(progress).toBe('end')
  return most
}

describe('a value of many elements', () => {
  const numbers = Array.from({ length: 20_000 }, (_, i) => i)
  const VALUES: Readonly<Record<string, readonly Bytes[][]>> = {
    hash: [['HSET', 'k', ...numbers.flatMap((i) => [`field${i}`, `value${i}`])]],
    'hash whose fields expire': [
      ['HSET', 'k', ...numbers.flatMap((i) => [`field${i}`, `value${i}`])],
      ['HPEXPIRE', 'k', '100000000', 'FIELDS', '2', 'field1', 'field7'],
    ],
    set: [['SADD', 'k', ...numbers.map((i) => `member${i}`)]],
    'sorted set': [['ZADD', 'k', ...numbers.flatMap((i) => [`${i % 100}`, `member${i}`])]],
    list: [['RPUSH', 'k', ...numbers.map((i) => `element${i}`)]],
    stream: [
      ...numbers.slice(0, 5000).map((i) => ['XADD', 'k', `${i + 1}-0`, 'field', `value${i}`]),
      ['XGROUP', 'CREATE', 'k', 'group', '0'],
      ['XREADGROUP', 'GROUP', 'group', 'one', 'COUNT', '3000', 'STREAMS', 'k', '>'],
      ['XREADGROUP', 'GROUP', 'group', 'two', 'COUNT', '1000', 'STREAMS', 'k', '>'],
    ],
  }
  for (const [name, commands] of Object.entries(VALUES)) {
    test(`a ${name} is not read again from its beginning where a piece ends`, () => {
      const server = fresh()
      for (const argv of commands) server.execute(...(argv as [string]))
      // A node of a list or a stream is read at once.
      expect(mostHeld(server, 1000)).toBeLessThan(name === 'list' || name === 'stream' ? 20_000 : 2000)
    })
  }
})

test('nothing is set aside for a length that is not there', () => {
  const output = new RdbOutput()
  output.bytes('REDIS0010')
  output.byte(typeFor('', 10))
  output.string('key')
  output.count(2 ** 28)
  const arrival = new SnapshotArrival(fresh().engine.config, NOBODY)
  arrival.feed(output.array)
  expect(arrival.read(Infinity)).toBe('more')
  expect(arrival.heldBytes).toBeLessThan(100)
  expect(() => arrival.finish()).toThrow('impossible count')
  const bounded = new SnapshotArrival(fresh().engine.config, NOBODY, { length: output.length })
  expect(() => bounded.readAll([output.array])).toThrow('impossible count')
})

test('a checksum is that of all bytes, however they came', () => {
  const bytes = everyForm()
  const wrong = Buffer.from(bytes)
  wrong[wrong.length - 3] ^= 1
  for (const size of [9, 1000, 2 ** 20]) {
    expect(() => new SnapshotArrival(fresh().engine.config, NOBODY).readAll(cut(wrong, size))).toThrow('wrong checksum')
  }
  expect(Buffer.from(crc64(bytes, bytes.length - 8)).equals(bytes.subarray(-8))).toBe(true)
})
