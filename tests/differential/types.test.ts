/** Every generator of generators/, against genuine Redis. ZERODIS_FUZZ_OPS sets the length, ZERODIS_FUZZ_SEED repeats a run. */
/// <reference types="vite/client" />
import { describe, expect, test } from 'vitest'
import { genuineVersion, NO_GENUINE } from '../contract/harness/genuine.ts'
import { atLeast } from '../contract/harness/subjects.ts'
import type { Generator } from './generator.ts'
import { seedOfRun } from './random.ts'
import { runDifferential } from './runner.ts'

const operations = Number(process.env.ZERODIS_FUZZ_OPS ?? 2000)
const seed = seedOfRun()

const modules = import.meta.glob<{ generator?: Generator }>('./generators/*.ts', { eager: true })

describe(`${operations} random commands against genuine Redis, seed ${seed}`, () => {
  for (const [path, { generator }] of Object.entries(modules)) {
    test(generator?.name ?? path, { timeout: 30_000 + operations * 5 }, async (context) => {
      expect(generator, `${path} must export its generator`).toBeDefined()
      if (genuineVersion === undefined) return context.skip(NO_GENUINE)
      if (generator!.since !== undefined && !atLeast(genuineVersion!, generator!.since))
        return context.skip(`new in ${generator!.since}`)
      await runDifferential(generator!, seed, Math.ceil(operations * (generator!.share ?? 1)))
    })
  }
})
