/**
 * A stream written a part at a time: its nodes, and what stands behind them (streamtail.ts). See parts.ts. What is detached shares
 * the bytes of the nodes with the stream: who deletes an entry copies its node.
 */
import type { StreamValue } from '../../keyspace/values/stream.ts'
import type { StreamNode } from '../../keyspace/values/stream-node.ts'
import type { RdbOutput } from '../format/output.ts'
import { formOf, writeStreamNode } from './stream.ts'
import { StreamTail } from './streamtail.ts'

/** So many nodes are one part. */
const PART_NODES = 8

export class StreamParts {
  #nodes: Iterator<StreamNode>
  #nodesLeft: number
  #isStarted = false
  readonly #tail: StreamTail

  constructor(stream: StreamValue, version: number) {
    this.#nodes = stream.nodes()[Symbol.iterator]()
    this.#nodesLeft = stream.nodeCount
    this.#tail = new StreamTail(stream, formOf(stream, version))
  }

  write(output: RdbOutput): boolean {
    if (!this.#isStarted) {
      output.count(this.#nodesLeft)
      this.#isStarted = true
    }
    if (this.#nodesLeft === 0) return this.#tail.write(output)
    for (let left = PART_NODES; left > 0 && this.#nodesLeft > 0; left--, this.#nodesLeft--) {
      writeStreamNode(output, this.#nodes.next().value)
    }
    return false
  }

  detach(): void {
    const nodes: StreamNode[] = []
    for (let left = this.#nodesLeft; left > 0; left--) nodes.push(this.#nodes.next().value.twin())
    this.#nodes = nodes[Symbol.iterator]()
    this.#tail.detach()
  }

  end(): void {
    this.#tail.end()
  }
}

/** Writes a stream at once. */
export function writeStream(output: RdbOutput, stream: StreamValue, version: number): void {
  const parts = new StreamParts(stream, version)
  while (!parts.write(output));
}
