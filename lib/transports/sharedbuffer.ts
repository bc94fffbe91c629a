/**
 * Reading of TCP connections into one buffer that all of them share. A socket of Node's otherwise gets 64 KB of memory for
 * each read and gives back what it did not need, which was measured at half of the time that a request costs outside the
 * kernel (docs/adr/0007). Node offers its `onread` to outgoing connections only; an accepted one is taken over by a socket
 * that was told of the buffer.
 */
import { type OnReadOpts, Socket, type SocketConstructorOpts } from 'node:net'

/** What one read takes at the most. Its content is valid until the reader's callback returns. */
const shared = Buffer.allocUnsafeSlow(64 * 1024)

/** What Node keeps of an accepted connection, and lets another socket be made of; not documented, the same for years. */
interface Accepted {
  _handle?: object | null
}
interface TakeOver {
  readonly handle: object
  readonly onread: OnReadOpts
  readonly writableHighWaterMark: number
}

/**
 * Has `receive` called with each piece that arrives: the first `length` bytes of a buffer that is the caller's again
 * afterwards. Returns the socket to use from here on. `highWaterMark` is that of writing, in bytes.
 */
export function readShared(
  accepted: Socket,
  highWaterMark: number,
  receive: (buffer: Buffer, length: number) => void,
): Socket {
  const handle = (accepted as Socket & Accepted)._handle
  if (!handle || 'encrypted' in accepted) {
    accepted.on('data', (chunk: Buffer) => receive(chunk, chunk.length))
    return accepted
  }
  ;(accepted as Socket & Accepted)._handle = null
  const onread: OnReadOpts = {
    buffer: shared,
    callback(length) {
      receive(shared, length)
      return true
    },
  }
  const options: SocketConstructorOpts & TakeOver = { handle, writableHighWaterMark: highWaterMark, onread }
  const socket = new Socket(options)
  // The listener counts the one it has accepted.
  socket.on('close', () => accepted.destroy())
  return socket
}
