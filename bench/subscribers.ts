/**
 * The subscribers of the PUBLISH benchmark, in a process of their own: sockets that take what comes into one buffer and
 * count it. Orders come from the parent, each is answered when it is done.
 */
import { connect, type Socket } from 'node:net'

export type SubscriberOrder =
  | { readonly port: number; readonly count: number; readonly channel: string }
  | { readonly bytes: number }

export interface SubscriberReport {
  readonly error?: string
}

const buffer = Buffer.alloc(64 * 1024)
const sockets: Socket[] = []
/** Bytes that all of them together still wait for. */
let missing = 0

function taken(bytes: number): boolean {
  missing -= bytes
  if (missing === 0) process.send!({})
  return true
}

async function subscribe(port: number, count: number, channel: string): Promise<void> {
  const command = `*2\r\n$9\r\nSUBSCRIBE\r\n$${channel.length}\r\n${channel}\r\n`
  missing += count * `*3\r\n$9\r\nsubscribe\r\n$${channel.length}\r\n${channel}\r\n:1\r\n`.length
  for (let i = 0; i < count; i++) sockets.push(await open(port))
  for (const socket of sockets) socket.write(command)
}

function open(port: number): Promise<Socket> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', onread: { buffer, callback: taken } }, () => resolve(socket))
    socket.on('error', (error) => process.send!({ error: error.message }))
    socket.on('close', () => process.send!({ error: 'the server closed the connection' }))
  })
}

process.on('message', (order: SubscriberOrder) => {
  if ('port' in order) void subscribe(order.port, order.count, order.channel)
  else {
    missing += order.bytes * sockets.length
    if (missing === 0) process.send!({})
  }
})
process.on('disconnect', () => process.exit())
