/**
 * Where the nodes of a list start, so that an index in the middle of a long list is found by bisection rather than by a
 * walk over thousands of nodes. Made when first needed and thrown away when a node comes or goes or the middle changes its
 * counts; it outlives pushes and pops inside the nodes at the ends, because starts are counted from an origin that moves
 * with the head.
 */
import type { ListNode } from './listnode.ts'

export class ListDirectory {
  readonly #nodes: ListNode[] = []
  readonly #starts: number[] = []
  /** Start of the list's first element now; that of the first node was 0 when this was made. */
  origin = 0

  constructor(head: ListNode | undefined) {
    let start = 0
    for (let node = head; node !== undefined; node = node.next) {
      this.#nodes.push(node)
      this.#starts.push(start)
      start += node.count
    }
  }

  /** The place of the node that holds an index of the list. */
  find(index: number): number {
    const position = this.origin + index
    const starts = this.#starts
    let low = 0
    let high = starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (starts[middle] <= position) low = middle
      else high = middle - 1
    }
    return low
  }

  nodeAt(place: number): ListNode {
    return this.#nodes[place]
  }

  /** The index in the list of a node's first element. The head's may have moved; it is never asked for. */
  startAt(place: number): number {
    return this.#starts[place] - this.origin
  }
}
