/**
 * The history of changes to which this store belongs, as Redis's PSYNC2 has it. It has an id and an offset, which counts the
 * bytes of the stream of effects; a replica has those of its master. A store that becomes a master begins a history of
 * its own, and remembers up to where the old one was the same: its second id. So whoever followed the same master can
 * go on from here. While somebody may come back, the latest bytes are kept.
 */
import { randomBytes } from 'node:crypto'
import type { Bytes } from '../base/bytes.ts'
import { Backlog } from './backlog.ts'

export const NO_ID = '0'.repeat(40)
export const ID_LENGTH = 40

export class History {
  /** Made when it is first asked for, since Node loads its cryptography with it. */
  #id: Bytes | undefined
  secondId: Bytes = NO_ID
  /** Up to before this offset the second id is as good; -1 without one. */
  secondOffset = -1
  offset = 0
  backlog: Backlog | undefined

  get id(): Bytes {
    return (this.#id ??= randomId())
  }

  set id(id: Bytes) {
    this.#id = id
  }

  /** The next part of the stream. */
  append(part: Bytes): void {
    this.offset += part.length
    this.backlog?.add(part)
  }

  /** From here on the latest bytes are kept. */
  keep(size: number): void {
    this.backlog ??= new Backlog(size, this.offset)
  }

  /** True if whoever has come to an offset of a history can be sent what follows from `from` on. */
  reaches(id: Bytes, from: number): boolean {
    const isKnown = id === this.id || (id === this.secondId && from <= this.secondOffset)
    return isKnown && (this.backlog?.reaches(from) ?? false)
  }

  /** Begins a history of its own where that of the master has come to. */
  branch(): void {
    this.secondId = this.id
    this.secondOffset = this.offset + 1
    this.id = randomId()
  }

  /** The master goes on under another id. */
  rename(id: Bytes): void {
    if (id === this.id) return
    this.secondId = this.id
    this.secondOffset = this.offset + 1
    this.id = id
  }

  /** Takes the place of a history with which it has nothing in common. */
  adopt(id: Bytes, offset: number, backlogSize: number): void {
    this.id = id
    this.offset = offset
    this.secondId = NO_ID
    this.secondOffset = -1
    this.backlog = new Backlog(backlogSize, offset)
  }

  /** Nobody who has followed can go on. */
  renew(): void {
    this.id = randomId()
    this.secondId = NO_ID
    this.secondOffset = -1
  }
}

function randomId(): Bytes {
  return randomBytes(ID_LENGTH / 2).toString('hex')
}
