/**
 * A client of REST that costs little: it sends one request over and over on each of its connections, and of an answer reads its head alone.
 * A client that parses answers in JavaScript takes more of the processor than the server that it measures, on a machine of two.
 */
import { connect, type Socket } from 'node:net'
import { token } from './process.ts'

const HEAD_END = Buffer.from('\r\n\r\n')
const STATUS = Buffer.from('HTTP/1.1 200 ')
const LENGTH = Buffer.from('\r\ncontent-length: ')

/** Requests a second that are answered on so many connections at once. */
export async function requestsPerSecond(
  port: number,
  path: string,
  body: unknown,
  connections: number,
  seconds: number,
): Promise<number> {
  const text = JSON.stringify(body)
  const request = Buffer.from(
    `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nauthorization: Bearer ${token}\r\n` +
      `content-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
  )
  let answers = 0
  const sockets: Socket[] = []
  const failed = new Promise<never>((_, reject) => {
    for (let i = 0; i < connections; i++) {
      const socket = connect(port, '127.0.0.1', () => socket.write(request))
      const reader = new AnswerReader()
      sockets.push(socket)
      socket.on('error', reject)
      socket.on('data', (piece) => {
        try {
          for (let left = reader.read(piece); left > 0; left--) {
            answers++
            socket.write(request)
          }
        } catch (error) {
          reject(error)
        }
      })
    }
  })
  const startedAt = performance.now()
  await Promise.race([failed, new Promise((resolve) => setTimeout(resolve, seconds * 1000))])
  const tookMs = performance.now() - startedAt
  for (const socket of sockets) socket.destroy()
  return (answers * 1000) / tookMs
}

/** Counts the answers in what a server sends. */
class AnswerReader {
  #held: Buffer = Buffer.alloc(0)
  /** Bytes that are still to come of the body. */
  #bodyLeft = 0

  /** Returns how many answers end in a piece. @throws if one is no success */
  read(piece: Buffer): number {
    const bytes = this.#held.length === 0 ? piece : Buffer.concat([this.#held, piece])
    let at = 0
    let answers = 0
    while (at < bytes.length) {
      if (this.#bodyLeft === 0) {
        const end = bytes.indexOf(HEAD_END, at)
        if (end === -1) break
        const head = bytes.subarray(at, end)
        if (!head.subarray(0, STATUS.length).equals(STATUS)) throw new Error(String(bytes.subarray(at)))
        const length = head.indexOf(LENGTH)
        if (length === -1) throw new Error(`an answer without a length: ${head}`)
        this.#bodyLeft = Number.parseInt(head.latin1Slice(length + LENGTH.length, length + LENGTH.length + 10), 10)
        at = end + HEAD_END.length
      }
      const taken = Math.min(this.#bodyLeft, bytes.length - at)
      at += taken
      this.#bodyLeft -= taken
      if (this.#bodyLeft === 0) answers++
    }
    this.#held = bytes.subarray(at)
    return answers
  }
}
