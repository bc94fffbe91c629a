/**
 * A RESP2/RESP3 client for tests, written against the protocol's specification and sharing no code with lib/protocol:
 * what our encoder sends must be understood by somebody else. Strict: anything malformed is an error.
 */
import { connect, type NetConnectOpts, type Socket } from 'node:net'
import type { Bytes } from '../../lib/base/bytes.ts'
import type { Seen } from '../contract/harness/seen.ts'

/** Reads replies out of a growing buffer. */
export class RespReader {
  #text = ''
  #at = 0

  feed(chunk: Buffer): void {
    this.#text = this.#text.slice(this.#at) + chunk.toString('latin1')
    this.#at = 0
  }

  /** Bytes that are not part of a reply that was returned. */
  get rest(): Bytes {
    return this.#text.slice(this.#at)
  }

  /** The next whole reply, or undefined if it has not all come yet. */
  next(): Seen | undefined {
    const start = this.#at
    const reply = this.#reply()
    if (reply === undefined) this.#at = start
    return reply
  }

  #line(): string | undefined {
    const end = this.#text.indexOf('\r\n', this.#at)
    if (end === -1) return undefined
    const line = this.#text.slice(this.#at, end)
    this.#at = end + 2
    return line
  }

  #reply(): Seen | undefined {
    const line = this.#line()
    if (line === undefined) return undefined
    const rest = line.slice(1)
    switch (line[0]) {
      case '+':
        return { kind: 'status', text: rest }
      case '-':
        return { kind: 'error', text: rest }
      case ':':
        return integer(rest)
      case '$':
        return rest === '-1' ? null : this.#bulk(count(rest))
      case '*':
        return rest === '-1' ? { kind: 'nilArray' } : this.#items(count(rest))
      case '_':
        return null
      case '#':
        return rest === 't'
      case ',':
        return { kind: 'double', text: rest }
      case '(':
        return { kind: 'bigNumber', text: rest }
      case '=': {
        const text = this.#bulk(count(rest))
        return text === undefined ? undefined : { kind: 'verbatim', text: text.slice(4) }
      }
      case '|': {
        // Something said about the reply that follows; nobody asks for it here.
        const said = this.#items(count(rest) * 2)
        return said === undefined ? undefined : this.#reply()
      }
      case '%': {
        const flat = this.#items(count(rest) * 2)
        return flat && { kind: 'map', flat }
      }
      case '~': {
        const items = this.#items(count(rest))
        return items && { kind: 'set', items }
      }
      case '>': {
        const items = this.#items(count(rest))
        return items && { kind: 'push', items }
      }
      default:
        throw new Error(`not RESP: ${JSON.stringify(line.slice(0, 80))}`)
    }
  }

  #bulk(length: number): string | undefined {
    const end = this.#at + length
    if (this.#text.length < end + 2) return undefined
    if (this.#text.slice(end, end + 2) !== '\r\n') throw new Error('a bulk string that does not end where it said')
    const bulk = this.#text.slice(this.#at, end)
    this.#at = end + 2
    return bulk
  }

  #items(length: number): Seen[] | undefined {
    const items: Seen[] = []
    for (let i = 0; i < length; i++) {
      const item = this.#reply()
      if (item === undefined) return undefined
      items.push(item)
    }
    return items
  }
}

function integer(text: string): number | bigint {
  if (!/^-?\d+$/.test(text)) throw new Error(`not an integer: ${text}`)
  const value = Number(text)
  return Number.isSafeInteger(value) ? value : BigInt(text)
}

function count(text: string): number {
  if (!/^\d+$/.test(text)) throw new Error(`not a length: ${text}`)
  return Number(text)
}

/** A command in RESP: an array of bulk strings. */
export function encodeCommand(argv: readonly Bytes[]): Bytes {
  let text = `*${argv.length}\r\n`
  for (const argument of argv) text += `$${argument.length}\r\n${argument}\r\n`
  return text
}

interface Waiting {
  resolve(reply: Seen): void
  reject(reason: Error): void
}

export class RespClient {
  readonly socket: Socket
  readonly #reader = new RespReader()
  readonly #waiting: Waiting[] = []
  readonly #unasked: Seen[] = []
  readonly #listeners: Waiting[] = []
  #failure: Error | undefined
  /** Settles when the connection is closed by either side. */
  readonly closed: Promise<void>

  constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (chunk) => {
      try {
        this.#reader.feed(chunk)
        for (let reply = this.#reader.next(); reply !== undefined; reply = this.#reader.next()) this.#take(reply)
      } catch (error) {
        this.#fail(error as Error)
        socket.destroy()
      }
    })
    socket.on('error', (error) => this.#fail(error))
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.#fail(new Error('the server closed the connection'))
        resolve()
      })
    })
  }

  static connect(options: NetConnectOpts): Promise<RespClient> {
    return new Promise((resolve, reject) => {
      const socket = connect({ ...options, noDelay: true } as NetConnectOpts)
      socket.once('error', reject)
      socket.once('connect', () => {
        socket.off('error', reject)
        resolve(new RespClient(socket))
      })
    })
  }

  /** Sends a command; the promise is its reply. Commands may be sent without waiting: they are a pipeline. */
  send(argv: readonly Bytes[]): Promise<Seen> {
    this.write(encodeCommand(argv))
    return this.reply()
  }

  /** Sends a command whose answers come with `push`, or `reply`. */
  tell(argv: readonly Bytes[]): void {
    this.write(encodeCommand(argv))
  }

  /** Sends commands in one write and collects their replies. */
  pipeline(commands: readonly (readonly Bytes[])[]): Promise<Seen[]> {
    this.write(commands.map(encodeCommand).join(''))
    return Promise.all(commands.map(() => this.reply()))
  }

  /** Sends bytes as they are. */
  write(bytes: Bytes | Buffer): void {
    this.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes)
  }

  /** The next reply that is not spoken for. */
  reply(): Promise<Seen> {
    const unasked = this.#unasked.findIndex((reply) => !isPush(reply))
    if (unasked !== -1) return Promise.resolve(this.#unasked.splice(unasked, 1)[0])
    if (this.#failure !== undefined) return Promise.reject(this.#failure)
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }))
  }

  /** The next thing the server sends without being asked. */
  push(): Promise<Seen> {
    const [first] = this.#unasked.splice(0, 1)
    if (first !== undefined) return Promise.resolve(first)
    if (this.#failure !== undefined) return Promise.reject(this.#failure)
    return new Promise((resolve, reject) => this.#listeners.push({ resolve, reject }))
  }

  close(): void {
    this.socket.destroy()
  }

  #take(reply: Seen): void {
    const waiting = isPush(reply) ? undefined : this.#waiting.shift()
    const taker = waiting ?? this.#listeners.shift()
    if (taker !== undefined) taker.resolve(reply)
    else this.#unasked.push(reply)
  }

  #fail(error: Error): void {
    this.#failure ??= error
    for (const waiting of [...this.#waiting.splice(0), ...this.#listeners.splice(0)]) waiting.reject(this.#failure)
  }
}

const isPush = (reply: Seen): boolean =>
  typeof reply === 'object' && reply !== null && !Array.isArray(reply) && reply.kind === 'push'
