/** WebSocket clients of the tests: one that speaks RESP in binary frames, one that speaks JSON in text frames. */
import { type ClientOptions, WebSocket } from 'ws'
import type { Seen } from '../contract/harness/seen.ts'
import { RespReader } from './resp.ts'

/** Text as the frames of it arrive, and how the connection ended. */
export class TextSocket {
  readonly socket: WebSocket
  readonly messages: string[] = []
  /** Settles with the code of the end. */
  readonly ended: Promise<number>
  #wake: () => void = () => {}

  constructor(url: string, protocols: string[] = [], options: ClientOptions = {}) {
    this.socket = new WebSocket(url, protocols, options)
    this.ended = new Promise((resolve) => this.socket.on('close', (code) => resolve(code)))
    this.socket.on('error', () => {})
    this.socket.on('message', (data, isBinary) => {
      if (isBinary) throw new Error('a binary frame')
      this.messages.push(String(data))
      this.#wake()
    })
  }

  get opened(): Promise<unknown> {
    return opened(this.socket)
  }

  /** The next JSON document that arrives. */
  async next(): Promise<unknown> {
    while (this.messages.length === 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    return JSON.parse(this.messages.shift()!)
  }

  async ask(...command: unknown[]): Promise<unknown> {
    await this.opened
    this.socket.send(JSON.stringify(command))
    return this.next()
  }
}

/** A RESP stream over binary frames. */
export class RespSocket {
  readonly socket: WebSocket
  /** Settles with the code of the end. */
  readonly ended: Promise<number>
  readonly #reader = new RespReader()
  #wake: () => void = () => {}

  constructor(url: string, protocols: string[] = [], options: ClientOptions = {}) {
    this.socket = new WebSocket(url, protocols, options)
    this.ended = new Promise((resolve) => this.socket.on('close', (code) => resolve(code)))
    this.socket.on('error', () => {})
    this.socket.on('message', (data, isBinary) => {
      if (!isBinary) throw new Error('a text frame')
      this.#reader.feed(data as Buffer)
      this.#wake()
    })
  }

  get opened(): Promise<unknown> {
    return opened(this.socket)
  }

  send(bytes: string): void {
    this.socket.send(Buffer.from(bytes, 'latin1'))
  }

  /** The next reply. */
  async next(): Promise<Seen> {
    for (;;) {
      const reply = this.#reader.next()
      if (reply !== undefined) return reply
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  async ask(...argv: string[]): Promise<Seen> {
    await this.opened
    this.send(request(argv))
    return this.next()
  }
}

/** A command as RESP. */
export function request(argv: readonly string[]): string {
  return `*${argv.length}\r\n${argv.map((argument) => `$${argument.length}\r\n${argument}\r\n`).join('')}`
}

/** Settles with 'open', or with the status and the body of a refusal. */
function opened(socket: WebSocket): Promise<unknown> {
  if (socket.readyState === WebSocket.OPEN) return Promise.resolve('open')
  return new Promise((resolve) => {
    socket.once('open', () => resolve('open'))
    socket.once('unexpected-response', (_, response) => {
      let body = ''
      response.on('data', (chunk) => {
        body += chunk
      })
      response.on('end', () => resolve([response.statusCode, JSON.parse(body)]))
    })
  })
}
