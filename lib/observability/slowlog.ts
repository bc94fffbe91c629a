/**
 * The slow log, newest entry first. The engine calls in with each command that took long enough; long commands are kept
 * cut, to as many arguments and bytes of each as directives say (Redis 8.8), and secrets are never kept.
 */
import type { Bytes } from '../base/bytes.ts'
import type { Command } from '../commands/command.ts'
import type { Directives } from '../config/config.ts'
import type { SlowlogEntry, SlowlogPort } from '../session/ports.ts'
import type { Session } from '../session/session.ts'

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

  /** Keeps a command, unless there is no room for any. `now` in unix ms. */
  add(session: Session, command: Command, argv: readonly Bytes[], microseconds: number, now: number): boolean {
    const maxLength = this.#config['slowlog-max-len']
    if (maxLength === 0) return false
    this.#entries.unshift({
      id: this.#nextId++,
      time: Math.floor(now / 1000),
      microseconds: Math.round(microseconds),
      argv: this.#cut(command.redact?.(argv) ?? argv),
      addr: session.addr,
      name: session.name,
      argumentCount: argv.length,
    })
    if (this.#entries.length > maxLength) this.#entries.length = maxLength
    return true
  }

  #cut(argv: readonly Bytes[]): readonly Bytes[] {
    const most = this.#config['slowlog-entry-max-argc']
    const mostBytes = this.#config['slowlog-entry-max-string-len']
    const cutArgument = (argument: Bytes): Bytes => {
      const more = argument.length - mostBytes
      return more <= 0 ? argument : `${argument.slice(0, mostBytes)}... (${more} more bytes)`
    }
    if (argv.length <= most) return argv.map(cutArgument)
    const kept = argv.slice(0, most - 1).map(cutArgument)
    return [...kept, `... (${argv.length - most + 1} more arguments)`]
  }
}
