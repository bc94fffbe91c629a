/** Runs of histories (run.ts) whose every read must be explained, on a database behind a network. */
import { expect } from 'vitest'
import { seedOfRun } from '../../differential/random.ts'
import { lengthOf } from '../../length.ts'
import { type Outcome, type RunOptions, runHistories } from './run.ts'

export const seed = seedOfRun()

let names = 0

/** A machine that has much else to do gets through little in the time of a run: then there are others. */
const RUNS_MAX = 5
const OPERATIONS_LEAST = 20

/**
 * On tables of its own, unless the options say otherwise; again while too little has happened. `hasHappened` says whether that did which the
 * test is about.
 */
export async function explainedOn(
  store: string,
  options: Partial<RunOptions>,
  meanwhile?: () => Promise<void>,
  hasHappened: (outcome: Outcome) => boolean = () => true,
): Promise<Outcome> {
  for (let runs = 1; ; runs++) {
    const outcome = await explainedOnce(store, options, meanwhile)
    const isEnough = outcome.operations > OPERATIONS_LEAST && hasHappened(outcome)
    if (isEnough || runs === RUNS_MAX) {
      expect(outcome.operations).toBeGreaterThan(OPERATIONS_LEAST)
      expect(hasHappened(outcome)).toBe(true)
      return outcome
    }
  }
}

async function explainedOnce(
  store: string,
  options: Partial<RunOptions>,
  meanwhile: (() => Promise<void>) | undefined,
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
  return outcome
}
