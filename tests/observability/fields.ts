/**
 * What genuine Redis 7.4.5 prints, in order: fields of INFO by section (as a server without persistence prints them, with
 * one listener), of a line of CLIENT LIST, and of MEMORY STATS with keys in database 0. `SINCE` says which of them came
 * after 7.0, so that the rest can be compared with a genuine 7.0 that is installed.
 */

const words = (text: string): readonly string[] => text.trim().split(/\s+/)

/** Fields of the sections that are not named by what happened. */
export const INFO_FIELDS: Readonly<Record<string, readonly string[]>> = {
  Server: words(`
    redis_version redis_git_sha1 redis_git_dirty redis_build_id redis_mode os arch_bits monotonic_clock
    multiplexing_api atomicvar_api gcc_version process_id process_supervised run_id tcp_port server_time_usec
    uptime_in_seconds uptime_in_days hz configured_hz lru_clock executable config_file io_threads_active
    listener0
  `),
  Clients: words(`
    connected_clients cluster_connections maxclients client_recent_max_input_buffer
    client_recent_max_output_buffer blocked_clients tracking_clients pubsub_clients watching_clients
    clients_in_timeout_table total_watched_keys total_blocking_keys total_blocking_keys_on_nokey
  `),
  Memory: words(`
    used_memory used_memory_human used_memory_rss used_memory_rss_human used_memory_peak used_memory_peak_human
    used_memory_peak_time used_memory_peak_perc used_memory_overhead used_memory_startup used_memory_dataset used_memory_dataset_perc
    allocator_allocated allocator_active allocator_resident allocator_muzzy total_system_memory
    total_system_memory_human used_memory_lua used_memory_vm_eval used_memory_lua_human used_memory_scripts_eval
    number_of_cached_scripts number_of_functions number_of_libraries used_memory_vm_functions
    used_memory_vm_total used_memory_vm_total_human used_memory_functions used_memory_scripts
    used_memory_scripts_human maxmemory maxmemory_human maxmemory_policy allocator_frag_ratio
    allocator_frag_bytes allocator_rss_ratio allocator_rss_bytes rss_overhead_ratio rss_overhead_bytes
    mem_fragmentation_ratio mem_fragmentation_bytes mem_not_counted_for_evict mem_replication_backlog
    mem_total_replication_buffers mem_clients_slaves mem_clients_normal mem_cluster_links mem_aof_buffer
    mem_allocator mem_overhead_db_hashtable_rehashing active_defrag_running lazyfree_pending_objects
    lazyfreed_objects
  `),
  Persistence: words(`
    loading async_loading current_cow_peak current_cow_size current_cow_size_age current_fork_perc
    current_save_keys_processed current_save_keys_total rdb_changes_since_last_save rdb_bgsave_in_progress
    rdb_last_save_time rdb_last_bgsave_status rdb_last_bgsave_time_sec rdb_current_bgsave_time_sec rdb_saves
    rdb_last_cow_size rdb_last_load_keys_expired rdb_last_load_keys_loaded aof_enabled aof_rewrite_in_progress
    aof_rewrite_scheduled aof_last_rewrite_time_sec aof_current_rewrite_time_sec aof_last_bgrewrite_status
    aof_rewrites aof_rewrites_consecutive_failures aof_last_write_status aof_last_cow_size
    backup_in_progress module_fork_in_progress module_fork_last_cow_size
  `),
  Threads: words(`
    io_thread_0
  `),
  Stats: words(`
    total_connections_received total_commands_processed instantaneous_ops_per_sec total_net_input_bytes
    total_net_output_bytes total_net_repl_input_bytes total_net_repl_output_bytes instantaneous_input_kbps
    instantaneous_output_kbps instantaneous_input_repl_kbps instantaneous_output_repl_kbps rejected_connections
    sync_full sync_partial_ok sync_partial_err expired_subkeys expired_keys expired_stale_perc
    expired_time_cap_reached_count expire_cycle_cpu_milliseconds evicted_keys evicted_clients evicted_scripts
    total_eviction_exceeded_time current_eviction_exceeded_time keyspace_hits keyspace_misses pubsub_channels
    pubsub_patterns pubsubshard_channels latest_fork_usec total_forks migrate_cached_sockets
    slave_expires_tracked_keys active_defrag_hits active_defrag_misses active_defrag_key_hits
    active_defrag_key_misses total_active_defrag_time current_active_defrag_time tracking_total_keys
    tracking_total_items tracking_total_prefixes unexpected_error_replies total_error_replies
    dump_payload_sanitizations total_reads_processed total_writes_processed io_threaded_reads_processed
    io_threaded_writes_processed client_query_buffer_limit_disconnections
    client_output_buffer_limit_disconnections reply_buffer_shrinks reply_buffer_expands eventloop_cycles
    eventloop_duration_sum eventloop_duration_cmd_sum instantaneous_eventloop_cycles_per_sec
    instantaneous_eventloop_duration_usec slowlog_commands_count slowlog_commands_time_ms_max
    slowlog_commands_time_ms_sum acl_access_denied_auth acl_access_denied_cmd acl_access_denied_key
    acl_access_denied_channel
  `),
  Replication: words(`
    role connected_slaves master_failover_state master_replid master_replid2 master_repl_offset
    second_repl_offset repl_backlog_active repl_backlog_size repl_backlog_first_byte_offset repl_backlog_histlen
  `),
  CPU: words(`
    used_cpu_sys used_cpu_user used_cpu_sys_children used_cpu_user_children used_cpu_sys_main_thread
    used_cpu_user_main_thread
  `),
  Cluster: words(`
    cluster_enabled
  `),
}

/** All sections, in the order of INFO EVERYTHING. */
export const INFO_SECTIONS = words(`
  Server Clients Memory Persistence Threads Stats Replication CPU Modules Commandstats Errorstats Latencystats Cluster Keyspace
`)

export const CLIENT_FIELDS = words(`
  id addr laddr fd name age idle flags db sub psub ssub multi watch qbuf qbuf-free argv-mem multi-mem rbs rbp obl oll omem
  tot-mem events cmd user redir resp lib-name lib-ver io-thread tot-net-in tot-net-out
  tot-cmds
`)

export const MEMORY_STATS_FIELDS = words(`
  peak.allocated total.allocated startup.allocated replication.backlog clients.slaves clients.normal cluster.links
  aof.buffer lua.caches functions.caches db.0 overhead.db.hashtable.lut overhead.db.hashtable.rehashing overhead.total
  db.dict.rehashing.count keys.count keys.bytes-per-key dataset.bytes dataset.percentage peak.percentage
  allocator.allocated allocator.active allocator.resident allocator.muzzy allocator-fragmentation.ratio
  allocator-fragmentation.bytes allocator-rss.ratio allocator-rss.bytes rss-overhead.ratio rss-overhead.bytes
  fragmentation fragmentation.bytes
`)

/** Fields that 7.0 does not have. */
export const SINCE: Readonly<Record<string, readonly string[]>> = {
  '7.2': words(`
    listener0 total_blocking_keys total_blocking_keys_on_nokey acl_access_denied_auth acl_access_denied_cmd
    acl_access_denied_key acl_access_denied_channel eventloop_cycles eventloop_duration_sum eventloop_duration_cmd_sum
    instantaneous_eventloop_cycles_per_sec instantaneous_eventloop_duration_usec lib-name lib-ver
  `),
  '7.4': words(`
    pubsub_clients watching_clients total_watched_keys allocator_muzzy mem_overhead_db_hashtable_rehashing
    expired_subkeys evicted_scripts client_query_buffer_limit_disconnections client_output_buffer_limit_disconnections
    watch overhead.db.hashtable.lut overhead.db.hashtable.rehashing db.dict.rehashing.count allocator.muzzy
  `),
  '8.0': words('io-thread tot-net-in tot-net-out tot-cmds io_thread_0 Threads'),
  '8.2': words('used_memory_peak_time'),
  '8.8': words('slowlog_commands_count slowlog_commands_time_ms_max slowlog_commands_time_ms_sum'),
  '8.10': words('backup_in_progress'),
}

/** Fields of ours that no Redis has. */
export const OWN = words('zerodis_version node_version client_memory_guard_disconnections')
