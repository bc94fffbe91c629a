/** Nodes of long lists that are taken over as they are read: the list is what it was, and what it is by elements. */
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
    expect(read.memoryBytes).toBeLessThanOrEqual(list.memoryBytes)
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
  }
})

test('what is not written as Redis writes it is not taken over', () => {
  const listpack = (...elements: Bytes[]): Uint8Array => {
    const output = new ListpackOutput()
    for (const each of elements) output.element(each)
    return output.finish().slice()
  }
  for (const element of [
    'a',
    '',
    '0',
    '127',
    '128',
    '-1',
    '-4096',
    '4095',
    '4096',
    '-32768',
    '32768',
    '8388607',
    '8388608',
  ]) {
    expect(packedNode(listpack('a', element))?.count).toBe(2)
  }
  for (const element of [
    '2147483647',
    '-2147483649',
    '9223372036854775807',
    'x'.repeat(63),
    'x'.repeat(64),
    'x'.repeat(5000),
  ]) {
    const array = listpack(element)
    expect(packedNode(array)).toEqual({ body: array.subarray(6, array.length - 1), count: 1 })
  }
  expect(packedNode(listpack())).toBeUndefined()
  const wide = listpack('300')
  wide.set([0xf1, 5, 0, 3], 6) // 5 in two bytes
  const wider = Uint8Array.from([...wide.slice(0, 10), 255])
  wider[0] = 11
  expect(listpackElements(wider)).toEqual(['5'])
  expect(packedNode(wider)).toBeUndefined()
  const spelled = listpack('a', 'b')
  spelled[10] = 0x31 // the string 1, where Redis writes an integer
  expect(listpackElements(spelled)).toEqual(['a', '1'])
  expect(packedNode(spelled)).toBeUndefined()
  const torn = listpack('a', 'b')
  torn[11] = 5
  expect(packedNode(torn)).toBeUndefined()
  expect(() => listpackElements(torn)).toThrow(Malformed)
})
