/** Runs of histories (run.ts) whose every read must be explained, on a database behind a network. */
import { expect } from 'vitest'
import { seedOfRun } from '../../differential/random.ts'
import { lengthOf } from '../../length.ts'
import { type Outcome, type RunOptions, runHistories } from './run.ts'

export const seed = seedOfRun()

let names = 0

/** On tables of its own, unless the options say otherwise. */
export async function explainedOn(
  store: string,
  options: Partial<RunOptions>,
  meanwhile?: () => Promise<void>,
): Promise<Outcome> {
  console.log(`seed ${seed}`)
  const run = runHistories({
    seconds: lengthOf(2.5, 60),
    processes: 3,
    seed,
    killMs: 900,
    store,
    ...options,
    settings: { 'store-name': `history${++names}`, ...options.settings },
  })
  const [outcome] = await Promise.all([run, meanwhile?.()])
  expect(outcome.faults).toEqual([])
  expect(outcome.operations).toBeGreaterThan(20) // on a machine that has much else to do
  return outcome
}
