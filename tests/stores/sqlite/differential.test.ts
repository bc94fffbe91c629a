/**
 * Every generator of tests/differential, on a store that is shared through SQLite: it answers as genuine Redis does, and a process that has
 * nothing but the log holds the same. ZERODIS_FUZZ_OPS and ZERODIS_FUZZ_SEED are those of types.test.ts.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { describeDifferential } from '../differential.ts'

const folder = mkdtempSync(join(tmpdir(), 'zerodis-shared-fuzz-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describeDifferential((name) => ({ store: `sqlite:${join(folder, `${name}.db`)}`, 'store-synchronous': 'normal' }))
