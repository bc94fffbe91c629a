/**
 * What INFO prints: sections of `name:value` lines, in the order and under the names of Redis 7.4, with what 8 added. Every figure is true of this
 * store; one that speaks of something that is not here (forks, threads for input and output, defragmentation) is 0. What a
 * figure means where V8 and Node differ from Redis stands in docs/guides/figures.md.
 */
import { createHash, randomBytes } from 'node:crypto'
import { machine, release, type } from 'node:os'
import type { Bytes } from '../base/bytes.ts'
import { MONOTONIC_CLOCK } from '../base/runtime.ts'
import { REDIS_VERSION, ZERODIS_VERSION } from '../base/version.ts'
import type { Engine } from '../engine/engine.ts'
import { averageTtl } from '../keyspace/expiry.ts'
import type { AppendingFigures, LoadProgress } from '../session/appendingport.ts'
import { Gate } from '../session/session.ts'
import type { EventLoop } from './eventloop.ts'
import type { Section } from './families.ts'
import type { Fields } from './fields.ts'
import type { Memory } from './memory.ts'
import { memoryFields } from './memoryreport.ts'
import { processorFields } from './processtime.ts'
import type { Rates } from './rates.ts'
import { replicationFields } from './replicationfields.ts'
import { type SharedFacts, sharedFields } from './sharedfields.ts'
import { commandFields, errorFields, latencyFields, statFields } from './statfields.ts'

/** The sections of a plain INFO. */
const DEFAULT_SECTIONS = [
  'server',
  'clients',
  'memory',
  'persistence',
  'threads',
  'stats',
  'replication',
  'cpu',
  'modules',
  'errorstats',
  'cluster',
  'keyspace',
  'store',
]
const SLOW_SECTIONS = ['commandstats', 'latencystats']

/** Tells builds apart: one version is one build. */
function buildId(): Bytes {
  return createHash('sha1').update(`${REDIS_VERSION} ${ZERODIS_VERSION}`).digest('hex').slice(0, 16)
}

/** Where clients of RESP come in. */
export interface ListenerFacts {
  /** The place of its kind among Redis's: 0 tcp, 1 unix, 2 tls. */
  readonly index: number
  readonly name: 'tcp' | 'unix' | 'tls'
  readonly binds: readonly Bytes[]
  /** 0 for none. */
  readonly port: number
}

/** What is told that the engine does not know. */
export interface InfoFacts {
  readonly engine: Engine
  readonly memory: Memory
  readonly loop: EventLoop
  readonly rates: Rates
  /** Unix ms. */
  readonly startedAt: number
  /** Where RESP listens, once it does. */
  listeners: () => readonly ListenerFacts[]
  /** Path of the configuration file; '' without one. */
  configFile: string
  /** What keys are shared through with other processes, where they are. */
  shared: (() => SharedFacts) | undefined
}

export class InfoSections {
  readonly #facts: InfoFacts
  readonly #engine: Engine
  /** Made when it is first asked for, since Node loads its cryptography with it. */
  #runId: Bytes | undefined

  constructor(facts: InfoFacts) {
    this.#facts = facts
    this.#engine = facts.engine
  }

  text(sections: readonly Bytes[]): Bytes {
    const wanted = new Set<string>()
    for (const section of sections.length === 0 ? ['default'] : sections) {
      const name = section.toLowerCase()
      if (name === 'default' || name === 'all' || name === 'everything') {
        for (const one of DEFAULT_SECTIONS) wanted.add(one)
        if (name !== 'default') for (const one of SLOW_SECTIONS) wanted.add(one)
      } else wanted.add(name)
    }
    const texts: string[] = []
    for (const [name, title, fields] of this.#sections()) {
      if (!wanted.has(name)) continue
      texts.push(
        `# ${title}\r\n` +
          fields()
            .map(([field, value]) => `${field}:${value}\r\n`)
            .join(''),
      )
    }
    return texts.join('\r\n')
  }

  /** All sections, with what they say now. */
  all(): readonly Section[] {
    return this.#sections().map(([name, , fields]) => [name, fields()])
  }

  /** All sections, in the order in which they are printed. */
  #sections(): readonly (readonly [name: string, title: string, fields: () => Fields])[] {
    return [
      ['server', 'Server', () => this.#server()],
      ['clients', 'Clients', () => this.#clients()],
      ['memory', 'Memory', () => memoryFields(this.#facts.memory, this.#engine)],
      ['persistence', 'Persistence', () => this.#persistence()],
      ['threads', 'Threads', () => this.#threads()],
      ['stats', 'Stats', () => statFields(this.#engine, this.#facts.rates, this.#facts.loop)],
      ['replication', 'Replication', () => replicationFields(this.#engine)],
      ['cpu', 'CPU', processorFields],
      ['modules', 'Modules', () => []],
      ['commandstats', 'Commandstats', () => commandFields(this.#engine)],
      ['errorstats', 'Errorstats', () => errorFields(this.#engine)],
      ['latencystats', 'Latencystats', () => latencyFields(this.#engine)],
      ['cluster', 'Cluster', () => [['cluster_enabled', this.#engine.ports.cluster === undefined ? 0 : 1]]],
      ['keyspace', 'Keyspace', () => this.#keyspace()],
      ...this.#sharedSection(),
    ]
  }

  #sharedSection(): readonly (readonly [name: string, title: string, fields: () => Fields])[] {
    const { shared } = this.#facts
    return shared === undefined ? [] : [['store', 'Store', () => sharedFields(shared())]]
  }

  #server(): Fields {
    const { config, clock, ports } = this.#engine
    const now = clock.now()
    const { endsInMs } = ports.process
    const uptime = Math.max(0, Math.floor((now - this.#facts.startedAt) / 1000))
    const listeners = this.#facts.listeners()
    return [
      ['redis_version', REDIS_VERSION],
      ['zerodis_version', ZERODIS_VERSION],
      ['redis_git_sha1', '00000000'],
      ['redis_git_dirty', 0],
      ['redis_build_id', buildId()],
      ['redis_mode', this.#engine.ports.cluster === undefined ? 'standalone' : 'cluster'],
      ['os', `${type()} ${release()} ${machine()}`],
      ['arch_bits', 64],
      ['node_version', process.versions.node],
      ['monotonic_clock', MONOTONIC_CLOCK],
      ['multiplexing_api', 'libuv'],
      ['atomicvar_api', 'none'],
      ['gcc_version', '0.0.0'], // what Redis prints that was built by something else
      ['process_id', process.pid],
      ['process_supervised', 'no'],
      ['run_id', (this.#runId ??= randomBytes(20).toString('hex'))],
      ['tcp_port', listeners.find(({ port }) => port !== 0)?.port ?? (config.port || config['tls-port'])],
      ['server_time_usec', now * 1000],
      ['uptime_in_seconds', uptime],
      ['uptime_in_days', Math.floor(uptime / 86400)],
      ['hz', config.hz],
      ['configured_hz', config.hz],
      ['lru_clock', Math.floor(now / 1000) & 0xffffff],
      ['executable', process.execPath],
      ['config_file', this.#facts.configFile],
      ['io_threads_active', 0],
      ...(endsInMs === -1 ? [] : [['shutdown_in_milliseconds', endsInMs] as const]),
      ...listeners.map(({ index, name, binds, port }): Fields[number] => [
        `listener${index}`,
        `name=${name}${binds.map((bind) => `,bind=${bind}`).join('')}${port === 0 ? '' : `,port=${port}`}`,
      ]),
    ]
  }

  #clients(): Fields {
    const { config, ports, blocking, pause } = this.#engine
    let longestInput = 0
    let longestOutput = 0
    let subscribers = 0
    let replicas = 0
    for (const { link, gate, replica } of ports.connections.clients) {
      longestInput = Math.max(longestInput, link.inputBytes)
      longestOutput = Math.max(longestOutput, link.outputBytes)
      if (gate & Gate.Subscriber) subscribers++
      if (replica) replicas++
    }
    return [
      ['connected_clients', ports.connections.clients.size - replicas],
      ['cluster_connections', 0],
      ['maxclients', config.maxclients],
      ['client_recent_max_input_buffer', longestInput],
      ['client_recent_max_output_buffer', longestOutput],
      ['blocked_clients', blocking.size + pause.held + ports.process.asksForEnd],
      ['tracking_clients', ports.connections.tracking.size],
      ['pubsub_clients', subscribers],
      ['watching_clients', ports.connections.watches.size],
      ['clients_in_timeout_table', blocking.timeouts],
      ['total_watched_keys', ports.connections.watches.keys],
      ['total_blocking_keys', blocking.keys],
      ['total_blocking_keys_on_nokey', blocking.keysWakingOnDeletion],
    ]
  }

  #persistence(): Fields {
    const { saving, rdb, appending, backup, replication } = this.#engine.ports.persistence
    const { availability, clock } = this.#engine
    const { loading } = availability
    const { processed = 0, total = 0, earlyBytes = 0 } = saving.progress ?? {}
    const aof = appending.figures
    return [
      ['loading', loading === 'yes' ? 1 : 0],
      ['async_loading', loading === 'async' ? 1 : 0],
      // There is no fork: what a copy on write costs here is what is written before it changes.
      ['current_cow_peak', earlyBytes],
      ['current_cow_size', earlyBytes],
      ['current_cow_size_age', 0],
      ['current_fork_perc', total === 0 ? '0.00' : ((100 * processed) / total).toFixed(2)],
      ['current_save_keys_processed', processed],
      ['current_save_keys_total', total],
      ['rdb_changes_since_last_save', saving.changes],
      ['rdb_bgsave_in_progress', saving.runningSeconds === -1 && !replication.makesSnapshot ? 0 : 1],
      ['rdb_last_save_time', saving.lastSave],
      ['rdb_last_bgsave_status', saving.succeeded ? 'ok' : 'err'],
      ['rdb_last_bgsave_time_sec', saving.lastSeconds],
      ['rdb_current_bgsave_time_sec', saving.runningSeconds],
      ['rdb_saves', saving.saves],
      ['rdb_last_cow_size', saving.lastEarlyBytes],
      ['rdb_last_load_keys_expired', rdb.lastLoad.expired],
      ['rdb_last_load_keys_loaded', rdb.lastLoad.loaded],
      ['aof_enabled', aof.isOn ? 1 : 0],
      ['aof_rewrite_in_progress', aof.isRewriting ? 1 : 0],
      ['aof_rewrite_scheduled', aof.isScheduled ? 1 : 0],
      ['aof_last_rewrite_time_sec', aof.lastRewriteSeconds],
      ['aof_current_rewrite_time_sec', aof.rewritingSeconds],
      ['aof_last_bgrewrite_status', aof.rewriteSucceeded ? 'ok' : 'err'],
      ['aof_rewrites', aof.rewrites],
      ['aof_rewrites_consecutive_failures', aof.failedRewrites],
      ['aof_last_write_status', aof.writesSucceed ? 'ok' : 'err'],
      ['aof_last_cow_size', 0],
      ['backup_in_progress', backup.isInProgress ? 1 : 0],
      ['module_fork_in_progress', 0],
      ['module_fork_last_cow_size', 0],
      ...(aof.isOn ? appendedFields(aof) : []),
      ...loadingFields(saving.loading ?? appending.loading, clock.now()),
    ]
  }

  /** The one thread that reads and writes. */
  #threads(): Fields {
    const { ports, stats } = this.#engine
    return [['io_thread_0', `clients=${ports.connections.clients.size},reads=${stats.reads},writes=${stats.writes}`]]
  }

  #keyspace(): Fields {
    const { keyspace, clock } = this.#engine
    const now = clock.now()
    return keyspace.dbs
      .filter((db) => db.size > 0)
      .map((db) => [
        `db${db.index}`,
        `keys=${db.size},expires=${db.volatileSize},avg_ttl=${averageTtl(db, 20, now)},subexpiry=${db.fieldExpirySize}`,
      ])
  }
}

/** What stands in INFO only while there is an append-only file. */
function appendedFields(aof: AppendingFigures): Fields {
  return [
    ['aof_current_size', aof.currentSize],
    ['aof_base_size', aof.baseSize],
    ['aof_pending_rewrite', aof.isScheduled ? 1 : 0],
    ['aof_buffer_length', aof.gatheredBytes],
    ['aof_pending_bio_fsync', aof.pendingSyncs],
    ['aof_delayed_fsync', aof.delayedSyncs],
  ]
}

/** How the loading of the data of the start goes, while it goes on. */
function loadingFields(progress: LoadProgress | undefined, now: number): Fields {
  if (progress === undefined) return []
  const { startedAt, totalBytes, loadedBytes } = progress
  const seconds = (now - startedAt) / 1000
  const eta = loadedBytes === 0 ? 1 : Math.ceil((seconds * (totalBytes - loadedBytes)) / loadedBytes)
  return [
    ['loading_start_time', Math.floor(startedAt / 1000)],
    ['loading_total_bytes', totalBytes],
    ['loading_rdb_used_mem', 0],
    ['loading_loaded_bytes', loadedBytes],
    ['loading_loaded_perc', totalBytes === 0 ? '0.00' : ((100 * loadedBytes) / totalBytes).toFixed(2)],
    ['loading_eta_seconds', eta],
  ]
}
