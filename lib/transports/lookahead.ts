/**
 * A client's commands, decoded a few ahead of their run. A look-up of a key is mostly waiting for memory, once for the slot,
 * once for the entry, once for the key; the waits of a whole pipeline overlap if its keys are looked up together. So before
 * the first command of a group runs, the keys of all are brought into the processor's cache (as Valkey 8 does). Those that
 * the database has are not made anew, either: the command gets the string that is there.
 *
 * The first argument is taken for a key, which it is for nearly all commands, and the others are where the command says;
 * where they are none, or another database is selected meanwhile, a little work was in vain and nothing else happens.
 */
import type { Bytes } from '../bytes.ts'
import type { CommandTable } from '../commands/table.ts'
import type { Db } from '../keyspace/db.ts'
import { KEYS_AHEAD } from '../keyspace/dict.ts'
import { Decoder, type KeyPlaces, type KeyReader, ProtocolError } from '../protocol/decode.ts'

/** Most commands of a group. */
const GROUP = 16
/** A group ends with the command that exceeds this, so that a client's large values do not stand in memory together. */
const GROUP_BYTES = 64 * 1024

type Decoded = Bytes[] | ProtocolError

const NO_ARGUMENTS: Bytes[] = []
/**
 * The keys that were noted: where they stand, and where in their commands they are to go. All connections use the same, for
 * between two calls they are empty.
 */
const starts = new Int32Array(KEYS_AHEAD)
const ends = new Int32Array(KEYS_AHEAD)
const indexes = new Int32Array(KEYS_AHEAD)
/** The commands, each with the number of keys that were noted up to its last. */
const argvs: Bytes[][] = new Array(KEYS_AHEAD).fill(NO_ARGUMENTS)
const keysUpTo = new Int32Array(KEYS_AHEAD)

/** Takes note of keys where they stand, and reads them together. */
class KeysAhead implements KeyReader {
  readonly #table: CommandTable
  #buffer: Buffer | undefined
  #keyCount = 0
  #commandCount = 0
  /** Where the keys will be looked up. */
  db: Db | undefined

  constructor(table: CommandTable) {
    this.#table = table
  }

  placesOf(name: Bytes): KeyPlaces | undefined {
    return this.#table.find(name)?.keyPlaces
  }

  read(argv: Bytes[], index: number, buffer: Buffer, start: number, end: number): void {
    if (this.#keyCount === KEYS_AHEAD) this.finish()
    const key = this.#keyCount++
    starts[key] = start
    ends[key] = end
    indexes[key] = index
    if (this.#commandCount === 0 || argvs[this.#commandCount - 1] !== argv) argvs[this.#commandCount++] = argv
    keysUpTo[this.#commandCount - 1] = this.#keyCount
    this.#buffer = buffer
  }

  /** Puts the keys that were noted into their places. */
  finish(): void {
    if (this.#keyCount === 0) return
    const keys = this.db!.readKeys(this.#buffer!, starts, ends, this.#keyCount)
    let key = 0
    for (let i = 0; i < this.#commandCount; i++) {
      const argv = argvs[i]
      argvs[i] = NO_ARGUMENTS
      for (; key < keysUpTo[i]; key++) argv[indexes[key]] = keys[key]
    }
    this.#keyCount = 0
    this.#commandCount = 0
    this.#buffer = undefined
  }
}

export class LookAhead {
  readonly decoder: Decoder
  readonly #keys: KeysAhead
  readonly #group: Decoded[] = []
  #position = 0

  constructor(bulkMax: number, table: CommandTable) {
    this.#keys = new KeysAhead(table)
    this.decoder = new Decoder(bulkMax, this.#keys)
  }

  /** Bytes of commands that were decoded and not yet returned. */
  get pendingBytes(): number {
    let bytes = 0
    for (let i = this.#position; i < this.#group.length; i++) bytes += bytesOf(this.#group[i])
    return bytes
  }

  /** True if there are bytes of another command. */
  get hasMore(): boolean {
    return this.#group.length !== 0 || !this.decoder.drained
  }

  /** As `Decoder.next`; `db` is where the commands will look for their keys. */
  next(db: Db): Decoded | undefined {
    if (this.#position < this.#group.length) return this.#take()
    const { decoder } = this
    this.#keys.db = db
    const first = decoder.next()
    // Who has not authenticated is held to short commands until he has, so nothing is decoded before.
    const isAlone = first === undefined || decoder.drained || decoder.restricted || first instanceof ProtocolError
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
