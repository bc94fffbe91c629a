/**
 * The client of the `tails` benchmark, in a process of its own so that nothing but the server keeps it waiting: one
 * connection that sends GET, takes the reply, and sends the next, the time of each request being noted, and beside it
 * what the server's main thread had of the processor meanwhile: other programs of a machine that is shared change the one
 * and not the other. Orders come from the parent.
 *
 *   prober.ts PORT KEY PID
 */
import { existsSync, openSync, readSync } from 'node:fs'
import { connect } from 'node:net'

/** Asks for so many ms of requests, which are reported; 0 asks for some that are not. */
export interface ProberOrder {
  readonly ms: number
}

export interface ProberReport {
  /** Microseconds of each request. */
  readonly times: Float64Array
  /** The most that the server's main thread worked during one. Unit: microseconds; 0 where the kernel does not tell. */
  readonly busiest: number
}

/** More than one connection gets done in the longest order. */
const CAPACITY = 2_000_000
const WARM_UP_MS = 500

const [port, key, pid] = process.argv.slice(2)
const request = Buffer.from(`*2\r\n$3\r\nGET\r\n$${key.length}\r\n${key}\r\n`)
const buffer = Buffer.alloc(64 * 1024)
const times = new Float64Array(CAPACITY)
const scheduled = `/proc/${pid}/task/${pid}/schedstat`
const schedule = existsSync(scheduled) ? openSync(scheduled, 'r') : undefined
const scheduleText = Buffer.alloc(100)
let workedBefore = 0
let busiest = 0
let count = 0
let sentAt = 0
let endsAt = 0
let isReported = false

/** Microseconds that the server's main thread has had of the processor: the first figure, in nanoseconds. */
function worked(): number {
  if (schedule === undefined) return 0
  const length = readSync(schedule, scheduleText, 0, scheduleText.length, 0)
  return Number.parseInt(scheduleText.latin1Slice(0, length), 10) / 1000
}

function send(): void {
  sentAt = performance.now()
  socket.write(request)
}

/** A reply of this size comes in one piece. */
function answered(): boolean {
  const now = performance.now()
  if (count < CAPACITY) times[count++] = (now - sentAt) * 1000
  const workedNow = worked()
  busiest = Math.max(busiest, workedNow - workedBefore)
  workedBefore = workedNow
  if (now < endsAt) send()
  else process.send!({ times: times.slice(0, isReported ? count : 0), busiest } satisfies ProberReport)
  return true
}

const socket = connect({ port: Number(port), host: '127.0.0.1', noDelay: true, onread: { buffer, callback: answered } })
socket.on('error', (error) => {
  console.error(`prober: ${error.message}`)
  process.exit(1)
})
process.on('message', ({ ms }: ProberOrder) => {
  count = 0
  busiest = 0
  workedBefore = worked()
  isReported = ms > 0
  endsAt = performance.now() + (ms || WARM_UP_MS)
  send()
})
process.on('disconnect', () => process.exit())
