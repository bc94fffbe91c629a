/**
 * A client's commands, decoded a few ahead of their run. A look-up of a key is mostly waiting for memory, once for the slot,
 * once for the entry, once for the key; the waits of a whole pipeline overlap if its keys are looked up together. So before
 * the first command of a group runs, the keys of all are brought into the processor's cache (as Valkey 8 does).
 *
 * The first argument is taken for a key, which it is for nearly all commands; where it is none, or another database is
 * selected meanwhile, a little work was in vain and nothing else happens.
 */
import type { Bytes } from '../bytes.ts'
import type { Db } from '../keyspace/db.ts'
import { PREFETCHED } from '../keyspace/dict.ts'
import { type Decoder, ProtocolError } from '../protocol/decode.ts'

/** A group ends with the command that exceeds this, so that a client's large values do not stand in memory together. */
const GROUP_BYTES = 64 * 1024

type Decoded = Bytes[] | ProtocolError

/** The keys of the group being decoded. */
const keys: Bytes[] = new Array(PREFETCHED).fill('')

export class LookAhead {
  readonly #decoder: Decoder
  readonly #group: Decoded[] = []
  #position = 0

  constructor(decoder: Decoder) {
    this.#decoder = decoder
  }

  /** Bytes of commands that were decoded and not yet returned. */
  get pendingBytes(): number {
    let bytes = 0
    for (let i = this.#position; i < this.#group.length; i++) bytes += bytesOf(this.#group[i])
    return bytes
  }

  /** As `Decoder.next`; `db` is where the commands will look for their keys. */
  next(db: Db): Decoded | undefined {
    if (this.#position < this.#group.length) return this.#take()
    const decoder = this.#decoder
    const first = decoder.next()
    // Who has not authenticated is held to short commands until he has, so nothing is decoded before.
    if (first === undefined || decoder.drained || decoder.restricted || first instanceof ProtocolError) return first
    this.#decodeGroup(first)
    if (this.#group.length > 1) db.prefetch(keys, 0, 1, this.#group.length)
    return this.#take()
  }

  #decodeGroup(first: Bytes[]): void {
    const group = this.#group
    let bytes = 0
    for (let next: Decoded | undefined = first; next !== undefined; next = this.#decoder.next()) {
      keys[group.length] = next instanceof ProtocolError || next.length === 1 ? '' : next[1]
      bytes += bytesOf(next)
      if (group.push(next) === PREFETCHED || bytes > GROUP_BYTES || next instanceof ProtocolError) return
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
