/** What people share a store for, on SQLite. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { describeUses } from '../uses.ts'

const folder = mkdtempSync(join(tmpdir(), 'zerodis-uses-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let number = 0
describeUses('SQLite', () => ({ store: `sqlite:${join(folder, `${++number}.db`)}` }))
