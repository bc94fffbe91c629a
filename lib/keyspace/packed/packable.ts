/**
 * A collection that lies in the record of its key while it is small, as the bytes of a listpack or an intset, and else on V8's heap.
 *
 * A value begins on the heap. The table packs it when it is put under a key, or, if it is empty then, when the command that fills it
 * says that it has changed it (`Table.settle`). From then on the value is a view of the record, and what is done to it is done there. What
 * the packed form cannot do, or is not worth an implementation, takes the value back to the heap first (`unpack`), and it settles
 * again. One that has become too large stays there.
 */
import type { Bytes } from '../../base/bytes.ts'
import type { EncodingLimits, ObjectValue, TypeName } from '../value.ts'
import { scratch } from './element.ts'
import type { Pack } from './pack.ts'

export abstract class Packable implements ObjectValue {
  readonly limits: EncodingLimits
  /** Where it lies; undefined on the heap. */
  protected pack: Pack | undefined
  countedBytes = 0

  constructor(limits: EncodingLimits, pack?: Pack) {
    this.limits = limits
    this.pack = pack
  }

  abstract readonly type: TypeName
  abstract readonly encoding: Bytes
  abstract readonly length: number
  abstract readonly partCount: number
  abstract copy(): ObjectValue
  /** What it weighs on the heap. */
  protected abstract readonly heapBytes: number
  /** The form of a record that holds it: one of Form. */
  abstract readonly packForm: number
  /** Writes the packed form into the scratch array. Returns its length; 0 if there is none, or it is too large. */
  protected abstract writePacked(): number
  /** Takes over what the pack holds, to be on the heap from then on. */
  protected abstract takeBack(pack: Pack): void
  /** Forgets what it has on the heap: it is in the record now. */
  protected abstract letGo(): void

  get isPacked(): boolean {
    return this.pack !== undefined
  }

  /** Of what is packed, bytes of the record, with which its key is counted. */
  get memoryBytes(): number {
    if (this.pack === undefined) return this.heapBytes
    this.pack.open()
    return this.pack.length
  }

  /** The packed bytes, to be read at once; undefined on the heap. */
  packedBytes(): Uint8Array | undefined {
    return this.pack?.content()
  }

  /** Moves to the heap; its key as well. */
  unpack(): void {
    const { pack } = this
    if (pack === undefined) return
    this.takeBack(pack)
    this.pack = undefined
    pack.leave(this)
  }

  // For the table.

  /** Whether it is a view of a record that has an address now. */
  liesAt(store: unknown, at: number): boolean {
    const { pack } = this
    return pack !== undefined && pack.store === store && pack.at === at && pack.isCurrent
  }

  /** As `writePacked`, of what is packed already as well. */
  write(): number {
    const { pack } = this
    if (pack === undefined) return this.writePacked()
    scratch.set(pack.content())
    return pack.length
  }

  /** It lies in a record from now on. */
  lieIn(pack: Pack): void {
    this.letGo()
    this.pack = pack
  }
}
