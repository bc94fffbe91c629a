/**
 * cjson, cmsgpack, struct and bit beside genuine Redis: at their bounds, and on random input. ZERODIS_FUZZ_OPS sets how much
 * of it, ZERODIS_FUZZ_SEED repeats a run.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { genuineVersion, NO_GENUINE } from '../../contract/harness/genuine.ts'
import { Random, seedOfRun } from '../../differential/random.ts'
import { Beside } from './beside.ts'
import * as edges from './edges.ts'
import * as generators from './generators.ts'

const chunks = Number(process.env.ZERODIS_FUZZ_OPS ?? 2000)
/** So many in one script. */
/** A chunk of cjsonRows has up to forty documents, and its own length of time. */
const ROWS_SHARE = 0.1
const BATCH = 500
const seed = seedOfRun()

describe('the libraries of scripts do what those of genuine Redis do', () => {
  let beside: Beside | undefined

  beforeAll(async () => {
    if (genuineVersion !== undefined) beside = await Beside.start()
  })
  afterAll(() => beside?.stop())

  for (const [name, list] of Object.entries(edges)) {
    test(`at the bounds: ${name}`, async (context) => {
      if (beside === undefined) return context.skip(NO_GENUINE)
      expect(await beside.differences(list)).toEqual([])
    })
  }

  for (const [name, chunk] of Object.entries(generators)) {
    const count = name === 'cjsonRows' ? Math.ceil(chunks * ROWS_SHARE) : chunks
    test(`on ${count} random chunks, seed ${seed}: ${name}`, { timeout: 30_000 + chunks * 5 }, async (context) => {
      if (beside === undefined) return context.skip(NO_GENUINE)
      const random = new Random(seed)
      for (let done = 0; done < count; done += BATCH) {
        const batch = Array.from({ length: Math.min(BATCH, count - done) }, () => chunk(random))
        expect(await beside.differences(batch)).toEqual([])
      }
    })
  }
})
