/** A bare RESP client for the benchmarks: sends a batch, counts the replies, reads nothing of them. */
import { connect, type Socket } from 'node:net'

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
    let missing = commands.length
    let rest: Buffer = Buffer.alloc(0)
    const onData = (chunk: Buffer): void => {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
      let offset = 0
      for (;;) {
        const end = replyEnd(rest, offset)
        if (end === -1) break
        if (rest[offset] === 45) reject(new Error(rest.toString('latin1', offset, end)))
        offset = end
        missing--
      }
      rest = rest.subarray(offset)
      if (missing > 0) return
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

/** Where the RESP2 reply at an offset ends, or -1 if it is not all there. */
function replyEnd(buffer: Buffer, offset: number): number {
  const line = buffer.indexOf(10, offset)
  if (line === -1) return -1
  const lead = buffer[offset]
  if (lead !== 36 && lead !== 42) return line + 1
  const count = Number(buffer.toString('latin1', offset + 1, line - 1))
  if (lead === 36) {
    const end = count < 0 ? line + 1 : line + 1 + count + 2
    return end <= buffer.length ? end : -1
  }
  let end = line + 1
  for (let i = 0; i < count; i++) {
    end = replyEnd(buffer, end)
    if (end === -1) return -1
  }
  return end
}
