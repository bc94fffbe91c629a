/**
 * Stores for tests (`zerodis/testing`): how long one takes to create and to close, and its state to keep and to bring back; and
 * what many of them leave in the process. Each run in a fresh process with the built package.
 */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { root } from './process.ts'
import { atMost, median, type Section } from './report.ts'

const ROUNDS = 3

/** What the script below prints. */
interface Figures {
  readonly create: number
  readonly close: number
  readonly snapshot: number
  readonly restore: number
  readonly both: number
  readonly kept: number
}

const SCRIPT = `
  const { createTestServer } = await import(${JSON.stringify(join(root, 'dist/testing.mjs'))})
  const median = (all) => all.sort((a, b) => a - b)[all.length >> 1]
  const times = { create: [], close: [], snapshot: [], restore: [], both: [] }
  const timed = (name, since) => times[name].push(performance.now() - since)
  const round = async () => {
    let since = performance.now()
    const store = await createTestServer()
    timed('create', since)
    store.execute('SET', 'k', 'v', 'EX', 100)
    since = performance.now()
    await store.close()
    timed('close', since)
  }
  // What is closed is let go of some turns of the event loop later.
  const settle = async () => {
    for (let i = 0; i < 5; i++) {
      gc()
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
  for (let i = 0; i < 1000; i++) await round()
  await settle()
  const before = process.memoryUsage().heapUsed
  for (let i = 0; i < 1000; i++) await round()
  await settle()
  const kept = (process.memoryUsage().heapUsed - before) / 1000
  const store = await createTestServer()
  for (let i = 0; i < 1000; i++) store.execute('SET', 'key:' + i, 'value:' + i)
  for (let i = 0; i < 200; i++) {
    const since = performance.now()
    const state = store.snapshot()
    timed('snapshot', since)
    const then = performance.now()
    store.restore(state)
    timed('restore', then)
    timed('both', since)
  }
  await store.close()
  for (const name in times) times[name] = median(times[name].slice(-1000))
  process.stdout.write(JSON.stringify({ ...times, kept }))
`

export async function testingSection(): Promise<Section> {
  const all: Figures[] = []
  for (let round = 0; round < ROUNDS; round++) all.push(measure())
  const of = (name: keyof Figures): number => median(all.map((figures) => figures[name]))
  const row = (name: string, figure: keyof Figures, unit = 'ms') => ({
    ...{ name, unit, reference: undefined },
    ours: of(figure),
  })
  return {
    title: 'stores for tests',
    reference: '',
    rows: [
      { ...row('create', 'create'), aim: atMost(2, 'ours') },
      row('close', 'close'),
      row('snapshot of 1,000 keys', 'snapshot'),
      row('restore of 1,000 keys', 'restore'),
      { ...row('snapshot and restore of them', 'both'), aim: atMost(1, 'ours') },
      row('kept of a store that was closed', 'kept', 'bytes'),
    ],
  }
}

function measure(): Figures {
  const args = ['--expose-gc', '--input-type=module', '--eval', SCRIPT]
  return JSON.parse(execFileSync(process.execPath, args, { cwd: root, encoding: 'utf8' })) as Figures
}
