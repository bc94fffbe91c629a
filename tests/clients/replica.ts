/** A replica that does nothing but listen: it synchronises and keeps the commands of the stream that follows. */
import { connect, type NetConnectOpts, type Socket } from 'node:net'
import type { Bytes } from '../../lib/base/bytes.ts'
import { Decoder } from '../../lib/protocol/decode.ts'

export class Replica {
  readonly #socket: Socket
  readonly #decoder = new Decoder(512 * 1024 * 1024)
  /** What comes before the stream: the answer to PSYNC, and the snapshot behind its length. */
  #head: Buffer = Buffer.alloc(0)
  #isStreaming = false
  #commands: Bytes[][] = []
  #heard: () => void = () => {}

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', (chunk: Buffer) => this.#receive(chunk))
  }

  /** Settles when the snapshot has been received. */
  static async connect(options: NetConnectOpts): Promise<Replica> {
    const socket = connect(options)
    const replica = new Replica(socket)
    await new Promise<void>((resolve, reject) => {
      replica.#heard = () => replica.#isStreaming && resolve()
      socket.on('error', reject)
      socket.write('PSYNC ? -1\r\n')
    })
    return replica
  }

  /** What came until a message `mark` was published, without it. */
  async until(mark: Bytes): Promise<Bytes[][]> {
    for (;;) {
      const at = this.#commands.findIndex((argv) => argv[0].toUpperCase() === 'PUBLISH' && argv[2] === mark)
      if (at !== -1) return this.#commands.splice(0, at + 1).slice(0, -1)
      await new Promise<void>((resolve) => {
        this.#heard = resolve
      })
    }
  }

  close(): void {
    this.#socket.destroy()
  }

  #receive(chunk: Buffer): void {
    if (this.#isStreaming) this.#take(chunk)
    else {
      this.#head = Buffer.concat([this.#head, chunk])
      // A genuine master sends newlines while it prepares the snapshot.
      const match = /^\n*\+FULLRESYNC [^\n]*\n\n*\$(\d+)\r\n/.exec(this.#head.toString('latin1'))
      if (match !== null && this.#head.length >= match[0].length + +match[1]) {
        this.#isStreaming = true
        this.#take(this.#head.subarray(match[0].length + +match[1]))
      }
    }
    this.#heard()
  }

  #take(chunk: Buffer): void {
    this.#decoder.feed(chunk, chunk.length)
    for (let argv = this.#decoder.next(); argv !== undefined; argv = this.#decoder.next()) {
      this.#commands.push([...(argv as Bytes[])])
    }
    this.#decoder.settle()
  }
}
