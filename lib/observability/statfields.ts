/** INFO's section stats, and those on commands, errors and latencies, which are named by what happened. */
import type { Engine } from '../engine/engine.ts'
import type { SlowCalls } from '../engine/stats.ts'
import type { EventLoop } from './eventloop.ts'
import type { Fields } from './fields.ts'
import type { Rates } from './rates.ts'

export function statFields({ stats, keyspace, eviction, ports }: Engine, rates: Rates, loop: EventLoop): Fields {
  const { compaction } = ports.memory
  return [
    ['total_connections_received', stats.connections],
    ['total_commands_processed', stats.commands],
    ['instantaneous_ops_per_sec', Math.round(rates.commandsPerSecond)],
    ['total_net_input_bytes', stats.netInputBytes],
    ['total_net_output_bytes', stats.netOutputBytes],
    ['total_net_repl_input_bytes', stats.replicationInputBytes],
    ['total_net_repl_output_bytes', stats.replicationOutputBytes],
    ['instantaneous_input_kbps', kilobytes(rates.inputBytesPerSecond)],
    ['instantaneous_output_kbps', kilobytes(rates.outputBytesPerSecond)],
    ['instantaneous_input_repl_kbps', kilobytes(rates.replicationInputBytesPerSecond)],
    ['instantaneous_output_repl_kbps', kilobytes(rates.replicationOutputBytesPerSecond)],
    ['rejected_connections', stats.rejectedConnections],
    ['sync_full', ports.persistence.replication.fullSyncs],
    ['sync_partial_ok', ports.persistence.replication.partialSyncs],
    ['sync_partial_err', ports.persistence.replication.refusedPartialSyncs],
    ['expired_subkeys', keyspace.stats.expiredFields],
    ['expired_keys', keyspace.stats.expired],
    ['expired_stale_perc', (ports.memory.expiryCycle.staleShare * 100).toFixed(2)],
    ['expired_time_cap_reached_count', ports.memory.expiryCycle.timeCapReached],
    ['expire_cycle_cpu_milliseconds', Math.floor(ports.memory.expiryCycle.usedMs)],
    ['evicted_keys', keyspace.stats.evicted],
    ['evicted_clients', ports.connections.clientMemory.evicted],
    ['client_memory_guard_disconnections', ports.connections.clientMemory.guarded],
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
    ['slave_expires_tracked_keys', keyspace.ownExpiry?.size ?? 0],
    ['active_defrag_hits', compaction.hits],
    ['active_defrag_misses', compaction.misses],
    ['active_defrag_key_hits', compaction.hits],
    ['active_defrag_key_misses', compaction.misses],
    ['total_active_defrag_time', Math.round(compaction.usedMs)],
    ['current_active_defrag_time', Math.round(compaction.currentMs)],
    ['tracking_total_keys', ports.connections.tracking.keys],
    ['tracking_total_items', ports.connections.tracking.items],
    ['tracking_total_prefixes', ports.connections.tracking.prefixes],
    ['unexpected_error_replies', 0],
    ['total_error_replies', stats.errorReplies],
    ['dump_payload_sanitizations', 0],
    ['total_reads_processed', stats.reads],
    ['total_writes_processed', stats.writes],
    ['io_threaded_reads_processed', 0],
    ['io_threaded_writes_processed', 0],
    ['client_query_buffer_limit_disconnections', stats.queryBufferDisconnections],
    ['client_output_buffer_limit_disconnections', stats.outputBufferDisconnections],
    // Buffers for replies are text of V8's, made anew each time.
    ['reply_buffer_shrinks', 0],
    ['reply_buffer_expands', 0],
    ['eventloop_cycles', loop.cycles],
    ['eventloop_duration_sum', Math.round(loop.microseconds)],
    ['eventloop_duration_cmd_sum', Math.round(stats.latencies.total)],
    ['instantaneous_eventloop_cycles_per_sec', Math.round(rates.cyclesPerSecond)],
    ['instantaneous_eventloop_duration_usec', Math.round(rates.microsecondsPerCycle)],
    ['slowlog_commands_count', stats.slow.count],
    ['slowlog_commands_time_ms_max', milliseconds(stats.slow.longest)],
    ['slowlog_commands_time_ms_sum', milliseconds(stats.slow.microseconds)],
    ['acl_access_denied_auth', ports.access.acl.log.figures.auth],
    ['acl_access_denied_cmd', ports.access.acl.log.figures.command],
    ['acl_access_denied_key', ports.access.acl.log.figures.key],
    ['acl_access_denied_channel', ports.access.acl.log.figures.channel],
  ]
}

function kilobytes(bytes: number): string {
  return (bytes / 1024).toFixed(2)
}

function milliseconds(microseconds: number): string {
  return (microseconds / 1000).toFixed(2)
}

export function commandFields({ stats, table }: Engine): Fields {
  return table.all
    .filter(({ id }) => stats.calls[id] > 0 || stats.rejected[id] > 0 || stats.failed[id] > 0)
    .map(({ id, fullName }) => {
      const calls = stats.calls[id]
      const microseconds = Math.round(stats.latencies.microseconds(id))
      const perCall = calls === 0 ? 0 : microseconds / calls
      const refused = `rejected_calls=${stats.rejected[id]},failed_calls=${stats.failed[id]}`
      return [
        `cmdstat_${fullName}`,
        `calls=${calls},usec=${microseconds},usec_per_call=${perCall.toFixed(2)},${refused}${slowFields(stats.slowById.get(id))}`,
      ]
    })
}

/** Only where there were any. */
function slowFields(slow: SlowCalls | undefined): string {
  if (slow === undefined) return ''
  const [sum, max] = [milliseconds(slow.microseconds), milliseconds(slow.longest)]
  return `,slowlog_count=${slow.count},slowlog_time_ms_sum=${sum},slowlog_time_ms_max=${max}`
}

/** In the order of their bytes, as Redis keeps them. */
export function errorFields({ stats }: Engine): Fields {
  return [...stats.errorCodes.entries()]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([code, count]) => [`errorstat_${safeName(code)}`, `count=${count}`])
}

/** What a script makes up as a code must not look like another field or line. */
function safeName(code: string): string {
  return code.replace(/[#:\n\r]/g, '_')
}

export function latencyFields({ stats, table, config }: Engine): Fields {
  const percentiles = config['latency-tracking-info-percentiles']
  if (!config['latency-tracking'] || percentiles.length === 0) return []
  return table.all
    .filter(({ id }) => stats.latencies.count(id) > 0)
    .map(({ id, fullName }) => [
      `latency_percentiles_usec_${fullName}`,
      percentiles.map((percent) => `p${percent}=${stats.latencies.percentile(id, percent).toFixed(3)}`).join(','),
    ])
}
