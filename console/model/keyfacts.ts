/** Type, time to live and size of keys, asked for when they come into view, many in one request. */
import type { Bytes } from '../wire/bytes.ts'
import { Failure, type Reply, Status } from '../wire/resp.ts'
import type { Rest } from '../wire/rest.ts'
import { Observable } from './observable.ts'

export interface KeyFacts {
  /** As TYPE names it; 'none' for a key that is no more. */
  readonly type: string
  /** Unix ms at which it ends; -1 without an end. */
  readonly expiresAt: number
  /** -1 where the store does not say. */
  readonly sizeBytes: number
}

/** What is in view is asked for when that has rested for so long, and in any case after the longer time. */
const WAIT_MS = 60
const LATEST_MS = 400
/** Kept for so many keys. */
const KEPT = 20_000

export class KeyFactsCache extends Observable {
  readonly #rest: Rest
  readonly #known = new Map<Bytes, KeyFacts>()
  readonly #wanted = new Set<Bytes>()
  #timer: ReturnType<typeof setTimeout> | undefined
  /** Since when something is wanted that was not asked for. By `performance.now()`. */
  #wantedSince = 0

  constructor(rest: Rest) {
    super()
    this.#rest = rest
  }

  get(key: Bytes): KeyFacts | undefined {
    return this.#known.get(key)
  }

  /** What is in view: what is not known of it will be. */
  want(keys: readonly Bytes[]): void {
    this.#wanted.clear()
    for (const key of keys) if (!this.#known.has(key)) this.#wanted.add(key)
    const now = performance.now()
    if (this.#timer === undefined) this.#wantedSince = now
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#wanted.size === 0) return
    const latest = Math.max(0, this.#wantedSince + LATEST_MS - now)
    this.#timer = setTimeout(() => this.#ask(), Math.min(WAIT_MS, latest))
  }

  /** Forgets what is known of some keys, or of all. */
  forget(keys?: Iterable<Bytes>): void {
    if (keys === undefined) this.#known.clear()
    else for (const key of keys) this.#known.delete(key)
    this.changed()
  }

  #ask(): void {
    this.#timer = undefined
    const keys = [...this.#wanted]
    this.#wanted.clear()
    factsOf(this.#rest, keys).then(
      (facts) => {
        if (this.#known.size > KEPT) this.#known.clear()
        facts.forEach((each, i) => {
          this.#known.set(keys[i], each)
        })
        this.changed()
      },
      () => {}, // the list shows no figures where there are none; what the reason is, it tells when it is asked itself
    )
  }
}

/** @throws RestError */
export async function factsOf(rest: Rest, keys: readonly Bytes[]): Promise<KeyFacts[]> {
  const replies = await rest.pipeline(
    keys.flatMap((key) => [
      ['TYPE', key],
      ['PTTL', key],
      ['MEMORY', 'USAGE', key, 'SAMPLES', '5'],
    ]),
  )
  const now = Date.now()
  return keys.map((_, i) => {
    const [type, ttl, size] = replies.slice(i * 3, i * 3 + 3)
    return {
      type: typeNameOf(type),
      expiresAt: typeof ttl === 'number' && ttl >= 0 ? now + ttl : -1,
      sizeBytes: typeof size === 'number' ? size : -1,
    }
  })
}

function typeNameOf(reply: Reply): string {
  if (reply instanceof Status) return reply.text
  return typeof reply === 'string' ? reply : reply instanceof Failure ? 'unknown' : 'none'
}
