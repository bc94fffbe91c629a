/**
 * Failed authentications, counted per address, whichever door they came to. After `auth-throttle-after` of them each costs
 * time: its connection is not read any more, answered after 50 ms, after twice as long with each failure, up to
 * `auth-throttle-max-delay`, and ended; and each new connection of the address that has to say who it is waits for as long
 * before it is read at all. That is the longest that anyone has to wait who knows his password. A failure is forgiven after
 * `FORGIVEN_MS`.
 *
 * The addresses of one IPv6 network (/64) are one, as one host may use them all. Of more than `ADDRESSES_MAX` addresses
 * those are forgotten that have not failed for longest.
 */
import type { Bytes } from '../base/bytes.ts'
import type { Clock } from '../base/clock.ts'
import type { Directives } from '../config/config.ts'
import type { Session } from './session.ts'

const FIRST_DELAY_MS = 50
const FORGIVEN_MS = 5000
const ADDRESSES_MAX = 10_000

interface Failures {
  count: number
  /** Unix ms up to which forgiving is counted in. */
  at: number
}

export class AuthFailures {
  readonly #clock: Clock
  readonly #config: Directives
  /** Called when an address begins to be delayed. */
  readonly #onThrottled: (address: Bytes) => void
  /** In the order of the last failure. */
  readonly #addresses = new Map<Bytes, Failures>()

  constructor(clock: Clock, config: Directives, onThrottled: (address: Bytes) => void) {
    this.#clock = clock
    this.#config = config
    this.#onThrottled = onThrottled
  }

  /** Number of addresses that are remembered. */
  get size(): number {
    return this.#addresses.size
  }

  /** False for one that is being held: what it tries meanwhile, within a transaction, is not even looked at. */
  mayTry(session: Session): boolean {
    return session.link.isHeld !== true
  }

  /** Counts a failure of a client and has its connection held. Code in the same process needs no password. */
  failed(session: Session): void {
    if (session.door === 'inprocess') return
    const ms = this.failedAt(session.addr)
    if (ms > 0) session.link.hold?.(ms)
  }

  /** Counts a failure from an address (`address:port`); ms for which its connection is to be held. O(1). */
  failedAt(addr: Bytes): number {
    const address = hostOf(addr)
    const free = this.#config['auth-throttle-after']
    const before = this.#current(address)
    // What is counted beyond the longest delay would only make forgiving longer.
    const count = Math.min(before + 1, free + this.#steps())
    this.#addresses.delete(address)
    this.#addresses.set(address, { count, at: this.#clock.now() })
    if (this.#addresses.size > ADDRESSES_MAX) this.#addresses.delete(this.#addresses.keys().next().value!)
    if (before === free && count > free) this.#onThrottled(address)
    return this.#delay(count)
  }

  /** ms for which a new connection from an address (`address:port`) is to be held. O(1). */
  delayAt(addr: Bytes): number {
    return this.#addresses.size === 0 ? 0 : this.#delay(this.#current(hostOf(addr)))
  }

  /** Failures that are not forgiven yet. */
  #current(address: Bytes): number {
    const failures = this.#addresses.get(address)
    if (failures === undefined) return 0
    const now = this.#clock.now()
    if (failures.at > now) failures.at = now // the time of day was set back
    const forgiven = Math.floor((now - failures.at) / FORGIVEN_MS)
    if (forgiven > 0) {
      failures.count -= forgiven
      failures.at += forgiven * FORGIVEN_MS
    }
    if (failures.count > 0) return failures.count
    this.#addresses.delete(address)
    return 0
  }

  #delay(count: number): number {
    const over = count - this.#config['auth-throttle-after']
    return over <= 0 ? 0 : Math.min(FIRST_DELAY_MS * 2 ** (over - 1), this.#config['auth-throttle-max-delay'])
  }

  /** Failures over the free ones that bring the longest delay. */
  #steps(): number {
    const longest = this.#config['auth-throttle-max-delay']
    return longest <= FIRST_DELAY_MS ? 1 : Math.ceil(Math.log2(longest / FIRST_DELAY_MS)) + 1
  }
}

/** `10.0.0.1:5` -> `10.0.0.1`, `[2001:db8::1]:5` -> `2001:db8:0:0`. */
function hostOf(addr: Bytes): Bytes {
  const host = addr.slice(0, Math.max(addr.lastIndexOf(':'), 0))
  if (!host.startsWith('[')) return host
  const [left, right] = host
    .slice(1, -1)
    .split('::')
    .map((part) => (part === '' ? [] : part.split(':')))
  const zeros = right === undefined ? 0 : 8 - left.length - right.length
  return [...left, ...Array<string>(Math.max(zeros, 0)).fill('0'), ...(right ?? [])].slice(0, 4).join(':')
}
