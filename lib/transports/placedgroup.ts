/**
 * Commands run without a string for any argument: those that take them by their places (see `PlacedForm`), as long as nothing
 * in the store or about the client wants text (see `Engine.takesPlaces`), and a store that is shared lets them. They are
 * decoded in groups, and what their keys' look-ups will read is asked for before, as in lookahead.ts.
 *
 * A group is what one client has sent at once: all of it runs within the read, so the places stay good, and what was decoded
 * and is not to run now goes back to the decoder (`decode`, `run`). Or it is what many clients have sent that sent one command each,
 * which run at the end of the turn: they are copied (`take`, `runOne`).
 */
import type { Bytes } from '../base/bytes.ts'
import { Places } from '../base/places.ts'
import type { Command } from '../commands/command.ts'
import { fits } from '../commands/placed.ts'
import { PlacedNames } from '../commands/placednames.ts'
import type { Engine } from '../engine/engine.ts'
import { runPlaced, storeLets } from '../engine/placedrun.ts'
import type { Db } from '../keyspace/db.ts'
import { PLACES_AHEAD, touchPlaces } from '../keyspace/table/ahead.ts'
import { hashOfBytes } from '../keyspace/table/keyhash.ts'
import type { Decoder } from '../protocol/decode.ts'
import type { Encoder } from '../protocol/encode.ts'
import { ReplyBuffer } from '../protocol/replybuffer.ts'
import type { Session } from '../session/session.ts'
import type { LookAhead } from './lookahead.ts'
import { PIECE_BYTES } from './outqueue.ts'

/** Most commands of one client's group, and of any. */
const GROUP = 16
const COMMANDS_MAX = 64
/** Room for copies. A command that finds none is not taken. */
const COPIES_BYTES = 32 * 1024
const NO_BYTES = Buffer.alloc(0)

/** Instead of the number of a command that was taken. */
export const NOT_TAKEN = -1
export const FOLLOWED = -2

/** Whose commands are run. */
export interface PlacedClient {
  /** False from when it is not to be served further, because it does not read or is cut. */
  readonly goesOn: boolean
}

export class PlacedGroup {
  readonly #engine: Engine
  readonly #places = new Places()
  readonly #out = new ReplyBuffer()
  readonly #commands: Command[] = []
  /** By command: the index of its first place, how many it has, and where it begins in the decoder's buffer. */
  readonly #firsts = new Int32Array(COMMANDS_MAX)
  readonly #counts = new Int32Array(COMMANDS_MAX)
  readonly #offsets = new Int32Array(COMMANDS_MAX)
  #count = 0
  /** Places in use. */
  #placeCount = 0
  /** Indexes of the places that are keys. */
  readonly #keys = new Int32Array(PLACES_AHEAD)
  #keyCount = 0
  #copies = NO_BYTES
  #copied = 0
  /** Where the keys of copies are looked up, for the most of them. */
  #db: Db | undefined
  /** What was taken is being run: nothing is taken meanwhile. */
  #isRunning = false
  #names: PlacedNames | undefined
  /** The store that is shared did not let run what was decoded last: when the first of it has waited as text, it may let the others. */
  isRefused = false

  constructor(engine: Engine) {
    this.#engine = engine
  }

  /** Decodes commands that can run by places, up to the first that cannot. Returns how many. */
  decode({ decoder, hasPlaces }: LookAhead, session: Session): number {
    this.isRefused = false
    if (!hasPlaces || !this.#engine.takesPlaces(session)) return 0
    this.clear()
    const p = this.#places
    p.use(decoder.buffer)
    while (this.#count < GROUP && this.#decodeOne(decoder)) this.#noteKeys()
    if (this.#count !== 0 && !this.#lets(session)) {
      decoder.offset = this.#offsets[0]
      this.isRefused = true
      return 0
    }
    if (this.#keyCount > 1) touchPlaces(session.db.table, p, this.#keys, this.#keyCount)
    return this.#count
  }

  /** Runs what was decoded, or as much of it as may run. Returns the key of the last long reply, if there was one. */
  run(client: PlacedClient, decoder: Decoder, session: Session, encoder: Encoder): Bytes | undefined {
    const engine = this.#engine
    const out = this.#out
    let longKey: Bytes | undefined
    encoder.proto = session.proto
    out.begin(encoder, this.#count === 1)
    for (let i = 0; i < this.#count; i++) {
      if (i !== 0 && (!client.goesOn || engine.stopwatch.isSliceOver || !engine.takesPlaces(session))) {
        decoder.offset = this.#offsets[i]
        break
      }
      const p = this.#open(i)
      runPlaced(engine, session, this.#commands[i], p, out)
      if (out.longest <= PIECE_BYTES) continue
      longKey = p.text(1)
      out.longest = 0
    }
    out.end()
    return longKey
  }

  /**
   * Takes the next command, if it can run by places and nothing comes behind it. It is copied: its buffer is about to be another's.
   * Returns its number, or NOT_TAKEN, or FOLLOWED if it could if it were alone.
   */
  take({ decoder, hasPlaces }: LookAhead, session: Session): number {
    if (!hasPlaces || !this.#engine.takesPlaces(session)) return NOT_TAKEN
    const { offset, buffer } = decoder
    if (this.#isRunning || this.#count === COMMANDS_MAX) return NOT_TAKEN
    const command = this.#decodeNamed(decoder)
    if (command === undefined) return NOT_TAKEN
    const length = decoder.offset - offset
    const isFollowed = !decoder.drained || this.#copied + length > COPIES_BYTES
    if (!isFollowed) this.#copy(buffer, offset, length)
    if (isFollowed || !command.placed!.suits(this.#places)) {
      decoder.offset = offset
      return isFollowed ? FOLLOWED : NOT_TAKEN
    }
    this.#copied += length
    this.#add(command, offset)
    this.#noteKeys()
    this.#db = session.db
    return this.#count - 1
  }

  /** All that were taken will run now: reads in advance what their look-ups will read. */
  begin(): void {
    this.#isRunning = true
    if (this.#keyCount > 1) touchPlaces(this.#db!.table, this.#places, this.#keys, this.#keyCount)
  }

  /** Runs one that was taken. Returns its key if its reply was long. */
  runOne(index: number, session: Session, encoder: Encoder): Bytes | undefined {
    const out = this.#out
    const p = this.#open(index)
    encoder.proto = session.proto
    out.begin(encoder, true)
    runPlaced(this.#engine, session, this.#commands[index], p, out)
    out.end()
    return out.longest > PIECE_BYTES ? p.text(1) : undefined
  }

  /** Whether one that was taken may run so, which is to be asked right before. */
  mayRun(index: number, session: Session): boolean {
    const engine = this.#engine
    return engine.takesPlaces(session) && storeLets(engine, session, this.#commands[index].flags)
  }

  /** One that was taken, as text. */
  argvOf(index: number): Bytes[] {
    return this.#open(index).argv()
  }

  /** Forgets them. */
  clear(): void {
    this.#isRunning = false
    this.#count = this.#placeCount = this.#keyCount = this.#copied = 0
  }

  /** Whether a store that is shared lets all that was decoded run. */
  #lets(session: Session): boolean {
    if (this.#engine.shared === undefined) return true
    let flags = 0
    for (let i = 0; i < this.#count; i++) flags |= this.#commands[i].flags
    return storeLets(this.#engine, session, flags)
  }

  #open(index: number): Places {
    const p = this.#places
    p.first = this.#firsts[index]
    p.count = this.#counts[index]
    return p
  }

  /** Decodes one more of those whose places are in the decoder's buffer, if it can run by them. */
  #decodeOne(decoder: Decoder): boolean {
    const { offset } = decoder
    const command = this.#decodeNamed(decoder)
    if (command === undefined) return false
    if (command.placed!.suits(this.#places)) {
      this.#add(command, offset)
      return true
    }
    decoder.offset = offset
    return false
  }

  /** Decodes the next command, if it is one that takes places, and its arguments are those of one; they are not looked at yet. */
  #decodeNamed(decoder: Decoder): Command | undefined {
    const p = this.#places
    const { offset, buffer } = decoder
    const first = this.#placeCount
    const count = decoder.place(p, first)
    if (count === 0) return undefined
    p.first = first
    p.count = count
    this.#names ??= new PlacedNames(this.#engine.table)
    const command = this.#names.find(buffer, p.starts[first], p.ends[first])
    if (command !== undefined && fits(p, command)) return command
    decoder.offset = offset
    return undefined
  }

  /** Adds what `places` stands at. */
  #add(command: Command, offset: number): void {
    const { first, count } = this.#places
    this.#commands[this.#count] = command
    this.#firsts[this.#count] = first
    this.#counts[this.#count] = count
    this.#offsets[this.#count++] = offset
    this.#placeCount = first + count
  }

  /** Takes the hashes of the last command's keys. */
  #noteKeys(): void {
    const p = this.#places
    const { first, step } = this.#commands[this.#count - 1].keyPlaces
    const end = first === 0 ? 0 : step === 0 ? p.first + 2 : p.first + p.count
    for (let i = p.first + 1; i < end; i += step === 0 ? 1 : step) {
      p.hashes[i] = hashOfBytes(p.view, p.starts[i], p.ends[i])
      if (this.#keyCount < PLACES_AHEAD) this.#keys[this.#keyCount++] = i
    }
  }

  /** Copies the command that was decoded, and moves its places there. */
  #copy(buffer: Buffer, offset: number, length: number): void {
    if (this.#copies === NO_BYTES) this.#copies = Buffer.allocUnsafeSlow(COPIES_BYTES)
    const copies = this.#copies
    const p = this.#places
    const to = this.#copied
    p.use(copies)
    for (let i = 0; i < length; i++) copies[to + i] = buffer[offset + i]
    for (let i = p.first; i < p.first + p.count; i++) {
      p.starts[i] += to - offset
      p.ends[i] += to - offset
    }
  }
}
