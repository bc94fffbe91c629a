/**
 * The keys of the store as SCAN finds them, a part at a time: never all at once, never KEYS. What SCAN names twice stands here
 * once. Each filter is a scan of its own.
 */
import type { Bytes } from '../wire/bytes.ts'
import { Failure, type Reply } from '../wire/resp.ts'
import type { Rest } from '../wire/rest.ts'
import { patternOf } from './glob.ts'
import { Observable } from './observable.ts'

export type Expiry = 'any' | 'some' | 'none' | 'soon'

export interface Filter {
  /** As typed. */
  readonly pattern: string
  /** A name of TYPE, or ''. */
  readonly type: string
  readonly expiry: Expiry
}

export const EVERYTHING: Filter = { pattern: '', type: '', expiry: 'any' }

/** Keys that are looked at in one step. A filter lets few through, so its steps are long. */
const STEP = 1000
const LONG_STEP = 5000
/** Who wants so many has them in long steps, too. */
const MANY = 100_000
/** The page is shown what there is so often, and more seldom where that is much. */
const SHOW_MS = 100
const SHOW_MS_EACH = 1 / 2000

const SOON_MS = 3_600_000

export class KeyScan extends Observable {
  /** It grows; where something is taken out, it is another. */
  keys: Bytes[] = []
  readonly #seen = new Set<Bytes>()
  readonly #rest: Rest
  readonly #filter: Filter
  #cursor: string | undefined = '0'
  #stops = false
  isScanning = false
  error = ''

  constructor(rest: Rest, filter: Filter) {
    super()
    this.#rest = rest
    this.#filter = filter
  }

  get isComplete(): boolean {
    return this.#cursor === undefined
  }

  /** Goes on until so many more keys are there, or all. What goes wrong stands in `error`. */
  async more(count: number): Promise<void> {
    if (this.isScanning || this.isComplete) return
    const wanted = this.keys.length + count
    this.isScanning = true
    this.#stops = false
    this.error = ''
    this.changed()
    // What is found first is shown at once.
    let shownAt = Number.NEGATIVE_INFINITY
    try {
      while (this.keys.length < wanted && !this.isComplete && !this.#stops) {
        await this.#step(count > MANY ? LONG_STEP : STEP)
        if (performance.now() - shownAt < SHOW_MS + this.keys.length * SHOW_MS_EACH) continue
        this.changed()
        shownAt = performance.now()
      }
    } catch (error) {
      this.error = (error as Error).message
    }
    this.isScanning = false
    this.changed()
  }

  stop(): void {
    this.#stops = true
  }

  /** Takes keys out that are no more. */
  remove(keys: ReadonlySet<Bytes>): void {
    this.keys = this.keys.filter((key) => !keys.has(key))
    for (const key of keys) this.#seen.delete(key)
    this.changed()
  }

  /** Puts a key in that is new. */
  add(key: Bytes): void {
    if (this.#put(key)) this.changed()
  }

  async #step(step: number): Promise<void> {
    const { pattern, type, expiry } = this.#filter
    const isFiltered = pattern !== '' || type !== ''
    const options = ['COUNT', isFiltered ? LONG_STEP : step]
    if (pattern !== '') options.push('MATCH', patternOf(pattern))
    if (type !== '') options.push('TYPE', type)
    const [cursor, found] = (await this.#rest.run('SCAN', this.#cursor!, ...options)) as [Bytes, Bytes[]]
    const keys = expiry === 'any' ? found : await this.#expiring(found, expiry)
    this.#cursor = cursor === '0' ? undefined : cursor
    for (const key of keys) this.#put(key)
  }

  async #expiring(keys: readonly Bytes[], expiry: Expiry): Promise<Bytes[]> {
    const ttls = await this.#rest.pipeline(keys.map((key) => ['PTTL', key]))
    return keys.filter((_, i) => fits(ttls[i], expiry))
  }

  #put(key: Bytes): boolean {
    if (this.#seen.has(key)) return false
    this.#seen.add(key)
    this.keys.push(key)
    return true
  }
}

function fits(ttl: Reply, expiry: Expiry): boolean {
  if (ttl instanceof Failure || typeof ttl !== 'number') return false
  if (expiry === 'none') return ttl === -1
  return ttl >= 0 && (expiry === 'some' || ttl <= SOON_MS)
}
