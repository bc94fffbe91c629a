/**
 * Who hears of slow commands (and eviction): the slow log and the latency monitor, each from its own threshold. The engine gets the lower
 * of the two, so that an ordinary command pays one comparison; and where that is less than a batch of short commands
 * takes, it is told to time each command by itself. Who looks for hot keys, or counts what slots cost, hears of all.
 */
import type { Bytes } from '../base/bytes.ts'
import { Late } from '../base/late.ts'
import type { Reply } from '../base/reply.ts'
import { type Command, Flag } from '../commands/command.ts'
import type { Config } from '../config/config.ts'
import type { Engine } from '../engine/engine.ts'
import type { Session } from '../session/session.ts'
import { HotKeys } from './hotkeys.ts'
import { LatencyMonitor } from './latency.ts'
import { SlotStats } from './slotstats.ts'
import { Slowlog } from './slowlog.ts'

/** From this threshold on, a short command that is not timed by itself could not have reached it. Microseconds. */
const EXACT_BELOW = 1000

/** Hears of a command that was run: how many microseconds it took, and what it answers, perhaps later. */
export type Observer = (
  session: Session,
  command: Command,
  argv: readonly Bytes[],
  microseconds: number,
  reply: Reply | Promise<Reply>,
) => void

export class SlowCommands {
  readonly slowlog: Slowlog
  readonly monitor = new LatencyMonitor()
  readonly hotKeys = new Late(() => new HotKeys(() => this.#follow()))
  /** Undefined while nobody wants to know. */
  slotStats: SlotStats | undefined
  /** Hears of what the slow log keeps. */
  onKept: Observer | undefined
  readonly #engine: Engine
  readonly #observers: Observer[] = []

  constructor(engine: Engine, config: Config) {
    this.#engine = engine
    this.slowlog = new Slowlog(config.values)
    engine.onSlow = (session, command, argv, microseconds, reply) => {
      this.slotStats?.add(session, command, argv, microseconds, reply)
      const hotKeys = this.hotKeys.made
      if (hotKeys?.isOn) hotKeys.add(session, command, argv, microseconds, reply, engine.keyspace.now)
      for (let i = 0; i < this.#observers.length; i++) this.#observers[i](session, command, argv, microseconds, reply)
      this.#heard(session, command, argv, microseconds, reply)
    }
    config.onChange('cluster-slot-stats-enabled', () => this.#follow())
    this.#follow()
    for (const name of ['slowlog-log-slower-than', 'slowlog-max-len', 'latency-monitor-threshold'] as const) {
      config.onChange(name, () => this.#follow())
    }
    config.onChange('latency-tracking', (value) => {
      engine.stats.latencies.enabled = value
    })
    engine.stats.latencies.enabled = config.values['latency-tracking']
  }

  /** Tells of every command from now on, until the function is called that is returned. */
  observe(observer: Observer): () => void {
    this.#observers.push(observer)
    this.#follow()
    return () => {
      this.#observers.splice(this.#observers.indexOf(observer), 1)
      this.#follow()
    }
  }

  #follow(): void {
    const { config, stopwatch } = this.#engine
    const slower = config['slowlog-log-slower-than']
    const threshold = config['latency-monitor-threshold']
    const log = slower < 0 || config['slowlog-max-len'] === 0 ? Infinity : slower
    const slow = Math.min(log, threshold === 0 ? Infinity : threshold * 1000)
    const countsSlots = config['cluster-enabled'] && config['cluster-slot-stats-enabled']
    if (!countsSlots) this.slotStats = undefined
    else this.slotStats ??= new SlotStats()
    const hearsAll = this.hotKeys.made?.isOn || countsSlots || this.#observers.length > 0
    this.#engine.slowAfter = hearsAll ? 0 : slow
    stopwatch.exact = this.#engine.slowAfter < EXACT_BELOW
  }

  #heard(
    session: Session,
    command: Command,
    argv: readonly Bytes[],
    microseconds: number,
    reply: Reply | Promise<Reply>,
  ): void {
    const { config, keyspace } = this.#engine
    const slower = config['slowlog-log-slower-than']
    if (slower >= 0 && microseconds >= slower && !(command.flags & Flag.SkipSlowlog)) {
      const isKept = this.slowlog.add(session, command, argv, microseconds, keyspace.now)
      if (isKept) {
        this.#engine.stats.countSlow(command.id, microseconds)
        this.onKept?.(session, command, argv, microseconds, reply)
      }
    }
    this.noteDelay(command.flags & Flag.Fast ? 'fast-command' : 'command', microseconds / 1000)
  }

  /** Something took so many ms; the latency monitor keeps it if that is too long. */
  noteDelay(event: Bytes, delay: number): void {
    const { config, keyspace } = this.#engine
    const threshold = config['latency-monitor-threshold']
    if (threshold > 0 && delay >= threshold) this.monitor.add(event, Math.floor(delay), keyspace.now)
  }
}
