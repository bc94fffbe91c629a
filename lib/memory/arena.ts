/**
 * Memory for many small blocks, outside V8's heap: an allocator over typed arrays.
 *
 * Memory is taken in chunks of up to 32 MB, each an array of its own: growing moves nothing, so no view goes stale, and one that is
 * empty is left to the collector. Of that size glibc asks the system for each and gives each back, whatever happened before; and what
 * was never written to takes no memory. A chunk is cut into slabs of 64 KB. A slab serves blocks of one size, with a list of those that were freed, which are linked through their
 * first word; when its last block is freed it can serve another size.
 *
 * Blocks that stay keep their chunk, however few they are. So chunks that are mostly free can be left (`startLeaving`): until
 * `endLeaving` no new block lies in them, and once whoever owns the blocks has moved the last one elsewhere, the chunk goes.
 *
 * A database has one for its keys, a large collection one of its own (keyspace/large).
 *
 * An address counts units of 8 bytes over all chunks, so it is an integer of 31 bits: 16 GB. It is never 0. Sizes are exact up to 256
 * bytes and lose an eighth at the most above.
 *
 * Invariants: a slab is in the list of its size exactly while it has room and its chunk is not being left, and is spare exactly while it
 * serves no size and its chunk is not being left; `usedBytes` is the sum of all blocks in use.
 */

/** An address in units of 8 bytes. */
export type At = number

export const UNIT_BYTES = 8
const SLAB_SHIFT = 13
const SLAB_UNITS = 1 << SLAB_SHIFT
const SLAB_MASK = SLAB_UNITS - 1
const SLAB_BYTES = SLAB_UNITS * UNIT_BYTES
/** Of an address: its chunk is above, its place in the chunk below. */
export const CHUNK_SHIFT = 22
export const CHUNK_MASK = (1 << CHUNK_SHIFT) - 1
const CHUNK_SLABS = 1 << (CHUNK_SHIFT - SLAB_SHIFT)
const CHUNKS_MAX = 1 << (31 - CHUNK_SHIFT)
/** The first chunks are smaller. Unit: slabs. */
const FIRST_SLABS = [4, 16, 64, 64, 128, 256]
/** Those of an arena that is one of many: as large as half of what is there. */
const LEAST_SLABS = 4
/** So many slabs must be spare elsewhere when an empty chunk goes, lest it be asked for again at once. */
const SPARE_LEAST = 64
/** A chunk that is kept although nothing is in use. Unit: bytes. */
const EMPTY_MAX = 1 << 22

/** Largest block. Unit: bytes. */
export const BLOCK_MAX = 4096
const EXACT_UNITS = 32
const UNITS_MAX = BLOCK_MAX / UNIT_BYTES

/** Sizes of blocks in units, and the place among them for a number of units. */
const SIZES: number[] = []
const SIZE_OF = new Uint8Array(UNITS_MAX + 1)
for (let units = 1; units <= UNITS_MAX; units += units < EXACT_UNITS ? 1 : 1 << (28 - Math.clz32(units))) {
  const before = SIZES.length === 0 ? 0 : SIZES[SIZES.length - 1]
  SIZE_OF.fill(SIZES.length, before + 1, units + 1)
  SIZES.push(units)
}
const CAPACITIES = SIZES.map((units) => Math.floor(SLAB_UNITS / units))
/** So much may be in chunks that are left at once, or this share of all memory. Unit: bytes. */
const LEFT_LEAST = 1 << 24
const LEFT_SHARE = 1 / 16
/** In the place of a size: the slab serves none. */
const NO_SIZE = 255
const NONE = -1

export class Chunk {
  readonly bytes: Uint8Array
  readonly words: Int32Array
  readonly view: DataView
  /** How many slabs it has, how many of them serve a size, and how many ever did. */
  readonly slabs: number
  serving = 0
  touched = 0
  isLeaving = false

  constructor(slabs: number) {
    const buffer = new ArrayBuffer(slabs * SLAB_BYTES)
    this.bytes = new Uint8Array(buffer)
    this.words = new Int32Array(buffer)
    this.view = new DataView(buffer)
    this.slabs = slabs
  }
}

const NO_CHUNK = new Chunk(0)

/** The bytes that a block of so many would take. */
export function blockBytes(bytes: number): number {
  return SIZES[SIZE_OF[(bytes + 7) >>> 3]] * UNIT_BYTES
}

export class Arena {
  /** The memory, by the upper bits of an address; the array stays the same. */
  readonly chunks: Chunk[] = []
  /** By slab: its size, the blocks in use, the last block freed + 1 (0: none), and the first that was never used. */
  #sizes = new Uint8Array(0)
  #used: Uint16Array = new Uint16Array(0)
  #freed: Uint16Array = new Uint16Array(0)
  #fresh: Uint16Array = new Uint16Array(0)
  /** 1 if it ever served a size: what lies there takes memory. */
  #touched = new Uint8Array(0)
  /** Its neighbours in the list of slabs of a size with room. */
  #next: Int32Array = new Int32Array(0)
  #previous: Int32Array = new Int32Array(0)
  readonly #roomy = new Int32Array(SIZES.length).fill(NONE)
  /** Slabs that serve no size, and the places of chunks that are gone. */
  #spare: number[] = []
  readonly #gone: number[] = []
  /** Bytes of the blocks in use. */
  usedBytes = 0
  /** Bytes of all chunks, and those of them that take memory. */
  heldBytes = 0
  touchedBytes = 0
  readonly #isOneOfMany: boolean

  /** `isOneOfMany`: it holds little more than is asked for. */
  constructor(isOneOfMany = false) {
    this.#isOneOfMany = isOneOfMany
  }

  /** A block of at least so many bytes, at most BLOCK_MAX; its content is whatever was there. */
  allocate(bytes: number): At {
    const size = SIZE_OF[(bytes + 7) >>> 3]
    let slab = this.#roomy[size]
    if (slab === NONE) slab = this.#serve(size)
    const units = SIZES[size]
    this.usedBytes += units * UNIT_BYTES
    const freed = this.#freed[slab]
    let at = slab * SLAB_UNITS
    if (freed !== 0) {
      at += (freed - 1) * units
      this.#freed[slab] = this.chunks[at >>> CHUNK_SHIFT].words[(at & CHUNK_MASK) << 1]
    } else at += this.#fresh[slab]++ * units
    if (++this.#used[slab] === CAPACITIES[size]) this.#unlink(slab, size)
    return at
  }

  free(at: At): void {
    const slab = at >>> SLAB_SHIFT
    const size = this.#sizes[slab]
    const units = SIZES[size]
    this.usedBytes -= units * UNIT_BYTES
    this.chunks[at >>> CHUNK_SHIFT].words[(at & CHUNK_MASK) << 1] = this.#freed[slab]
    this.#freed[slab] = ((at & SLAB_MASK) / units + 1) | 0
    const used = this.#used[slab]--
    if (used === CAPACITIES[size]) {
      if (!this.isLeaving(at)) this.#link(slab, size)
    } else if (used === 1) this.#release(slab, size)
  }

  /** The bytes that a block takes. */
  sizeOf(at: At): number {
    return SIZES[this.#sizes[at >>> SLAB_SHIFT]] * UNIT_BYTES
  }

  /** Whether a block is what `allocate` would give for so many bytes. */
  suits(at: At, bytes: number): boolean {
    return this.#sizes[at >>> SLAB_SHIFT] === SIZE_OF[(bytes + 7) >>> 3]
  }

  /**
   * No new block lies in chunks that are used to less than a share, the emptiest first, and only so many at once that what must
   * be moved is little. Returns how many they are. O(chunks)
   */
  startLeaving(share: number): number {
    const uses: { readonly index: number; readonly usedBytes: number }[] = []
    for (let index = 0; index < this.chunks.length; index++) {
      const { serving, touched, isLeaving } = this.chunks[index]
      if (isLeaving) continue
      const usedBytes = this.#usedOf(index)
      if (touched !== 0 && serving === 0) this.#drop(index)
      else if (usedBytes < share * touched * SLAB_BYTES) uses.push({ index, usedBytes })
    }
    uses.sort((a, b) => a.usedBytes - b.usedBytes)
    const limit = Math.max(LEFT_LEAST, this.touchedBytes * LEFT_SHARE)
    let count = 0
    for (let moved = 0; count < uses.length && moved < limit; count++) {
      moved += uses[count].usedBytes
      this.#leave(uses[count].index)
    }
    if (count !== 0) this.#spare = this.#spare.filter((slab) => !this.#chunkOf(slab).isLeaving)
    return count
  }

  /** Whether a block is to be moved. */
  isLeaving(at: At): boolean {
    return this.chunks[at >>> CHUNK_SHIFT].isLeaving
  }

  /** Chunks that are not empty yet serve as before. */
  endLeaving(): void {
    for (let index = 0; index < this.chunks.length; index++) {
      const chunk = this.chunks[index]
      if (!chunk.isLeaving) continue
      chunk.isLeaving = false
      const first = index * CHUNK_SLABS
      for (let slab = first + leastSlab(index); slab < first + chunk.slabs; slab++) {
        const size = this.#sizes[slab]
        if (size === NO_SIZE) this.#spare.push(slab)
        else if (this.#used[slab] !== CAPACITIES[size]) this.#link(slab, size)
      }
    }
  }

  /** An arena with the same blocks at the same addresses. */
  copy(): Arena {
    const copy = new Arena(this.#isOneOfMany)
    for (let index = 0; index < this.chunks.length; index++) copy.chunks.push(this.#copyOfChunk(index))
    copy.#sizes = this.#sizes.slice()
    copy.#used = this.#used.slice()
    copy.#freed = this.#freed.slice()
    copy.#fresh = this.#fresh.slice()
    copy.#touched = this.#touched.slice()
    copy.#next = this.#next.slice()
    copy.#previous = this.#previous.slice()
    copy.#roomy.set(this.#roomy)
    copy.#spare = this.#spare.slice()
    copy.#gone.push(...this.#gone)
    copy.usedBytes = this.usedBytes
    copy.heldBytes = this.heldBytes
    copy.touchedBytes = this.touchedBytes
    return copy
  }

  /** For tests. @throws Error where an invariant does not hold */
  check(): void {
    let used = 0
    for (let slab = 0; slab < this.#sizes.length; slab++) {
      const size = this.#sizes[slab]
      if (size === NO_SIZE) continue
      used += this.#used[slab] * SIZES[size] * UNIT_BYTES
      const fresh = this.#fresh[slab]
      let freed = 0
      for (let index = this.#freed[slab]; index !== 0; freed++) {
        must(index <= fresh && freed <= fresh, 'freed', slab)
        const at = slab * SLAB_UNITS + (index - 1) * SIZES[size]
        index = this.chunks[at >>> CHUNK_SHIFT].words[(at & CHUNK_MASK) << 1]
      }
      must(freed + this.#used[slab] === fresh, 'lost', slab)
    }
    must(used === this.usedBytes, 'used', used)
    for (let size = 0; size < SIZES.length; size++) {
      for (let slab = this.#roomy[size], before = NONE; slab !== NONE; before = slab, slab = this.#next[slab]) {
        must(this.#sizes[slab] === size && this.#previous[slab] === before, 'list', slab)
        must(this.#used[slab] !== CAPACITIES[size] && !this.#chunkOf(slab).isLeaving, 'room', slab)
      }
    }
    this.#checkChunks()
  }

  /** Every slab of a chunk that is not left is spare, or in a list, or full; and all bytes are counted. */
  #checkChunks(): void {
    const spare = new Set(this.#spare)
    must(spare.size === this.#spare.length, 'spare', NONE)
    let held = 0
    let touched = 0
    for (let index = 0; index < this.chunks.length; index++) {
      const chunk = this.chunks[index]
      held += chunk.bytes.length
      touched += chunk.touched * SLAB_BYTES
      const first = index * CHUNK_SLABS
      let serving = 0
      for (let slab = first + leastSlab(index); slab < first + chunk.slabs; slab++) {
        const isFree = this.#sizes[slab] === NO_SIZE
        if (!isFree) serving++
        must(spare.has(slab) === (isFree && !chunk.isLeaving), 'spare', slab)
      }
      must(serving === chunk.serving, 'serving', index)
    }
    must(held === this.heldBytes, 'held', held)
    must(touched === this.touchedBytes, 'touched', touched)
  }

  /** Makes a spare slab serve a size. */
  #serve(size: number): number {
    if (this.#spare.length === 0) this.#grow()
    const slab = this.#spare.pop()!
    this.#sizes[slab] = size
    this.#used[slab] = this.#freed[slab] = this.#fresh[slab] = 0
    const chunk = this.#chunkOf(slab)
    chunk.serving++
    if (this.#touched[slab] === 0) {
      this.#touched[slab] = 1
      chunk.touched++
      this.touchedBytes += SLAB_BYTES
    }
    this.#link(slab, size)
    return slab
  }

  /** A slab serves no size any more. Its chunk goes if it was the last, unless there is nearly no other room. */
  #release(slab: number, size: number): void {
    const index = slab >>> (CHUNK_SHIFT - SLAB_SHIFT)
    const chunk = this.chunks[index]
    this.#sizes[slab] = NO_SIZE
    chunk.serving--
    if (!chunk.isLeaving) {
      this.#unlink(slab, size)
      this.#spare.push(slab)
      if (chunk.serving !== 0) return
      if (this.usedBytes === 0 && this.touchedBytes > EMPTY_MAX) this.#dropAll()
      else if (this.#spare.length > chunk.slabs + SPARE_LEAST) this.#drop(index)
    } else if (chunk.serving === 0) this.#drop(index)
  }

  /** Nothing is in use. */
  #dropAll(): void {
    for (let index = this.chunks.length - 1; index >= 0; index--) if (this.chunks[index] !== NO_CHUNK) this.#drop(index)
  }

  /** Leaves an empty chunk to the collector. */
  #drop(index: number): void {
    const { isLeaving, bytes, touched, slabs } = this.chunks[index]
    if (!isLeaving) this.#spare = this.#spare.filter((slab) => slab >>> (CHUNK_SHIFT - SLAB_SHIFT) !== index)
    const first = index * CHUNK_SLABS
    this.#touched.fill(0, first, first + slabs)
    this.chunks[index] = NO_CHUNK
    this.heldBytes -= bytes.length
    this.touchedBytes -= touched * SLAB_BYTES
    this.#gone.push(index)
  }

  /** What was never written to is not copied: it takes no memory. */
  #copyOfChunk(index: number): Chunk {
    const chunk = this.chunks[index]
    if (chunk === NO_CHUNK) return chunk
    const copy = new Chunk(chunk.slabs)
    copy.serving = chunk.serving
    copy.touched = chunk.touched
    copy.isLeaving = chunk.isLeaving
    for (let slab = 0; slab < chunk.slabs; slab++) {
      if (this.#touched[index * CHUNK_SLABS + slab] === 0) continue
      copy.bytes.set(chunk.bytes.subarray(slab * SLAB_BYTES, (slab + 1) * SLAB_BYTES), slab * SLAB_BYTES)
    }
    return copy
  }

  #chunkOf(slab: number): Chunk {
    return this.chunks[slab >>> (CHUNK_SHIFT - SLAB_SHIFT)]
  }

  /** Bytes of a chunk's blocks in use. */
  #usedOf(index: number): number {
    let bytes = 0
    const first = index * CHUNK_SLABS
    for (let slab = first; slab < first + this.chunks[index].slabs; slab++) {
      const size = this.#sizes[slab]
      if (size !== NO_SIZE) bytes += this.#used[slab] * SIZES[size] * UNIT_BYTES
    }
    return bytes
  }

  /** Takes the slabs of a chunk out of the lists of their sizes. */
  #leave(index: number): void {
    const chunk = this.chunks[index]
    chunk.isLeaving = true
    const first = index * CHUNK_SLABS
    for (let slab = first; slab < first + chunk.slabs; slab++) {
      const size = this.#sizes[slab]
      if (size !== NO_SIZE && this.#used[slab] !== CAPACITIES[size]) this.#unlink(slab, size)
    }
  }

  #grow(): void {
    const index = this.#gone.pop() ?? this.chunks.length
    if (index === CHUNKS_MAX) throw new Error('a database holds 16 GB of keys and strings')
    const chunk = new Chunk(this.#slabsFor(index))
    this.chunks[index] = chunk
    this.heldBytes += chunk.bytes.length
    if ((index + 1) * CHUNK_SLABS > this.#sizes.length) this.#growSlabs()
    for (let slab = chunk.slabs - 1; slab >= leastSlab(index); slab--) this.#spare.push(index * CHUNK_SLABS + slab)
  }

  #slabsFor(index: number): number {
    if (!this.#isOneOfMany) return FIRST_SLABS[index] ?? CHUNK_SLABS
    const half = Math.floor(this.touchedBytes / (2 * SLAB_BYTES))
    return Math.max(LEAST_SLABS, Math.min(CHUNK_SLABS, half))
  }

  #growSlabs(): void {
    const before = this.#sizes.length
    const slabs = Math.max(CHUNK_SLABS, 2 * before)
    const sizes = new Uint8Array(slabs).fill(NO_SIZE, before)
    sizes.set(this.#sizes)
    this.#sizes = sizes
    const touched = new Uint8Array(slabs)
    touched.set(this.#touched)
    this.#touched = touched
    this.#used = grown(this.#used, slabs)
    this.#freed = grown(this.#freed, slabs)
    this.#fresh = grown(this.#fresh, slabs)
    this.#next = longer(this.#next, slabs)
    this.#previous = longer(this.#previous, slabs)
  }

  #link(slab: number, size: number): void {
    const next = this.#roomy[size]
    this.#next[slab] = next
    this.#previous[slab] = NONE
    if (next !== NONE) this.#previous[next] = slab
    this.#roomy[size] = slab
  }

  #unlink(slab: number, size: number): void {
    const next = this.#next[slab]
    const previous = this.#previous[slab]
    if (next !== NONE) this.#previous[next] = previous
    if (previous === NONE) this.#roomy[size] = next
    else this.#next[previous] = next
    this.#next[slab] = this.#previous[slab] = NONE
  }
}

/** The first slab of all is not used: no block has address 0. */
function leastSlab(index: number): number {
  return index === 0 ? 1 : 0
}

/** Of `check`: the number is that of a slab or a chunk, or what was counted. */
function must(holds: boolean, what: string, number: number): void {
  if (!holds) throw new Error(`arena: ${what} ${number}`)
}

function grown(array: Uint16Array, length: number): Uint16Array {
  const longer = new Uint16Array(length)
  longer.set(array)
  return longer
}

function longer(array: Int32Array, length: number): Int32Array {
  const longer = new Int32Array(length)
  longer.set(array)
  return longer
}
