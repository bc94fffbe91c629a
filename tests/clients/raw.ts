/** A connection of bare bytes: what a server says to things that no client would send. */
import { connect, type NetConnectOpts, type Socket } from 'node:net'
import type { Bytes } from '../../lib/base/bytes.ts'

export interface Outcome {
  /** All that the server sent. */
  readonly bytes: Bytes
  /** True if the server ended the connection. */
  readonly closed: boolean
}

export function openRaw(address: NetConnectOpts): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ ...address, noDelay: true } as NetConnectOpts)
    socket.once('error', reject)
    socket.once('connect', () => {
      socket.off('error', reject)
      socket.on('error', () => {})
      resolve(socket)
    })
  })
}

/** What ends a conversation: the server answers it unless it has ended the connection, or waits for more bytes. */
const MARK = 'end-of-conversation'

/** Real time after which a server that says nothing is taken to wait for more bytes. */
const QUIET_MS = 300

/**
 * Sends pieces, each in a write of its own, then a PING that marks the end (what was sent before may swallow it); or,
 * unmarked, nothing more: bytes that a closing server has not read may cost us its answer.
 */
export async function converse(address: NetConnectOpts, pieces: readonly Bytes[], marked: boolean): Promise<Outcome> {
  const socket = await openRaw(address)
  let bytes = ''
  let closed = false
  let timer: NodeJS.Timeout | undefined
  const done = new Promise<void>((resolve) => {
    const quiet = (): void => {
      clearTimeout(timer)
      timer = setTimeout(resolve, marked ? 5 * QUIET_MS : QUIET_MS)
    }
    socket.on('data', (chunk) => {
      bytes += chunk.toString('latin1')
      if (bytes.endsWith(`${MARK}\r\n`)) resolve()
      else quiet()
    })
    socket.on('close', () => {
      closed = true
      resolve()
    })
    quiet()
  })
  for (const piece of pieces)
    await new Promise((sent) => socket.write(Buffer.from(piece, 'latin1'), () => sent(undefined)))
  if (marked) socket.write(`\r\n*2\r\n$4\r\nPING\r\n$${MARK.length}\r\n${MARK}\r\n`)
  await done
  clearTimeout(timer)
  socket.destroy()
  return { bytes, closed }
}
