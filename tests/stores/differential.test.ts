/**
 * Every generator of tests/differential, on a store that is shared through SQLite: it answers as genuine Redis does, and a process that has
 * nothing but the log holds the same. ZERODIS_FUZZ_OPS and ZERODIS_FUZZ_SEED are those of types.test.ts.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { createServer, type Server, type ServerOptions } from '../../lib/server.ts'
import { genuineVersion, NO_GENUINE } from '../contract/harness/genuine.ts'
import { atLeast } from '../contract/harness/subjects.ts'
import type { Generator } from '../differential/generator.ts'
import { seedOfRun } from '../differential/random.ts'
import { runDifferential } from '../differential/runner.ts'

/** A tenth of what the same store has in memory: each batch is a commit. */
const operations = Math.ceil(Number(process.env.ZERODIS_FUZZ_OPS ?? 20_000) / 10)
const seed = seedOfRun()

const modules = import.meta.glob<{ generator?: Generator }>('../differential/generators/*.ts', { eager: true })

const folder = mkdtempSync(join(tmpdir(), 'zerodis-shared-fuzz-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const open = (settings: ServerOptions): Server =>
  createServer({ 'enable-debug-command': 'yes', log: () => {}, ...settings })

describe(`${operations} random commands on a shared store, seed ${seed}`, () => {
  for (const [path, { generator }] of Object.entries(modules)) {
    const name = generator?.name ?? path
    test(name, { timeout: 20_000 + operations * 5 }, async (context) => {
      if (genuineVersion === undefined) return context.skip(NO_GENUINE)
      if (generator!.since !== undefined && !atLeast(genuineVersion, generator!.since))
        return context.skip(`new in ${generator!.since}`)
      const settings = { store: `sqlite:${join(folder, `${name.replace(/\W/g, '_')}.db`)}` }
      const beside = open(settings)
      try {
        await runDifferential(generator!, seed, Math.ceil(operations * (generator!.share ?? 1)), settings)
        const after = open(settings)
        const digests = [beside, after].map((server) => server.execute('DEBUG', 'DIGEST'))
        await after.close()
        expect(digests[0]).toEqual(digests[1])
      } finally {
        await beside.close()
      }
    })
  }
})
