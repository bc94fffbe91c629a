/** The keys of a slot are those that a walk over all keys finds, whatever has been done to them. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ManualClock } from '../../lib/base/clock.ts'
import { SLOTS, slotOf, slotOfPattern } from '../../lib/base/slots.ts'
import { createServer, type Server } from '../../lib/server.ts'

const KEYS = ['a', 'b', '{a}1', '{a}2', '{b}1', 'c']

const key = fc.constantFrom(...KEYS)
/** Two keys of one slot. */
const pair = fc.constantFrom(['a', '{a}1'], ['{a}1', '{a}2'], ['b', '{b}1'], ['{a}2', 'a'])

const command = fc.oneof(
  key.map((k) => ['SET', k, '1']),
  key.map((k) => ['SET', k, '1', 'PX', '50']),
  key.map((k) => ['DEL', k]),
  key.map((k) => ['UNLINK', k]),
  key.map((k) => ['GETDEL', k]),
  key.map((k) => ['RPUSH', k, '1']),
  key.map((k) => ['LPOP', k]),
  key.map((k) => ['HSET', k, 'f', '1']),
  key.map((k) => ['HPEXPIRE', k, '20', 'FIELDS', '1', 'f']),
  pair.map(([from, to]) => ['RENAME', from, to]),
  pair.map(([from, to]) => ['COPY', from, to, 'REPLACE']),
  pair.map(([from, to]) => ['LMOVE', from, to, 'LEFT', 'RIGHT']),
  fc.constantFrom(['FLUSHALL'], ['FLUSHDB', 'ASYNC'], ['DEBUG', 'RELOAD', 'NOSAVE'], ['DEBUG', 'POPULATE', '7']),
)

function slotsOf(server: Server): unknown {
  const [db] = server.engine.keyspace.dbs
  const bySlot = new Map<number, Set<string>>()
  for (const name of db.keys()) {
    const slot = slotOf(name)
    bySlot.set(slot, (bySlot.get(slot) ?? new Set()).add(name))
  }
  return bySlot
}

function indexOf(server: Server): unknown {
  const { slotKeys } = server.engine.keyspace.dbs[0]
  const bySlot = new Map<number, Set<string>>()
  for (let slot = 0; slot < SLOTS; slot++) {
    const names = slotKeys!.first(slot, Infinity)
    if (names.length !== slotKeys!.count(slot)) throw new Error(`slot ${slot} is counted wrong`)
    if (names.length > 0) bySlot.set(slot, new Set(names))
  }
  return bySlot
}

test('after any commands, and as time goes by', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(command, fc.integer({ min: 1, max: 60 })), { maxLength: 40 }), (steps) => {
      const clock = new ManualClock()
      const server = createServer({ 'cluster-enabled': 'yes', 'enable-debug-command': 'yes', clock, log: () => {} })
      const session = server.inProcess()
      for (const step of steps) {
        if (typeof step === 'number') {
          clock.advance(step)
          server.cron()
          continue
        }
        try {
          session.execute(...step)
        } catch {
          // A key of another type, or none.
        }
      }
      expect(indexOf(server)).toEqual(slotsOf(server))
    }),
    { numRuns: 200 },
  )
})

test('after a snapshot took the place of all keys', () => {
  const server = createServer({ 'cluster-enabled': 'yes', log: () => {} })
  server.execute('SET', 'a', '1')
  const { rdb } = server.engine.ports.persistence
  const pieces = rdb.pieces([]).map((piece) => piece.slice())
  server.execute('FLUSHALL')
  server.execute('SET', 'b', '1')
  rdb.replaceAll(pieces)
  expect(indexOf(server)).toEqual(new Map([[slotOf('a'), new Set(['a'])]]))
})

test('without a cluster there is no account of slots', () => {
  expect(createServer({ log: () => {} }).engine.keyspace.dbs[0].slotKeys).toBeUndefined()
})

test('the slot of a pattern, where it has one', () => {
  const slots = ['a', '{a}*', 'x{a}?', '*', '*{a}', '{*}a', 'a[bc]', '{a', 'a\\*', '{}a'].map(slotOfPattern)
  const [a, unclosed, empty] = ['a', '{a', '{}a'].map(slotOf)
  expect(slots).toEqual([a, a, a, ...new Array(4).fill(undefined), unclosed, undefined, empty])
})
