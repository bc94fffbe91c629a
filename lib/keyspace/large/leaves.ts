/**
 * The leaves of a tree of records (recordtree.ts): scores and addresses in typed arrays, SLAB leaves in each, so that a million entries are few
 * objects. Leaves are numbered without gaps: when one is removed the last one takes its number. They are chained both ways.
 */
import type { At } from '../../memory/arena.ts'

/** The most entries in a leaf. */
export const LEAF_SHIFT = 6
export const LEAF_MAX = 1 << LEAF_SHIFT
const SLAB_SHIFT = 6
const SLAB = 1 << SLAB_SHIFT
const SLAB_MASK = SLAB - 1
/** A leaf's entries, and what is told of it. */
const LEAF_BYTES = LEAF_MAX * 12 + 12
export const NONE = -1

export class Leaves {
  /** By slab: the entries of its leaves, LEAF_MAX places for each. */
  readonly scores: Float64Array[] = []
  readonly ats: Int32Array[] = []
  /** By leaf: its number of entries, and its neighbours. */
  counts: Int32Array = new Int32Array(SLAB)
  next: Int32Array = new Int32Array(SLAB)
  previous: Int32Array = new Int32Array(SLAB)
  size = 0

  get memoryBytes(): number {
    return this.scores.length * SLAB * LEAF_BYTES
  }

  slabOf(leaf: number): number {
    return leaf >>> SLAB_SHIFT
  }

  /** Where a leaf's entries begin in its slab. */
  baseOf(leaf: number): number {
    return (leaf & SLAB_MASK) << LEAF_SHIFT
  }

  firstScore(leaf: number): number {
    return this.scores[leaf >>> SLAB_SHIFT][this.baseOf(leaf)]
  }

  firstAt(leaf: number): At {
    return this.ats[leaf >>> SLAB_SHIFT][this.baseOf(leaf)]
  }

  /** An empty leaf behind another one; behind none it is the first. */
  addAfter(left: number): number {
    const leaf = this.size++
    if (this.slabOf(leaf) === this.scores.length) {
      this.scores.push(new Float64Array(SLAB << LEAF_SHIFT))
      this.ats.push(new Int32Array(SLAB << LEAF_SHIFT))
    }
    if (leaf === this.counts.length) this.#resizeColumns(Math.ceil(1.5 * leaf))
    this.counts[leaf] = 0
    this.previous[leaf] = left
    const right = left === NONE ? NONE : this.next[left]
    this.next[leaf] = right
    if (left !== NONE) this.next[left] = leaf
    if (right !== NONE) this.previous[right] = leaf
    return leaf
  }

  /** Takes a leaf out of the chain. */
  unchain(leaf: number): void {
    const left = this.previous[leaf]
    const right = this.next[leaf]
    if (left !== NONE) this.next[left] = right
    if (right !== NONE) this.previous[right] = left
  }

  /** Removes a leaf that is out of the chain. The last one takes its number, unless it is the last itself. */
  remove(leaf: number): void {
    const last = --this.size
    if (leaf !== last) {
      this.counts[leaf] = 0
      this.append(leaf, last)
      const left = (this.previous[leaf] = this.previous[last])
      const right = (this.next[leaf] = this.next[last])
      if (left !== NONE) this.next[left] = leaf
      if (right !== NONE) this.previous[right] = leaf
    }
    // One slab is kept for those to come.
    if (this.scores.length > this.slabOf(last) + 2) {
      this.scores.pop()
      this.ats.pop()
    }
    if (this.counts.length > 4 * SLAB && 4 * last < this.counts.length) this.#resizeColumns(2 * last)
  }

  insert(leaf: number, index: number, score: number, at: At): void {
    const scores = this.scores[leaf >>> SLAB_SHIFT]
    const ats = this.ats[leaf >>> SLAB_SHIFT]
    const base = this.baseOf(leaf)
    const place = base + index
    for (let i = base + this.counts[leaf]++; i > place; i--) {
      scores[i] = scores[i - 1]
      ats[i] = ats[i - 1]
    }
    scores[place] = score
    ats[place] = at
  }

  delete(leaf: number, index: number): void {
    const scores = this.scores[leaf >>> SLAB_SHIFT]
    const ats = this.ats[leaf >>> SLAB_SHIFT]
    const base = this.baseOf(leaf)
    const last = base + --this.counts[leaf]
    for (let i = base + index; i < last; i++) {
      scores[i] = scores[i + 1]
      ats[i] = ats[i + 1]
    }
  }

  /** Moves the entries from an index on to the beginning of an empty leaf. */
  moveTail(leaf: number, index: number, to: number): void {
    const from = this.baseOf(leaf)
    const end = from + this.counts[leaf]
    const into = this.baseOf(to)
    this.scores[this.slabOf(to)].set(this.scores[this.slabOf(leaf)].subarray(from + index, end), into)
    this.ats[this.slabOf(to)].set(this.ats[this.slabOf(leaf)].subarray(from + index, end), into)
    this.counts[to] = this.counts[leaf] - index
    this.counts[leaf] = index
  }

  /** Appends the entries of another leaf, which keeps them. */
  append(leaf: number, other: number): void {
    const from = this.baseOf(other)
    const end = from + this.counts[other]
    const into = this.baseOf(leaf) + this.counts[leaf]
    this.scores[this.slabOf(leaf)].set(this.scores[this.slabOf(other)].subarray(from, end), into)
    this.ats[this.slabOf(leaf)].set(this.ats[this.slabOf(other)].subarray(from, end), into)
    this.counts[leaf] += this.counts[other]
  }

  /** Makes neighbours equal, which have too many entries for one. */
  balance(left: number, right: number): void {
    const middle = (this.counts[left] + this.counts[right]) >>> 1
    while (this.counts[left] < middle) {
      this.insert(left, this.counts[left], this.firstScore(right), this.firstAt(right))
      this.delete(right, 0)
    }
    while (this.counts[left] > middle) {
      const last = --this.counts[left]
      const place = this.baseOf(left) + last
      this.insert(right, 0, this.scores[this.slabOf(left)][place], this.ats[this.slabOf(left)][place])
    }
  }

  copy(): Leaves {
    const copy = new Leaves()
    for (const scores of this.scores) copy.scores.push(scores.slice())
    for (const ats of this.ats) copy.ats.push(ats.slice())
    copy.counts = this.counts.slice()
    copy.next = this.next.slice()
    copy.previous = this.previous.slice()
    copy.size = this.size
    return copy
  }

  #resizeColumns(length: number): void {
    this.counts = resized(this.counts, length)
    this.next = resized(this.next, length)
    this.previous = resized(this.previous, length)
  }
}

function resized(column: Int32Array, length: number): Int32Array {
  const other = new Int32Array(length)
  other.set(column.subarray(0, length))
  return other
}
