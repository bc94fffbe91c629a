/**
 * The one stream of effects. What a command, a transaction or a script has changed becomes RESP bytes once, for all who
 * read them: the append-only file, replicas. Each of them is a `Feed` with its own kind of effects, its own selected database
 * and its own offset, since they begin at different times and not all take the same.
 *
 * - SELECT stands where the database changes; MULTI and EXEC stand around what must be kept whole if that is more than one
 *   effect, and SELECT stands within them, as since Redis 7.2.
 * - While there is no feed, the engine collects nothing.
 */
import { type Bytes, sliceOf } from '../base/bytes.ts'
import type { Places } from '../base/places.ts'
import { type Effect, type EffectListener, type PlacedListener, Target } from '../engine/effect.ts'
import type { Engine } from '../engine/engine.ts'
import { CommandParts, commandBytes, selectBytes } from './commandbytes.ts'

const MULTI = commandBytes(['MULTI'])
const EXEC = commandBytes(['EXEC'])

export interface FeedParts {
  /** OR of Target: the effects that it takes. */
  readonly targets: number
  /** Gets the stream in parts, which may end anywhere; a call of the engine never ends within a command or a transaction. */
  readonly take: (part: Bytes) => void
  /** The same of a part that stands in an array, from `start` to before `end`; without it a string is made. */
  readonly takeBytes?: (array: Uint8Array, start: number, end: number) => void
  /** Called before what belongs together; it may add something. */
  readonly begin?: () => void
}

/** One reader of the stream. */
export class Feed {
  readonly #parts: FeedParts
  readonly targets: number
  /** The database that is selected where its stream has come to; -1 if nobody knows, and SELECT must come first. */
  db = -1
  /** Bytes of its stream. */
  offset = 0
  /** `offset` behind the last effect: what was added by hand may stand behind that. */
  effectOffset = 0

  constructor(parts: FeedParts) {
    this.#parts = parts
    this.targets = parts.targets
  }

  /** Adds what is no effect. */
  add(part: Bytes): void {
    this.offset += part.length
    this.#parts.take(part)
  }

  /** Adds an effect that stands in an array. */
  addPlaced(db: number, array: Uint8Array, start: number, end: number): void {
    const { begin, take, takeBytes } = this.#parts
    begin?.()
    if (this.db !== db) this.add(selectBytes(db))
    this.db = db
    this.offset += end - start
    this.effectOffset = this.offset
    if (takeBytes === undefined) take(sliceOf(array, start, end))
    else takeBytes(array, start, end)
  }

  /** Adds effects that belong together, the first of which is of database `first` and the last of `last`. */
  addEffects(first: number, last: number, body: readonly Bytes[], isWrapped: boolean): void {
    this.#parts.begin?.()
    const head = (isWrapped ? MULTI : '') + (this.db === first ? '' : selectBytes(first))
    this.db = last
    this.add(head + body[0])
    for (let i = 1; i < body.length; i++) this.add(body[i])
    if (isWrapped) this.add(EXEC)
    this.effectOffset = this.offset
  }
}

export class Journal {
  readonly #engine: Engine
  readonly #feeds: Feed[] = []
  readonly #body = new CommandParts()
  readonly #listener: EffectListener = (effects, whole) => this.#take(effects, whole)

  readonly #placedListener: PlacedListener = (db, p) => this.#takePlaced(db, p)

  constructor(engine: Engine) {
    this.#engine = engine
  }

  /** From here on a feed gets what is changed. */
  add(feed: Feed): void {
    if (this.#feeds.push(feed) !== 1) return
    this.#engine.effectListeners.push(this.#listener)
    this.#engine.onPlaced = this.#placedListener
  }

  /** It gets nothing more. */
  remove(feed: Feed): void {
    const position = this.#feeds.indexOf(feed)
    if (position === -1) return
    this.#feeds.splice(position, 1)
    if (this.#feeds.length > 0) return
    const { effectListeners } = this.#engine
    effectListeners.splice(effectListeners.indexOf(this.#listener), 1)
    this.#engine.onPlaced = undefined
  }

  #take(effects: readonly Effect[], whole: boolean): void {
    let common: number = Target.All
    for (const { targets } of effects) common &= targets
    if (common === Target.All) this.#encode(effects)
    for (const feed of this.#feeds) {
      if (common === Target.All) this.#pass(feed, effects, whole)
      else this.#passSome(feed, effects, whole)
    }
    this.#body.clear()
  }

  #takePlaced(db: number, p: Places): boolean {
    if (!p.isPlain) return false
    for (const feed of this.#feeds) feed.addPlaced(db, p.bytes, p.commandStart, p.commandEnd)
    return true
  }

  /** Some of it is not for everybody. */
  #passSome(feed: Feed, effects: readonly Effect[], whole: boolean): void {
    const own = effects.filter(({ targets }) => (targets & feed.targets) !== 0)
    if (own.length === 0) return
    this.#body.clear()
    this.#encode(own)
    this.#pass(feed, own, whole)
  }

  #pass(feed: Feed, effects: readonly Effect[], whole: boolean): void {
    const last = effects.length - 1
    feed.addEffects(effects[0].db, effects[last].db, this.#body.parts, whole && last > 0)
  }

  /** Effects one after the other, with SELECT where the database changes between them. */
  #encode(effects: readonly Effect[]): void {
    const body = this.#body
    let { db: selected } = effects[0]
    for (const { db, argv } of effects) {
      if (db !== selected) body.raw(selectBytes(db))
      selected = db
      body.add(argv)
    }
    body.end()
  }
}
