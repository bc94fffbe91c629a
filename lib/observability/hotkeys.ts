/**
 * HOTKEYS (Redis 8.6): on which keys the time and the bytes of commands are spent, while that is asked for. A command's share is split
 * evenly among its keys; those of a script are the keys that its call names. Commands without keys count nowhere.
 */
import type { Bytes } from '../base/bytes.ts'
import type { Reply } from '../base/reply.ts'
import type { Command } from '../commands/command.ts'
import { keysOf } from '../commands/keyspecs.ts'
import { commandLength, replyLength } from '../protocol/wirelength.ts'
import type { HotKeysOptions, HotKeysPort, HotKeysReport } from '../session/ports.ts'
import type { Session } from '../session/session.ts'
import { type ProcessorTime, processTime } from './processtime.ts'
import { TopKeys } from './topkeys.ts'

/** One time of looking, which may be over. */
class Look {
  readonly options: HotKeysOptions
  /** Unix ms. */
  readonly startedAt: number
  readonly endsAt: number
  stoppedAt = -1
  readonly byTime: TopKeys | undefined
  readonly byBytes: TopKeys | undefined
  microseconds = 0
  bytes = 0
  readonly #usageBefore = processTime()
  #usage: ProcessorTime | undefined

  constructor(options: HotKeysOptions, now: number) {
    this.options = options
    this.startedAt = now
    this.endsAt = options.durationMs === 0 ? Infinity : now + options.durationMs
    this.byTime = options.byTime ? new TopKeys(options.count) : undefined
    this.byBytes = options.byBytes ? new TopKeys(options.count) : undefined
  }

  stop(at: number): void {
    this.#usage = processTime(this.#usageBefore)
    this.stoppedAt = at
  }

  /** Of the process since the start, up to the end of it. */
  get usage(): ProcessorTime {
    return this.#usage ?? processTime(this.#usageBefore)
  }
}

export class HotKeys implements HotKeysPort {
  #look: Look | undefined
  readonly #onSwitch: () => void

  /** `onSwitch` is called when looking begins or ends: while `isOn`, each command is to be told of. */
  constructor(onSwitch: () => void) {
    this.#onSwitch = onSwitch
  }

  get isOn(): boolean {
    return this.#look?.stoppedAt === -1
  }

  isActive(now: number): boolean {
    this.#endInTime(now)
    return this.isOn
  }

  start(options: HotKeysOptions, now: number): void {
    this.#look = new Look(options, now)
    this.#onSwitch()
  }

  stop(now: number): boolean {
    if (!this.isActive(now)) return false
    this.#stop(now)
    return true
  }

  reset(): void {
    this.#look = undefined
  }

  report(now: number): HotKeysReport | undefined {
    const isActive = this.isActive(now)
    const look = this.#look
    if (look === undefined) return undefined
    const { options, startedAt, stoppedAt, microseconds, bytes, usage, byTime, byBytes } = look
    return {
      isActive,
      sample: options.sample,
      startedAt,
      durationMs: (isActive ? now : stoppedAt) - startedAt,
      microseconds,
      bytes,
      userMs: Math.floor(usage.user / 1000),
      systemMs: Math.floor(usage.system / 1000),
      byTime: byTime?.greatest(),
      byBytes: byBytes?.greatest(),
    }
  }

  /** A command was run. `now` in unix ms. */
  add(
    session: Session,
    command: Command,
    argv: readonly Bytes[],
    microseconds: number,
    reply: Reply | Promise<Reply>,
    now: number,
  ): void {
    this.#endInTime(now)
    const look = this.#look
    if (look === undefined || look.stoppedAt !== -1) return
    const keys = keysOf(command, argv)
    if (keys === undefined || keys.length === 0) return
    const spent = Math.ceil(microseconds)
    const bytes = commandLength(argv) + (reply instanceof Promise ? 0 : replyLength(reply, session.replyProto))
    look.microseconds += spent
    look.bytes += bytes
    if (look.options.sample > 1 && Math.random() * look.options.sample >= 1) return
    for (const key of keys) {
      look.byTime?.add(key, Math.floor(spent / keys.length))
      look.byBytes?.add(key, Math.floor(bytes / keys.length))
    }
  }

  #endInTime(now: number): void {
    const look = this.#look
    if (look !== undefined && look.stoppedAt === -1 && now >= look.endsAt) this.#stop(look.endsAt)
  }

  #stop(at: number): void {
    this.#look?.stop(at)
    this.#onSwitch()
  }
}
