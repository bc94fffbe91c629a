/**
 * What keys weigh, from a sample. SCAN goes by the hash of the names, so the first keys that it finds are a random draw of all, and what
 * they weigh says what all weigh, within an interval that is given with it. Who looks at all keys knows it exactly.
 */
import { Observable } from '../model/observable.ts'
import type { Bytes } from '../wire/bytes.ts'
import { Failure, Status } from '../wire/resp.ts'
import type { Rest } from '../wire/rest.ts'

interface Weighed {
  readonly key: Bytes
  readonly bytes: number
}

export interface Estimate {
  readonly prefix: Bytes
  /** Keys that were looked at. */
  readonly seen: number
  /** Of all keys, about. */
  readonly keys: number
  readonly bytes: number
  /** The bytes are with 95 % within so many of `bytes`; 0 where all keys were looked at. */
  readonly marginBytes: number
  readonly largest: number
}

export interface BigKey extends Weighed {
  readonly type: string
}

const STEP = 500
const BIGGEST = 50
/** Prefixes that are told apart; the others are one. */
const PREFIXES_MAX = 5000
/** Of a normal distribution 95 % lie within so many standard deviations. */
const Z = 1.96

/** What has no prefix. */
export const NO_PREFIX = ''

export class MemorySample extends Observable {
  readonly #rest: Rest
  readonly #weighed: Weighed[] = []
  #cursor = '0'
  #stops = false
  /** All keys of the database. */
  total = 0
  isRunning = false
  isComplete = false
  error = ''
  biggest: readonly BigKey[] = []

  constructor(rest: Rest) {
    super()
    this.#rest = rest
  }

  get seen(): number {
    return this.#weighed.length
  }

  stop(): void {
    this.#stops = true
  }

  /** Looks at so many more keys, or at all that are left. What goes wrong stands in `error`. */
  async more(count: number): Promise<void> {
    if (this.isRunning || this.isComplete) return
    const wanted = this.seen + count
    this.isRunning = true
    this.#stops = false
    this.error = ''
    this.changed()
    try {
      this.total = Number(await this.#rest.run('DBSIZE'))
      while (this.seen < wanted && !this.isComplete && !this.#stops) {
        await this.#step()
        this.changed()
      }
      this.biggest = await this.#named()
    } catch (error) {
      this.error = (error as Error).message
    }
    this.isRunning = false
    this.changed()
  }

  async #step(): Promise<void> {
    const [cursor, keys] = (await this.#rest.run('SCAN', this.#cursor, 'COUNT', STEP)) as [Bytes, Bytes[]]
    const sizes = await this.#rest.pipeline(keys.map((key) => ['MEMORY', 'USAGE', key]))
    const failed = sizes.find((size) => size instanceof Failure)
    if (failed instanceof Failure) throw new Error(failed.text)
    keys.forEach((key, i) => {
      const bytes = sizes[i]
      if (typeof bytes === 'number') this.#weighed.push({ key, bytes })
    })
    this.#cursor = cursor
    this.isComplete = cursor === '0'
    if (this.isComplete) this.total = this.seen
  }

  async #named(): Promise<BigKey[]> {
    const biggest = [...this.#weighed].sort((one, other) => other.bytes - one.bytes).slice(0, BIGGEST)
    const types = await this.#rest.pipeline(biggest.map(({ key }) => ['TYPE', key]))
    return biggest.map((each, i) => ({ ...each, type: nameOf(types[i]) }))
  }

  /** All keys together, and those below each prefix of so many parts, the heaviest first. */
  estimates(parts: number): readonly [all: Estimate, ...byPrefix: Estimate[]] {
    const groups = new Map<Bytes, Weighed[]>()
    for (const each of this.#weighed) {
      const name = prefixOf(each.key, parts)
      const prefix = groups.has(name) || groups.size < PREFIXES_MAX ? name : NO_PREFIX
      const group = groups.get(prefix)
      if (group === undefined) groups.set(prefix, [each])
      else group.push(each)
    }
    const byPrefix = [...groups]
      .map(([prefix, group]) => estimate(prefix, group, this.seen, this.total))
      .sort((one, other) => other.bytes - one.bytes)
    return [estimate(NO_PREFIX, this.#weighed, this.seen, this.total), ...byPrefix]
  }
}

/**
 * A group's share of the draw, times all keys. Keys of others count as 0 bytes, so that the margin holds both what is not known of the
 * size of the group and what is not known of the weight of its keys.
 */
export function estimate(prefix: Bytes, group: readonly Weighed[], seen: number, total: number): Estimate {
  let [sum, squares, largest] = [0, 0, 0]
  for (const { bytes } of group) {
    sum += bytes
    squares += bytes * bytes
    largest = Math.max(largest, bytes)
  }
  const scale = seen === 0 ? 0 : total / seen
  const variance = seen < 2 ? 0 : Math.max(0, (squares - (sum * sum) / seen) / (seen - 1))
  const left = total === 0 ? 0 : Math.max(0, 1 - seen / total)
  return {
    prefix,
    seen: group.length,
    keys: Math.round(group.length * scale),
    bytes: Math.round(sum * scale),
    marginBytes: seen === 0 ? 0 : Math.round(Z * total * Math.sqrt((variance / seen) * left)),
    largest,
  }
}

/** `a:b:` of `a:b:c` for two parts; '' where it has none. */
export function prefixOf(key: Bytes, parts: number): Bytes {
  let end = 0
  for (let i = 0; i < parts; i++) {
    const next = key.indexOf(':', end)
    if (next === -1) break
    end = next + 1
  }
  return key.slice(0, end)
}

function nameOf(type: unknown): string {
  return type instanceof Status ? type.text : typeof type === 'string' ? type : 'unknown'
}
