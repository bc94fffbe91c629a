/**
 * The slow log, newest entry first. The engine calls in with each command that took long enough; long commands are kept
 * cut, as in Redis (32 arguments of 128 bytes), and secrets are never kept.
 */
import type { Bytes } from '../base/bytes.ts'
import type { Command } from '../commands/command.ts'
import type { Directives } from '../config/config.ts'
import type { SlowlogEntry, SlowlogPort } from '../session/ports.ts'
import type { Session } from '../session/session.ts'

const MAX_ARGUMENTS = 32
const MAX_ARGUMENT_BYTES = 128

export class Slowlog implements SlowlogPort {
  readonly #config: Directives
  #entries: SlowlogEntry[] = []
  #nextId = 0

  constructor(config: Directives) {
    this.#config = config
  }

  get length(): number {
    return this.#entries.length
  }

  latest(count: number): readonly SlowlogEntry[] {
    return this.#entries.slice(0, count)
  }

  reset(): void {
    this.#entries = []
  }

  /** Keeps a command. `now` in unix ms. */
  add(session: Session, command: Command, argv: readonly Bytes[], microseconds: number, now: number): void {
    const maxLength = this.#config['slowlog-max-len']
    if (maxLength === 0) return
    this.#entries.unshift({
      id: this.#nextId++,
      time: Math.floor(now / 1000),
      microseconds: Math.round(microseconds),
      argv: cut(command.redact?.(argv) ?? argv),
      addr: session.addr,
      name: session.name,
    })
    if (this.#entries.length > maxLength) this.#entries.length = maxLength
  }
}

function cut(argv: readonly Bytes[]): readonly Bytes[] {
  if (argv.length <= MAX_ARGUMENTS) return argv.map(cutArgument)
  const kept = argv.slice(0, MAX_ARGUMENTS - 1).map(cutArgument)
  return [...kept, `... (${argv.length - MAX_ARGUMENTS + 1} more arguments)`]
}

function cutArgument(argument: Bytes): Bytes {
  const more = argument.length - MAX_ARGUMENT_BYTES
  return more <= 0 ? argument : `${argument.slice(0, MAX_ARGUMENT_BYTES)}... (${more} more bytes)`
}
