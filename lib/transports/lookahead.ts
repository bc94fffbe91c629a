/**
 * Clients' commands, decoded some time ahead of their run. A look-up of a key is mostly waiting for memory, once for the slot,
 * once for the entry, once for the key; the waits of many commands overlap if their keys are looked up together. So before
 * the first command of a group runs, the keys of all are brought into the processor's cache (as Valkey 8 does). Those that
 * the database has are not made anew, either: the command gets the string that is there. A group is what one client has
 * sent at once, or what many have that sent one command each (turn.ts).
 *
 * Where the keys of a command stand is known from its line of the table, as far as that can be told while the arguments come
 * in. Where one is none, or another database is selected meanwhile, a little work was in vain and nothing else happens.
 */
import type { Bytes } from '../base/bytes.ts'
import type { CommandTable } from '../commands/table.ts'
import type { Db } from '../keyspace/db.ts'
import { KEYS_AHEAD, readKeys } from '../keyspace/table/ahead.ts'
import { Decoder, KEY_MAX, type KeyPlaces, type KeyReader, ProtocolError } from '../protocol/decode.ts'

/** Most commands of a client's group. */
const GROUP = 16
/** A group ends with the command that exceeds this, so that a client's large values do not stand in memory together. */
const GROUP_BYTES = 64 * 1024

/** A command of more arguments is a group by itself, if they are keys, and otherwise takes its time elsewhere. */
const LONE_MAX = 8

type Decoded = Bytes[] | ProtocolError

const NO_ARGUMENTS: Bytes[] = []
const NO_BYTES = Buffer.alloc(0)

/** Takes note of keys where they stand, and reads them together. */
export class KeysAhead implements KeyReader {
  readonly #table: CommandTable
  /** Where the keys will be looked up. */
  #db: Db | undefined
  /** The keys that were noted: where they stand, and where in their commands they are to go. */
  readonly #buffers: Buffer[] = new Array(KEYS_AHEAD).fill(NO_BYTES)
  readonly #starts = new Int32Array(KEYS_AHEAD)
  readonly #ends = new Int32Array(KEYS_AHEAD)
  readonly #indexes = new Int32Array(KEYS_AHEAD)
  /** 1 for those whose values will be read. */
  readonly #areRead = new Uint8Array(KEYS_AHEAD)
  #keyCount = 0
  /** The commands, each with the number of keys that were noted up to its last. */
  readonly #argvs: Bytes[][] = new Array(KEYS_AHEAD).fill(NO_ARGUMENTS)
  readonly #keysUpTo = new Int32Array(KEYS_AHEAD)
  #commandCount = 0
  /** Copies of keys, KEY_MAX bytes for each, and how many of the first ones are copied. */
  readonly #copies = Buffer.allocUnsafeSlow(KEYS_AHEAD * KEY_MAX)
  #copied = 0

  constructor(table: CommandTable) {
    this.#table = table
  }

  placesOf(name: Bytes): KeyPlaces | undefined {
    return this.#table.find(name)?.keyPlaces
  }

  /** The keys that are noted next will be looked up there. */
  lookIn(db: Db): void {
    if (db === this.#db) return
    this.finish()
    this.#db = db
  }

  read(argv: Bytes[], index: number, buffer: Buffer, start: number, end: number, isRead: boolean): void {
    if (this.#keyCount === KEYS_AHEAD) this.finish()
    const key = this.#keyCount++
    this.#buffers[key] = buffer
    this.#starts[key] = start
    this.#ends[key] = end
    this.#indexes[key] = index
    this.#areRead[key] = isRead ? 1 : 0
    if (this.#commandCount === 0 || this.#argvs[this.#commandCount - 1] !== argv) {
      this.#argvs[this.#commandCount++] = argv
    }
    this.#keysUpTo[this.#commandCount - 1] = this.#keyCount
  }

  /** Copies the keys that were noted: their buffers are about to be another's. */
  copy(): void {
    const copies = this.#copies
    for (; this.#copied < this.#keyCount; this.#copied++) {
      const key = this.#copied
      const buffer = this.#buffers[key]
      const start = this.#starts[key]
      const length = this.#ends[key] - start
      const to = key * KEY_MAX
      for (let i = 0; i < length; i++) copies[to + i] = buffer[start + i]
      this.#buffers[key] = copies
      this.#starts[key] = to
      this.#ends[key] = to + length
    }
  }

  /** Puts the keys that were noted into their places. */
  finish(): void {
    const count = this.#keyCount
    if (count === 0) return
    const keys = readKeys(this.#db!.table, this.#buffers, this.#starts, this.#ends, this.#areRead, count)
    let key = 0
    for (let i = 0; i < this.#commandCount; i++) {
      const argv = this.#argvs[i]
      this.#argvs[i] = NO_ARGUMENTS
      for (; key < this.#keysUpTo[i]; key++) {
        argv[this.#indexes[key]] = keys[key]
        this.#buffers[key] = NO_BYTES
      }
    }
    this.#keyCount = 0
    this.#commandCount = 0
    this.#copied = 0
  }
}

export class LookAhead {
  readonly decoder: Decoder
  readonly #keys: KeysAhead
  readonly #group: Decoded[] = []
  #position = 0
  /** What `decodesAlone` has decoded. */
  #first: Decoded | undefined

  /** @param keys may be that of other clients too */
  constructor(bulkMax: number, keys: KeysAhead) {
    this.#keys = keys
    this.decoder = new Decoder(bulkMax, keys)
  }

  /** Bytes of commands that were decoded and not yet returned. */
  get pendingBytes(): number {
    let bytes = 0
    for (let i = this.#position; i < this.#group.length; i++) bytes += bytesOf(this.#group[i])
    return bytes
  }

  /** True if what comes next stands in the decoder's buffer, and its client may see what there is. */
  get hasPlaces(): boolean {
    const { decoder } = this
    return !decoder.drained && !decoder.restricted && this.#group.length === 0 && this.#first === undefined
  }

  /** True if there are bytes of another command. */
  get hasMore(): boolean {
    return this.#group.length !== 0 || !this.decoder.drained
  }

  /**
   * Decodes the next command, if nothing was before, and says whether it is short and all there is. If so, its keys are read
   * by the next `finish` of the keys, which may come when the buffer is another's, and then `next` gives it.
   */
  decodesAlone(db: Db): boolean {
    const { decoder } = this
    this.#keys.lookIn(db)
    const first = decoder.next()
    this.#first = first
    if (first === undefined || first instanceof ProtocolError || first.length > LONE_MAX) return false
    if (!decoder.drained || decoder.restricted) return false
    this.#keys.copy()
    return true
  }

  /** Gives a command that was decoded elsewhere, as the next. */
  put(argv: Bytes[]): void {
    this.#first = argv
  }

  /** As `Decoder.next`; `db` is where the commands will look for their keys. `isLone`: those behind it are not decoded yet. */
  next(db: Db, isLone = false): Decoded | undefined {
    if (this.#position < this.#group.length) return this.#take()
    const { decoder } = this
    this.#keys.lookIn(db)
    const first = this.#first ?? decoder.next()
    this.#first = undefined
    // Who has not authenticated is held to short commands until he has, so nothing is decoded before.
    const isAlone =
      isLone || first === undefined || decoder.drained || decoder.restricted || first instanceof ProtocolError
    if (!isAlone) this.#decodeGroup(first)
    this.#keys.finish()
    return isAlone ? first : this.#take()
  }

  #decodeGroup(first: Bytes[]): void {
    const { decoder } = this
    const group = this.#group
    const before = decoder.pendingBytes
    for (let next: Decoded | undefined = first; next !== undefined; next = decoder.next()) {
      const isLast = group.push(next) === GROUP || next instanceof ProtocolError
      if (isLast || before - decoder.pendingBytes > GROUP_BYTES) return
    }
  }

  #take(): Decoded {
    const next = this.#group[this.#position++]
    if (this.#position === this.#group.length) {
      this.#group.length = 0
      this.#position = 0
    }
    return next
  }
}

function bytesOf(decoded: Decoded): number {
  let bytes = 0
  if (!(decoded instanceof ProtocolError)) for (let i = 0; i < decoded.length; i++) bytes += decoded[i].length
  return bytes
}
