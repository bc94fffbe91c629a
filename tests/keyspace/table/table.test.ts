/** The table of keys against a Map, by text and by places, while it grows and shrinks. */
import { describe, expect, test } from 'vitest'
import { Places } from '../../../lib/base/places.ts'
import { KEYS_AHEAD, readKeys } from '../../../lib/keyspace/table/ahead.ts'
import { hashOfArray, hashOfBytes, hashOfText } from '../../../lib/keyspace/table/keyhash.ts'
import { Form } from '../../../lib/keyspace/table/record.ts'
import { Table } from '../../../lib/keyspace/table/table.ts'
import { SetValue } from '../../../lib/keyspace/values/set.ts'
import { createServer } from '../../../lib/server.ts'
import { Random, seedOfRun } from '../../differential/random.ts'

const seed = seedOfRun()
const limits = createServer().engine.config

/** `expect`, for what is asked a hundred thousand times. */
function same(actual: unknown, expected: unknown): void {
  if (!Object.is(actual, expected)) expect(actual).toBe(expected)
}

/** A key, and a value, by their places: 0 and 1. */
function placesOf(random: Random, key: string, value = ''): Places {
  const p = new Places()
  const before = '#'.repeat(random.integer(0, 5))
  p.use(Buffer.from(before + key + '\r\n' + value, 'latin1'))
  p.count = 2
  p.starts[0] = before.length
  p.ends[0] = before.length + key.length
  p.starts[1] = p.ends[0] + 2
  p.ends[1] = p.starts[1] + value.length
  p.hashes[0] = hashOfBytes(p.view, p.starts[0], p.ends[0])
  return p
}

const ways: readonly (readonly [string, (table: Table, key: string, value: string | number) => void])[] = [
  ['as text', (table, key, value) => void table.add(key, value, 0)],
  [
    'in the place of an object',
    (table, key, value) => void table.setValue(table.add(key, new SetValue(limits, undefined, 0), 0), key, value),
  ],
  [
    'in the place of a longer text',
    (table, key, value) => void table.setValue(table.add(key, 'x'.repeat(2000), 0), key, value),
  ],
]

describe(`a table of keys, seed ${seed}`, () => {
  test('has one hash for a key, wherever it stands', () => {
    const random = new Random(seed)
    for (let i = 0; i < 500; i++) {
      const key = random.bytes(0, 40)
      const p = placesOf(random, key)
      expect(p.hashes[0]).toBe(hashOfText(key))
      expect(hashOfArray(p.bytes, p.starts[0], p.ends[0])).toBe(hashOfText(key))
    }
  })

  test.each(['text', 'places'])('leaves its old slots while keys are only sought, by %s', (way) => {
    const random = new Random(seed)
    const table = new Table()
    const count = 1540 // a little more than three quarters of 2048
    const sought = Array.from({ length: count }, (_, i) => placesOf(random, `key:${i}`))
    for (let i = 0; i < count; i++) table.add(`key:${i}`, i, 0)
    expect(table.slots.leavingBytes).toBeGreaterThan(0)
    for (let i = 0; i < count; i++) {
      const at = way === 'text' ? table.find(`key:${i}`) : table.findPlace(sought[i], 0)
      same(table.keyOf(at), `key:${i}`)
    }
    expect(table.slots.leavingBytes).toBe(0)
    table.check()
  })

  test('holds what a Map holds', () => {
    const random = new Random(seed)
    const table = new Table()
    const model = new Map<string, { value: unknown; time: number; access: number }>()
    const isTimed = (): boolean => random.chance(0.3)
    for (let i = 0; i < 8000; i++) {
      const range = Math.floor(i / 2000) % 2 === 0 ? 4000 : 300
      const key = random.weighted([
        [20, `key:${random.integer(0, range)}`],
        [1, `${'long'.repeat(200)}${random.integer(0, 20)}`],
        [1, ''],
      ])
      const text = random.bytes(0, random.pick([10, 60, 1024]))
      const p = placesOf(random, key, text)
      const found = random.chance(0.5) ? table.find(key) : table.findPlace(p, 0)
      const known = model.get(key)
      same(found !== 0, known !== undefined)
      if (known !== undefined) {
        same(table.keyOf(found), key)
        same(table.valueOf(found), known.value)
        same(table.timeOf(found), known.time)
        same(table.accessOf(found), known.access)
        same(table.atPosition(table.positionOf(found)), found)
      }
      const removes = random.chance(range === 300 ? 0.6 : 0.25)
      if (removes) {
        if (found !== 0) table.remove(found)
        model.delete(key)
      } else if (random.chance(0.2)) {
        if (found === 0) continue
        if (random.chance(0.6)) {
          known!.time = random.integer(0, 2 ** 40)
          table.setTime(found, known!.time)
        } else {
          same(table.clearTime(found), known!.time !== -1)
          known!.time = -1
        }
      } else {
        const access = known?.access ?? random.integer(0, 2 ** 32 - 1)
        const number = random.integer(-(2 ** 40), 2 ** 40)
        const object = random.weighted<string | number | SetValue>([
          [1, new SetValue(limits, undefined, 0)],
          [3, text],
          [3, number],
        ])
        const kind = random.integer(0, 2)
        const value = kind === 0 ? text : kind === 1 ? number : object
        if (found === 0 && kind === 0) table.addText(p, 0, 1, access, isTimed())
        else if (found === 0 && kind === 1) table.addNumber(p, 0, number, access, isTimed())
        else if (found === 0) table.add(key, object, access, hashOfText(key), isTimed())
        else if (kind === 0) same(table.formOf(table.setText(found, p, 1)), Form.Text)
        else if (kind === 1) table.setNumber(found, number)
        else table.setValue(found, key, object)
        model.set(key, { value, time: known?.time ?? -1, access })
      }
      same(table.size, model.size)
      if (i % 2000 === 0) table.check()
      if (i % 700 !== 0) continue
      table.startLeaving(random.pick([0.5, 2]))
      for (let position = table.size - 1; position >= 0; position--) if (random.chance(0.9)) table.moveRecord(position)
      if (random.chance(0.7)) table.endLeaving()
    }
    table.check()
    expect(table.timedSize).toBe([...model.values()].filter(({ time }) => time !== -1).length)
    for (const [key, { value, time }] of model) {
      const at = table.find(key)
      expect([table.valueOf(at), table.timeOf(at)]).toEqual([value, time])
    }
    for (const key of model.keys()) table.remove(table.find(key))
    table.check()
    expect([table.size, table.timedSize]).toEqual([0, 0])
  })

  test.each(ways)('holds a string that was written %s in a record', (_, write) => {
    const table = new Table()
    for (const value of ['', 'text', 'x'.repeat(1024), 5, -(2 ** 53) + 1]) {
      write(table, `key ${value}`.slice(0, 20), value)
      const at = table.find(`key ${value}`.slice(0, 20))
      expect([table.valueOf(at), table.formOf(at)]).toEqual([
        value,
        typeof value === 'number' ? Form.Number : Form.Text,
      ])
    }
    expect(table.objects).toBe(0)
    for (const [key, value] of [
      ['k', 'x'.repeat(1025)],
      ['k'.repeat(1025), 'x'],
    ]) {
      write(table, key, value)
      expect(table.valueOf(table.find(key))).toBe(value)
    }
    expect(table.objects).toBe(2)
    table.check()
  })

  test('gives back the room of columns that it needs no more', () => {
    const table = new Table()
    for (let i = 0; i < 20_000; i++) table.setTime(table.add(`${i}`, i % 2 === 0 ? i : 'x'.repeat(2000), 0), i)
    for (let i = 0; i < 19_990; i++) table.remove(table.find(`${i}`))
    for (let i = 0; i < 300; i++) table.setTime(table.add(`new ${i}`, 'x', 0), i)
    table.check()
    expect([table.size, table.timedSize, table.objects]).toEqual([310, 310, 5])
    expect(table.timeOf(table.find('19999'))).toBe(19_999)
  })

  test('reads keys off buffers, and gives names that it has on the heap', () => {
    const table = new Table()
    const names = Array.from({ length: 40 }, (_, i) => 'k\xff\0'.repeat(i % 7) + i)
    const text = names.join('')
    // Every other key stands in the first buffer, and the others one byte further in the second.
    const two = [text, `#${text}`].map((bytes) => Buffer.from(bytes, 'latin1'))
    const buffers = names.map((_, i) => two[i % 2])
    const ends = Int32Array.from(names, (_, i) => names.slice(0, i + 1).join('').length + (i % 2))
    const starts = Int32Array.from(names, (name, i) => ends[i] - name.length)
    const areRead = Uint8Array.from(names, (_, i) => (i >> 1) % 2)
    expect(names.length).toBeLessThan(KEYS_AHEAD)
    for (let added = 0; added < 2000; added++) {
      const name = added % 40 === 0 ? (names[added / 40 - 1] ?? 'other') : `filler ${added}`
      if (table.find(name) === 0) table.add(name, added, 0)
      if (added % 50 !== 0) continue
      const read = readKeys(table, buffers, starts, ends, areRead, names.length)
      expect(read.slice(0, names.length)).toEqual(names)
      expect(names.filter((name) => table.find(name) !== 0)).toEqual(
        names.slice(0, Math.min(40, Math.floor(added / 40))),
      )
    }
  })
})
