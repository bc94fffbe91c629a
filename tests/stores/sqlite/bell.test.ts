/** How often the bell is rung: others hear of the first commit of a turn at once, and of the last one when that is over. */
import { mkdtempSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Bell } from '../../../lib/stores/sqlite/bell.ts'

vi.mock('node:fs', async (load) => {
  const fs = await load<typeof import('node:fs')>()
  return { ...fs, writeSync: vi.fn(fs.writeSync) }
})

const strokes = (): number => vi.mocked(writeSync).mock.calls.length
const turnIsOver = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

let folder: string
let bell: Bell

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'zerodis-bell-'))
  bell = new Bell(join(folder, 'bell'), () => {})
  vi.mocked(writeSync).mockClear()
})
afterEach(() => {
  bell.close()
  rmSync(folder, { recursive: true, force: true })
})

test('one commit of a turn is one stroke', async () => {
  bell.ring()
  expect(strokes()).toBe(1)
  await turnIsOver()
  expect(strokes()).toBe(1)
  bell.ring()
  expect(strokes()).toBe(2)
})

test('many commits of a turn are a stroke after the first, and one after the last', async () => {
  for (let i = 0; i < 5; i++) bell.ring()
  expect(strokes()).toBe(1)
  await turnIsOver()
  expect(strokes()).toBe(2)
})

test('who closes in the midst of a turn has told of all commits', () => {
  for (let i = 0; i < 5; i++) bell.ring()
  bell.close()
  expect(strokes()).toBe(2)
  bell = new Bell(join(folder, 'bell'), () => {})
})
