/**
 * Whether there is data to speak of: a replica that loads what its master has sent has none yet, or that of before; one
 * that has lost its master may have been told not to show what it has (`replica-serve-stale-data no`). Who knows says so; the
 * guards read the answer, which is worked out on a change and not for each command.
 */
import { LOADING, MASTER_DOWN } from '../base/errors.ts'
import type { ReplyError } from '../base/reply.ts'
import { Flag } from '../commands/command.ts'
import { Concern, type Concerns } from './concerns.ts'

/** `async`: the data of before is served while other data is loaded. */
export type Loading = 'no' | 'yes' | 'async'

export class Availability {
  readonly #concerns: Concerns
  #loading: Loading = 'no'
  #isStale = false

  constructor(concerns: Concerns) {
    this.#concerns = concerns
  }

  get loading(): Loading {
    return this.#loading
  }

  set loading(loading: Loading) {
    this.#loading = loading
    this.#settle()
  }

  /** There is a master, it is away, and what is here is not to be shown. */
  get isStale(): boolean {
    return this.#isStale
  }

  set isStale(isStale: boolean) {
    this.#isStale = isStale
    this.#settle()
  }

  /** What a command with these flags is answered instead; undefined if it may run. */
  refusal(flags: number): ReplyError | undefined {
    if (this.#isStale && !(flags & Flag.Stale)) return MASTER_DOWN
    if (this.#loading === 'yes' && !(flags & Flag.Loading)) return LOADING
    return this.#loading === 'async' && flags & Flag.NoAsyncLoading ? LOADING : undefined
  }

  #settle(): void {
    this.#concerns.set(Concern.Unavailable, this.#isStale || this.#loading !== 'no')
  }
}
