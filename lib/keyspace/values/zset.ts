/**
 * Sorted set values: a tree of (score, member) entries, and beside it, once they are many, a Dict from member to score; of a large
 * set both are in memory of their own (large/ranked.ts).
 * A small set has no Dict and finds a member by looking at every entry; it is what OBJECT ENCODING calls `listpack`, the
 * others `skiplist`, at the thresholds zset-max-listpack-entries and zset-max-listpack-value. A set only ever grows from
 * the one into the other; results are built in the form that suits them. The small form lies in the record of its key as long as it takes
 * no more than PACK_MAX bytes (packed/packable.ts).
 *
 * Ranks are 0-based from the lowest score. Scores are never NaN. -0 ranks as 0; all forms keep it but the small one, as a
 * listpack does not.
 */
import type { Bytes } from '../../base/bytes.ts'
import { formatDouble } from '../../base/reply.ts'
import { Dict } from '../dict.ts'
import { Elements } from '../large/elements.ts'
import { Ranked } from '../large/ranked.ts'
import {
  addEntry,
  rankOf,
  rankOfCut,
  removeEntries,
  removeEntry,
  scoreOf,
  updateEntry,
  walkEntries,
  writeEntries,
} from '../packed/entries.ts'
import { PACK_MAX, type Pack } from '../packed/pack.ts'
import { Packable } from '../packed/packable.ts'
import { Form } from '../table/record.ts'
import type { EncodingLimits } from '../value.ts'
import { arrayWeight, DICT_ENTRY_BYTES, numberWeight, OBJECT_BYTES, stringWeight } from '../weight.ts'
import type { Cut } from './cut.ts'
import { type Run, ScoreTree, type Visit, type VisitRun } from './score-tree.ts'

/** More entries are too many for a pack, however short they are. */
const PACKED_ENTRIES_MAX = PACK_MAX / 4
/** An entry of the tree: its place in two arrays of a leaf that is about two thirds full. */
const TREE_ENTRY_BYTES = 28
/** A tree of one leaf with few entries. */
const LEAST_TREE_BYTES = 80 + 2 * arrayWeight(1)

export class ZSetValue extends Packable {
  readonly packForm = Form.ZSet
  /** Undefined while it is packed, or large. */
  #tree: ScoreTree | undefined
  #scores: Dict<number> | undefined
  #large: Ranked | undefined
  /** Where the member stood in it whose score was asked for last. */
  #foundAt = -1
  /** What members and scores weigh by themselves. */
  #contentBytes = 0

  /** An empty sorted set, in the form for a number of entries and a length of members that are expected; or one that is packed. */
  constructor(limits: EncodingLimits, expected: number, longest: number, pack?: Pack) {
    super(limits, pack)
    if (pack !== undefined) return
    this.#tree = new ScoreTree()
    this.expect(expected, longest)
  }

  /**
   * The sorted set of distinct members with their scores, given in any order; `scoreOf`, if it is there already, is the set's
   * from then on. O(n log n), O(n) where they are in order, upwards or downwards.
   */
  static of(
    limits: EncodingLimits,
    members: readonly Bytes[],
    scores: readonly number[],
    scoreOf?: Dict<number>,
  ): ZSetValue {
    if (members.length >= Elements.least && members.length > limits['zset-max-listpack-entries']) {
      const elements = new Elements()
      elements.expect(members.length)
      for (let i = 0; i < members.length; i++) elements.addScored(members[i], scores[i])
      return ZSetValue.large(limits, elements)
    }
    const zset = new ZSetValue(limits, 0, 0)
    let longest = 0
    for (let i = 0; i < members.length; i++) {
      longest = Math.max(longest, members[i].length)
      zset.#contentBytes += entryWeight(members[i], scores[i])
    }
    const isSmall = zset.#isSmall(members.length, longest)
    zset.#tree = ScoreTree.sorting(isSmall ? scores.map(withoutNegativeZero) : scores, members)
    if (isSmall) return zset
    if (scoreOf === undefined) zset.#enlarge()
    else zset.#scores = scoreOf
    return zset
  }

  /** The large sorted set of elements with scores, in any order. As above. */
  static large(limits: EncodingLimits, elements: Elements): ZSetValue {
    const zset = new ZSetValue(limits, 0, 0)
    zset.#tree = undefined
    zset.#large = Ranked.of(elements)
    return zset
  }

  get type(): 'zset' {
    return 'zset'
  }

  get encoding(): Bytes {
    return this.#isSmallForm ? 'listpack' : 'skiplist'
  }

  get length(): number {
    if (this.#tree !== undefined) return this.#tree.size
    return this.#large === undefined ? this.pack!.count / 2 : this.#large.size
  }

  get partCount(): number {
    return this.#isSmallForm ? 1 : this.length
  }

  /** What it consists of if it is large. */
  get large(): Ranked | undefined {
    return this.#large
  }

  get #isSmallForm(): boolean {
    return this.#scores === undefined && this.#large === undefined
  }

  /** Moves on to the large form at once if what is about to be added will come to that. */
  expect(count: number, longest: number): void {
    if (this.#isSmallForm && !this.#isSmall(count, longest)) this.#enlarge()
  }

  /** O(1), in the small form O(n). */
  score(member: Bytes): number | undefined {
    if (this.#large !== undefined) return this.#large.score(member)
    if (this.pack !== undefined) return scoreOf(this.pack, member)
    const scores = this.#scores
    if (scores === undefined) return this.#tree!.search(member)
    this.#foundAt = scores.position(member)
    return this.#foundAt === -1 ? undefined : scores.valueAt(this.#foundAt)
  }

  /** Adds a member that is known to be absent. O(log n). */
  add(member: Bytes, score: number): void {
    if (this.#large !== undefined) {
      this.#large.add(member, score)
      return
    }
    this.expect(this.length + 1, member.length)
    if (this.pack !== undefined) {
      if (addEntry(this.pack, member, score)) return
      this.unpack()
    }
    this.#contentBytes += entryWeight(member, score)
    if (this.#scores === undefined) this.#tree!.insert(withoutNegativeZero(score), member)
    else {
      this.#tree!.insert(score, member)
      this.#scores.add(member, score)
      if (this.#scores.size >= Elements.least) this.#toLarge(this.#scores)
    }
  }

  /** Gives a member a new score; `from` is its present one. O(log n). */
  update(member: Bytes, from: number, to: number): void {
    if (this.#large !== undefined) {
      this.#large.setScore(this.#large.find(member), to)
      return
    }
    if (this.pack !== undefined) {
      if (updateEntry(this.pack, member, to)) return
      this.unpack()
    }
    const tree = this.#tree!
    tree.delete(from, member)
    tree.insert(this.#scores === undefined ? withoutNegativeZero(to) : to, member)
    if (this.#scores !== undefined) this.#setScore(this.#scores, member, to)
    this.#contentBytes += numberWeight(to) - numberWeight(from)
  }

  /** Mostly of the member that was asked for last, and then it is not sought again. */
  #setScore(scores: Dict<number>, member: Bytes, score: number): void {
    const at = this.#foundAt
    if (at !== -1 && at < scores.size && scores.keyAt(at) === member) scores.setAt(at, score)
    else scores.set(member, score)
  }

  /** True if the member was there. O(log n). */
  delete(member: Bytes): boolean {
    const large = this.#large
    if (large !== undefined) {
      const at = large.find(member)
      if (at !== 0) large.remove(at)
      return at !== 0
    }
    if (this.pack !== undefined) return removeEntry(this.pack, member)
    const score = this.score(member)
    if (score === undefined) return false
    this.#remove(member, score)
    return true
  }

  /** The rank of a member that has this score. O(log n). */
  rank(member: Bytes, score: number): number {
    if (this.#large !== undefined) return this.#large.rank(this.#large.find(member))
    return this.#tree === undefined ? rankOf(this.pack!, member) : this.#tree.rank(score, member)
  }

  /** How many entries lie before a cut. O(log n). */
  rankOfCut(cut: Cut): number {
    if (this.#large !== undefined) return this.#large.rankOfCut(cut)
    return this.#tree === undefined ? rankOfCut(this.pack!, cut) : this.#tree.rankOfCut(cut)
  }

  /** Visits up to `count` entries from a rank on, upwards or downwards. `visit` must not change the set. O(log n + count). */
  walk(rank: number, count: number, down: boolean, visit: Visit): void {
    const large = this.#large
    if (large !== undefined) {
      const { elements } = large
      large.walk(rank, count, down, (at, score) => visit(elements.keyOf(at), score))
    } else if (this.#tree === undefined) walkEntries(this.pack!, rank, count, down, visit)
    else this.#tree.walk(rank, count, down, visit)
  }

  /** See `ScoreTree`. */
  walkRuns(rank: number, visit: VisitRun): void {
    const large = this.#large
    if (large !== undefined) {
      large.walkLeaves(rank, (ats, scores, start, end) =>
        visit(new RecordRunMembers(large.elements, ats), scores, start, end),
      )
    } else if (this.#tree === undefined) this.#treeOf(this.pack!).walkRuns(rank, visit)
    else this.#tree.walkRuns(rank, visit)
  }

  /** The lowest `count` entries, upwards, as they are now, of a set that is not large. O(n), at memcpy's speed. */
  lowest(count: number): Run[] {
    return (this.#tree ?? this.#treeOf(this.pack!)).lowest(count)
  }

  /** Removes `count` entries from a rank on. O(count · log n). */
  deleteRange(rank: number, count: number): void {
    const large = this.#large
    if (large !== undefined) {
      // What is removed may move others.
      for (let left = count; left > 0; left--) large.remove(large.atRank(rank))
      return
    }
    if (this.pack !== undefined) {
      removeEntries(this.pack, rank, count)
      return
    }
    const members: Bytes[] = []
    const scores: number[] = []
    this.walk(rank, count, false, (member, score) => {
      members.push(member)
      scores.push(score)
    })
    for (let i = 0; i < members.length; i++) this.#remove(members[i], scores[i])
  }

  /** The member at a position from 0 to length - 1, in an order of no meaning: to draw one at random. */
  memberAt(position: number): Bytes {
    if (this.#large !== undefined) return this.#large.elements.keyAt(position)
    if (this.#scores !== undefined) return this.#scores.keyAt(position)
    let found = ''
    this.walk(position, 1, false, (member) => {
      found = member
    })
    return found
  }

  /** See `Scannable`. A small set comes at once, in order; the scores of a large one print as C's `%.17g`, as in Redis. */
  scan(cursor: number, count: number, visit: (member: Bytes, score: Bytes) => void): number {
    if (this.#large !== undefined) {
      const { elements } = this.#large
      return elements.scanRecords(cursor, count, (at) =>
        visit(elements.keyOf(at), seventeenDigits(elements.scoreOf(at))),
      )
    }
    if (this.#scores !== undefined) {
      return this.#scores.scan(cursor, count, (member, score) => visit(member, seventeenDigits(score)))
    }
    this.walk(0, this.length, false, (member, score) => visit(member, formatDouble(score)))
    return 0
  }

  copy(): ZSetValue {
    const copy = new ZSetValue(this.limits, 0, 0)
    if (this.#large !== undefined) {
      copy.#tree = undefined
      copy.#large = this.#large.copy()
      return copy
    }
    const members: Bytes[] = []
    const scores: number[] = []
    this.walk(0, this.length, false, (member, score) => {
      members.push(member)
      scores.push(score)
    })
    copy.#tree = ScoreTree.of(scores, members)
    copy.#scores = this.#scores?.copy()
    if (this.pack === undefined) copy.#contentBytes = this.#contentBytes
    else for (let i = 0; i < members.length; i++) copy.#contentBytes += entryWeight(members[i], scores[i])
    return copy
  }

  protected writePacked(): number {
    if (!this.#isSmallForm || this.length > PACKED_ENTRIES_MAX) return 0
    const members: Bytes[] = []
    const scores: number[] = []
    for (const run of this.#tree!.lowest(this.length)) {
      members.push(...run.members)
      scores.push(...run.scores)
    }
    return writeEntries(members, scores)
  }

  protected takeBack(pack: Pack): void {
    this.#tree = this.#treeOf(pack)
    this.#contentBytes = 0
    walkEntries(pack, 0, Infinity, false, (member, score) => {
      this.#contentBytes += entryWeight(member, score)
    })
  }

  protected letGo(): void {
    this.#tree = undefined
    this.#contentBytes = 0
  }

  protected get heapBytes(): number {
    if (this.#large !== undefined) return OBJECT_BYTES + this.#large.memoryBytes
    const { length } = this
    const tree = Math.max(LEAST_TREE_BYTES, length * TREE_ENTRY_BYTES)
    return OBJECT_BYTES + tree + this.#contentBytes + (this.#scores === undefined ? 0 : length * DICT_ENTRY_BYTES)
  }

  #isSmall(count: number, longest: number): boolean {
    const { limits } = this
    return count <= limits['zset-max-listpack-entries'] && longest <= limits['zset-max-listpack-value']
  }

  #remove(member: Bytes, score: number): void {
    this.#tree!.delete(score, member)
    this.#scores?.delete(member)
    this.#contentBytes -= entryWeight(member, score)
  }

  #treeOf(pack: Pack): ScoreTree {
    const members: Bytes[] = []
    const scores: number[] = []
    walkEntries(pack, 0, Infinity, false, (member, score) => {
      members.push(member)
      scores.push(score)
    })
    return ScoreTree.of(scores, members)
  }

  #enlarge(): void {
    this.unpack()
    const dict = new Dict<number>()
    this.walk(0, this.length, false, (member, score) => dict.add(member, score))
    this.#scores = dict
    if (dict.size >= Elements.least) this.#toLarge(dict)
  }

  /** Members keep their positions, so that scans go on. */
  #toLarge(scores: Dict<number>): void {
    const { size } = scores
    const elements = new Elements()
    elements.expect(size)
    for (let i = 0; i < size; i++) elements.addScored(scores.keyAt(i), scores.valueAt(i))
    const ats = new Int32Array(size)
    let rank = 0
    this.walk(0, size, false, (member) => {
      ats[rank++] = elements.find(member)
    })
    this.#large = Ranked.inOrder(elements, ats)
    this.#tree = this.#scores = undefined
    this.#contentBytes = 0
  }
}

/** The members of a leaf of a large set. */
class RecordRunMembers {
  readonly #elements: Elements
  readonly #ats: Int32Array

  constructor(elements: Elements, ats: Int32Array) {
    this.#elements = elements
    this.#ats = ats
  }

  at(index: number): Bytes {
    return this.#elements.keyOf(this.#ats[index])
  }
}

function entryWeight(member: Bytes, score: number): number {
  return stringWeight(member.length) + numberWeight(score)
}

/** A listpack holds whole scores as integers, which know no -0. */
function withoutNegativeZero(score: number): number {
  return score + 0
}

/** `%.17g` of C. */
function seventeenDigits(score: number): Bytes {
  if (!Number.isFinite(score) || score === 0) return formatDouble(score)
  const [mantissa, exponentText] = seventeenRounded(score).split('e')
  const exponent = Number(exponentText)
  if (exponent < -4 || exponent > 16) {
    const sign = exponent < 0 ? '-' : '+'
    return withoutTrailingZeros(mantissa) + 'e' + sign + ('' + Math.abs(exponent)).padStart(2, '0')
  }
  const minus = score < 0 ? '-' : ''
  const digits = mantissa.replace(/[-.]/g, '')
  if (exponent < 0) return withoutTrailingZeros(minus + '0.' + '0'.repeat(-exponent - 1) + digits)
  return withoutTrailingZeros(minus + digits.slice(0, exponent + 1) + '.' + digits.slice(exponent + 1))
}

/** `toExponential(16)`, but a tie goes to the even digit, as in C; JavaScript takes it away from zero. */
function seventeenRounded(score: number): string {
  const rounded = score.toExponential(16)
  const last = rounded.indexOf('e') - 1
  const digit = rounded.charCodeAt(last)
  if (digit % 2 === 0 || !/^-?\d\.\d{16}50*e/.test(score.toExponential(100))) return rounded
  return rounded.slice(0, last) + String.fromCharCode(digit - 1) + rounded.slice(last + 1)
}

function withoutTrailingZeros(decimal: string): string {
  return decimal.includes('.') ? decimal.replace(/\.?0*$/, '') : decimal
}
