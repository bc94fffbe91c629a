/**
 * A large sorted set: its members with their scores as elements in memory of their own (elements.ts), and a tree of their addresses
 * (recordtree.ts) for the order. A score stands in both: in the record, where a member is asked for, and in the tree.
 *
 * An address may be another one after any change, and is not kept.
 */
import type { Bytes } from '../../base/bytes.ts'
import type { Places } from '../../base/places.ts'
import type { At } from '../../memory/arena.ts'
import type { Cut } from '../values/cut.ts'
import type { Elements } from './elements.ts'
import { RecordTree, type VisitRecord, type VisitRecords } from './recordtree.ts'

/** Neighbouring entries, upwards. */
export interface RecordRun {
  readonly scores: Float64Array
  readonly ats: Int32Array
}

/** Hears of records before they are elsewhere, or gone. */
export interface RecordListener {
  before(at: At): void
}

export class Ranked {
  readonly elements: Elements
  #tree: RecordTree
  /** The member that was sought last, and where it is; 0 if that is not known any more. */
  #sought: Bytes = ''
  #soughtAt: At = 0
  #listener: RecordListener | undefined

  private constructor(elements: Elements, tree: RecordTree) {
    this.elements = elements
    this.#tree = tree
    elements.onMove = (at, to) => this.#moved(at, to)
  }

  /** The sorted set of elements that have scores already. O(n log n), O(n) where their positions are in order, upwards or downwards. */
  static of(elements: Elements): Ranked {
    const { size } = elements
    const ats = new Int32Array(size)
    for (let i = 0; i < size; i++) ats[i] = elements.atPosition(i)
    if (isAscending(elements, ats, -1)) ats.reverse()
    else if (!isAscending(elements, ats, 1)) ats.sort((a, b) => compare(elements, a, b))
    return Ranked.inOrder(elements, ats)
  }

  /** The same of elements whose order is known. */
  static inOrder(elements: Elements, ats: Int32Array): Ranked {
    const scores = new Float64Array(ats.length)
    for (let i = 0; i < scores.length; i++) scores[i] = elements.scoreOf(ats[i])
    return new Ranked(elements, RecordTree.of(elements, scores, ats))
  }

  get size(): number {
    return this.elements.size
  }

  /** What it weighs: see weight.ts. O(1). */
  get memoryBytes(): number {
    return this.elements.memoryBytes + this.#tree.memoryBytes
  }

  /** Where a member is; 0 for nowhere. */
  find(member: Bytes): At {
    if (this.#soughtAt === 0 || member !== this.#sought) {
      this.#sought = member
      this.#soughtAt = this.elements.find(member)
    }
    return this.#soughtAt
  }

  /** The same of an argument, of at most PART_MAX bytes, that stands in a read buffer. */
  findPlace(p: Places, index: number): At {
    return this.elements.findPlace(p, index)
  }

  scoreOf(at: At): number {
    return this.elements.scoreOf(at)
  }

  score(member: Bytes): number | undefined {
    const at = this.find(member)
    return at === 0 ? undefined : this.elements.scoreOf(at)
  }

  /** Adds a member that is known to be absent. */
  add(member: Bytes, score: number): void {
    this.#tree.insert(score, this.elements.addScored(member, score))
    this.#soughtAt = 0
  }

  addPlace(p: Places, index: number, score: number): void {
    this.#tree.insert(score, this.elements.addScoredPlace(p, index, score))
    this.#soughtAt = 0
  }

  /** Gives a member another score. */
  setScore(at: At, score: number): void {
    const { elements } = this
    this.#tree.delete(elements.scoreOf(at), at)
    elements.setScore(at, score)
    this.#tree.insert(score, at)
  }

  remove(at: At): void {
    this.#tree.delete(this.elements.scoreOf(at), at)
    this.#forget(at)
    this.elements.remove(at)
  }

  rank(at: At): number {
    return this.#tree.rank(this.elements.scoreOf(at), at)
  }

  rankOfCut(cut: Cut): number {
    return this.#tree.rankOfCut(cut)
  }

  /** The record at a rank, which there must be. */
  atRank(rank: number): At {
    return this.#tree.atRank(rank)
  }

  /** Visits up to `count` entries from a rank on, upwards or downwards. `visit` must not change the set. */
  walk(rank: number, count: number, down: boolean, visit: VisitRecord): void {
    this.#tree.walk(rank, count, down, visit)
  }

  /** See `RecordTree`. */
  walkLeaves(rank: number, visit: VisitRecords): void {
    this.#tree.walkLeaves(rank, visit)
  }

  /** The lowest `count` entries, as they are now. O(n), at memcpy's speed. */
  lowest(count: number): RecordRun {
    const scores = new Float64Array(count)
    const ats = new Int32Array(count)
    let length = 0
    this.#tree.walkLeaves(0, (itsAts, itsScores, start, leafEnd) => {
      const end = Math.min(leafEnd, start + count - length)
      scores.set(itsScores.subarray(start, end), length)
      ats.set(itsAts.subarray(start, end), length)
      length += end - start
      return length < count
    })
    return { scores, ats }
  }

  /** Tells one of records before they change their place, until another one asks for that, or none. */
  tell(listener: RecordListener | undefined): void {
    const { elements } = this
    this.#listener = listener
    elements.walk = listener && {
      before: (position) => listener.before(elements.atPosition(position)),
      removed: () => {},
    }
  }

  isTelling(listener: RecordListener): boolean {
    return this.#listener === listener
  }

  copy(): Ranked {
    const elements = this.elements.copy()
    return new Ranked(elements, this.#tree.copy(elements))
  }

  /** For tests. @throws Error where something does not fit together */
  check(): void {
    this.elements.check()
    this.#tree.check()
    if (this.#tree.size !== this.elements.size) throw new Error(`${this.#tree.size} entries in the tree`)
    this.#tree.walk(0, this.#tree.size, false, (at, score) => {
      if (this.elements.atPosition(this.elements.positionOf(at)) !== at) throw new Error(`no record at ${at}`)
      if (!Object.is(this.elements.scoreOf(at), score)) throw new Error(`another score at ${at}`)
    })
  }

  #moved(at: At, to: At): void {
    this.#listener?.before(at)
    this.#tree.replace(this.elements.scoreOf(at), at, to)
    this.#forget(at)
  }

  #forget(at: At): void {
    if (this.#soughtAt === at) this.#soughtAt = 0
  }
}

function compare(elements: Elements, one: At, other: At): number {
  const a = elements.scoreOf(one)
  const b = elements.scoreOf(other)
  // No difference of the scores: that of two infinities is NaN.
  return a < b ? -1 : a > b ? 1 : elements.compareKeys(one, other)
}

/** Whether records are in order, or by a step of -1 in that order backwards. */
function isAscending(elements: Elements, ats: Int32Array, step: 1 | -1): boolean {
  for (let i = 1; i < ats.length; i++) {
    if (step * compare(elements, ats[i - 1], ats[i]) > 0) return false
  }
  return true
}
