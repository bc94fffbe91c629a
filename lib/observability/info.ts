/**
 * INFO: sections of `name:value` lines, in the order and under the names of Redis 7.4. Every figure is true of this store.
 * A field of Redis that speaks of something that is not here (its allocator, forks, replication, threads) is either 0
 * because that is the truth, or left out; `tests/observability/info.test.ts` lists those left out, each with its reason.
 */
import { randomBytes } from 'node:crypto'
import { release, type } from 'node:os'
import type { Bytes } from '../base/bytes.ts'
import type { Reply } from '../base/reply.ts'
import { REDIS_VERSION, ZERODIS_VERSION } from '../base/version.ts'
import type { Engine } from '../engine/engine.ts'
import { EMPTY_STORE_BYTES } from '../keyspace/weight.ts'
import type { InfoPort } from '../session/ports.ts'
import { Gate } from '../session/session.ts'
import type { Fields } from './fields.ts'
import { type Account, Memory } from './memory.ts'
import { memoryFields, memoryReport, memoryStats } from './memoryreport.ts'
import { Rates } from './rates.ts'

/** The sections of a plain INFO. */
const DEFAULT_SECTIONS = [
  'server',
  'clients',
  'memory',
  'persistence',
  'stats',
  'replication',
  'cpu',
  'modules',
  'errorstats',
  'cluster',
  'keyspace',
]
const SLOW_SECTIONS = ['commandstats', 'latencystats']

export class Info implements InfoPort {
  readonly #engine: Engine
  readonly #memory = new Memory(() => this.#account())
  readonly #runId = randomBytes(20).toString('hex')
  #replicationId = randomBytes(20).toString('hex')
  readonly #startedAt: number
  readonly #rates: Rates
  /** Where RESP listens, if that is not the port of the configuration. */
  tcpPort: (() => number) | undefined
  /** Path of the configuration file; '' without one. */
  configFile = ''

  constructor(engine: Engine) {
    this.#engine = engine
    this.#startedAt = engine.clock.now()
    this.#rates = new Rates(engine)
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

  resetStats(): void {
    const { stats, keyspace, ports } = this.#engine
    stats.reset()
    Object.assign(keyspace.stats, { hits: 0, misses: 0, expired: 0, evicted: 0, expiredFields: 0 })
    ports.memory.expiryCycle.timeCapReached = 0
    ports.connections.clientMemory.evicted = 0
    this.#engine.eviction.resetStats()
    this.#rates.reset()
  }

  /** Takes the samples behind the figures per second and the peak of memory; the cron calls it. */
  sample(): void {
    this.#rates.sample()
    if (this.#engine.keyspace.counts) this.#memory.watchPeak()
  }

  usedMemory(): number {
    return this.#memory.used
  }

  memoryStats(): readonly Reply[] {
    return memoryStats(this.#memory, this.#engine.keyspace.size, this.#engine.ports.scripting)
  }

  memoryReport(): Bytes {
    return memoryReport(this.#memory)
  }

  changeReplicationId(): void {
    this.#replicationId = randomBytes(20).toString('hex')
  }

  /** All sections, in the order in which they are printed. */
  #sections(): readonly (readonly [name: string, title: string, fields: () => Fields])[] {
    return [
      ['server', 'Server', () => this.#server()],
      ['clients', 'Clients', () => this.#clients()],
      ['memory', 'Memory', () => memoryFields(this.#memory, this.#engine.config, this.#engine.ports.scripting)],
      ['persistence', 'Persistence', () => this.#persistence()],
      ['stats', 'Stats', () => this.#stats()],
      ['replication', 'Replication', () => this.#replication()],
      ['cpu', 'CPU', () => cpu()],
      ['modules', 'Modules', () => []],
      ['commandstats', 'Commandstats', () => this.#commandstats()],
      ['errorstats', 'Errorstats', () => this.#errorstats()],
      ['latencystats', 'Latencystats', () => this.#latencystats()],
      ['cluster', 'Cluster', () => [['cluster_enabled', 0]]],
      ['keyspace', 'Keyspace', () => this.#keyspace()],
    ]
  }

  #server(): Fields {
    const { config, clock } = this.#engine
    const now = clock.now()
    const uptime = Math.max(0, Math.floor((now - this.#startedAt) / 1000))
    return [
      ['redis_version', REDIS_VERSION],
      ['zerodis_version', ZERODIS_VERSION],
      ['redis_git_sha1', '00000000'],
      ['redis_git_dirty', 0],
      ['redis_mode', 'standalone'],
      ['os', `${type()} ${release()} ${process.arch}`],
      ['arch_bits', 64],
      ['node_version', process.versions.node],
      ['monotonic_clock', 'performance.now'],
      ['multiplexing_api', 'libuv'],
      ['process_id', process.pid],
      ['process_supervised', 'no'],
      ['run_id', this.#runId],
      ['tcp_port', this.tcpPort?.() ?? (config.port || config['tls-port'])],
      ['server_time_usec', now * 1000],
      ['uptime_in_seconds', uptime],
      ['uptime_in_days', Math.floor(uptime / 86400)],
      ['hz', config.hz],
      ['configured_hz', config.hz],
      ['lru_clock', Math.floor(now / 1000) & 0xffffff],
      ['executable', process.execPath],
      ['config_file', this.configFile],
      ['io_threads_active', 0],
    ]
  }

  #clients(): Fields {
    const { config, ports, blocking, pause } = this.#engine
    let longestInput = 0
    let longestOutput = 0
    let subscribers = 0
    for (const { link, gate } of ports.connections.clients) {
      longestInput = Math.max(longestInput, link.inputBytes)
      longestOutput = Math.max(longestOutput, link.outputBytes)
      if (gate & Gate.Subscriber) subscribers++
    }
    return [
      ['connected_clients', ports.connections.clients.size],
      ['cluster_connections', 0],
      ['maxclients', config.maxclients],
      ['client_recent_max_input_buffer', longestInput],
      ['client_recent_max_output_buffer', longestOutput],
      ['blocked_clients', blocking.size + pause.held],
      ['tracking_clients', ports.connections.tracking.size],
      ['pubsub_clients', subscribers],
      ['watching_clients', ports.connections.watches.size],
      ['clients_in_timeout_table', blocking.timeouts],
      ['total_watched_keys', ports.connections.watches.keys],
      ['total_blocking_keys', blocking.keys],
      ['total_blocking_keys_on_nokey', blocking.keysWakingOnDeletion],
    ]
  }

  /** From the first time that somebody asks, the keyspace keeps its account. */
  #account(): Account {
    const { keyspace, ports } = this.#engine
    keyspace.count()
    const { normal, replicas } = ports.connections.clientMemory.sums()
    return { data: keyspace.bytes, startup: EMPTY_STORE_BYTES, clients: normal, replicas }
  }

  #persistence(): Fields {
    const { saving } = this.#engine.ports.persistence
    return [
      ['loading', 0],
      ['async_loading', 0],
      ['current_cow_peak', 0],
      ['current_cow_size', 0],
      ['current_cow_size_age', 0],
      ['current_fork_perc', '0.00'],
      ['current_save_keys_processed', 0],
      ['current_save_keys_total', 0],
      ['rdb_changes_since_last_save', saving.changes],
      ['rdb_bgsave_in_progress', saving.runningSeconds === -1 ? 0 : 1],
      ['rdb_last_save_time', saving.lastSave],
      ['rdb_last_bgsave_status', saving.succeeded ? 'ok' : 'err'],
      ['rdb_last_bgsave_time_sec', saving.lastSeconds],
      ['rdb_current_bgsave_time_sec', saving.runningSeconds],
      ['rdb_saves', saving.saves],
      ['rdb_last_cow_size', 0],
      ['rdb_last_load_keys_expired', 0],
      ['rdb_last_load_keys_loaded', 0],
      ['aof_enabled', 0],
      ['aof_rewrite_in_progress', 0],
      ['aof_rewrite_scheduled', 0],
      ['aof_last_rewrite_time_sec', -1],
      ['aof_current_rewrite_time_sec', -1],
      ['aof_last_bgrewrite_status', 'ok'],
      ['aof_rewrites', 0],
      ['aof_rewrites_consecutive_failures', 0],
      ['aof_last_write_status', 'ok'],
      ['aof_last_cow_size', 0],
      ['module_fork_in_progress', 0],
      ['module_fork_last_cow_size', 0],
    ]
  }

  #stats(): Fields {
    const { stats, keyspace, eviction, ports } = this.#engine
    const rates = this.#rates
    return [
      ['total_connections_received', stats.connections],
      ['total_commands_processed', stats.commands],
      ['instantaneous_ops_per_sec', Math.round(rates.commandsPerSecond)],
      ['total_net_input_bytes', stats.netInputBytes],
      ['total_net_output_bytes', stats.netOutputBytes],
      ['total_net_repl_input_bytes', 0],
      ['total_net_repl_output_bytes', 0],
      ['instantaneous_input_kbps', (rates.inputBytesPerSecond / 1024).toFixed(2)],
      ['instantaneous_output_kbps', (rates.outputBytesPerSecond / 1024).toFixed(2)],
      ['instantaneous_input_repl_kbps', '0.00'],
      ['instantaneous_output_repl_kbps', '0.00'],
      ['rejected_connections', stats.rejectedConnections],
      ['sync_full', ports.persistence.replication.fullSyncs],
      ['sync_partial_ok', 0],
      ['sync_partial_err', 0],
      ['expired_subkeys', keyspace.stats.expiredFields],
      ['expired_keys', keyspace.stats.expired],
      ['expired_time_cap_reached_count', ports.memory.expiryCycle.timeCapReached],
      ['evicted_keys', keyspace.stats.evicted],
      ['evicted_clients', ports.connections.clientMemory.evicted],
      ['evicted_scripts', ports.scripting.scripts.evicted],
      ['total_eviction_exceeded_time', Math.floor(eviction.totalExceededMs)],
      ['current_eviction_exceeded_time', Math.floor(eviction.currentExceededMs)],
      ['keyspace_hits', keyspace.stats.hits],
      ['keyspace_misses', keyspace.stats.misses],
      ['pubsub_channels', ports.pubsub.channels.size],
      ['pubsub_patterns', ports.pubsub.patterns.size],
      ['pubsubshard_channels', ports.pubsub.shards.size],
      ['latest_fork_usec', 0],
      ['total_forks', 0],
      ['migrate_cached_sockets', 0],
      ['slave_expires_tracked_keys', 0],
      ['active_defrag_hits', 0],
      ['active_defrag_misses', 0],
      ['active_defrag_key_hits', 0],
      ['active_defrag_key_misses', 0],
      ['total_active_defrag_time', 0],
      ['current_active_defrag_time', 0],
      ['tracking_total_keys', ports.connections.tracking.keys],
      ['tracking_total_items', ports.connections.tracking.items],
      ['tracking_total_prefixes', ports.connections.tracking.prefixes],
      ['unexpected_error_replies', 0],
      ['total_error_replies', stats.errorReplies],
      ['dump_payload_sanitizations', 0],
      ['io_threaded_reads_processed', 0],
      ['io_threaded_writes_processed', 0],
      ['client_query_buffer_limit_disconnections', stats.queryBufferDisconnections],
      ['client_output_buffer_limit_disconnections', stats.outputBufferDisconnections],
      ['acl_access_denied_auth', ports.access.acl.log.figures.auth],
      ['acl_access_denied_cmd', ports.access.acl.log.figures.command],
      ['acl_access_denied_key', ports.access.acl.log.figures.key],
      ['acl_access_denied_channel', ports.access.acl.log.figures.channel],
    ]
  }

  get replicationId(): Bytes {
    return this.#replicationId
  }

  #replication(): Fields {
    const { config, ports, clock } = this.#engine
    const { replicas, goodReplicas, offset } = ports.persistence.replication
    const { 'min-replicas-to-write': least, 'min-replicas-max-lag': lagMax } = config
    const lag = (ackedAt: number): number => Math.floor((clock.now() - ackedAt) / 1000)
    return [
      ['role', 'master'],
      ['connected_slaves', replicas.length],
      ...(least > 0 && lagMax > 0 ? [['min_slaves_good_slaves', goodReplicas] as const] : []),
      ...replicas.map(({ ip, port, ackedOffset, ackedAt, isSending }, i): Fields[number] => [
        `slave${i}`,
        `ip=${ip},port=${port},state=${isSending ? 'send_bulk' : 'online'},offset=${ackedOffset},lag=${lag(ackedAt)}`,
      ]),
      ['master_failover_state', 'no-failover'],
      ['master_replid', this.#replicationId],
      ['master_replid2', '0'.repeat(40)],
      ['master_repl_offset', offset],
      ['second_repl_offset', -1],
      ['repl_backlog_active', 0],
      ['repl_backlog_size', config['repl-backlog-size']],
      ['repl_backlog_first_byte_offset', 0],
      ['repl_backlog_histlen', 0],
    ]
  }

  #commandstats(): Fields {
    const { stats, table } = this.#engine
    return table.all
      .filter(({ id }) => stats.calls[id] > 0 || stats.rejected[id] > 0 || stats.failed[id] > 0)
      .map(({ id, fullName }) => {
        const calls = stats.calls[id]
        const microseconds = Math.round(stats.latencies.microseconds(id))
        const perCall = calls === 0 ? 0 : microseconds / calls
        const refused = `rejected_calls=${stats.rejected[id]},failed_calls=${stats.failed[id]}`
        return [
          `cmdstat_${fullName}`,
          `calls=${calls},usec=${microseconds},usec_per_call=${perCall.toFixed(2)},${refused}`,
        ]
      })
  }

  #errorstats(): Fields {
    return [...this.#engine.stats.errorCodes].map(([code, count]) => [`errorstat_${code}`, `count=${count}`])
  }

  #latencystats(): Fields {
    const { stats, table, config } = this.#engine
    const percentiles = config['latency-tracking-info-percentiles']
    if (!config['latency-tracking'] || percentiles.length === 0) return []
    return table.all
      .filter(({ id }) => stats.latencies.count(id) > 0)
      .map(({ id, fullName }) => [
        `latency_percentiles_usec_${fullName}`,
        percentiles.map((percent) => `p${percent}=${stats.latencies.percentile(id, percent).toFixed(3)}`).join(','),
      ])
  }

  #keyspace(): Fields {
    const { keyspace, clock } = this.#engine
    const now = clock.now()
    return keyspace.dbs
      .filter((db) => db.size > 0)
      .map((db) => [
        `db${db.index}`,
        `keys=${db.size},expires=${db.volatileSize},avg_ttl=${db.averageTtl(20, now)},subexpiry=${db.fieldExpirySize}`,
      ])
  }
}

function cpu(): Fields {
  const { system, user } = process.cpuUsage()
  const seconds = (microseconds: number): string => (microseconds / 1e6).toFixed(6)
  return [
    ['used_cpu_sys', seconds(system)],
    ['used_cpu_user', seconds(user)],
    ['used_cpu_sys_children', '0.000000'],
    ['used_cpu_user_children', '0.000000'],
  ]
}
