/** The generators of collections once more, against genuine Redis, where nearly every collection is what a large one is. */
import { afterAll, beforeAll, describe, test } from 'vitest'
import { Elements } from '../../lib/keyspace/large/elements.ts'
import { genuineVersion, NO_GENUINE } from '../contract/harness/genuine.ts'
import { generator as geo } from './generators/geo.ts'
import { generator as hash } from './generators/hash.ts'
import { generator as set } from './generators/set.ts'
import { generator as zset } from './generators/sorted-set.ts'
import { seedOfRun } from './random.ts'
import { runDifferential } from './runner.ts'

const operations = Number(process.env.ZERODIS_FUZZ_OPS ?? 2000)
const seed = seedOfRun()
const { least } = Elements

const SMALL_LISTPACKS = [
  ['CONFIG', 'SET', 'hash-max-listpack-value', '3'],
  ['CONFIG', 'SET', 'set-max-intset-entries', '5'],
  ['CONFIG', 'SET', 'zset-max-listpack-value', '1'],
]

describe(`${operations} random commands against genuine Redis, with large collections of 3 elements, seed ${seed}`, () => {
  beforeAll(() => {
    Elements.least = 3
  })
  afterAll(() => {
    Elements.least = least
  })
  for (const generator of [set, hash, zset, geo]) {
    test(generator.name, { timeout: 30_000 + operations * 5 }, async (context) => {
      if (genuineVersion === undefined) return context.skip(NO_GENUINE)
      const setup = [...(generator.setup ?? []), ...SMALL_LISTPACKS]
      await runDifferential({ ...generator, setup }, seed, operations, { 'set-max-listpack-entries': '4' })
    })
  }
})
