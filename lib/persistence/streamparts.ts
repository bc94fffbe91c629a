/**
 * A large stream written a part at a time: see parts.ts. Detaching copies the nodes, whose bytes change in place, and writes
 * at once what stands behind them, counters and groups with what is pending, into memory: that takes less room there than
 * the pending entries themselves, and less time than a copy of them.
 */
import type { StreamValue } from '../keyspace/values/stream.ts'
import type { StreamNode } from '../keyspace/values/stream-node.ts'
import { RdbOutput } from './output.ts'
import { formOf, type Target, writeStreamNode, writeStreamTail } from './rdbstream.ts'

/** So many nodes are one part. */
const PART_NODES = 8
const PIECE_BYTES = 2 ** 16

export class StreamParts {
  #nodes: Iterator<StreamNode>
  #nodesLeft: number
  #isStarted = false
  /** What writes the tail, and where to. */
  readonly #target: Target
  readonly #tail: Iterator<void>
  /** The tail as it was, once this is detached. */
  #pieces: Uint8Array[] | undefined

  constructor(stream: StreamValue, version: number) {
    this.#nodes = stream.nodes()[Symbol.iterator]()
    this.#nodesLeft = stream.nodeCount
    this.#target = { output: new RdbOutput() }
    this.#tail = writeStreamTail(this.#target, stream, formOf(stream, version))
  }

  write(output: RdbOutput): boolean {
    if (!this.#isStarted) {
      output.count(this.#nodesLeft)
      this.#isStarted = true
    }
    if (this.#nodesLeft > 0) {
      for (let left = PART_NODES; left > 0 && this.#nodesLeft > 0; left--, this.#nodesLeft--) {
        writeStreamNode(output, this.#nodes.next().value)
      }
      return false
    }
    if (this.#pieces !== undefined) {
      const piece = this.#pieces.shift()
      if (piece !== undefined) output.raw(piece)
      return this.#pieces.length === 0
    }
    this.#target.output = output
    return this.#tail.next().done === true
  }

  detach(): void {
    const nodes: StreamNode[] = []
    for (let left = this.#nodesLeft; left > 0; left--) nodes.push(this.#nodes.next().value.copy())
    this.#nodes = nodes[Symbol.iterator]()
    const pieces: Uint8Array[] = []
    this.#target.output = new RdbOutput(PIECE_BYTES, (piece) => {
      pieces.push(piece)
      return undefined
    })
    while (this.#tail.next().done !== true);
    this.#target.output.flush()
    this.#pieces = pieces
  }
}
