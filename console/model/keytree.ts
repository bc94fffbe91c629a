/**
 * Keys as a tree: a name is cut at its separators, and what begins alike stands below one branch. It grows with the scan, and is
 * put in order only where somebody looks.
 */
import type { Bytes } from '../wire/bytes.ts'

export interface Branch {
  /** With its last separator: all keys below begin with it. */
  readonly prefix: Bytes
  /** The last part of it. */
  readonly name: Bytes
  readonly branches: Map<Bytes, Branch>
  readonly keys: Bytes[]
  /** Keys below it, at any depth. */
  count: number
}

export type Row =
  | { readonly kind: 'branch'; readonly branch: Branch; readonly depth: number; readonly isOpen: boolean }
  | { readonly kind: 'key'; readonly key: Bytes; readonly name: Bytes; readonly depth: number }

/** Deeper than this a name is not cut any more: a name of separators alone would be as deep as it is long. */
const DEPTH_MAX = 32

export class KeyTree {
  readonly #separator: string
  readonly #root = branchOf('', '')
  #grown = 0

  constructor(separator: string) {
    this.#separator = separator
  }

  /** Takes in what was found since: the list may only have grown. */
  grow(keys: readonly Bytes[]): void {
    for (; this.#grown < keys.length; this.#grown++) this.#put(keys[this.#grown])
  }

  /** The lines to show, where these branches are open. */
  rows(open: ReadonlySet<Bytes>): Row[] {
    const rows: Row[] = []
    this.#collect(this.#root, 0, open, rows)
    return rows
  }

  #put(key: Bytes): void {
    let branch = this.#root
    branch.count++
    let from = 0
    for (let depth = 0; depth < DEPTH_MAX; depth++) {
      const end = key.indexOf(this.#separator, from)
      if (end === -1) break
      const next = end + this.#separator.length
      const name = key.slice(from, end)
      let below = branch.branches.get(name)
      if (below === undefined) {
        below = branchOf(key.slice(0, next), name)
        branch.branches.set(name, below)
      }
      below.count++
      branch = below
      from = next
    }
    branch.keys.push(key)
  }

  #collect(branch: Branch, depth: number, open: ReadonlySet<Bytes>, rows: Row[]): void {
    const branches = [...branch.branches.values()].sort((a, b) => compare(a.name, b.name))
    for (const below of branches) {
      const isOpen = open.has(below.prefix)
      rows.push({ kind: 'branch', branch: below, depth, isOpen })
      if (isOpen) this.#collect(below, depth + 1, open, rows)
    }
    branch.keys.sort(compare)
    for (const key of branch.keys) rows.push({ kind: 'key', key, name: key.slice(branch.prefix.length), depth })
  }
}

function branchOf(prefix: Bytes, name: Bytes): Branch {
  return { prefix, name, branches: new Map(), keys: [], count: 0 }
}

function compare(a: Bytes, b: Bytes): number {
  return a < b ? -1 : a > b ? 1 : 0
}
