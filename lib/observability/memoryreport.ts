/** What INFO memory, MEMORY STATS and MEMORY DOCTOR say, all from the same account and the same samples. */
import { totalmem } from 'node:os'
import type { Bytes } from '../base/bytes.ts'
import { Double, MapReply, type Reply } from '../base/reply.ts'
import type { Engine } from '../engine/engine.ts'
import type { Keyspace } from '../keyspace/keyspace.ts'
import type { DbOverhead } from '../keyspace/overhead.ts'
import type { ScriptingPort } from '../session/ports.ts'
import type { Fields } from './fields.ts'
import { humanBytes, type Memory } from './memory.ts'
import { scriptFields } from './scriptmemory.ts'

/** From here on MEMORY DOCTOR finds what Redis's finds. */
const HIGH_PEAK_RATIO = 1.5
const HIGH_FRAGMENTATION_RATIO = 1.4
const HIGH_FRAGMENTATION_BYTES = 10 * 1024 * 1024
const LARGE_CLIENT_BYTES = 200 * 1024
const LARGE_REPLICA_BYTES = 10 * 1024 * 1024
const MANY_SCRIPTS = 1000

/** Below this, MEMORY DOCTOR does not judge. */
const SMALL_INSTANCE_BYTES = 5 * 1024 * 1024

/** What keys cost beside their names and values, in all databases that have any. */
function overheads({ dbs }: Keyspace): readonly (readonly [index: number, overhead: DbOverhead])[] {
  return dbs.filter(({ size }) => size > 0).map((db) => [db.index, db.overhead])
}

const sum = (figures: readonly number[]): number => figures.reduce((total, figure) => total + figure, 0)

/** INFO's memory section. */
export function memoryFields(memory: Memory, { keyspace, config, ports }: Engine): Fields {
  const { allocated, active, resident, rss } = memory.figures
  const { used, peak } = memory
  const { data, startup, clients, replicas, backlog } = memory.account
  const tables = overheads(keyspace).map(([, overhead]) => overhead)
  const dataset = data - sum(tables.map(({ keys, expires }) => keys + expires))
  const system = totalmem()
  return [
    ['used_memory', used],
    ['used_memory_human', humanBytes(used)],
    ['used_memory_rss', rss],
    ['used_memory_rss_human', humanBytes(rss)],
    ['used_memory_peak', peak],
    ['used_memory_peak_human', humanBytes(peak)],
    ['used_memory_peak_time', Math.floor(memory.peakAt / 1000)],
    ['used_memory_peak_perc', percent(used, peak)],
    ['used_memory_overhead', used - dataset],
    ['used_memory_startup', startup],
    ['used_memory_dataset', dataset],
    ['used_memory_dataset_perc', percent(dataset, used - startup)],
    ['allocator_allocated', allocated],
    ['allocator_active', active],
    ['allocator_resident', resident],
    ['allocator_muzzy', 0],
    ['total_system_memory', system],
    ['total_system_memory_human', humanBytes(system)],
    ...scriptFields(ports.scripting),
    ['maxmemory', config.maxmemory],
    ['maxmemory_human', humanBytes(config.maxmemory)],
    ['maxmemory_policy', config['maxmemory-policy']],
    ['allocator_frag_ratio', ratio(active, allocated)],
    ['allocator_frag_bytes', active - allocated],
    ['allocator_rss_ratio', ratio(resident, active)],
    ['allocator_rss_bytes', resident - active],
    ['rss_overhead_ratio', ratio(rss, resident)],
    ['rss_overhead_bytes', rss - resident],
    ['mem_fragmentation_ratio', ratio(memory.resident, used)],
    ['mem_fragmentation_bytes', memory.resident - used],
    ['mem_not_counted_for_evict', replicas + backlog],
    ['mem_replication_backlog', backlog],
    ['mem_total_replication_buffers', ports.persistence.replication.history.backlog?.bytes ?? 0],
    ['mem_clients_slaves', replicas],
    ['mem_clients_normal', clients],
    ['mem_cluster_links', 0],
    ['mem_aof_buffer', 0],
    ['mem_allocator', `v8-${process.versions.v8}`],
    ['mem_overhead_db_hashtable_rehashing', sum(tables.map(({ leaving }) => leaving))],
    ['active_defrag_running', ports.memory.compaction.effort],
    // What is dropped is V8's to collect at once: nothing waits for it.
    ['lazyfree_pending_objects', 0],
    ['lazyfreed_objects', keyspace.stats.lazyFreed],
  ]
}

/** MEMORY STATS, as flat pairs. */
export function memoryStats(
  memory: Memory,
  keyspace: Keyspace,
  { scripts, functions }: ScriptingPort,
): readonly Reply[] {
  const { allocated, active, resident, rss } = memory.figures
  const { used, peak } = memory
  const { data, startup, clients, replicas, backlog } = memory.account
  const dbs = overheads(keyspace)
  const tables = dbs.map(([, overhead]) => overhead)
  const dataset = data - sum(tables.map(({ keys, expires }) => keys + expires))
  const keyCount = keyspace.size
  return Object.entries({
    'peak.allocated': peak,
    'total.allocated': used,
    'startup.allocated': startup,
    'replication.backlog': backlog,
    'clients.slaves': replicas,
    'clients.normal': clients,
    'cluster.links': 0,
    'aof.buffer': 0,
    'lua.caches': scripts.bytes,
    'functions.caches': functions.bytes,
    ...Object.fromEntries(
      dbs.map(([index, { keys, expires }]) => [
        `db.${index}`,
        new MapReply(['overhead.hashtable.main', keys, 'overhead.hashtable.expires', expires]),
      ]),
    ),
    'overhead.db.hashtable.lut': sum(tables.map(({ slots }) => slots)),
    'overhead.db.hashtable.rehashing': sum(tables.map(({ leaving }) => leaving)),
    'overhead.total': used - dataset,
    'db.dict.rehashing.count': sum(tables.map(({ leavingCount }) => leavingCount)),
    'keys.count': keyCount,
    'keys.bytes-per-key': keyCount === 0 ? 0 : Math.floor((used - startup) / keyCount),
    'dataset.bytes': dataset,
    'dataset.percentage': new Double(used === startup ? 0 : (dataset / (used - startup)) * 100),
    'peak.percentage': new Double((used / peak) * 100),
    'allocator.allocated': allocated,
    'allocator.active': active,
    'allocator.resident': resident,
    'allocator.muzzy': 0,
    'allocator-fragmentation.ratio': new Double(active / allocated),
    'allocator-fragmentation.bytes': active - allocated,
    'allocator-rss.ratio': new Double(resident / active),
    'allocator-rss.bytes': resident - active,
    'rss-overhead.ratio': new Double(rss / resident),
    'rss-overhead.bytes': rss - resident,
    fragmentation: new Double(memory.resident / used),
    'fragmentation.bytes': memory.resident - used,
  }).flat()
}

/** Who holds memory, for MEMORY DOCTOR. */
export interface Holders {
  readonly clients: number
  readonly replicas: number
  readonly scripts: number
}

/** MEMORY DOCTOR: Redis's words where it sees too little to judge and where it finds nothing; its conditions. */
export function memoryReport(memory: Memory, holders: Holders): Bytes {
  const { used } = memory
  if (used - memory.account.startup < SMALL_INSTANCE_BYTES) {
    return (
      "Hi Sam, this instance is empty or is using very little memory, my issues detector can't be used in these " +
      'conditions. Please, leave for your mission on Earth and fill it with some data. The new Sam and I will be back ' +
      'to our programming as soon as I finished rebooting.\n'
    )
  }
  const issues = issuesOf(memory, holders)
  if (issues.length === 0) {
    return "Hi Sam, I can't find any memory issue in your instance. I can only account for what occurs on this base.\n"
  }
  return (
    'Sam, I detected a few issues in this Redis instance memory implants:\n\n' +
    issues.map((issue) => ` * ${issue}\n\n`).join('') +
    "I'm here to keep you safe, Sam. I want to help you.\n"
  )
}

function issuesOf(memory: Memory, holders: Holders): readonly string[] {
  const { used, peak, resident, account } = memory
  const issues: string[] = []
  if (peak / used > HIGH_PEAK_RATIO) {
    issues.push(
      'Peak memory: In the past this instance used more than 150% the memory that is currently using. V8 gives what it ' +
        'does not need back by and by; until then the process stays as large as it was.',
    )
  }
  if (resident / used > HIGH_FRAGMENTATION_RATIO && resident - used > HIGH_FRAGMENTATION_BYTES) {
    issues.push(
      'High total RSS: The process has grown by more than 1.4 times what the keys take. Garbage that V8 has not collected ' +
        'yet is in it, and what your application took since then.',
    )
  }
  if (account.replicas > holders.replicas * LARGE_REPLICA_BYTES) {
    issues.push('Big replica buffers: What waits for replicas is more than 10 MB for each: one of them may be slow.')
  }
  if (account.clients > holders.clients * LARGE_CLIENT_BYTES) {
    issues.push(
      'Big client buffers: Clients hold more than 200 KB each. CLIENT LIST shows which (omem, qbuf, tot-mem); those that ' +
        'publish or subscribe in bulk, or do not read, are the usual ones.',
    )
  }
  if (holders.scripts > MANY_SCRIPTS) {
    issues.push(
      'Many scripts: More than 1000 are kept. Those that are made anew for each call should take what differs as ' +
        'arguments; SCRIPT FLUSH forgets them.',
    )
  }
  return issues
}

function percent(part: number, whole: number): string {
  return `${whole === 0 ? '0.00' : ((part / whole) * 100).toFixed(2)}%`
}

function ratio(part: number, whole: number): string {
  return whole === 0 ? '0.00' : (part / whole).toFixed(2)
}
