/**
 * A store by RESP2. It needs no package: AUTH, SELECT and what is asked go out together. A connection that was lost is made again by
 * the next question.
 */
import { connect, type Socket } from 'node:net'
import { connect as connectSecurely } from 'node:tls'
import { type Bytes, fromText, toText } from '../../base/bytes.ts'
import { type Reply, ReplyError } from '../../base/reply.ts'
import { systemReason } from '../../base/systemreason.ts'
import { ReplyDecoder } from '../../protocol/replies.ts'
import { requestBytes } from '../../protocol/request.ts'
import type { Address } from '../../upstream/address.ts'
import { Lines } from './lines.ts'
import { ANSWER_MS, type Link, LinkFault } from './link.ts'

export class RespLink implements Link {
  readonly label: string
  readonly #address: Address
  readonly #greeting: readonly (readonly Bytes[])[]
  #socket: Socket | undefined

  /** `password` is that of an address which has none. */
  constructor(address: Address, password: string) {
    this.#address = address
    this.label = address.label
    const secret = fromText(address.password || password)
    const auth = address.username === '' ? [secret] : [fromText(address.username), secret]
    this.#greeting = [
      ...(secret === '' ? [] : [['AUTH', ...auth]]),
      ...(address.db === 0 ? [] : [['SELECT', `${address.db}`]]),
    ]
  }

  run(commands: readonly (readonly Bytes[])[]): Promise<readonly Reply[]> {
    const isOpen = this.#socket !== undefined && !this.#socket.destroyed
    const socket = (this.#socket = isOpen ? this.#socket! : this.#dial())
    const greeting = isOpen ? [] : this.#greeting
    const wanted = greeting.length + commands.length
    const decoder = new ReplyDecoder()
    const replies: Reply[] = []
    return new Promise((resolve, reject) => {
      const settle = (fault: LinkFault | undefined): void => {
        clearTimeout(timer)
        socket.off('data', receive).off('error', fail).off('close', lose)
        if (fault === undefined) resolve(replies.slice(greeting.length))
        else {
          socket.destroy()
          reject(fault)
        }
      }
      const receive = (piece: Buffer): void => {
        try {
          decoder.feed(piece)
          for (let reply = decoder.next(); reply !== undefined; reply = decoder.next()) replies.push(reply)
        } catch (error) {
          settle(new LinkFault(`this is no Redis: ${(error as Error).message}`, true))
          return
        }
        const refusal = replies.slice(0, greeting.length).find((reply) => reply instanceof ReplyError)
        if (refusal !== undefined) settle(new LinkFault(toText(refusal.text), true))
        else if (replies.length >= wanted) settle(undefined)
      }
      const fail = (error: Error): void => settle(new LinkFault(systemReason(error), false))
      const lose = (): void => settle(new LinkFault('the connection was closed', false))
      const timer = setTimeout(() => settle(new LinkFault('there is no answer', false)), ANSWER_MS)
      socket.on('data', receive).on('error', fail).on('close', lose)
      socket.write([...greeting, ...commands].map(requestBytes).join(''), 'latin1')
    })
  }

  monitor(take: (line: Bytes) => void): Promise<void> {
    const socket = (this.#socket = this.#dial())
    const lines = new Lines()
    /** One line answers each of these. */
    let unanswered = this.#greeting.length + 1
    return new Promise((resolve, reject) => {
      let fault: LinkFault | undefined
      const refuse = (reason: string, isRefusal: boolean): void => {
        fault ??= new LinkFault(reason, isRefusal)
        socket.destroy()
      }
      const timer = setTimeout(() => refuse('there is no answer', false), ANSWER_MS)
      const takeLine = (line: Bytes): void => {
        if (fault !== undefined || socket.destroyed) return
        if (line.startsWith('-')) refuse(toText(line.slice(1)), true)
        else if (!line.startsWith('+')) refuse('this is no Redis', true)
        else if (unanswered === 0) take(line.slice(1))
        else if (--unanswered === 0) clearTimeout(timer)
      }
      socket.on('data', (piece) => lines.feed(piece, takeLine))
      socket.on('error', (error) => refuse(systemReason(error), false))
      socket.on('close', () => {
        clearTimeout(timer)
        if (fault === undefined) resolve()
        else reject(fault)
      })
      socket.write([...this.#greeting, ['MONITOR']].map(requestBytes).join(''), 'latin1')
    })
  }

  close(): void {
    this.#socket?.destroy()
  }

  #dial(): Socket {
    const { kind, path, places, tls } = this.#address
    const [{ host, port } = { host: '', port: 0 }] = places
    const target = kind === 'unix' ? { path } : { host, port }
    const socket =
      tls === undefined ? connect(target) : connectSecurely({ ...target, servername: serverName(host), ...tls })
    // Between two questions nobody else hears of it; the next one makes another connection.
    return socket.on('error', () => {})
  }
}

/** TLS names no server by its number. */
function serverName(host: string): string {
  return /^[\d.]+$|:/.test(host) ? '' : host
}
