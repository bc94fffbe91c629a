/** The generators of tests/differential on a shared store, whichever database holds it. */
import { describe, expect, test } from 'vitest'
import { createServer, type Server, type ServerOptions } from '../../lib/server.ts'
import { genuineVersion, NO_GENUINE } from '../contract/harness/genuine.ts'
import { atLeast } from '../contract/harness/subjects.ts'
import type { Generator } from '../differential/generator.ts'
import { seedOfRun } from '../differential/random.ts'
import { runDifferential } from '../differential/runner.ts'
import { lengthOf } from '../length.ts'

/** A part of what a store has in memory, since each batch is a commit; all of it with ZERODIS_TEST_ALL. */
const SHARE = lengthOf(1 / 20, 1)
const operations = Math.ceil(Number(process.env.ZERODIS_FUZZ_OPS ?? 10_000) * SHARE)
const seed = seedOfRun()

const modules = import.meta.glob<{ generator?: Generator }>('../differential/generators/*.ts', { eager: true })

const open = (settings: ServerOptions): Server =>
  createServer({ 'enable-debug-command': 'yes', log: () => {}, ...settings })

/** Settings of a keyspace by its name, which is letters. */
export function describeDifferential(settingsOf: (name: string) => ServerOptions): void {
  describe(`${operations} random commands on a shared store, seed ${seed}`, () => {
    for (const [path, { generator }] of Object.entries(modules)) {
      const name = generator?.name ?? path
      test(name, { timeout: 20_000 + operations * 5 }, async (context) => {
        if (genuineVersion === undefined) return context.skip(NO_GENUINE)
        if (generator!.since !== undefined && !atLeast(genuineVersion, generator!.since))
          return context.skip(`new in ${generator!.since}`)
        const settings = settingsOf(name.toLowerCase().replace(/\W/g, '_'))
        const beside = open(settings)
        try {
          await runDifferential(generator!, seed, Math.ceil(operations * (generator!.share ?? 1)), settings)
          const after = open(settings)
          const digests = await Promise.all([beside, after].map((server) => server.execute('DEBUG', 'DIGEST')))
          await after.close()
          expect(digests[0]).toEqual(digests[1])
        } finally {
          await beside.close()
        }
      })
    }
  })
}
