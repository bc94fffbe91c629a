/** What INFO memory, MEMORY STATS and MEMORY DOCTOR say, all from the same account and the same samples. */
import { totalmem } from 'node:os'
import type { Bytes } from '../base/bytes.ts'
import { Double, type Reply } from '../base/reply.ts'
import type { Directives } from '../config/config.ts'
import type { ScriptingPort } from '../session/ports.ts'
import type { Fields } from './fields.ts'
import { humanBytes, type Memory } from './memory.ts'
import { scriptFields } from './scriptmemory.ts'

/** Below this, MEMORY DOCTOR does not judge. */
const SMALL_INSTANCE_BYTES = 5 * 1024 * 1024

/** INFO's memory section. */
export function memoryFields(memory: Memory, config: Directives, scripting: ScriptingPort): Fields {
  const { heapUsed, heapTotal, external, rss } = memory.figures
  const { used, peak } = memory
  const { data, startup, clients, replicas } = memory.account
  const system = totalmem()
  return [
    ['used_memory', used],
    ['used_memory_human', humanBytes(used)],
    ['used_memory_rss', rss],
    ['used_memory_rss_human', humanBytes(rss)],
    ['used_memory_peak', peak],
    ['used_memory_peak_human', humanBytes(peak)],
    ['used_memory_peak_perc', percent(used, peak)],
    ['used_memory_overhead', used - data],
    ['used_memory_startup', startup],
    ['used_memory_dataset', data],
    ['used_memory_dataset_perc', percent(data, used - startup)],
    ['allocator_allocated', heapUsed + external],
    ['allocator_active', heapTotal + external],
    ['allocator_resident', rss],
    ['total_system_memory', system],
    ['total_system_memory_human', humanBytes(system)],
    ...scriptFields(scripting),
    ['maxmemory', config.maxmemory],
    ['maxmemory_human', humanBytes(config.maxmemory)],
    ['maxmemory_policy', config['maxmemory-policy']],
    ['allocator_frag_ratio', ratio(heapTotal + external, heapUsed + external)],
    ['allocator_frag_bytes', heapTotal - heapUsed],
    ['allocator_rss_ratio', ratio(rss, heapTotal + external)],
    ['allocator_rss_bytes', rss - heapTotal - external],
    ['mem_fragmentation_ratio', ratio(rss, used)],
    ['mem_fragmentation_bytes', rss - used],
    ['mem_not_counted_for_evict', replicas],
    ['mem_replication_backlog', 0],
    ['mem_total_replication_buffers', replicas],
    ['mem_clients_slaves', replicas],
    ['mem_clients_normal', clients],
    ['mem_cluster_links', 0],
    ['mem_aof_buffer', 0],
    ['mem_allocator', `v8-${process.versions.v8}`],
    ['active_defrag_running', 0],
    ['lazyfree_pending_objects', 0],
    ['lazyfreed_objects', 0],
  ]
}

/** MEMORY STATS, as flat pairs. */
export function memoryStats(memory: Memory, keys: number, { scripts, functions }: ScriptingPort): readonly Reply[] {
  const { heapUsed, heapTotal, external, rss } = memory.figures
  const { used, peak } = memory
  const { data, startup, clients, replicas } = memory.account
  return Object.entries({
    'peak.allocated': peak,
    'total.allocated': used,
    'startup.allocated': startup,
    'replication.backlog': 0,
    'clients.slaves': replicas,
    'clients.normal': clients,
    'cluster.links': 0,
    'aof.buffer': 0,
    'lua.caches': scripts.bytes,
    'functions.caches': functions.bytes,
    'overhead.total': used - data,
    'keys.count': keys,
    'keys.bytes-per-key': keys === 0 ? 0 : Math.floor(data / keys),
    'dataset.bytes': data,
    'dataset.percentage': new Double(used === startup ? 0 : (data / (used - startup)) * 100),
    'peak.percentage': new Double((used / peak) * 100),
    'allocator.allocated': heapUsed + external,
    'allocator.active': heapTotal + external,
    'allocator.resident': rss,
    'allocator-fragmentation.ratio': new Double((heapTotal + external) / (heapUsed + external)),
    'allocator-fragmentation.bytes': heapTotal - heapUsed,
    'allocator-rss.ratio': new Double(rss / (heapTotal + external)),
    'allocator-rss.bytes': rss - heapTotal - external,
    fragmentation: new Double(rss / used),
    'fragmentation.bytes': rss - used,
  }).flat()
}

/** MEMORY DOCTOR: Redis's words where it sees too little to judge, and where it finds nothing. */
export function memoryReport(memory: Memory): Bytes {
  const { used } = memory
  if (used - memory.account.startup < SMALL_INSTANCE_BYTES) {
    return (
      "Hi Sam, this instance is empty or is using very little memory, my issues detector can't be used in these " +
      'conditions. Please, leave for your mission on Earth and fill it with some data. The new Sam and I will be back ' +
      'to our programming as soon as I finished rebooting.\n'
    )
  }
  if (memory.peak / used > 1.5) {
    return (
      'Sam, I detected a few issues in this zerodis instance memory implants:\n\n * Peak memory: in the past this ' +
      'instance used more than 150% of the memory it uses now. The heap may stay that large until V8 returns it.\n\n'
    )
  }
  return "Hi Sam, I can't find any memory issue in your instance. I can only account for what occurs on this base.\n"
}

function percent(part: number, whole: number): string {
  return `${whole === 0 ? '0.00' : ((part / whole) * 100).toFixed(2)}%`
}

function ratio(part: number, whole: number): string {
  return whole === 0 ? '0.00' : (part / whole).toFixed(2)
}
