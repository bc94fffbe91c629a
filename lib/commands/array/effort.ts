/** What one search by ARGREP may cost: texts are many, predicates too, and each may be long. */
import { SEARCH_COST } from './errors.ts'

/** States of expressions that are visited, and what takes about as long: two seconds or three. */
const VISITS_MAX = 2 ** 26

export class Effort {
  #left: number

  constructor(visits = VISITS_MAX) {
    this.#left = visits
  }

  /** @throws SEARCH_COST */
  spend(visits: number): void {
    if ((this.#left -= visits) < 0) throw SEARCH_COST
  }
}
