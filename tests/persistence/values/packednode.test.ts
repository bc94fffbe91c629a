/** Nodes of long lists that are packed as they are read: the list is what it was, and what it is by elements. */
import { expect, test } from 'vitest'
import type { Bytes } from '../../../lib/base/bytes.ts'
import { Config } from '../../../lib/config/config.ts'
import { ListValue } from '../../../lib/keyspace/values/list.ts'
import { Malformed } from '../../../lib/persistence/format/input.ts'
import { ListpackOutput, listpackElements } from '../../../lib/persistence/format/listpack.ts'
import { readPayload, writePayload } from '../../../lib/persistence/snapshot/payload.ts'
import { packedNode } from '../../../lib/persistence/values/packednode.ts'
import { Random, seedOfRun } from '../../differential/random.ts'

const seed = seedOfRun()
const limits = new Config().values

const element = (random: Random): Bytes =>
  random.weighted<() => Bytes>([
    [3, () => random.bytes(0, 70)],
    [1, () => `${random.integer(-5000, 5000)}`],
    [1, () => `${random.integer(-(2 ** 40), 2 ** 40)}`],
    [1, () => random.pick(['-', '007', '-0', '9223372036854775807', '9223372036854775808', '2024-01-01', '1.5'])],
    [0.1, () => random.bytes(200, 300)],
  ])()

test(`lists are read as they were written, seed ${seed}`, () => {
  const random = new Random(seed)
  for (let round = 0; round < 20; round++) {
    const elements = random.times(1000, 3000, () => element(random))
    const list = new ListValue(limits)
    list.grow(elements, 0, elements.length)
    for (const each of elements) list.push(each, false)
    const read = readPayload(writePayload(list), limits) as ListValue
    expect(read.values()).toEqual(elements)
    expect([read.encoding, read.length, read.nodeCount]).toEqual([list.encoding, list.length, list.nodeCount])
    expect(read.memoryBytes).toBe(list.memoryBytes)
    for (let edit = 0; edit < 100; edit++) {
      const at = random.integer(0, list.length - 1)
      const other = element(random)
      for (const each of [list, read]) {
        if (edit % 3 === 0) each.set(at, other)
        else if (edit % 3 === 1) each.removeRange(at, Math.min(3, each.length - at))
        else each.insert(each.at(at), other, true)
      }
    }
    expect(read.values()).toEqual(list.values())
    expect(read.memoryBytes).toBe(list.memoryBytes)
  }
})

test('what is not written as Redis writes it is not packed', () => {
  const listpack = (...elements: Bytes[]): Uint8Array => {
    const output = new ListpackOutput()
    for (const each of elements) output.element(each)
    return output.finish().slice()
  }
  expect(packedNode(listpack('a', '1'))).toEqual({ text: '\x01a\x011', count: 2, bytes: 6 + 3 + 2 + 1 })
  expect(packedNode(listpack('a'))).toBeUndefined()
  expect(packedNode(listpack('a', 'x'.repeat(255)))).toBeUndefined()
  const spelled = listpack('a', 'b')
  spelled[10] = 0x31 // the string 1, where Redis writes an integer
  expect(listpackElements(spelled)).toEqual(['a', '1'])
  expect(packedNode(spelled)).toBeUndefined()
  const torn = listpack('a', 'b')
  torn[11] = 5
  expect(() => packedNode(torn)).toThrow(Malformed)
})
