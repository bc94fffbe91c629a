/**
 * Collections in the records of a table: the views of those that are packed, and those that are on V8's heap until the command that
 * runs is done with them (packed/packable.ts).
 */
import type { Bytes } from '../../base/bytes.ts'
import { type At, CHUNK_MASK, CHUNK_SHIFT } from '../../memory/arena.ts'
import { Pack, type PackStore } from '../packed/pack.ts'
import { Packable } from '../packed/packable.ts'
import { TYPES, viewOf } from '../packed/views.ts'
import { typeName } from '../typed.ts'
import type { EncodingLimits, ObjectValue, TypeName, Value } from '../value.ts'
import { nameWeight } from '../weight.ts'
import { hashOfText } from './keyhash.ts'
import { copyBytes, Form, headBytes, KEY_LENGTH_MASK, LENGTH, PLACED_KEY_MAX, SHAPE } from './record.ts'
import { Records } from './records.ts'

/** Whose table it is. */
interface Owner {
  /** Keys weigh so much more. */
  resized(bytes: number): void
}

export abstract class Collections extends Records implements PackStore {
  moves = 0
  /** The view that was asked for last: who asks twice for the same record is given the same. */
  #view: Packable | undefined
  /** How the collections here are packed, once there is one. */
  protected limits: EncodingLimits | undefined
  /** For `packAt`. */
  #cursor: Pack | undefined
  /** The keys of those that may be packed once they are done with. */
  #unsettled: Bytes[] = []
  /** Who is told of it when keys have come to weigh more, or less, by what was done to collections. */
  owner: Owner | undefined

  abstract find(key: Bytes): At
  /** Another record stands for a key from now on. */
  protected abstract move(from: At, to: At, hash: number): void
  /** A record in the place of what a key has on V8's heap, with room for a value of so many bytes. */
  protected abstract fromHeap(at: At, form: number, valueBytes: number): At

  /** True if there are collections that may be packed now. */
  get isUnsettled(): boolean {
    return this.#unsettled.length !== 0
  }

  /** Packs what a command has changed on V8's heap, or made, and is done with. */
  settle(): void {
    this.#unsettled = this.#unsettled.filter((key) => !this.#settle(key))
  }

  typeAt(at: At): TypeName {
    const form = this.formOf(at)
    return form === Form.Object ? typeName(this.heap.valueOf(at)) : TYPES[form]
  }

  /** What is packed in a record, for who is done with it at once: there is one object for all. */
  packAt(at: At): Pack {
    const cursor = (this.#cursor ??= new Pack(this, '', at))
    cursor.lookAt(at)
    return cursor
  }

  /** For a pack: see PackStore. */
  resize(at: At, bytes: number): At {
    const chunk = this.chunks[at >>> CHUNK_SHIFT]
    const word = (at & CHUNK_MASK) << 1
    const shape = chunk.words[word + SHAPE]
    const keyLength = shape & KEY_LENGTH_MASK
    if (this.arena.suits(at, headBytes(shape) + keyLength + bytes)) {
      chunk.words[word + LENGTH] = bytes
      return at
    }
    const to = this.allocate(shape, keyLength + bytes)
    const toChunk = this.chunks[to >>> CHUNK_SHIFT]
    const toWord = (to & CHUNK_MASK) << 1
    const start = headBytes(shape)
    const kept = keyLength + Math.min(bytes, chunk.words[word + LENGTH])
    toChunk.words[toWord + LENGTH] = bytes
    copyBytes(chunk.view, 4 * word + start, kept, toChunk, 4 * toWord + start)
    this.move(at, to, this.hashOf(at))
    const more = this.arena.sizeOf(to) - this.arena.sizeOf(at)
    this.arena.free(at)
    this.owner?.resized(more)
    return to
  }

  unpack(at: At, key: Bytes, value: ObjectValue): void {
    const to = this.heap.add(key, value)
    this.move(at, to, hashOfText(key))
    value.countedBytes = value.memoryBytes
    const more = nameWeight(key.length) + value.countedBytes - this.arena.sizeOf(at)
    this.arena.free(at)
    this.#unsettled.push(key)
    this.owner?.resized(more)
  }

  protected override viewOf(at: At, form: number, key: Bytes | undefined): Value {
    const view = this.#view
    if (view?.liesAt(this, at)) return view
    return (this.#view = viewOf(form, new Pack(this, key ?? this.keyOf(at), at), this.limits!))
  }

  /** The length of a collection's packed form, which the scratch array begins with then; 0 if it is to be on V8's heap. */
  protected pack(key: Bytes, value: Value): number {
    if (!(value instanceof Packable) || key.length > PLACED_KEY_MAX) return 0
    this.limits ??= value.limits
    if (value.length > 0) return value.write()
    this.#unsettled.push(key)
    return 0
  }

  protected settled(value: Packable, key: Bytes, at: At): void {
    value.lieIn(new Pack(this, key, at))
    this.#view = value
  }

  /** False if it is to be tried again, because there is nothing in it yet. */
  #settle(key: Bytes): boolean {
    const at = this.find(key)
    const value = at < 0 ? this.heap.valueOf(at) : undefined
    if (!(value instanceof Packable)) return true
    if (value.length === 0) return false
    const length = value.write()
    if (length === 0) return true
    const to = this.fromHeap(at, value.packForm, length)
    this.writePacked(to, length)
    this.owner?.resized(this.arena.sizeOf(to) - nameWeight(key.length) - value.countedBytes)
    value.countedBytes = 0
    this.settled(value, key, to)
    return true
  }
}
