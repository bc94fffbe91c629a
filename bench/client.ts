/** A bare RESP client for the benchmarks: sends a batch, counts the replies, reads nothing of them. */
import { connect, type Socket } from 'node:net'

const BATCH = 1000

export interface RespClient {
  /** Sends all commands at once; settles when all are answered. @throws on an error reply */
  all(commands: readonly (readonly string[])[]): Promise<void>
  close(): void
}

export function connectClient(port: number): Promise<RespClient> {
  return new Promise((resolve, reject) => {
    const socket: Socket = connect(port, '127.0.0.1').setNoDelay(true)
    socket.once('error', reject)
    socket.once('connect', () => {
      resolve({
        all: (commands) => exchange(socket, commands),
        close: () => socket.destroy(),
      })
    })
  })
}

function exchange(socket: Socket, commands: readonly (readonly string[])[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const replies = new ReplyCounter(commands.length)
    const onData = (chunk: Buffer): void => {
      replies.add(chunk)
      if (replies.error !== '') reject(new Error(replies.error))
      if (!replies.done) return
      socket.off('data', onData)
      resolve()
    }
    socket.on('data', onData)
    socket.write(
      commands
        .map((argv) => `*${argv.length}\r\n${argv.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`)
        .join(''),
      'latin1',
    )
  })
}

/** Sends so many commands, some at a time. */
export async function sendMany(client: RespClient, count: number, command: (i: number) => string[]): Promise<void> {
  for (let from = 0; from < count; from += BATCH) {
    const size = Math.min(BATCH, count - from)
    await client.all(Array.from({ length: size }, (_, i) => command(from + i)))
  }
}

const [CR, LF, MINUS, BULK, ARRAY] = Buffer.from('\r\n-$*')

/** Goes over RESP2 replies that come in pieces, each byte once. */
class ReplyCounter {
  /** Replies and elements of arrays that are still to come. */
  #missing: number
  /** Bytes of a string that are still to be gone over, its end of line too. */
  #skip = 0
  /** The number behind the lead of the line at hand. */
  #lead = 0
  #number = 0
  #isNegative = false
  #errorLine = ''
  /** The text of the first error reply. */
  error = ''

  constructor(replies: number) {
    this.#missing = replies
  }

  get done(): boolean {
    return this.#missing === 0 && this.#skip === 0
  }

  add(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; ) {
      if (this.#skip > 0) {
        const count = Math.min(this.#skip, chunk.length - at)
        this.#skip -= count
        at += count
      } else this.#byte(chunk[at++])
    }
  }

  #byte(byte: number): void {
    if (this.#lead === 0) this.#lead = byte
    else if (byte === LF) this.#endLine()
    else if (this.#lead === MINUS) this.#errorLine += String.fromCharCode(byte)
    else if (byte === MINUS) this.#isNegative = true
    else if (byte !== CR) this.#number = this.#number * 10 + byte - 48
  }

  #endLine(): void {
    this.#missing--
    if (this.#lead === MINUS && this.error === '') this.error = this.#errorLine
    if (!this.#isNegative && this.#lead === BULK) this.#skip = this.#number + 2
    if (!this.#isNegative && this.#lead === ARRAY) this.#missing += this.#number
    this.#lead = this.#number = 0
    this.#isNegative = false
    this.#errorLine = ''
  }
}
