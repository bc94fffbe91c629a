/** INFO's section about masters and replicas, in the order and under the names of Redis 7.4, with what 8.0 and 8.2 added. */
import type { Engine } from '../engine/engine.ts'
import type { MasterState } from '../session/replicationports.ts'
import type { Fields } from './fields.ts'

export function replicationFields({ config, ports, clock }: Engine): Fields {
  const { replication, following, failover } = ports.persistence
  const { replicas, goodReplicas, history } = replication
  const { master } = following
  const { 'min-replicas-to-write': least, 'min-replicas-max-lag': lagMax } = config
  const now = clock.now()
  const lag = (ackedAt: number): number => Math.max(0, Math.floor((now - ackedAt) / 1000))
  const { backlog } = history
  return [
    ['role', master === undefined ? 'master' : 'slave'],
    ...(master === undefined ? [] : masterFields(master, history.offset)),
    ...(master === undefined
      ? []
      : ([
          ['slave_priority', config['replica-priority']],
          ['slave_read_only', config['replica-read-only'] ? 1 : 0],
          ['replica_announced', config['replica-announced'] ? 1 : 0],
        ] as const)),
    ['connected_slaves', replicas.length],
    ...(least > 0 && lagMax > 0 ? [['min_slaves_good_slaves', goodReplicas] as const] : []),
    ...replicas.map(({ ip, port, ackedOffset, ackedAt, state, acknowledges }, i): Fields[number] => [
      `slave${i}`,
      `ip=${ip},port=${port},state=${state},offset=${ackedOffset},lag=${acknowledges && state === 'online' ? lag(ackedAt) : 0}`,
    ]),
    ['master_failover_state', failover.state],
    ['master_replid', history.id],
    ['master_replid2', history.secondId],
    ['master_repl_offset', history.offset],
    ['second_repl_offset', history.secondOffset],
    ['repl_backlog_active', backlog === undefined ? 0 : 1],
    ['repl_backlog_size', config['repl-backlog-size']],
    ['repl_backlog_first_byte_offset', backlog?.first ?? 0],
    ['repl_backlog_histlen', backlog?.length ?? 0],
  ]
}

function masterFields(master: MasterState, offset: number): Fields {
  const { transfer, link, downSeconds, upSeconds } = master
  return [
    ['master_host', master.host],
    ['master_port', master.port],
    ['master_link_status', link === 'connected' ? 'up' : 'down'],
    ['master_last_io_seconds_ago', link === 'connected' ? master.heardSecondsAgo : -1],
    ['master_sync_in_progress', link === 'sync' ? 1 : 0],
    ['slave_read_repl_offset', offset + master.pendingBytes],
    ['slave_repl_offset', offset],
    // What follows a snapshot waits at the master here.
    ['replica_full_sync_buffer_size', 0],
    ['replica_full_sync_buffer_peak', 0],
    ['master_current_sync_attempts', master.attempts],
    ['master_total_sync_attempts', master.totalAttempts],
    ...(link === 'sync' ? syncFields(transfer, master.heardSecondsAgo) : []),
    link === 'connected'
      ? ['master_link_up_since_seconds', upSeconds]
      : ['master_link_down_since_seconds', downSeconds],
    ['total_disconnect_time_sec', master.disconnectedSeconds],
  ]
}

function syncFields(transfer: MasterState['transfer'], heardSecondsAgo: number): Fields {
  const { total, received } = transfer ?? { total: -1, received: 0 }
  const share = total > 0 ? (received / total) * 100 : 0
  return [
    ['master_sync_total_bytes', total === -1 ? 0 : total],
    ['master_sync_read_bytes', received],
    ['master_sync_left_bytes', total === -1 ? -1 : total - received],
    ['master_sync_perc', share.toFixed(2)],
    ['master_sync_last_io_seconds_ago', heardSecondsAgo],
  ]
}
