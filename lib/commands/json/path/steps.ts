/**
 * What one command may cost by its paths. Whatever is visited, compared or made is a step; a path such as `$..*..*..*`, which finds
 * the same nodes over and over, ends with an error, before anything was changed.
 */
import { JSON_PATH_COST } from '../errors.ts'

/** About half a second of work. */
export const STEPS_MAX = 2 ** 23

/** So many bytes are compared, copied or counted in a step. */
const BYTES_PER_STEP = 16

export class Steps {
  #left = STEPS_MAX

  spend(count: number): void {
    if ((this.#left -= count) < 0) throw JSON_PATH_COST
  }

  spendBytes(count: number): void {
    this.spend(1 + Math.floor(count / BYTES_PER_STEP))
  }

  get spent(): number {
    return STEPS_MAX - this.#left
  }
}
