/**
 * The order of a sorted set: (score, member) entries in a counted B+tree. Leaves hold the entries in parallel arrays and
 * are chained both ways; a branch knows for each child a lower bound of its entries and how many they are, so that an
 * entry's rank, the entry at a rank, and the place where a range begins are each found in one descent, O(log n). Redis
 * uses a skiplist with spans to the same end; docs/adr/0002-sorted-set-order.md has the comparison.
 *
 * Order is by score, then by the member's bytes. Invariants: every entry of a child is at or above its lower bound and
 * below the next child's; no leaf but the root is empty; scores are never NaN. A bound may be stale (its entry deleted)
 * and still divides.
 */
import type { Bytes } from '../../base/bytes.ts'
import type { Cut } from './cut.ts'

/** The most entries in a leaf and children in a branch; below MIN they are joined with a neighbour. */
const MAX = 64
const MIN = MAX / 4

/** Sees one entry; false ends the walk. */
export type Visit = (member: Bytes, score: number) => unknown

/** Sees neighbouring entries, from `start` to before `end`; false ends the walk. */
export type VisitRun = (members: RunMembers, scores: ArrayLike<number>, start: number, end: number) => boolean

/** An array, or what makes a member when it is asked for. */
export interface RunMembers {
  at(index: number): Bytes | undefined
}

/** Neighbouring entries. */
export interface Run {
  readonly scores: number[]
  readonly members: Bytes[]
}

class Leaf {
  scores: number[]
  members: Bytes[]
  previous: Leaf | undefined
  next: Leaf | undefined

  constructor(scores: number[], members: Bytes[]) {
    this.scores = scores
    this.members = members
  }
}

class Branch {
  readonly children: Node[]
  /** Entries below each child. */
  readonly sizes: number[]
  /** The lower bound of each child's entries. */
  readonly scores: number[]
  readonly members: Bytes[]

  constructor(children: Node[], sizes: number[], scores: number[], members: Bytes[]) {
    this.children = children
    this.sizes = sizes
    this.scores = scores
    this.members = members
  }
}

type Node = Leaf | Branch

export class ScoreTree {
  #root: Node = new Leaf([], [])
  #size = 0

  /** A tree of entries with distinct members, given in any order. O(n log n), O(n) where that is upwards or downwards. */
  static sorting(scores: readonly number[], members: readonly Bytes[]): ScoreTree {
    if (isAscending(scores, members, 1)) return ScoreTree.of(scores, members)
    if (isAscending(scores, members, -1)) return ScoreTree.of(scores.toReversed(), members.toReversed())
    const order = Array.from(members, (_, i) => i)
    // No difference of the scores: that of two infinities is NaN.
    order.sort((a, b) => {
      if (scores[a] !== scores[b]) return scores[a] < scores[b] ? -1 : 1
      return members[a] < members[b] ? -1 : 1
    })
    return ScoreTree.of(
      order.map((i) => scores[i]),
      order.map((i) => members[i]),
    )
  }

  /** A tree of entries that are in order already. O(n), and the leaves are full. */
  static of(scores: readonly number[], members: readonly Bytes[]): ScoreTree {
    const tree = new ScoreTree()
    if (scores.length === 0) return tree
    let nodes: Node[] = []
    let previous: Leaf | undefined
    for (let i = 0; i < scores.length; i += MAX) {
      const leaf = new Leaf(scores.slice(i, i + MAX), members.slice(i, i + MAX))
      if (previous !== undefined) chain(previous, leaf)
      nodes.push((previous = leaf))
    }
    while (nodes.length > 1) {
      const parents: Node[] = []
      for (let i = 0; i < nodes.length; i += MAX) parents.push(branchOver(nodes.slice(i, i + MAX)))
      nodes = parents
    }
    tree.#root = nodes[0]
    tree.#size = scores.length
    return tree
  }

  get size(): number {
    return this.#size
  }

  /** Adds an entry that is known to be absent. */
  insert(score: number, member: Bytes): void {
    const root = this.#root
    const right = insertInto(root, score, member)
    if (right !== undefined) this.#root = branchOver([root, right])
    this.#size++
  }

  /** Removes an entry that is known to be there. */
  delete(score: number, member: Bytes): void {
    const root = this.#root
    deleteFrom(root, score, member)
    if (root instanceof Branch && root.children.length === 1) this.#root = root.children[0]
    this.#size--
  }

  /** How many entries lie before this one, which need not be there. */
  rank(score: number, member: Bytes): number {
    let node = this.#root
    let rank = 0
    while (node instanceof Branch) {
      const child = childFor(node, score, member)
      for (let i = 0; i < child; i++) rank += node.sizes[i]
      node = node.children[child]
    }
    return rank + lowerBound(node, score, member)
  }

  /** How many entries lie before a cut. */
  rankOfCut(cut: Cut): number {
    let node = this.#root
    let rank = 0
    while (node instanceof Branch) {
      const child = Math.max(0, countBefore(node, cut) - 1)
      for (let i = 0; i < child; i++) rank += node.sizes[i]
      node = node.children[child]
    }
    return rank + countBefore(node, cut)
  }

  /** Visits up to `count` entries from a rank on, upwards or downwards. `visit` must not change the tree. */
  walk(rank: number, count: number, down: boolean, visit: Visit): void {
    if (rank < 0 || rank >= this.#size) return
    let node = this.#root
    let index = rank
    while (node instanceof Branch) {
      let child = 0
      while (index >= node.sizes[child]) index -= node.sizes[child++]
      node = node.children[child]
    }
    let leaf: Leaf | undefined = node
    for (let left = count; left > 0 && leaf !== undefined; ) {
      const { scores, members }: Leaf = leaf
      if (down) {
        for (; left > 0 && index >= 0; left--, index--) if (visit(members[index], scores[index]) === false) return
        leaf = leaf.previous
        if (leaf !== undefined) index = leaf.scores.length - 1
      } else {
        for (; left > 0 && index < scores.length; left--, index++) {
          if (visit(members[index], scores[index]) === false) return
        }
        leaf = leaf.next
        index = 0
      }
    }
  }

  /**
   * Visits the entries from a rank on upwards, a leaf's at a time: those of its arrays from `start` on, which may be neither
   * changed nor kept.
   */
  walkRuns(rank: number, visit: VisitRun): void {
    if (rank < 0 || rank >= this.#size) return
    let node = this.#root
    let start = rank
    while (node instanceof Branch) {
      let child = 0
      while (start >= node.sizes[child]) start -= node.sizes[child++]
      node = node.children[child]
    }
    for (let leaf: Leaf | undefined = node; leaf !== undefined; leaf = leaf.next) {
      if (visit(leaf.members, leaf.scores, start, leaf.scores.length) === false) return
      start = 0
    }
  }

  /** The lowest `count` entries, upwards, as they are now. O(n), at memcpy's speed. */
  lowest(count: number): Run[] {
    const runs: Run[] = []
    let left = count
    for (let leaf: Leaf | undefined = firstLeaf(this.#root); left > 0 && leaf !== undefined; leaf = leaf.next) {
      runs.push({ scores: leaf.scores.slice(0, left), members: leaf.members.slice(0, left) })
      left -= leaf.scores.length
    }
    return runs
  }

  /** The score of a member, found by looking at every entry: for trees of a few leaves. O(n). */
  search(member: Bytes): number | undefined {
    for (let leaf: Leaf | undefined = firstLeaf(this.#root); leaf !== undefined; leaf = leaf.next) {
      const index = leaf.members.indexOf(member)
      if (index !== -1) return leaf.scores[index]
    }
    return undefined
  }
}

/** Whether entries are in order, or by a step of -1 in that order backwards. */
function isAscending(scores: readonly number[], members: readonly Bytes[], step: 1 | -1): boolean {
  for (let i = 1; i < scores.length; i++) {
    const one = step === 1 ? i - 1 : i
    const other = step === 1 ? i : i - 1
    if (scores[one] > scores[other]) return false
    if (scores[one] === scores[other] && members[one] > members[other]) return false
  }
  return true
}

function firstLeaf(root: Node): Leaf {
  let node = root
  while (node instanceof Branch) node = node.children[0]
  return node
}

function chain(left: Leaf, right: Leaf): void {
  right.next = left.next
  right.previous = left
  if (left.next !== undefined) left.next.previous = right
  left.next = right
}

function sizeOf(node: Node): number {
  if (node instanceof Leaf) return node.scores.length
  let size = 0
  for (let i = 0; i < node.sizes.length; i++) size += node.sizes[i]
  return size
}

function branchOver(children: Node[]): Branch {
  return new Branch(
    children,
    children.map(sizeOf),
    children.map((child) => child.scores[0]),
    children.map((child) => child.members[0]),
  )
}

/** Where an entry stands in a leaf, or would. */
function lowerBound({ scores, members }: Leaf, score: number, member: Bytes): number {
  let low = 0
  let high = scores.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const other = scores[middle]
    if (other < score || (other === score && members[middle] < member)) low = middle + 1
    else high = middle
  }
  return low
}

/** The child that an entry belongs to: the last whose lower bound is not above it. */
function childFor({ scores, members }: Branch, score: number, member: Bytes): number {
  let low = 1
  let high = scores.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const other = scores[middle]
    if (other < score || (other === score && members[middle] <= member)) low = middle + 1
    else high = middle
  }
  return low - 1
}

/** How many of a leaf's entries, or of a branch's lower bounds, lie before a cut. */
function countBefore({ scores, members }: Node, cut: Cut): number {
  let low = 0
  let high = scores.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (cut.isAfter(scores[middle], members[middle])) low = middle + 1
    else high = middle
  }
  return low
}

/** Adds an entry below a node. If that made the node too large, its upper part comes back as a new node. */
function insertInto(node: Node, score: number, member: Bytes): Node | undefined {
  if (node instanceof Leaf) return insertIntoLeaf(node, score, member)
  const child = childFor(node, score, member)
  const right = insertInto(node.children[child], score, member)
  node.sizes[child]++
  if (right === undefined) return undefined
  insertChild(node, child + 1, right)
  return node.children.length > MAX ? splitBranch(node) : undefined
}

function insertIntoLeaf(leaf: Leaf, score: number, member: Bytes): Leaf | undefined {
  const { length } = leaf.scores
  const index = lowerBound(leaf, score, member)
  if (length < MAX) {
    insertEntry(leaf, index, score, member)
    return undefined
  }
  // Entries that arrive in ascending order leave full leaves behind them, not halves.
  const half = index === length && leaf.next === undefined ? length : length >>> 1
  const right = splitLeaf(leaf, half)
  if (index < half) insertEntry(leaf, index, score, member)
  else insertEntry(right, index - half, score, member)
  return right
}

/** By hand: `splice` makes an array of what it removes, and both arrays move by the same. */
function insertEntry({ scores, members }: Leaf, index: number, score: number, member: Bytes): void {
  const { length } = scores
  scores.push(score)
  members.push(member)
  for (let i = length; i > index; i--) {
    scores[i] = scores[i - 1]
    members[i] = members[i - 1]
  }
  scores[index] = score
  members[index] = member
}

function deleteEntry({ scores, members }: Leaf, index: number): void {
  const last = scores.length - 1
  for (let i = index; i < last; i++) {
    scores[i] = scores[i + 1]
    members[i] = members[i + 1]
  }
  scores.pop()
  members.pop()
}

/** Puts a node that was split off its left neighbour beside it. */
function insertChild(parent: Branch, at: number, node: Node): void {
  const size = sizeOf(node)
  parent.sizes[at - 1] -= size
  parent.children.splice(at, 0, node)
  parent.sizes.splice(at, 0, size)
  parent.scores.splice(at, 0, node.scores[0])
  parent.members.splice(at, 0, node.members[0])
}

function splitLeaf(leaf: Leaf, at: number): Leaf {
  const right = new Leaf(leaf.scores.splice(at), leaf.members.splice(at))
  chain(leaf, right)
  return right
}

function splitBranch({ children, sizes, scores, members }: Branch): Branch {
  const half = children.length >>> 1
  return new Branch(children.splice(half), sizes.splice(half), scores.splice(half), members.splice(half))
}

function deleteFrom(node: Node, score: number, member: Bytes): void {
  if (node instanceof Leaf) {
    deleteEntry(node, lowerBound(node, score, member))
    return
  }
  const child = childFor(node, score, member)
  deleteFrom(node.children[child], score, member)
  node.sizes[child]--
  if (node.children[child].scores.length < MIN && node.children.length > 1) join(node, Math.max(0, child - 1))
}

/** Puts two neighbouring children together, and apart again in equal halves if they are too many for one. */
function join(parent: Branch, at: number): void {
  const left = parent.children[at]
  const right = parent.children[at + 1]
  if (left instanceof Leaf) {
    appendLeaf(left, right as Leaf)
  } else {
    // Nothing keeps a branch's own first bound true: the parent knows the one that divides the two.
    right.scores[0] = parent.scores[at + 1]
    right.members[0] = parent.members[at + 1]
    appendBranch(left, right as Branch)
  }
  parent.sizes[at] += parent.sizes[at + 1]
  parent.children.splice(at + 1, 1)
  parent.sizes.splice(at + 1, 1)
  parent.scores.splice(at + 1, 1)
  parent.members.splice(at + 1, 1)
  if (left.scores.length <= MAX) return
  const upper = left instanceof Leaf ? splitLeaf(left, left.scores.length >>> 1) : splitBranch(left)
  insertChild(parent, at + 1, upper)
}

function appendLeaf(left: Leaf, right: Leaf): void {
  left.scores.push(...right.scores)
  left.members.push(...right.members)
  left.next = right.next
  if (right.next !== undefined) right.next.previous = left
}

function appendBranch(left: Branch, right: Branch): void {
  left.children.push(...right.children)
  left.sizes.push(...right.sizes)
  left.scores.push(...right.scores)
  left.members.push(...right.members)
}
