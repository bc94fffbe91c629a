/**
 * Rounds in which two sides are measured in turn, so that a machine whose speed drifts slows both; whichever began a round
 * comes second in the next, as what runs second meets what the first has left behind.
 */

import { type Running, startRedis, startZerodis } from './process.ts'
import { median, type Row } from './report.ts'

/** Ours, and what it is compared with. */
export type Side = 'ours' | 'reference'

export const SIDES: readonly Side[] = ['ours', 'reference']

/**
 * Rounds that do not count. V8 compiles what runs often, in several steps: in the first round our server was measured to do
 * two thirds (EVALSHA) and a third (BullMQ) of what it does in the fourth. redis-server has nothing to compile.
 */
const WARM_UPS = 3

/** What each side was measured to do, by round. */
export async function interleaved<Figure>(
  rounds: number,
  measure: (side: Side) => Promise<Figure>,
  warmUps = WARM_UPS,
): Promise<Record<Side, Figure[]>> {
  const figures: Record<Side, Figure[]> = { ours: [], reference: [] }
  for (let round = -warmUps; round < rounds; round++) {
    for (const side of round % 2 === 0 ? SIDES : SIDES.toReversed()) {
      const figure = await measure(side)
      if (round >= 0) figures[side].push(figure)
    }
  }
  return figures
}

/** A server of one side, with flags that both know. */
export function startSide(side: Side, ...flags: string[]): Promise<Running> {
  return side === 'ours' ? startZerodis(...flags) : startRedis(...flags)
}

/** A row of the medians of what the rounds have measured under a name. */
export function medianRow<Figures>(
  figures: Record<Side, readonly Figures[]>,
  name: string,
  unit: string,
  figureOf: (figures: Figures) => number,
): Row {
  const [ours, reference] = SIDES.map((side) => median(figures[side].map(figureOf)))
  return { name, unit, ours, reference }
}
