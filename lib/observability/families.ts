/**
 * The figures of a store as Prometheus knows them: families of samples, each with its labels. Names are redis_exporter's
 * where it has one; what only this store has begins with `zerodis_`. Nothing is collected before somebody asks.
 */
import type { Engine } from '../engine/engine.ts'
import { averageTtl } from '../keyspace/expiry.ts'
import type { Fields } from './fields.ts'
import { COUNTERS, GAUGES, OWN_COUNTERS, OWN_GAUGES } from './metricnames.ts'

export type FamilyType = 'gauge' | 'counter' | 'summary' | 'histogram'
/** Names to text or numbers. */
export type Labels = object

export interface Sample {
  readonly labels: Labels
  readonly value: number
  /** What follows the family's name, as in `_sum`; undefined for nothing. */
  readonly suffix?: string
}

export interface Family {
  readonly name: string
  readonly help: string
  readonly type: FamilyType
  readonly samples: readonly Sample[]
}

/** A section of INFO by its name in lower case. */
export type Section = readonly [name: string, fields: Fields]

const NO_LABELS: Labels = {}

const family = (type: FamilyType, name: string, help: string, samples: readonly Sample[]): Family => {
  return { name, help, type, samples }
}
const single = (type: FamilyType, name: string, help: string, value: number): Family =>
  family(type, name, help, [{ labels: NO_LABELS, value }])

/** All that has a value. @param sections those of INFO */
export function familiesOf(engine: Engine, sections: readonly Section[]): Family[] {
  const { backend } = engine
  const fields = new Map([...sections.flatMap(([, section]) => section), ...(backend?.facts() ?? [])])
  return [
    single('gauge', 'redis_up', 'Whether the store answers.', backend?.isUp === false ? 0 : 1),
    ...plainFamilies(fields),
    instanceFamily(fields),
    ...configFamilies(engine),
    ...databaseFamilies(engine),
    ...commandFamilies(engine),
    ...latencyFamilies(engine),
    family(
      'counter',
      'redis_errors_total',
      'Errors that were answered, by their code.',
      [...engine.stats.errorCodes].map(([err, value]) => ({ labels: { err }, value })),
    ),
    ...replicationFamilies(engine, fields),
    ...journalFamilies(engine),
    ...keeperFamilies(fields),
    ...slowFamilies(engine),
    ...doorFamilies(engine),
  ].filter(({ samples }) => samples.length > 0)
}

/** Fields that are a number, or say whether all is well. */
function plainFamilies(fields: ReadonlyMap<string, string | number>): Family[] {
  const families: Family[] = []
  for (const [type, prefix, names] of [
    ['gauge', 'redis', GAUGES],
    ['counter', 'redis', COUNTERS],
    ['gauge', 'zerodis', OWN_GAUGES],
    ['counter', 'zerodis', OWN_COUNTERS],
  ] as const) {
    for (const [field, name] of names) {
      const value = numberOf(fields.get(field))
      if (value !== undefined) families.push(single(type, `${prefix}_${name}`, `INFO's ${field}.`, value))
    }
  }
  const started = Date.now() / 1000 - Number(fields.get('uptime_in_seconds'))
  families.push(single('gauge', 'redis_start_time_seconds', 'Unix time of the start.', Math.floor(started)))
  return families
}

function numberOf(value: string | number | undefined): number | undefined {
  if (value === undefined) return undefined
  if (value === 'ok') return 1
  if (value === 'err') return 0
  const number = Number(value)
  return Number.isNaN(number) ? undefined : number
}

const INSTANCE_LABELS = [
  'role',
  'redis_version',
  'redis_build_id',
  'redis_mode',
  'os',
  'maxmemory_policy',
  'tcp_port',
  'run_id',
  'process_id',
  'master_replid',
  'zerodis_version',
]

function instanceFamily(fields: ReadonlyMap<string, string | number>): Family {
  const labels = Object.fromEntries(INSTANCE_LABELS.map((name) => [name, fields.get(name) ?? '']))
  return family('gauge', 'redis_instance_info', 'What kind of store this is.', [{ labels, value: 1 }])
}

function configFamilies({ config }: Engine): Family[] {
  return (['maxmemory', 'maxclients'] as const).map((name) =>
    single('gauge', `redis_config_${name}`, `The directive ${name}.`, config[name]),
  )
}

function databaseFamilies({ keyspace, clock }: Engine): Family[] {
  const now = clock.now()
  const dbs = keyspace.dbs.filter(({ size }) => size > 0)
  const by = (name: string, help: string, of: (db: (typeof dbs)[number]) => number): Family =>
    family(
      'gauge',
      name,
      help,
      dbs.map((db) => ({ labels: { db: `db${db.index}` }, value: of(db) })),
    )
  return [
    by('redis_db_keys', 'Keys of a database.', ({ size }) => size),
    by('redis_db_keys_expiring', 'Keys of a database that have a time to live.', ({ volatileSize }) => volatileSize),
    by('redis_db_avg_ttl_seconds', 'Their mean time to live.', (db) => averageTtl(db, 20, now) / 1000),
    by(
      'redis_db_keys_with_expiring_items',
      'Hashes with fields that have a time to live.',
      ({ fieldExpirySize }) => fieldExpirySize,
    ),
  ]
}

function commandFamilies({ stats, table }: Engine): Family[] {
  const called = table.all.filter(({ id }) => stats.calls[id] > 0 || stats.rejected[id] > 0 || stats.failed[id] > 0)
  const by = (name: string, help: string, of: (id: number) => number): Family =>
    family(
      'counter',
      name,
      help,
      called.map(({ id, fullName }) => ({ labels: { cmd: fullName }, value: of(id) })),
    )
  return [
    by('redis_commands_total', 'Calls of a command.', (id) => stats.calls[id]),
    by(
      'redis_commands_duration_seconds_total',
      'Seconds that they took.',
      (id) => stats.latencies.microseconds(id) / 1e6,
    ),
    by('redis_commands_rejected_calls_total', 'Calls refused before they ran.', (id) => stats.rejected[id]),
    by('redis_commands_failed_calls_total', 'Calls that ran and failed.', (id) => stats.failed[id]),
  ]
}

function latencyFamilies({ stats, table, config }: Engine): Family[] {
  if (!config['latency-tracking']) return []
  const { latencies } = stats
  const timed = table.all.filter(({ id }) => latencies.count(id) > 0)
  const percentiles = config['latency-tracking-info-percentiles']
  const ends = (id: number, cmd: string): Sample[] => [
    { labels: { cmd }, value: latencies.microseconds(id), suffix: '_sum' },
    { labels: { cmd }, value: latencies.count(id), suffix: '_count' },
  ]
  const summaries = timed.flatMap(({ id, fullName: cmd }) => [
    ...percentiles.map((percent) => ({
      // 99.9 is 0.999, which a division does not give.
      labels: { cmd, quantile: Number((percent / 100).toFixed(9)) },
      value: latencies.percentile(id, percent),
    })),
    ...ends(id, cmd),
  ])
  const histograms = timed.flatMap(({ id, fullName: cmd }) => [
    ...latencies.distribution(id).map(([le, value]) => ({ labels: { cmd, le }, value, suffix: '_bucket' })),
    { labels: { cmd, le: '+Inf' }, value: latencies.count(id), suffix: '_bucket' },
    ...ends(id, cmd),
  ])
  return [
    family('summary', 'redis_latency_percentiles_usec', 'How long calls of a command took.', summaries),
    family('histogram', 'redis_commands_latencies_usec', 'How many calls of a command took how long.', histograms),
  ]
}

function replicationFamilies({ ports, clock }: Engine, fields: ReadonlyMap<string, string | number>): Family[] {
  const { replication, following } = ports.persistence
  const now = clock.now()
  const label = ({ ip, port, state }: (typeof replication.replicas)[number]): Labels => ({
    slave_ip: ip,
    slave_port: port,
    slave_state: state,
  })
  const replicas = [
    family(
      'gauge',
      'redis_connected_slave_offset_bytes',
      'What a replica has acknowledged.',
      replication.replicas.map((replica) => ({ labels: label(replica), value: replica.ackedOffset })),
    ),
    family(
      'gauge',
      'redis_connected_slave_lag_seconds',
      'How long ago it has done so.',
      replication.replicas.map((replica) => ({
        labels: label(replica),
        value: Math.max(0, Math.floor((now - replica.ackedAt) / 1000)),
      })),
    ),
  ]
  const { master } = following
  if (master === undefined) return replicas
  const labels = { master_host: master.host, master_port: master.port }
  const one = (name: string, help: string, value: number): Family => family('gauge', name, help, [{ labels, value }])
  return [
    ...replicas,
    one('redis_master_link_up', 'Whether the master is connected.', master.link === 'connected' ? 1 : 0),
    one('redis_master_sync_in_progress', 'Whether a full synchronisation runs.', master.link === 'sync' ? 1 : 0),
    one(
      'redis_master_last_io_seconds_ago',
      'When the master was heard last.',
      Number(fields.get('master_last_io_seconds_ago')),
    ),
    one('redis_slave_repl_offset', 'How far its stream was followed.', replication.history.offset),
    family('gauge', 'redis_slave_info', 'Whom this replica follows.', [
      { labels: { ...labels, read_only: fields.get('slave_read_only') ?? '' }, value: 1 },
    ]),
  ]
}

/** The append-only file, while it holds all that the store does. */
function journalFamilies({ ports }: Engine): Family[] {
  const { syncState } = ports.persistence.appending
  if (syncState === undefined) return []
  const { offset, synced } = syncState
  return [
    single('counter', 'zerodis_journal_bytes_total', 'What was added to the append-only file.', offset),
    single('gauge', 'zerodis_journal_unsynced_bytes', 'What of it is not known to be on disk.', offset - synced),
  ]
}

/** Who keeps the keys in the place of this process, or with others: a shared store, an upstream. */
function keeperFamilies(fields: ReadonlyMap<string, string | number>): Family[] {
  const info = (keeper: string, names: readonly string[]): Family => {
    const labels = Object.fromEntries(names.map((name) => [name, fields.get(`${keeper}_${name}`) ?? '']))
    return family('gauge', `zerodis_${keeper}_info`, 'Where the keys are.', [{ labels, value: 1 }])
  }
  const families: Family[] = []
  if (fields.has('store_kind')) families.push(info('store', ['kind', 'id', 'name', 'format']))
  if (fields.has('upstream_url')) {
    const is = (field: string, value: string): number => (fields.get(field) === value ? 1 : 0)
    families.push(
      info('upstream', ['url']),
      single('gauge', 'zerodis_upstream_up', 'Whether the upstream answers.', is('upstream_status', 'up')),
      single(
        'gauge',
        'zerodis_upstream_circuit_open',
        'Whether it is left alone for a while, since it did not answer.',
        is('upstream_circuit', 'open'),
      ),
    )
  }
  return families
}

function slowFamilies({ ports }: Engine): Family[] {
  const { slowlog, latency } = ports.figures
  const [last] = slowlog.latest(1)
  const events = latency.events.map((event) => ({ labels: { event_name: event }, series: latency.series(event) }))
  return [
    single('gauge', 'redis_slowlog_length', 'Entries of the slow log.', slowlog.length),
    single('gauge', 'redis_slowlog_last_id', 'Id of its newest entry.', last?.id ?? 0),
    single(
      'gauge',
      'redis_last_slow_execution_duration_seconds',
      'How long that command took.',
      (last?.microseconds ?? 0) / 1e6,
    ),
    family(
      'gauge',
      'redis_latency_spike_last',
      'Unix time of the last event of a kind that LATENCY watches.',
      events.map(({ labels, series }) => ({ labels, value: series?.samples.at(-1)?.time ?? 0 })),
    ),
    family(
      'gauge',
      'redis_latency_spike_duration_seconds',
      'How long it took.',
      events.map(({ labels, series }) => ({ labels, value: (series?.samples.at(-1)?.delay ?? 0) / 1000 })),
    ),
  ]
}

function doorFamilies({ ports, stats }: Engine): Family[] {
  const doors = new Map<string, number>()
  for (const { door } of ports.connections.clients) doors.set(door, (doors.get(door) ?? 0) + 1)
  return [
    family(
      'gauge',
      'zerodis_door_clients',
      'Clients by the door they came in by.',
      [...doors].map(([door, value]) => ({ labels: { door }, value })),
    ),
    family(
      'counter',
      'zerodis_rest_answers_total',
      'Answers of REST by status.',
      [...stats.restAnswers].map(([status, value]) => ({ labels: { status }, value })),
    ),
  ]
}
