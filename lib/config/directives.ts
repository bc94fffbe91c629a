/**
 * The table of directives: every name that redis.conf of Redis 7 knows, with Redis's defaults, units, enums and aliases,
 * and our own in the same style. The command line, the environment, createServer options, CONFIG and the reference page
 * in docs all derive from it; the type `Directives` does too. Where our default differs from Redis's (`bind`, `save`),
 * the line says so. Data only: how a value is read stands in directive.ts.
 */
import { MAX_BYTES } from '../base/bytes.ts'
import {
  choice,
  type Directive,
  flag,
  INT_MAX,
  INT_MIN,
  integer,
  LONG_MAX,
  memory,
  memoryOrPercent,
  octal,
  text,
  UINT_MAX,
} from './directive.ts'
import {
  bind,
  clientOutputBufferLimit,
  fileName,
  hostName,
  keyspaceEvents,
  name,
  oomScoreAdjValues,
  origins,
  percentiles,
  preloadFile,
  procTitleTemplate,
  replicaOf,
  save,
  shutdownOptions,
  store,
} from './kinds.ts'

const INERT = { inert: true } as const
const FIXED = { immutable: true } as const
const FIXED_INERT = { immutable: true, inert: true } as const
const VOLATILE = { volatile: true } as const
const HIDDEN = { hidden: true } as const
const HIDDEN_INERT = { hidden: true, inert: true } as const

export const DIRECTIVES = {
  // Doors
  bind: bind('127.0.0.1', 'Addresses to listen on; a leading - lets one be missing. Redis itself listens everywhere.'),
  port: integer(6379, 0, 65535, 'TCP port of RESP; 0: none.'),
  'http-port': integer(8079, 0, 65535, 'TCP port of REST; 0: none.'),
  unixsocket: text('', 'Path of a Unix socket to listen on for RESP.', FIXED),
  unixsocketperm: octal(0, 0, 0o777, 'Permissions of the Unix socket; 0: as the umask says.', FIXED),
  'protected-mode': flag(true, 'Serve only loopback clients while bound elsewhere without a password.'),
  'tcp-backlog': integer(511, 0, INT_MAX, 'Connections that may wait to be accepted.', FIXED),
  'tcp-keepalive': integer(300, 0, INT_MAX, 'Seconds between TCP keep-alive probes; 0: none.'),
  timeout: integer(0, 0, INT_MAX, 'Seconds after which an idle client is cut; 0: never.'),
  maxclients: integer(10000, 1, UINT_MAX, 'Most clients connected at once.'),
  'client-query-buffer-limit': memory(2 ** 30, 2 ** 20, LONG_MAX, 'Most bytes of a query that may pile up.'),
  'client-output-buffer-limit': clientOutputBufferLimit('When a client that does not read is cut, per class.'),
  'proto-max-bulk-len': memory(MAX_BYTES, 2 ** 20, LONG_MAX, 'Longest value; never above 536870888 bytes here.', {
    clamp: [0, MAX_BYTES],
  }),
  'max-new-connections-per-cycle': integer(10, 1, 1000, 'Connections accepted in one go.', INERT),
  'max-new-tls-connections-per-cycle': integer(1, 1, 1000, 'TLS connections accepted in one go.', INERT),
  'bind-source-addr': text('', 'Local address of outgoing connections.'),
  'socket-mark-id': integer(0, 0, UINT_MAX, 'Mark of listening sockets.', FIXED_INERT),

  // REST
  'rest-token': text('', 'Bearer token that REST asks for; without one REST answers 503.', { sensitive: true }),
  'rest-read-only-token': text('', 'Second token, for read commands only.', { sensitive: true }),
  'metrics-token': text('', 'Bearer token that reads /metrics, and nothing else.', { sensitive: true }),
  'metrics-open': flag(false, 'Let everybody read /metrics.'),
  console: flag(true, 'Serve the console at /console of the HTTP port, and sessions for it.'),
  'console-signed-in': flag(false, 'Let browsers of this machine into the console without a token; for development.'),
  'diagnostics-channel': flag(
    false,
    "Publish commands, slow ones, evictions and errors on Node's diagnostics_channel.",
  ),
  opentelemetry: flag(false, 'Make a span of each command, by the package @opentelemetry/api.'),
  'rest-max-request-size': memory(10 * 2 ** 20, 1024, LONG_MAX, 'Longest body of a REST request.'),
  'rest-max-pipeline-length': integer(0, 0, INT_MAX, 'Most commands in one REST pipeline; 0: as many as fit the body.'),
  'rest-blocking-timeout': integer(10000, 0, INT_MAX, 'Longest wait of a blocking command over REST, in ms.'),
  'rest-max-streams-per-token': integer(
    1000,
    0,
    INT_MAX,
    'Most streams of events and WebSockets that are open by one token; 0: no limit.',
  ),
  'sse-max-duration': integer(
    0,
    0,
    INT_MAX,
    'Seconds after which a stream of events ends; 0: as long as its reader stays.',
  ),
  'websocket-allowed-origins': origins(
    ['*'],
    'Sites whose pages may open a WebSocket, as in https://a.example; *: all.',
  ),
  'websocket-max-payload': memory(
    16 * 2 ** 20,
    1024,
    MAX_BYTES,
    'Longest frame of a WebSocket; a command may span several.',
  ),
  'websocket-ping-interval': integer(30, 0, INT_MAX, 'Seconds between pings; who does not answer is cut. 0: none.'),
  upstream: text('', 'URL of a real Redis that answers instead of the store here.', {
    ...FIXED,
    sensitive: true,
  }),
  'upstream-max-connections': integer(
    20,
    2,
    65535,
    'Most connections to the upstream for HTTP and calls in process; half of them may wait there.',
  ),
  'upstream-timeout': integer(5000, 0, INT_MAX, 'Longest wait for an answer of the upstream, in ms; 0: for ever.'),
  'upstream-resp-auth': choice(
    ['ours', 'client'],
    'ours',
    'Whose users clients of RESP over TCP are: ours, or those of the upstream, by the AUTH that they say to it themselves.',
  ),
  'upstream-cluster-reads': choice(
    ['master', 'replica'],
    'master',
    'Where commands that only read go in a Cluster; what replicas answer may be old.',
  ),
  'upstream-multi-key': choice(
    ['strict', 'split'],
    'strict',
    'MGET, MSET, DEL, UNLINK, EXISTS and TOUCH over several slots of a Cluster: CROSSSLOT, or one command a slot.',
  ),
  'upstream-idle-timeout': integer(
    900,
    0,
    INT_MAX,
    'Seconds after which an unused connection to the upstream is closed; 0: never.',
  ),

  // Access
  requirepass: text('', 'Password of the default user.', { sensitive: true }),
  aclfile: text('', 'File of ACL users.', FIXED),
  'acllog-max-len': integer(128, 0, LONG_MAX, 'Entries kept by ACL LOG.'),
  'acl-pubsub-default': choice(['allchannels', 'resetchannels'], 'resetchannels', 'Channels of a new ACL user.'),
  'enable-protected-configs': choice(['no', 'yes', 'local'], 'no', 'Who may CONFIG SET dir and dbfilename.', FIXED),
  'enable-debug-command': choice(['no', 'yes', 'local'], 'no', 'Who may call DEBUG.', FIXED),
  'enable-module-command': choice(['no', 'yes', 'local'], 'no', 'Who may call MODULE LOAD and UNLOAD.', FIXED),

  'auth-throttle-after': integer(16, 0, INT_MAX, 'Failed authentications of an address after which each costs time.'),
  'auth-throttle-max-delay': integer(1000, 0, 60000, 'Most milliseconds that one costs; 0: none does.'),
  'unauthenticated-timeout': integer(60, 0, INT_MAX, 'Seconds that a client has to authenticate; 0: any time.'),

  // Store
  store: store(
    'Where the keys are: `memory` of this process, or shared with others by `sqlite:PATH` or `postgres://user:password@host/database`.',
    { ...FIXED, sensitive: true },
  ),
  'store-name': name('default', 'Name of the keyspace: one database may hold several.', FIXED),
  'store-table-prefix': name('zerodis_', 'What the names of its tables begin with.', FIXED),
  'store-synchronous': choice(
    ['full', 'normal'],
    'normal',
    'Force each commit to disk, or leave it to SQLite: then a power cut may take the latest ones back.',
    FIXED,
  ),
  'store-consistency': choice(
    ['auto', 'strong', 'session', 'eventual'],
    'auto',
    'What a read sees of what other processes have written: all of it, what its client has seen and more, or what is there; ' +
      'auto: strong on SQLite, session on a remote store.',
  ),
  'store-max-staleness': integer(
    1000,
    0,
    INT_MAX,
    'How old what a read sees may be where store-consistency is session or eventual, in ms.',
  ),
  'store-timeout': integer(5000, 1, INT_MAX, 'Milliseconds to wait for another process that writes.'),
  databases: integer(16, 1, INT_MAX, 'Number of databases.', FIXED),
  maxmemory: memory(0, 0, 2 ** 64, 'Bytes of data above which keys are evicted or writes refused; 0: no limit.'),
  'maxmemory-policy': choice(
    [
      'volatile-lru',
      'volatile-lfu',
      'volatile-random',
      'volatile-ttl',
      'volatile-lrm',
      'allkeys-lru',
      'allkeys-lfu',
      'allkeys-random',
      'allkeys-lrm',
      'noeviction',
    ],
    'noeviction',
    'Which keys go when memory is full.',
  ),
  'maxmemory-samples': integer(5, 1, INT_MAX, 'Keys looked at for each one evicted.'),
  'maxmemory-eviction-tenacity': integer(10, 0, 100, 'How much time eviction may take; 100: as much as it needs.'),
  'maxmemory-clients': memoryOrPercent(0, 'Bytes, or percent of maxmemory, that all clients may hold; 0: no limit.'),
  'client-memory-guard': memoryOrPercent(
    -25,
    "Bytes, or percent of V8's heap, that all clients may hold of what is not the store's; 0: no limit.",
  ),
  'lfu-log-factor': integer(10, 0, INT_MAX, 'How slowly the frequency counter rises.'),
  'lfu-decay-time': integer(1, 0, INT_MAX, 'Minutes after which the frequency counter falls by one.'),
  'active-expire-effort': integer(1, 1, 10, 'How hard the cycle looks for keys past their time.'),
  hz: integer(10, 0, INT_MAX, 'Runs of the background work per second; kept between 1 and 500.', { clamp: [1, 500] }),
  'dynamic-hz': flag(true, 'More background work with more clients.', INERT),
  'notify-keyspace-events': keyspaceEvents('Classes of keyspace events that are published.'),
  'hash-max-listpack-entries': integer(512, 0, LONG_MAX, 'Most fields of a hash encoded as listpack.', {
    alias: 'hash-max-ziplist-entries',
  }),
  'hash-max-listpack-value': memory(64, 0, LONG_MAX, 'Longest field or value of a hash encoded as listpack.', {
    alias: 'hash-max-ziplist-value',
  }),
  'list-max-listpack-size': integer(-2, INT_MIN, INT_MAX, 'Most elements (or, below 0, bytes) of a listpack list.', {
    alias: 'list-max-ziplist-size',
  }),
  'list-compress-depth': integer(0, 0, INT_MAX, 'Nodes at either end of a list left uncompressed.', INERT),
  'set-max-intset-entries': integer(512, 0, LONG_MAX, 'Most members of a set encoded as intset.'),
  'set-max-listpack-entries': integer(128, 0, LONG_MAX, 'Most members of a set encoded as listpack.'),
  'set-max-listpack-value': memory(64, 0, LONG_MAX, 'Longest member of a set encoded as listpack.'),
  'zset-max-listpack-entries': integer(128, 0, LONG_MAX, 'Most members of a sorted set encoded as listpack.', {
    alias: 'zset-max-ziplist-entries',
  }),
  'zset-max-listpack-value': memory(64, 0, LONG_MAX, 'Longest member of a sorted set encoded as listpack.', {
    alias: 'zset-max-ziplist-value',
  }),
  'hll-sparse-max-bytes': memory(3000, 0, LONG_MAX, 'Longest sparse HyperLogLog.'),
  'stream-node-max-bytes': memory(4096, 0, LONG_MAX, 'Bytes of a stream node.'),
  'stream-node-max-entries': integer(100, 0, LONG_MAX, 'Entries of a stream node.'),
  'stream-idmp-duration': integer(
    100,
    1,
    86_400,
    'Seconds for which a stream remembers marks of producers (XADD IDMP).',
  ),
  'stream-idmp-maxsize': integer(100, 1, 10_000, 'Marks of each producer that a stream remembers (XADD IDMP).'),
  'tracking-table-max-keys': integer(1000000, 0, LONG_MAX, 'Keys remembered for client-side caching; 0: no limit.'),
  'locale-collate': text('', 'Collation of SORT ALPHA.', INERT),
  activerehashing: flag(true, 'Rehash in the background.', INERT),
  activedefrag: flag(false, 'Defragment memory in the background.', INERT, (value) =>
    value
      ? 'Active defragmentation cannot be enabled: it requires a Redis server compiled with a modified Jemalloc like the one shipped by default with the Redis source distribution'
      : undefined,
  ),
  'active-defrag-ignore-bytes': memory(100 * 2 ** 20, 1, LONG_MAX, 'Waste below which nothing is moved.', INERT),
  'active-defrag-threshold-lower': integer(10, 0, 1000, 'Percent of waste at which defragmentation starts.', INERT),
  'active-defrag-threshold-upper': integer(100, 0, 1000, 'Percent of waste at which it works hardest.', INERT),
  'active-defrag-cycle-min': integer(1, 1, 99, 'Least percent of time for it.', INERT),
  'active-defrag-cycle-max': integer(25, 1, 99, 'Most percent of time for it.', INERT),
  'active-defrag-max-scan-fields': integer(1000, 1, LONG_MAX, 'Elements above which a value is moved apart.', INERT),
  'lazyfree-lazy-eviction': flag(false, 'Count evicted values as freed later; all are.'),
  'lazyfree-lazy-expire': flag(false, 'Count expired values as freed later; all are.'),
  'lazyfree-lazy-server-del': flag(false, 'Count overwritten values as freed later; all are.'),
  'lazyfree-lazy-user-del': flag(false, 'Let DEL count as UNLINK does.'),
  'lazyfree-lazy-user-flush': flag(false, 'Let FLUSHALL and FLUSHDB count as with ASYNC.'),

  // Scripts and slow commands
  'busy-reply-threshold': integer(5000, 0, LONG_MAX, 'Milliseconds after which a script is logged as slow; 0: never.', {
    alias: 'lua-time-limit',
  }),
  'json-max-document-size': memory(
    64 * 2 ** 20,
    1024,
    LONG_MAX,
    'Most memory that a JSON document may come to by a command, and the longest text of JSON in one; never above 89478481 bytes here.',
    { clamp: [0, Math.floor(MAX_BYTES / 6)] },
  ),
  'lua-hard-time-limit': integer(5000, 0, LONG_MAX, 'Milliseconds after which a script is ended by force; 0: never.'),
  'lua-read-only-time-limit': integer(250, 0, LONG_MAX, 'The same for scripts of the read-only token of REST.'),
  'lua-memory-limit': memory(256 * 2 ** 20, 2 ** 25, 2 ** 31, 'Most memory that Lua may take.'),
  'lua-bare-error-replies': flag(false, 'Let redis.error_reply add no ERR to a text of one word, as before Redis 7.'),
  'slowlog-log-slower-than': integer(10000, -1, LONG_MAX, 'Microseconds from which a command is slow; -1: none is.'),
  'slowlog-entry-max-argc': integer(32, 2, INT_MAX, 'Arguments of a command that SLOWLOG keeps.'),
  'slowlog-entry-max-string-len': integer(128, 1, LONG_MAX, 'Bytes of an argument that SLOWLOG keeps.'),
  'slowlog-max-len': integer(128, 0, LONG_MAX, 'Entries kept by SLOWLOG.'),
  'latency-monitor-threshold': integer(0, 0, LONG_MAX, 'Milliseconds from which LATENCY records; 0: never.'),
  'latency-tracking': flag(true, 'Keep the distribution of latencies per command.'),
  'latency-tracking-info-percentiles': percentiles('Percentiles in the latencystats section of INFO.'),

  // The process
  daemonize: flag(false, 'Run in the background.', FIXED),
  supervised: choice(['upstart', 'systemd', 'auto', 'no'], 'no', 'Tell a supervisor about the start.', FIXED_INERT),
  pidfile: text('', 'File that holds the process id while the server runs.', FIXED),
  'hide-user-data-from-log': flag(
    false,
    'Leave out of the log what clients may have sent: messages of internal errors.',
  ),
  loglevel: choice(['debug', 'verbose', 'notice', 'warning', 'nothing'], 'notice', 'What is worth a line in the log.'),
  logformat: choice(['redis', 'json'], 'redis', "How a line of the log is written: as Redis's own, or as JSON."),
  logfile: text('', 'File of the log; empty: standard output.', FIXED),
  'syslog-enabled': flag(false, 'Log to the system logger.', FIXED_INERT),
  'syslog-ident': text('redis', 'Name in the system log.', FIXED_INERT),
  'syslog-facility': choice(
    ['user', 'local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6', 'local7'],
    'local0',
    'Facility in the system log.',
    FIXED_INERT,
  ),
  'always-show-logo': flag(false, 'Show the logo in a log that is no terminal.', FIXED),
  'set-proc-title': flag(true, 'Give the process a telling title.', FIXED),
  'proc-title-template': procTitleTemplate('Form of the title of the process.'),
  'shutdown-timeout': integer(10, 0, INT_MAX, 'Seconds to wait for replicas, and for clients, at the end.'),
  'shutdown-on-sigterm': shutdownOptions('What SIGTERM does.'),
  'shutdown-on-sigint': shutdownOptions('What SIGINT does.'),
  dir: text('', 'Working directory, where files are kept.', { protected: true, fixedWhileLoading: true }),
  'crash-log-enabled': flag(true, 'Log the state at a crash.', INERT),
  'crash-memcheck-enabled': flag(true, 'Test memory at a crash.', INERT),
  'use-exit-on-panic': flag(false, 'Exit instead of aborting at a panic.', HIDDEN_INERT),
  'watchdog-period': integer(0, 0, INT_MAX, 'Milliseconds of the software watchdog.', HIDDEN_INERT),
  'disable-thp': flag(true, 'Switch transparent huge pages off.', FIXED_INERT),
  'ignore-warnings': text('', 'Start-up warnings to ignore.', INERT),
  'oom-score-adj': choice(['no', 'yes', 'relative', 'absolute'], 'no', 'Adjust the score of the OOM killer.', INERT),
  'oom-score-adj-values': oomScoreAdjValues('Scores of the OOM killer for master, replica and child.'),
  'server-cpulist': text('', 'Processors of the main thread.', { ...FIXED_INERT, alias: 'server_cpulist' }),
  'bio-cpulist': text('', 'Processors of background threads.', { ...FIXED_INERT, alias: 'bio_cpulist' }),
  'aof-rewrite-cpulist': text('', 'Processors of an AOF rewrite.', { ...FIXED_INERT, alias: 'aof_rewrite_cpulist' }),
  'bgsave-cpulist': text('', 'Processors of a background save.', { ...FIXED_INERT, alias: 'bgsave_cpulist' }),
  'io-threads': integer(1, 1, 128, 'Threads for input and output.', FIXED_INERT),
  'io-threads-do-reads': flag(false, 'Read in threads, too.', FIXED_INERT),
  'jemalloc-bg-thread': flag(true, 'Purge memory in a thread.', INERT),
  'reply-buffer-peak-reset-time': integer(5000, 0, LONG_MAX, 'Milliseconds after which a buffer peak is forgotten.', {
    ...HIDDEN_INERT,
  }),
  'reply-buffer-resizing': flag(true, 'Fit reply buffers to their use.', HIDDEN_INERT),

  // Persistence
  save: save('Seconds and changes after which a snapshot is taken; Redis itself saves by default.'),
  dbfilename: text('dump.rdb', 'File of the snapshot.', { protected: true }, fileName('dbfilename')),
  'stop-writes-on-bgsave-error': flag(true, 'Refuse writes after a failed snapshot.'),
  rdbcompression: flag(true, 'Compress strings in snapshots and dumps.'),
  rdbchecksum: flag(true, 'Put a checksum at the end of snapshots.', FIXED_INERT),
  'rdb-del-sync-files': flag(false, 'Delete snapshots made for replicas.', INERT),
  'rdb-save-incremental-fsync': flag(true, 'Write snapshots out little by little.', INERT),
  'rdb-key-save-delay': integer(0, INT_MIN, INT_MAX, 'Microseconds of delay per key saved.', HIDDEN),
  'key-load-delay': integer(0, INT_MIN, INT_MAX, 'Microseconds of delay per key loaded.', HIDDEN),
  'loading-process-events-interval-bytes': integer(
    2 ** 21,
    1024,
    INT_MAX,
    'Bytes loaded between events.',
    HIDDEN_INERT,
  ),
  'sanitize-dump-payload': choice(['no', 'yes', 'clients'], 'no', 'Check values that RESTORE brings.', INERT),
  appendonly: flag(false, 'Journal every change.', { fixedWhileLoading: true }),
  appendfilename: text('appendonly.aof', 'Name of the journal.', FIXED, fileName('appendfilename')),
  appenddirname: text('appendonlydir', 'Directory of the journal.', FIXED, fileName('appenddirname')),
  'preload-file': text(
    '',
    'At the start, load this and nothing else: `rdb:<snapshot>` or `aof:<manifest>`.',
    FIXED,
    preloadFile,
  ),
  backupdirname: text('backupdir', 'Directory of backups (BACKUP).', FIXED, fileName('backupdirname')),
  'backup-sealed-ttl': integer(0, 0, INT_MAX, 'Seconds after which a sealed backup is removed; 0: it is kept.'),
  appendfsync: choice(['everysec', 'always', 'no'], 'everysec', 'When the journal is forced to disk.'),
  'no-appendfsync-on-rewrite': flag(false, 'Do not force it while it is rewritten.'),
  'auto-aof-rewrite-percentage': integer(100, 0, INT_MAX, 'Growth in percent that starts a rewrite; 0: none.'),
  'auto-aof-rewrite-min-size': memory(64 * 2 ** 20, 0, LONG_MAX, 'Smallest journal that is rewritten.'),
  'aof-load-truncated': flag(true, 'Load a journal whose end is cut off.'),
  'aof-use-rdb-preamble': flag(true, 'Begin the journal with a snapshot.'),
  'aof-timestamp-enabled': flag(false, 'Put times into the journal.'),
  'aof-rewrite-incremental-fsync': flag(true, 'Write a rewrite out little by little.'),
  'aof-disable-auto-gc': flag(false, 'Keep old journal files.'),

  // Replication
  replicaof: replicaOf('Master to follow.'),
  masterauth: text('', 'Password at the master.', { sensitive: true }),
  masteruser: text('', 'User at the master.', { sensitive: true }),
  'replica-serve-stale-data': flag(true, 'Answer while the master is away.', slave('serve-stale-data')),
  'replica-read-only': flag(true, 'Refuse writes on a replica.', slave('read-only')),
  'replica-ignore-maxmemory': flag(true, 'Leave eviction to the master.', slave('ignore-maxmemory')),
  'replica-lazy-flush': flag(false, 'Empty the store in the background before a sync.', slave('lazy-flush')),
  'replica-priority': integer(100, 0, INT_MAX, 'Rank for promotion; 0: never.', slave('priority')),
  'replica-announced': flag(true, 'Let Sentinel tell of this replica.'),
  'replica-announce-ip': text('', 'Address to tell the master.', slave('announce-ip')),
  'replica-announce-port': integer(0, 0, 65535, 'Port to tell the master.', slave('announce-port')),
  'replica-ignore-disk-write-errors': flag(false, 'Go on where the disk fails.', INERT),
  'min-replicas-to-write': integer(0, 0, INT_MAX, 'Fewest replicas with which writes are taken.', {
    alias: 'min-slaves-to-write',
  }),
  'min-replicas-max-lag': integer(10, 0, INT_MAX, 'Seconds of lag at which a replica counts.', {
    alias: 'min-slaves-max-lag',
  }),
  'repl-timeout': integer(60, 1, INT_MAX, 'Seconds of silence that end a link.'),
  'repl-ping-replica-period': integer(10, 1, INT_MAX, 'Seconds between pings to replicas.', {
    alias: 'repl-ping-slave-period',
  }),
  'repl-backlog-size': memory(2 ** 20, 1, LONG_MAX, 'Bytes kept for a replica that comes back.'),
  'repl-backlog-ttl': integer(3600, 0, LONG_MAX, 'Seconds for which they are kept.'),
  'repl-disable-tcp-nodelay': flag(false, 'Send in larger packets.', INERT),
  'repl-diskless-sync': flag(true, 'Send snapshots without a file.'),
  'repl-diskless-sync-delay': integer(5, 0, INT_MAX, 'Seconds to wait for more replicas.'),
  'repl-diskless-sync-max-replicas': integer(0, 0, INT_MAX, 'Replicas that end the wait.'),
  'repl-diskless-load': choice(
    ['disabled', 'on-empty-db', 'swapdb'],
    'disabled',
    'Load what the master sends as it comes, not from a file of `dir`.',
    { fixedWhileLoading: true },
  ),
  'propagation-error-behavior': choice(
    ['ignore', 'panic', 'panic-on-replicas'],
    'ignore',
    'What a failed command from the master does.',
    INERT,
  ),

  // Cluster
  'cluster-enabled': flag(false, 'Be a node of a cluster, which has all slots.', FIXED),
  'cluster-config-file': text('nodes.conf', 'File of the state of the cluster.', FIXED_INERT),
  'cluster-node-timeout': integer(
    15000,
    0,
    LONG_MAX,
    'Milliseconds for which a node is known that did not answer CLUSTER MEET.',
  ),
  'cluster-port': integer(0, 0, 65535, 'Port of the bus that is told; 0: that of clients + 10000.', FIXED),
  'cluster-announce-ip': text('', 'Address at which clients are told that the node is.'),
  'cluster-announce-port': integer(0, 0, 65535, 'Port that clients are told; 0: the one of `port`.'),
  'cluster-announce-tls-port': integer(0, 0, 65535, 'Port that clients over TLS are told; 0: the one of `tls-port`.'),
  'cluster-announce-bus-port': integer(0, 0, 65535, 'The same, before `cluster-port`. Nobody listens there.'),
  'cluster-announce-hostname': text('', 'Host name that clients are told.', {}, hostName),
  'cluster-announce-human-nodename': text('', 'Name of the node for people.', INERT),
  'cluster-preferred-endpoint-type': choice(
    ['ip', 'hostname', 'unknown-endpoint'],
    'ip',
    'How clients are told where nodes are.',
  ),
  'cluster-replica-validity-factor': integer(10, 0, INT_MAX, 'Oldest data with which a replica may take over.', {
    ...INERT,
    alias: 'cluster-slave-validity-factor',
  }),
  'cluster-replica-no-failover': flag(false, 'Say of the node that it never takes over.', {
    alias: 'cluster-slave-no-failover',
  }),
  'cluster-migration-barrier': integer(1, 0, INT_MAX, 'Replicas that a master keeps.', INERT),
  'cluster-allow-replica-migration': flag(
    true,
    'A master that has lost its last slot becomes a replica of the node that has it.',
  ),
  'cluster-require-full-coverage': flag(true, 'Answer only while all slots are served.'),
  'cluster-allow-reads-when-down': flag(false, 'Answer reads while the cluster is down.'),
  'cluster-allow-pubsubshard-when-down': flag(true, 'Serve sharded channels while it is down.'),
  'cluster-slot-stats-enabled': flag(false, 'Count time and bytes spent on each slot, for CLUSTER SLOT-STATS.'),
  'cluster-link-sendbuf-limit': memory(0, 0, 2 ** 64, 'Most bytes waiting on a link; 0: no limit.', INERT),

  // TLS
  'tls-port': integer(0, 0, 65535, 'TCP port of RESP over TLS; 0: none.'),
  'tls-cert-file': text('', 'Certificate, with those that it leads back to. Read anew when it is set.', VOLATILE),
  'tls-key-file': text('', 'Private key.', VOLATILE),
  'tls-key-file-pass': text('', 'Password of the private key.', { sensitive: true }),
  'tls-client-cert-file': text('', 'Certificate of outgoing connections.'),
  'tls-client-key-file': text('', 'Private key of outgoing connections.'),
  'tls-client-key-file-pass': text('', 'Its password.', { sensitive: true }),
  'tls-dh-params-file': text('', 'Diffie-Hellman parameters; without them the usual ones.', VOLATILE),
  'tls-ca-cert-file': text('', 'Authorities that sign clients.', VOLATILE),
  'tls-ca-cert-dir': text('', 'Directory of such authorities, under names as `openssl rehash` gives them.', VOLATILE),
  'tls-auth-clients': choice(['no', 'yes', 'optional'], 'yes', 'Ask clients for a certificate.'),
  'tls-replication': flag(false, 'Follow the master over TLS.'),
  'tls-cluster': flag(false, 'Use TLS on the cluster bus.', INERT),
  'tls-protocols': text('', 'Versions of TLS to accept; without them TLSv1.2 and TLSv1.3.'),
  'tls-ciphers': text('', "Ciphers up to TLS 1.2; without them Node's choice."),
  'tls-ciphersuites': text('', "Cipher suites of TLS 1.3; without them Node's choice."),
  'tls-prefer-server-ciphers': flag(false, "Prefer the server's order of ciphers."),
  'tls-session-caching': flag(true, 'Resume sessions, by tickets that clients keep.'),
  'tls-session-cache-size': integer(20480, 0, INT_MAX, 'Sessions kept for that; tickets need none.', INERT),
  'tls-session-cache-timeout': integer(300, 0, INT_MAX, 'Seconds for which a session can be resumed.'),
} satisfies Record<string, Directive<unknown>>

/** An option of replicas that has an older name with `slave` in it. */
function slave(name: string) {
  return { alias: 'slave-' + name } as const
}

/** The values of all directives, by name. */
export type Directives = {
  -readonly [Name in keyof typeof DIRECTIVES]: (typeof DIRECTIVES)[Name] extends Directive<infer Value> ? Value : never
}

export type DirectiveName = keyof Directives
