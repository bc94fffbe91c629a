/**
 * MONITOR: whoever watches all commands as they run. A line tells when a command ran, in which database and for whom, and
 * its arguments without secrets. Without watchers a command pays one test.
 */
import type { Bytes } from '../base/bytes.ts'
import type { Clock } from '../base/clock.ts'
import { type Reply, Status } from '../base/reply.ts'
import { quote } from '../config/directive.ts'
import type { Session } from './session.ts'

/** A session's link, or a reader over HTTP. */
export interface Monitor {
  push(line: Reply): void
}

export class Monitors {
  readonly #clock: Clock
  readonly #monitors = new Set<Monitor>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get size(): number {
    return this.#monitors.size
  }

  add(monitor: Monitor): void {
    this.#monitors.add(monitor)
  }

  remove(monitor: Monitor): void {
    this.#monitors.delete(monitor)
  }

  /** Passes on a line of another server. */
  pass(line: Reply): void {
    for (const monitor of this.#monitors) monitor.push(line)
  }

  /** Shows a command that has just run. */
  show(session: Session, argv: readonly Bytes[]): void {
    const line = new Status(
      `${microseconds(this.#clock.now())} [${session.db.index} ${addressOf(session)}]${words(argv)}`,
    )
    this.pass(line)
  }
}

/** `1700000000.123000`; the clock counts milliseconds. */
function microseconds(now: number): string {
  return `${Math.floor(now / 1000)}.${String(now % 1000).padStart(3, '0')}000`
}

/** A caller in this process has no address, and a script is none. */
function addressOf({ addr, door, script }: Session): Bytes {
  if (script !== 0) return 'lua'
  return addr === '' ? door : addr
}

function words(argv: readonly Bytes[]): Bytes {
  let text = ''
  for (const argument of argv) text += ' ' + quote(argument)
  return text
}
