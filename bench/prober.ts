/**
 * The client of the `tails` benchmark, in a process of its own so that nothing but the server keeps it waiting: one
 * connection that sends GET, takes the reply, and sends the next, the time of each request being noted. Orders come from
 * the parent.
 *
 *   prober.ts PORT KEY
 */
import { connect } from 'node:net'

/** Asks for so many ms of requests, which are reported; 0 asks for some that are not. */
export interface ProberOrder {
  readonly ms: number
}

/** Microseconds of each request. */
export type ProberReport = Float64Array

/** More than one connection gets done in the longest order. */
const CAPACITY = 2_000_000
const WARM_UP_MS = 500

const [port, key] = process.argv.slice(2)
const request = Buffer.from(`*2\r\n$3\r\nGET\r\n$${key.length}\r\n${key}\r\n`)
const buffer = Buffer.alloc(64 * 1024)
const times = new Float64Array(CAPACITY)
let count = 0
let sentAt = 0
let endsAt = 0
let isReported = false

function send(): void {
  sentAt = performance.now()
  socket.write(request)
}

/** A reply of this size comes in one piece. */
function answered(): boolean {
  const now = performance.now()
  if (count < CAPACITY) times[count++] = (now - sentAt) * 1000
  if (now < endsAt) send()
  else process.send!(isReported ? times.slice(0, count) : new Float64Array())
  return true
}

const socket = connect({ port: Number(port), host: '127.0.0.1', noDelay: true, onread: { buffer, callback: answered } })
socket.on('error', (error) => {
  console.error(`prober: ${error.message}`)
  process.exit(1)
})
process.on('message', ({ ms }: ProberOrder) => {
  count = 0
  isReported = ms > 0
  endsAt = performance.now() + (ms || WARM_UP_MS)
  send()
})
process.on('disconnect', () => process.exit())
