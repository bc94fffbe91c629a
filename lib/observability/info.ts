/**
 * INFO: what its figures come from, which is gathered all the time. What it prints stands in infosections.ts, which is loaded when
 * somebody asks.
 */
import type { Bytes } from '../base/bytes.ts'
import { Late } from '../base/late.ts'
import type { Reply } from '../base/reply.ts'
import type { Engine } from '../engine/engine.ts'
import { EMPTY_STORE_BYTES } from '../keyspace/weight.ts'
import type { InfoPort } from '../session/ports.ts'
import { EventLoop } from './eventloop.ts'
import type { Section } from './families.ts'
import { type InfoFacts, InfoSections, type ListenerFacts } from './infosections.ts'
import { type Account, Memory } from './memory.ts'
import { memoryReport, memoryStats } from './memoryreport.ts'
import { Rates } from './rates.ts'
import type { SharedFacts } from './sharedfields.ts'

export type { ListenerFacts }

export class Info implements InfoPort {
  readonly #engine: Engine
  readonly #memory: Memory
  readonly #loop = new EventLoop()
  readonly #rates: Rates
  readonly #facts: InfoFacts
  readonly #sections = new Late(() => new InfoSections(this.#facts))

  constructor(engine: Engine) {
    this.#engine = engine
    this.#memory = new Memory({
      account: () => this.#account(),
      arenas: () => engine.keyspace.arenas,
      isUnused: () => engine.dirty === 0 && engine.keyspace.size === 0,
      now: () => engine.clock.now(),
    })
    this.#rates = new Rates(engine, this.#loop)
    this.#facts = {
      engine,
      memory: this.#memory,
      loop: this.#loop,
      rates: this.#rates,
      startedAt: engine.clock.now(),
      listeners: () => [],
      configFile: '',
      shared: undefined,
    }
  }

  /** Where RESP listens, once it does. */
  set listeners(listeners: () => readonly ListenerFacts[]) {
    this.#facts.listeners = listeners
  }

  /** Path of the configuration file; '' without one. */
  set configFile(path: string) {
    this.#facts.configFile = path
  }

  /** What keys are shared through with other processes, where they are. */
  set shared(shared: () => SharedFacts) {
    this.#facts.shared = shared
  }

  text(sections: readonly Bytes[]): Bytes {
    return this.#sections.get().text(sections)
  }

  /** All sections, with what they say now. */
  all(): readonly Section[] {
    return this.#sections.get().all()
  }

  resetStats(): void {
    const { stats, keyspace, ports } = this.#engine
    stats.reset()
    ports.figures.slots.slotStats?.reset()
    keyspace.resetStats()
    ports.memory.expiryCycle.resetStats()
    ports.memory.compaction.resetStats()
    ports.persistence.replication.resetStats()
    ports.connections.clientMemory.evicted = 0
    ports.connections.clientMemory.guarded = 0
    this.#engine.eviction.resetStats()
    this.#loop.reset()
    this.#rates.reset()
  }

  /** Takes the samples behind the figures per second, and those of memory; the cron calls it. */
  sample(): void {
    this.#rates.sample()
    this.#memory.watch(this.#engine.keyspace.counts)
  }

  usedMemory(): number {
    return this.#memory.used
  }

  memoryStats(): readonly Reply[] {
    return memoryStats(this.#memory, this.#engine.keyspace, this.#engine.ports.scripting)
  }

  memoryReport(): Bytes {
    const { connections, persistence, scripting } = this.#engine.ports
    return memoryReport(this.#memory, {
      clients: connections.clients.size,
      replicas: persistence.replication.replicas.length,
      scripts: scripting.scripts.count,
    })
  }

  /** From the first time that somebody asks, the keyspace keeps its account. */
  #account(): Account {
    const { keyspace, ports, config } = this.#engine
    keyspace.count()
    const { normal, replicas } = ports.connections.clientMemory.sums()
    const { replication } = ports.persistence
    const kept = replication.history.backlog?.bytes ?? 0
    // As in Redis: what of the stream is beyond the backlog's size is kept for replicas that are behind.
    const backlog = replication.replicas.length === 0 ? kept : Math.min(kept, config['repl-backlog-size'])
    return {
      data: keyspace.bytes,
      startup: EMPTY_STORE_BYTES,
      clients: normal,
      replicas: replicas + kept - backlog,
      backlog,
    }
  }
}
