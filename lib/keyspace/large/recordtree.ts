/**
 * The order of a large sorted set: a counted B+tree as that of the smaller ones (values/score-tree.ts), of entries that are a score and the
 * address of a record. Members are compared where they lie, and only where scores are equal.
 *
 * Invariants: no leaf but the root is empty; the bound of each child of a branch but the first is its first entry, so that no branch knows
 * the address of a record that is gone. The bound of the first child is of no meaning.
 */
import type { At } from '../../memory/arena.ts'
import type { Cut } from '../values/cut.ts'
import { LEAF_MAX, Leaves, NONE } from './leaves.ts'

/** The most children of a branch; below MIN nodes are joined with a neighbour. */
const MAX = LEAF_MAX
const MIN = MAX / 4
/** A branch, by its share for each leaf below it. */
const BRANCH_SHARE_BYTES = 48

/** Where members lie. */
export interface Members {
  keyOf(at: At): string
  /** Below 0, 0, or above. */
  compareKeys(a: At, b: At): number
}

/** Sees one entry; false ends the walk. */
export type VisitRecord = (at: At, score: number) => unknown

/** Sees neighbouring entries, from `start` to before `end`; false ends the walk. */
export type VisitRecords = (ats: Int32Array, scores: Float64Array, start: number, end: number) => boolean

class Branch {
  readonly children: Node[]
  /** Entries below each child. */
  readonly sizes: number[]
  /** The first entry of each child. */
  readonly scores: number[]
  readonly ats: At[]

  constructor(children: Node[], sizes: number[], scores: number[], ats: At[]) {
    this.children = children
    this.sizes = sizes
    this.scores = scores
    this.ats = ats
  }
}

/** A number is a leaf's. */
type Node = Branch | number

export class RecordTree {
  readonly #members: Members
  #leaves = new Leaves()
  #root: Node = this.#leaves.addAfter(NONE)
  #size = 0
  /** A leaf that was joined with its neighbour, and is not removed yet. */
  #left = NONE

  constructor(members: Members) {
    this.#members = members
  }

  /** A tree of entries that are in order already. O(n), and the leaves are full. */
  static of(members: Members, scores: Float64Array, ats: Int32Array): RecordTree {
    const tree = new RecordTree(members)
    const leaves = tree.#leaves
    let nodes: Node[] = [0]
    for (let i = 0, leaf = 0; i < scores.length; i += MAX) {
      if (i !== 0) nodes.push((leaf = leaves.addAfter(leaf)))
      const end = Math.min(i + MAX, scores.length)
      leaves.scores[leaves.slabOf(leaf)].set(scores.subarray(i, end), leaves.baseOf(leaf))
      leaves.ats[leaves.slabOf(leaf)].set(ats.subarray(i, end), leaves.baseOf(leaf))
      leaves.counts[leaf] = end - i
    }
    while (nodes.length > 1) {
      const parents: Node[] = []
      for (let i = 0; i < nodes.length; i += MAX) parents.push(tree.#branchOver(nodes.slice(i, i + MAX)))
      nodes = parents
    }
    tree.#root = nodes[0]
    tree.#size = scores.length
    return tree
  }

  get size(): number {
    return this.#size
  }

  get memoryBytes(): number {
    return this.#leaves.memoryBytes + this.#leaves.size * BRANCH_SHARE_BYTES
  }

  /** Adds an entry that is known to be absent. */
  insert(score: number, at: At): void {
    const root = this.#root
    const right = this.#insertInto(root, score, at)
    if (right !== undefined) this.#root = this.#branchOver([root, right])
    this.#size++
  }

  /** Removes an entry that is known to be there. */
  delete(score: number, at: At): void {
    const root = this.#root
    this.#deleteFrom(root, score, at)
    if (typeof root !== 'number' && root.children.length === 1) this.#root = root.children[0]
    this.#size--
    if (this.#left !== NONE) this.#removeLeaf()
  }

  /** A record that is known to be there has another address: `to` is a copy of it. */
  replace(score: number, at: At, to: At): void {
    let node = this.#root
    while (typeof node !== 'number') {
      const child = this.#childFor(node, score, at)
      if (child !== 0 && node.ats[child] === at) node.ats[child] = to
      node = node.children[child]
    }
    const leaves = this.#leaves
    leaves.ats[leaves.slabOf(node)][leaves.baseOf(node) + this.#lowerBound(node, score, at)] = to
  }

  /** How many entries lie before this one. */
  rank(score: number, at: At): number {
    let node = this.#root
    let rank = 0
    while (typeof node !== 'number') {
      const child = this.#childFor(node, score, at)
      for (let i = 0; i < child; i++) rank += node.sizes[i]
      node = node.children[child]
    }
    return rank + this.#lowerBound(node, score, at)
  }

  /** How many entries lie before a cut. */
  rankOfCut(cut: Cut): number {
    let node = this.#root
    let rank = 0
    while (typeof node !== 'number') {
      const child = this.#countBefore(cut, node.scores, node.ats, 1, node.scores.length) - 1
      for (let i = 0; i < child; i++) rank += node.sizes[i]
      node = node.children[child]
    }
    const leaves = this.#leaves
    const slab = leaves.slabOf(node)
    const base = leaves.baseOf(node)
    return rank + this.#countBefore(cut, leaves.scores[slab], leaves.ats[slab], base, base + leaves.counts[node]) - base
  }

  /** The record at a rank, which there must be. */
  atRank(rank: number): At {
    let found = 0
    this.walk(rank, 1, false, (at) => {
      found = at
    })
    return found
  }

  /** Visits up to `count` entries from a rank on, upwards or downwards. `visit` must not change the tree. */
  walk(rank: number, count: number, down: boolean, visit: VisitRecord): void {
    if (rank < 0 || rank >= this.#size) return
    const leaves = this.#leaves
    let leaf = this.#leafAt(rank)
    let index = this.#indexInLeaf
    for (let left = count; left > 0 && leaf !== NONE; ) {
      const slab = leaves.slabOf(leaf)
      const scores = leaves.scores[slab]
      const ats = leaves.ats[slab]
      const base = leaves.baseOf(leaf)
      if (down) {
        for (let i = base + index; left > 0 && i >= base; left--, i--) if (visit(ats[i], scores[i]) === false) return
        leaf = leaves.previous[leaf]
        if (leaf !== NONE) index = leaves.counts[leaf] - 1
      } else {
        const end = base + leaves.counts[leaf]
        for (let i = base + index; left > 0 && i < end; left--, i++) if (visit(ats[i], scores[i]) === false) return
        leaf = leaves.next[leaf]
        index = 0
      }
    }
  }

  /** Visits the entries from a rank on upwards, a leaf's at a time: places in arrays that may be neither changed nor kept. */
  walkLeaves(rank: number, visit: VisitRecords): void {
    if (rank < 0 || rank >= this.#size) return
    const leaves = this.#leaves
    let leaf = this.#leafAt(rank)
    for (let index = this.#indexInLeaf; leaf !== NONE; leaf = leaves.next[leaf], index = 0) {
      const slab = leaves.slabOf(leaf)
      const base = leaves.baseOf(leaf)
      if (!visit(leaves.ats[slab], leaves.scores[slab], base + index, base + leaves.counts[leaf])) return
    }
  }

  copy(members: Members): RecordTree {
    const copy = new RecordTree(members)
    copy.#leaves = this.#leaves.copy()
    copy.#root = copyOf(this.#root)
    copy.#size = this.#size
    return copy
  }

  /** For tests. @throws Error where an invariant does not hold */
  check(): void {
    let leaf = NONE
    const seen = new Set<number>()
    const sizeOf = (node: Node, isRoot: boolean): number => {
      if (typeof node === 'number') {
        must(this.#leaves.previous[node] === leaf, 'the chain', node)
        must(leaf === NONE || this.#leaves.next[leaf] === node, 'the chain', node)
        must(isRoot || this.#leaves.counts[node] !== 0, 'an empty leaf', node)
        seen.add((leaf = node))
        return this.#leaves.counts[node]
      }
      must(node.children.length > 1 && node.children.length <= MAX, 'children', node.children.length)
      const { length } = node.children
      must(
        [node.sizes, node.scores, node.ats].every((column) => column.length === length),
        'columns',
        length,
      )
      for (let i = 0; i < length; i++) {
        must(sizeOf(node.children[i], false) === node.sizes[i], 'a size', i)
        if (i === 0) continue
        const first = this.#firstOf(node.children[i])
        must(node.ats[i] === this.#leaves.firstAt(first), 'the address of a bound', i)
        must(node.scores[i] === this.#leaves.firstScore(first), 'the score of a bound', i)
      }
      return node.sizes.reduce((sum, size) => sum + size)
    }
    must(sizeOf(this.#root, true) === this.#size, 'the size', this.#size)
    must(this.#leaves.next[leaf] === NONE && seen.size === this.#leaves.size, 'leaves', seen.size)
    let before: [At, number] | undefined
    this.walk(0, this.#size, false, (at, score) => {
      if (before !== undefined) {
        const [other, its] = before
        must(its < score || (its === score && this.#members.compareKeys(other, at) < 0), 'the order', at)
      }
      before = [at, score]
    })
  }

  /** The leaf of a rank; what `#indexInLeaf` is then is the place in it. */
  #leafAt(rank: number): number {
    let node = this.#root
    let index = rank
    while (typeof node !== 'number') {
      let child = 0
      while (index >= node.sizes[child]) index -= node.sizes[child++]
      node = node.children[child]
    }
    this.#indexInLeaf = index
    return node
  }

  #indexInLeaf = 0

  /** Where an entry stands in a leaf, or would. */
  #lowerBound(leaf: number, score: number, at: At): number {
    const leaves = this.#leaves
    const slab = leaves.slabOf(leaf)
    const scores = leaves.scores[slab]
    const ats = leaves.ats[slab]
    const base = leaves.baseOf(leaf)
    let low = base
    let high = base + leaves.counts[leaf]
    while (low < high) {
      const middle = (low + high) >>> 1
      const other = scores[middle]
      if (other < score || (other === score && this.#compare(ats[middle], at) < 0)) low = middle + 1
      else high = middle
    }
    return low - base
  }

  /** The child that an entry belongs to: the last whose bound is not above it. */
  #childFor({ scores, ats }: Branch, score: number, at: At): number {
    let low = 1
    let high = scores.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const other = scores[middle]
      if (other < score || (other === score && this.#compare(ats[middle], at) <= 0)) low = middle + 1
      else high = middle
    }
    return low - 1
  }

  #compare(one: At, other: At): number {
    return one === other ? 0 : this.#members.compareKeys(one, other)
  }

  /** The first of some places that is not before a cut. */
  #countBefore(cut: Cut, scores: ArrayLike<number>, ats: ArrayLike<At>, from: number, to: number): number {
    let low = from
    let high = to
    while (low < high) {
      const middle = (low + high) >>> 1
      if (cut.isAfter(scores[middle], cut.asksMember ? this.#members.keyOf(ats[middle]) : '')) low = middle + 1
      else high = middle
    }
    return low
  }

  /** The first leaf below a node. */
  #firstOf(node: Node): number {
    let first = node
    while (typeof first !== 'number') first = first.children[0]
    return first
  }

  #sizeOf(node: Node): number {
    if (typeof node === 'number') return this.#leaves.counts[node]
    let size = 0
    for (let i = 0; i < node.sizes.length; i++) size += node.sizes[i]
    return size
  }

  #branchOver(children: Node[]): Branch {
    const firsts = children.map((child) => this.#firstOf(child))
    return new Branch(
      children,
      children.map((child) => this.#sizeOf(child)),
      firsts.map((leaf) => this.#leaves.firstScore(leaf)),
      firsts.map((leaf) => this.#leaves.firstAt(leaf)),
    )
  }

  /** Adds an entry below a node. If that made the node too large, its upper part comes back as a new node. */
  #insertInto(node: Node, score: number, at: At): Node | undefined {
    if (typeof node === 'number') return this.#insertIntoLeaf(node, score, at)
    const child = this.#childFor(node, score, at)
    const right = this.#insertInto(node.children[child], score, at)
    node.sizes[child]++
    if (right === undefined) return undefined
    this.#insertChild(node, child + 1, right)
    return node.children.length > MAX ? splitBranch(node) : undefined
  }

  #insertIntoLeaf(leaf: number, score: number, at: At): number | undefined {
    const leaves = this.#leaves
    const index = this.#lowerBound(leaf, score, at)
    const count = leaves.counts[leaf]
    if (count < LEAF_MAX) {
      leaves.insert(leaf, index, score, at)
      return undefined
    }
    // Entries that arrive in ascending order leave full leaves behind them, not halves.
    const half = index === count && leaves.next[leaf] === NONE ? count : count >>> 1
    const right = leaves.addAfter(leaf)
    leaves.moveTail(leaf, half, right)
    if (index < half) leaves.insert(leaf, index, score, at)
    else leaves.insert(right, index - half, score, at)
    return right
  }

  /** Puts a node that was split off its left neighbour beside it. */
  #insertChild(parent: Branch, index: number, node: Node): void {
    const size = this.#sizeOf(node)
    const first = this.#firstOf(node)
    parent.sizes[index - 1] -= size
    parent.children.splice(index, 0, node)
    parent.sizes.splice(index, 0, size)
    parent.scores.splice(index, 0, this.#leaves.firstScore(first))
    parent.ats.splice(index, 0, this.#leaves.firstAt(first))
  }

  #deleteFrom(node: Node, score: number, at: At): void {
    if (typeof node === 'number') {
      this.#leaves.delete(node, this.#lowerBound(node, score, at))
      return
    }
    const index = this.#childFor(node, score, at)
    const child = node.children[index]
    this.#deleteFrom(child, score, at)
    node.sizes[index]--
    if (index !== 0 && node.ats[index] === at) this.#renewBound(node, index)
    const length = typeof child === 'number' ? this.#leaves.counts[child] : child.children.length
    if (length < MIN && node.children.length > 1) this.#join(node, Math.max(0, index - 1))
  }

  #renewBound(branch: Branch, index: number): void {
    const first = this.#firstOf(branch.children[index])
    branch.scores[index] = this.#leaves.firstScore(first)
    branch.ats[index] = this.#leaves.firstAt(first)
  }

  /** Puts two neighbouring children together, or makes them equal if they are too many for one. */
  #join(parent: Branch, index: number): void {
    const left = parent.children[index]
    const right = parent.children[index + 1]
    if (typeof left === 'number') {
      this.#joinLeaves(parent, index, left, right as number)
      return
    }
    // The parent knows the bound that divides the two.
    const other = right as Branch
    other.scores[0] = parent.scores[index + 1]
    other.ats[0] = parent.ats[index + 1]
    appendBranch(left, other)
    removeSecond(parent, index)
    if (left.children.length > MAX) this.#insertChild(parent, index + 1, splitBranch(left))
  }

  #joinLeaves(parent: Branch, index: number, left: number, right: number): void {
    const leaves = this.#leaves
    if (leaves.counts[left] + leaves.counts[right] > LEAF_MAX) {
      const sum = parent.sizes[index] + parent.sizes[index + 1]
      leaves.balance(left, right)
      parent.sizes[index] = leaves.counts[left]
      parent.sizes[index + 1] = sum - leaves.counts[left]
      this.#renewBound(parent, index + 1)
      return
    }
    leaves.append(left, right)
    leaves.unchain(right)
    removeSecond(parent, index)
    this.#left = right
  }

  /** Removes the leaf that was left: the last one takes its number, and is named so by its parent. */
  #removeLeaf(): void {
    const leaves = this.#leaves
    const leaf = this.#left
    const last = leaves.size - 1
    this.#left = NONE
    if (leaf !== last) {
      const score = leaves.firstScore(last)
      const at = leaves.firstAt(last)
      let node = this.#root
      if (node === last) this.#root = leaf
      while (typeof node !== 'number') {
        const child = this.#childFor(node, score, at)
        if (node.children[child] === last) node.children[child] = leaf
        node = node.children[child]
      }
    }
    leaves.remove(leaf)
  }
}

/** Removes the second of two children that were put together. */
function removeSecond({ children, sizes, scores, ats }: Branch, index: number): void {
  sizes[index] += sizes[index + 1]
  children.splice(index + 1, 1)
  sizes.splice(index + 1, 1)
  scores.splice(index + 1, 1)
  ats.splice(index + 1, 1)
}

function splitBranch({ children, sizes, scores, ats }: Branch): Branch {
  const half = children.length >>> 1
  return new Branch(children.splice(half), sizes.splice(half), scores.splice(half), ats.splice(half))
}

function appendBranch(left: Branch, right: Branch): void {
  left.children.push(...right.children)
  left.sizes.push(...right.sizes)
  left.scores.push(...right.scores)
  left.ats.push(...right.ats)
}

function copyOf(node: Node): Node {
  if (typeof node === 'number') return node
  const { children, sizes, scores, ats } = node
  return new Branch(children.map(copyOf), sizes.slice(), scores.slice(), ats.slice())
}

function must(holds: boolean, what: string, value: number): void {
  if (!holds) throw new Error(`${what}: ${value}`)
}
