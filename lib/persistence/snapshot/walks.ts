/**
 * The walks of snapshots over one store. As genuine Redis has one child at a time, one walk goes on beside commands at a time;
 * who wants another waits for its end. One that runs at once may come in between: nothing changes meanwhile.
 */
import type { Bytes } from '../../base/bytes.ts'
import type { Engine } from '../../engine/engine.ts'
import type { SaveProgress } from '../../session/ports.ts'
import type { SnapshotFilter } from '../../session/replicationports.ts'
import type { AccessKind } from './snapshot.ts'
import { Walk, type WalkSink } from './walk.ts'

/** A walk that goes on beside commands. */
export interface Going extends SaveProgress {
  /** What the store holds at this moment is what it will write. */
  run(): void
}

export interface WalkOptions {
  /** Facts for the reader. */
  readonly aux?: readonly (readonly [name: Bytes, value: Bytes])[]
  /** The least version of the format. */
  readonly version?: number | undefined
  readonly filter?: SnapshotFilter | undefined
  /** It is the base of an append-only log. */
  readonly isBase?: boolean
}

const ALL: SnapshotFilter = { functions: true, data: true }

export class Walks {
  readonly #engine: Engine
  #current: Going | undefined
  readonly #waiting: (() => void)[] = []

  constructor(engine: Engine) {
    this.#engine = engine
  }

  /** The one that goes on beside commands. */
  get current(): Going | undefined {
    return this.#current
  }

  /** Begins a walk into sinks that share it; undefined while another goes on. What it writes is the state of this moment. */
  begin(sinks: readonly WalkSink[], options: WalkOptions = {}): Walk | undefined {
    return this.beginOther((onOver) => this.#create(sinks, options, onOver))
  }

  /** The same for a walk of another kind, which calls a function when it is over. */
  beginOther<W extends Going>(create: (onOver: () => void) => W): W | undefined {
    if (this.#current !== undefined) return undefined
    const walk = create(() => this.#ended())
    this.#current = walk
    walk.run()
    return walk
  }

  /** Writes all that the store holds, or what the filter leaves, before it returns. @throws what the sink throws */
  runAtOnce(sink: WalkSink, options: WalkOptions = {}): void {
    this.#create([sink], options, () => {}).runAtOnce()
  }

  /** Calls a function when no walk goes on: now, or once, when the one that does has ended and all who asked before have begun. */
  whenFree(run: () => void): void {
    if (this.#current === undefined) run()
    else this.#waiting.push(run)
  }

  #ended(): void {
    this.#current = undefined
    while (this.#current === undefined) {
      const run = this.#waiting.shift()
      if (run === undefined) return
      run()
    }
  }

  #create(sinks: readonly WalkSink[], options: WalkOptions, onOver: () => void): Walk {
    const { version = 0, filter = ALL, isBase = false } = options
    const { keyspace, config, ports, stats } = this.#engine
    // Who loads a file can go on from there in the history of changes; the journal's base is a part of that by itself.
    const aux = options.aux ?? (isBase ? [] : ports.persistence.replication.facts())
    const policy = config['maxmemory-policy']
    const access: AccessKind = policy.endsWith('-lfu') ? 'frequency' : /-lr[um]$/.test(policy) ? 'idle' : 'none'
    const functions = filter.functions ? ports.scripting.functions.codes : []
    return new Walk({
      keyspace,
      commands: () => stats.commands,
      options: { version, access, aux, functions, data: filter.data, compresses: config.rdbcompression, isBase },
      sinks,
      onOver,
    })
  }
}
