/**
 * What a regular expression becomes: states that wait for characters (Thompson's construction), whose number is bounded. Its parser
 * puts them together of fragments, parts of the expression with one way in and one way out; a bounded repetition is the fragment
 * so many times. What a character is, a parser and who runs the states agree on.
 */

/** What a state waits for: a joint leads on at once, and a split two ways; a place lets pass where it is true. */
export const Wait = { Character: 0, Joint: 1, Split: 2, Place: 3, Match: 4 } as const

/** Of what place between two characters a state can say that it is at one. */
export const Place = {
  TextStart: 0,
  TextEnd: 1,
  LineStart: 2,
  LineEnd: 3,
  WordEdge: 4,
  NoWordEdge: 5,
  WordStart: 6,
  WordEnd: 7,
} as const

/** Why an expression is none: in the words of the library that Redis uses (TRE), where somebody is told. */
export class Refused extends Error {
  override readonly name = 'Refused'
}

/** One way in, and a last state whose `next` is the way out. */
export interface Fragment {
  readonly first: number
  readonly last: number
}

/** The states, in parallel arrays. */
export class Automaton<Taken> {
  readonly waits: number[] = []
  /** The next state, and the other one of a split; -1 where there is none yet. */
  readonly next: number[] = []
  readonly other: number[] = []
  /** The characters that a state takes; undefined where it takes none. */
  readonly taken: (Taken | undefined)[] = []
  readonly places: number[] = []
  start = 0
  readonly #statesMax: number
  readonly #made: (() => void) | undefined

  /** `made` is told of each state. */
  constructor(statesMax: number, made?: () => void) {
    this.#statesMax = statesMax
    this.#made = made
  }

  get size(): number {
    return this.waits.length
  }

  /** All that there is. */
  end({ first, last }: Fragment): this {
    this.next[last] = this.#state(Wait.Match)
    this.start = first
    return this
  }

  /** @throws Refused */
  #state(wait: number, taken?: Taken, place = 0): number {
    if (this.size >= this.#statesMax) throw new Refused('Out of memory')
    this.#made?.()
    this.waits.push(wait)
    this.next.push(-1)
    this.other.push(-1)
    this.taken.push(taken)
    this.places.push(place)
    return this.size - 1
  }

  /** A way through without a character. */
  empty(): Fragment {
    const joint = this.#state(Wait.Joint)
    return { first: joint, last: joint }
  }

  taking(taken: Taken): Fragment {
    const state = this.#state(Wait.Character, taken)
    return { first: state, last: state }
  }

  saying(place: number): Fragment {
    const state = this.#state(Wait.Place, undefined, place)
    return { first: state, last: state }
  }

  /** One behind the other. */
  sequence(left: Fragment, right: Fragment): Fragment {
    this.next[left.last] = right.first
    return { first: left.first, last: right.last }
  }

  either(left: Fragment, right: Fragment): Fragment {
    const first = this.#split(left.first, right.first)
    const { last } = this.empty()
    this.next[left.last] = last
    this.next[right.last] = last
    return { first, last }
  }

  /** Any number of times, or at least once. */
  star(fragment: Fragment, once: boolean): Fragment {
    const { last } = this.empty()
    const split = this.#split(fragment.first, last)
    this.next[fragment.last] = split
    return { first: once ? fragment.first : split, last }
  }

  optional(fragment: Fragment): Fragment {
    const { last } = this.empty()
    const first = this.#split(fragment.first, last)
    this.next[fragment.last] = last
    return { first, last }
  }

  /** A fragment, whose states are all from `low` on, so many times; `most` may be Infinity. */
  times(fragment: Fragment, low: number, least: number, most: number): Fragment {
    const high = this.size
    let whole = this.empty()
    if (most === 0) return whole
    const isOpen = most === Infinity
    const fragments = [fragment]
    for (let i = 1; i < (isOpen ? least : most); i++) fragments.push(this.#copy(fragment, low, high))
    for (const [i, part] of fragments.entries()) {
      const isLast = i === fragments.length - 1
      const repeated = isOpen && isLast ? this.star(part, least > 0) : i < least ? part : this.optional(part)
      whole = this.sequence(whole, repeated)
    }
    return whole
  }

  #split(next: number, other: number): number {
    const split = this.#state(Wait.Split)
    this.next[split] = next
    this.other[split] = other
    return split
  }

  /** The same as a fragment whose states are those from `low` to before `high`, with its way out open. */
  #copy(fragment: Fragment, low: number, high: number): Fragment {
    const { waits, next, other, taken, places } = this
    const shift = this.size - low
    for (let i = low; i < high; i++) {
      const state = this.#state(waits[i], taken[i], places[i])
      if (next[i] !== -1) next[state] = next[i] + shift
      if (other[i] !== -1) other[state] = other[i] + shift
    }
    return { first: fragment.first + shift, last: fragment.last + shift }
  }
}
