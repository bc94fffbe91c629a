/**
 * What is known of each directive: name, default, kind of its value, marks, and what it is for. The console imports nothing of lib/, so this
 * is written from the table of directives (npx vitest run tests/config/config.test.ts -u).
 */
export const DIRECTIVES = `bind¦127.0.0.1¦addresses¦¦Addresses to listen on; a leading - lets one be missing. Redis itself listens everywhere.
port¦6379¦integer, 0 to 65535¦¦TCP port of RESP; 0: none.
http-port¦8079¦integer, 0 to 65535¦¦TCP port of REST; 0: none.
unixsocket¦¦text¦fixed¦Path of a Unix socket to listen on for RESP.
unixsocketperm¦0¦octal number¦fixed¦Permissions of the Unix socket; 0: as the umask says.
protected-mode¦yes¦yes or no¦¦Serve only loopback clients while bound elsewhere without a password.
tcp-backlog¦511¦integer, 0 to 2147483647¦fixed¦Connections that may wait to be accepted.
tcp-keepalive¦300¦integer, 0 to 2147483647¦¦Seconds between TCP keep-alive probes; 0: none.
timeout¦0¦integer, 0 to 2147483647¦¦Seconds after which an idle client is cut; 0: never.
maxclients¦10000¦integer, 1 to 4294967295¦¦Most clients connected at once.
client-query-buffer-limit¦1073741824¦bytes¦¦Most bytes of a query that may pile up.
client-output-buffer-limit¦normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60¦class, hard limit, soft limit, seconds; for each class¦¦When a client that does not read is cut, per class.
proto-max-bulk-len¦536870888¦bytes¦¦Longest value; never above 536870888 bytes here.
max-new-connections-per-cycle¦10¦integer, 1 to 1000¦inert¦Connections accepted in one go.
max-new-tls-connections-per-cycle¦1¦integer, 1 to 1000¦inert¦TLS connections accepted in one go.
bind-source-addr¦¦text¦¦Local address of outgoing connections.
socket-mark-id¦0¦integer, 0 to 4294967295¦fixed inert¦Mark of listening sockets.
rest-token¦¦text¦secret¦Bearer token that REST asks for; without one REST answers 503.
rest-read-only-token¦¦text¦secret¦Second token, for read commands only.
metrics-token¦¦text¦secret¦Bearer token that reads /metrics, and nothing else.
metrics-open¦no¦yes or no¦¦Let everybody read /metrics.
console¦yes¦yes or no¦¦Serve the console at /console of the HTTP port, and sessions for it.
console-signed-in¦no¦yes or no¦¦Let browsers of this machine into the console without a token; for development.
diagnostics-channel¦no¦yes or no¦¦Publish commands, slow ones, evictions and errors on Node's diagnostics_channel.
opentelemetry¦no¦yes or no¦¦Make a span of each command, by the package @opentelemetry/api.
rest-max-request-size¦10485760¦bytes¦¦Longest body of a REST request.
rest-max-pipeline-length¦0¦integer, 0 to 2147483647¦¦Most commands in one REST pipeline; 0: as many as fit the body.
rest-blocking-timeout¦10000¦integer, 0 to 2147483647¦¦Longest wait of a blocking command over REST, in ms.
rest-max-streams-per-token¦1000¦integer, 0 to 2147483647¦¦Most streams of events and WebSockets that are open by one token; 0: no limit.
sse-max-duration¦0¦integer, 0 to 2147483647¦¦Seconds after which a stream of events ends; 0: as long as its reader stays.
websocket-allowed-origins¦*¦origins¦¦Sites whose pages may open a WebSocket, as in https://a.example; *: all.
websocket-max-payload¦16777216¦bytes¦¦Longest frame of a WebSocket; a command may span several.
websocket-ping-interval¦30¦integer, 0 to 2147483647¦¦Seconds between pings; who does not answer is cut. 0: none.
upstream¦¦text¦fixed secret¦URL of a real Redis that answers instead of the store here.
upstream-max-connections¦20¦integer, 2 to 65535¦¦Most connections to the upstream for HTTP and calls in process; half of them may wait there.
upstream-timeout¦5000¦integer, 0 to 2147483647¦¦Longest wait for an answer of the upstream, in ms; 0: for ever.
upstream-resp-auth¦ours¦ours | client¦¦Whose users clients of RESP over TCP are: ours, or those of the upstream, by the AUTH that they say to it themselves.
upstream-cluster-reads¦master¦master | replica¦¦Where commands that only read go in a Cluster; what replicas answer may be old.
upstream-cluster-refresh¦10¦integer, 0 to 2147483647¦¦Seconds after which a Cluster is asked anew who has which slots; 0: only when a node sends a command elsewhere.
upstream-multi-key¦strict¦strict | split¦¦MGET, MSET, DEL, UNLINK, EXISTS and TOUCH over several slots of a Cluster: CROSSSLOT, or one command a slot.
upstream-idle-timeout¦900¦integer, 0 to 2147483647¦¦Seconds after which an unused connection to the upstream is closed; 0: never.
requirepass¦¦text¦secret¦Password of the default user.
aclfile¦¦text¦fixed¦File of ACL users.
acllog-max-len¦128¦integer, 0 to 9223372036854775807¦¦Entries kept by ACL LOG.
acl-pubsub-default¦resetchannels¦allchannels | resetchannels¦¦Channels of a new ACL user.
enable-protected-configs¦no¦no | yes | local¦fixed¦Who may CONFIG SET dir and dbfilename.
enable-debug-command¦no¦no | yes | local¦fixed¦Who may call DEBUG.
enable-module-command¦no¦no | yes | local¦fixed¦Who may call MODULE LOAD and UNLOAD.
auth-throttle-after¦16¦integer, 0 to 2147483647¦¦Failed authentications of an address after which each costs time.
auth-throttle-max-delay¦1000¦integer, 0 to 60000¦¦Most milliseconds that one costs; 0: none does.
unauthenticated-timeout¦60¦integer, 0 to 2147483647¦¦Seconds that a client has to authenticate; 0: any time.
store¦memory¦memory | sqlite:PATH | postgres://… | libsql://…¦fixed secret¦Where the keys are: \`memory\` of this process, or shared with others by \`sqlite:PATH\`, \`postgres://user:password@host/database\` or \`libsql://host?authToken=token\`.
store-name¦default¦text¦fixed¦Name of the keyspace: one database may hold several.
store-table-prefix¦zerodis_¦text¦fixed¦What the names of its tables begin with.
store-synchronous¦normal¦full | normal¦fixed¦Force each commit to disk, or leave it to SQLite: then a power cut may take the latest ones back.
store-consistency¦auto¦auto | strong | session | eventual¦¦What a read sees of what other processes have written: all of it, what its client has seen and more, or what is there; auto: strong on SQLite, session on a remote store.
store-max-staleness¦1000¦integer, 0 to 2147483647¦¦How old what a read sees may be where store-consistency is session or eventual, in ms.
store-timeout¦5000¦integer, 1 to 2147483647¦¦Milliseconds to wait for another process that writes.
databases¦16¦integer, 1 to 2147483647¦fixed¦Number of databases.
maxmemory¦0¦bytes¦¦Bytes of data above which keys are evicted or writes refused; 0: no limit.
maxmemory-policy¦noeviction¦volatile-lru | volatile-lfu | volatile-random | volatile-ttl | volatile-lrm | allkeys-lru | allkeys-lfu | allkeys-random | allkeys-lrm | noeviction¦¦Which keys go when memory is full.
maxmemory-samples¦5¦integer, 1 to 2147483647¦¦Keys looked at for each one evicted.
maxmemory-eviction-tenacity¦10¦integer, 0 to 100¦¦How much time eviction may take; 100: as much as it needs.
maxmemory-clients¦0¦bytes or percent¦¦Bytes, or percent of maxmemory, that all clients may hold; 0: no limit.
client-memory-guard¦25%¦bytes or percent¦¦Bytes, or percent of V8's heap, that all clients may hold of what is not the store's; 0: no limit.
lfu-log-factor¦10¦integer, 0 to 2147483647¦¦How slowly the frequency counter rises.
lfu-decay-time¦1¦integer, 0 to 2147483647¦¦Minutes after which the frequency counter falls by one.
active-expire-effort¦1¦integer, 1 to 10¦¦How hard the cycle looks for keys past their time.
hz¦10¦integer, 0 to 2147483647¦¦Runs of the background work per second; kept between 1 and 500.
dynamic-hz¦yes¦yes or no¦inert¦More background work with more clients.
notify-keyspace-events¦¦letters of Ag$lshzxeKEtmdnaocSTIV¦¦Classes of keyspace events that are published.
hash-max-listpack-entries¦512¦integer, 0 to 9223372036854775807¦¦Most fields of a hash encoded as listpack.
hash-max-listpack-value¦64¦bytes¦¦Longest field or value of a hash encoded as listpack.
list-max-listpack-size¦-2¦integer, -2147483648 to 2147483647¦¦Most elements (or, below 0, bytes) of a listpack list.
list-compress-depth¦0¦integer, 0 to 2147483647¦inert¦Nodes at either end of a list left uncompressed.
set-max-intset-entries¦512¦integer, 0 to 9223372036854775807¦¦Most members of a set encoded as intset.
set-max-listpack-entries¦128¦integer, 0 to 9223372036854775807¦¦Most members of a set encoded as listpack.
set-max-listpack-value¦64¦bytes¦¦Longest member of a set encoded as listpack.
zset-max-listpack-entries¦128¦integer, 0 to 9223372036854775807¦¦Most members of a sorted set encoded as listpack.
zset-max-listpack-value¦64¦bytes¦¦Longest member of a sorted set encoded as listpack.
hll-sparse-max-bytes¦3000¦bytes¦¦Longest sparse HyperLogLog.
stream-node-max-bytes¦4096¦bytes¦¦Bytes of a stream node.
stream-node-max-entries¦100¦integer, 0 to 9223372036854775807¦¦Entries of a stream node.
stream-idmp-duration¦100¦integer, 1 to 86400¦¦Seconds for which a stream remembers marks of producers (XADD IDMP).
stream-idmp-maxsize¦100¦integer, 1 to 10000¦¦Marks of each producer that a stream remembers (XADD IDMP).
tracking-table-max-keys¦1000000¦integer, 0 to 9223372036854775807¦¦Keys remembered for client-side caching; 0: no limit.
locale-collate¦¦text¦inert¦Collation of SORT ALPHA.
activerehashing¦yes¦yes or no¦inert¦Rehash in the background.
activedefrag¦no¦yes or no¦¦Move keys together from the thresholds below on; without it, where holes are as much as what is kept.
active-defrag-ignore-bytes¦104857600¦bytes¦¦Holes below which nothing is moved.
active-defrag-threshold-lower¦10¦integer, 0 to 1000¦¦Percent of holes, of what is kept, from which on keys are moved.
active-defrag-threshold-upper¦100¦integer, 0 to 1000¦¦Percent of holes at which the most time goes to it.
active-defrag-cycle-min¦1¦integer, 1 to 99¦¦Least percent of time for it.
active-defrag-cycle-max¦25¦integer, 1 to 99¦¦Most percent of time for it, 10 ms at once.
active-defrag-max-scan-fields¦1000¦integer, 1 to 9223372036854775807¦inert¦Elements above which a value is moved apart.
lazyfree-lazy-eviction¦no¦yes or no¦¦Count evicted values as freed later; all are.
lazyfree-lazy-expire¦no¦yes or no¦¦Count expired values as freed later; all are.
lazyfree-lazy-server-del¦no¦yes or no¦¦Count overwritten values as freed later; all are.
lazyfree-lazy-user-del¦no¦yes or no¦¦Let DEL count as UNLINK does.
lazyfree-lazy-user-flush¦no¦yes or no¦¦Let FLUSHALL and FLUSHDB count as with ASYNC.
busy-reply-threshold¦5000¦integer, 0 to 9223372036854775807¦¦Milliseconds after which a script is logged as slow; 0: never.
json-max-document-size¦67108864¦bytes¦¦Most memory that a JSON document may come to by a command, and the longest text of JSON in one; never above 89478481 bytes here.
lua-hard-time-limit¦5000¦integer, 0 to 9223372036854775807¦¦Milliseconds after which a script is ended by force; 0: never.
lua-read-only-time-limit¦250¦integer, 0 to 9223372036854775807¦¦The same for scripts of the read-only token of REST.
lua-memory-limit¦268435456¦bytes¦¦Most memory that Lua may take.
lua-bare-error-replies¦no¦yes or no¦¦Let redis.error_reply add no ERR to a text of one word, as before Redis 7.
slowlog-log-slower-than¦10000¦integer, -1 to 9223372036854775807¦¦Microseconds from which a command is slow; -1: none is.
slowlog-entry-max-argc¦32¦integer, 2 to 2147483647¦¦Arguments of a command that SLOWLOG keeps.
slowlog-entry-max-string-len¦128¦integer, 1 to 9223372036854775807¦¦Bytes of an argument that SLOWLOG keeps.
slowlog-max-len¦128¦integer, 0 to 9223372036854775807¦¦Entries kept by SLOWLOG.
latency-monitor-threshold¦0¦integer, 0 to 9223372036854775807¦¦Milliseconds from which LATENCY records; 0: never.
latency-tracking¦yes¦yes or no¦¦Keep the distribution of latencies per command.
latency-tracking-info-percentiles¦50 99 99.9¦numbers, 0 to 100¦¦Percentiles in the latencystats section of INFO.
daemonize¦no¦yes or no¦fixed¦Run in the background.
supervised¦no¦upstart | systemd | auto | no¦fixed inert¦Tell a supervisor about the start.
pidfile¦¦text¦fixed¦File that holds the process id while the server runs.
hide-user-data-from-log¦no¦yes or no¦¦Leave out of the log what clients may have sent: messages of internal errors.
loglevel¦notice¦debug | verbose | notice | warning | nothing¦¦What is worth a line in the log.
logformat¦redis¦redis | json¦¦How a line of the log is written: as Redis's own, or as JSON.
logfile¦¦text¦fixed¦File of the log; empty: standard output.
syslog-enabled¦no¦yes or no¦fixed inert¦Log to the system logger.
syslog-ident¦redis¦text¦fixed inert¦Name in the system log.
syslog-facility¦local0¦user | local0 | local1 | local2 | local3 | local4 | local5 | local6 | local7¦fixed inert¦Facility in the system log.
always-show-logo¦no¦yes or no¦fixed¦Show the logo in a log that is no terminal.
set-proc-title¦yes¦yes or no¦fixed¦Give the process a telling title.
proc-title-template¦{title} {listen-addr} {server-mode}¦text with {variables}¦¦Form of the title of the process.
shutdown-timeout¦10¦integer, 0 to 2147483647¦¦Seconds to wait for replicas, and for clients, at the end.
shutdown-on-sigterm¦default¦default | save | nosave | now | force¦¦What SIGTERM does.
shutdown-on-sigint¦default¦default | save | nosave | now | force¦¦What SIGINT does.
dir¦¦text¦protected¦Working directory, where files are kept.
crash-log-enabled¦yes¦yes or no¦inert¦Log the state at a crash.
crash-memcheck-enabled¦yes¦yes or no¦inert¦Test memory at a crash.
use-exit-on-panic¦no¦yes or no¦inert¦Exit instead of aborting at a panic.
watchdog-period¦0¦integer, 0 to 2147483647¦inert¦Milliseconds of the software watchdog.
disable-thp¦yes¦yes or no¦fixed inert¦Switch transparent huge pages off.
ignore-warnings¦¦text¦inert¦Start-up warnings to ignore.
oom-score-adj¦no¦no | yes | relative | absolute¦inert¦Adjust the score of the OOM killer.
oom-score-adj-values¦0 200 800¦three integers, -2000 to 2000¦inert¦Scores of the OOM killer for master, replica and child.
server-cpulist¦¦text¦fixed inert¦Processors of the main thread.
bio-cpulist¦¦text¦fixed inert¦Processors of background threads.
aof-rewrite-cpulist¦¦text¦fixed inert¦Processors of an AOF rewrite.
bgsave-cpulist¦¦text¦fixed inert¦Processors of a background save.
io-threads¦1¦integer, 1 to 128¦fixed inert¦Threads for input and output.
io-threads-do-reads¦no¦yes or no¦fixed inert¦Read in threads, too.
jemalloc-bg-thread¦yes¦yes or no¦inert¦Purge memory in a thread.
reply-buffer-peak-reset-time¦5000¦integer, 0 to 9223372036854775807¦inert¦Milliseconds after which a buffer peak is forgotten.
reply-buffer-resizing¦yes¦yes or no¦inert¦Fit reply buffers to their use.
save¦¦pairs of seconds and changes¦¦Seconds and changes after which a snapshot is taken; Redis itself saves by default.
dbfilename¦dump.rdb¦text¦protected¦File of the snapshot.
stop-writes-on-bgsave-error¦yes¦yes or no¦¦Refuse writes after a failed snapshot.
rdbcompression¦yes¦yes or no¦¦Compress strings in snapshots and dumps.
rdbchecksum¦yes¦yes or no¦fixed inert¦Put a checksum at the end of snapshots.
rdb-del-sync-files¦no¦yes or no¦inert¦Delete snapshots made for replicas.
rdb-save-incremental-fsync¦yes¦yes or no¦inert¦Write snapshots out little by little.
rdb-key-save-delay¦0¦integer, -2147483648 to 2147483647¦¦Microseconds of delay per key saved.
key-load-delay¦0¦integer, -2147483648 to 2147483647¦¦Microseconds of delay per key loaded.
loading-process-events-interval-bytes¦2097152¦integer, 1024 to 2147483647¦inert¦Bytes loaded between events.
sanitize-dump-payload¦no¦no | yes | clients¦inert¦Check values that RESTORE brings.
appendonly¦no¦yes or no¦¦Journal every change.
appendfilename¦appendonly.aof¦text¦fixed¦Name of the journal.
appenddirname¦appendonlydir¦text¦fixed¦Directory of the journal.
preload-file¦¦text¦fixed¦At the start, load this and nothing else: \`rdb:<snapshot>\` or \`aof:<manifest>\`.
backupdirname¦backupdir¦text¦fixed¦Directory of backups (BACKUP).
backup-sealed-ttl¦0¦integer, 0 to 2147483647¦¦Seconds after which a sealed backup is removed; 0: it is kept.
appendfsync¦everysec¦everysec | always | no¦¦When the journal is forced to disk.
no-appendfsync-on-rewrite¦no¦yes or no¦¦Do not force it while it is rewritten.
auto-aof-rewrite-percentage¦100¦integer, 0 to 2147483647¦¦Growth in percent that starts a rewrite; 0: none.
auto-aof-rewrite-min-size¦67108864¦bytes¦¦Smallest journal that is rewritten.
aof-load-truncated¦yes¦yes or no¦¦Load a journal whose end is cut off.
aof-use-rdb-preamble¦yes¦yes or no¦¦Begin the journal with a snapshot.
aof-timestamp-enabled¦no¦yes or no¦¦Put times into the journal.
aof-rewrite-incremental-fsync¦yes¦yes or no¦¦Write a rewrite out little by little.
aof-disable-auto-gc¦no¦yes or no¦¦Keep old journal files.
replicaof¦¦host and port¦fixed¦Master to follow.
masterauth¦¦text¦secret¦Password at the master.
masteruser¦¦text¦secret¦User at the master.
replica-serve-stale-data¦yes¦yes or no¦¦Answer while the master is away.
replica-read-only¦yes¦yes or no¦¦Refuse writes on a replica.
replica-ignore-maxmemory¦yes¦yes or no¦¦Leave eviction to the master.
replica-lazy-flush¦no¦yes or no¦¦Empty the store in the background before a sync.
replica-priority¦100¦integer, 0 to 2147483647¦¦Rank for promotion; 0: never.
replica-announced¦yes¦yes or no¦¦Let Sentinel tell of this replica.
replica-announce-ip¦¦text¦¦Address to tell the master.
replica-announce-port¦0¦integer, 0 to 65535¦¦Port to tell the master.
replica-ignore-disk-write-errors¦no¦yes or no¦inert¦Go on where the disk fails.
min-replicas-to-write¦0¦integer, 0 to 2147483647¦¦Fewest replicas with which writes are taken.
min-replicas-max-lag¦10¦integer, 0 to 2147483647¦¦Seconds of lag at which a replica counts.
repl-timeout¦60¦integer, 1 to 2147483647¦¦Seconds of silence that end a link.
repl-ping-replica-period¦10¦integer, 1 to 2147483647¦¦Seconds between pings to replicas.
repl-backlog-size¦1048576¦bytes¦¦Bytes kept for a replica that comes back.
repl-backlog-ttl¦3600¦integer, 0 to 9223372036854775807¦¦Seconds for which they are kept.
repl-disable-tcp-nodelay¦no¦yes or no¦inert¦Send in larger packets.
repl-diskless-sync¦yes¦yes or no¦¦Send snapshots without a file.
repl-diskless-sync-delay¦5¦integer, 0 to 2147483647¦¦Seconds to wait for more replicas.
repl-diskless-sync-max-replicas¦0¦integer, 0 to 2147483647¦¦Replicas that end the wait.
repl-diskless-load¦disabled¦disabled | on-empty-db | swapdb¦¦Load what the master sends as it comes, not from a file of \`dir\`.
propagation-error-behavior¦ignore¦ignore | panic | panic-on-replicas¦inert¦What a failed command from the master does.
cluster-enabled¦no¦yes or no¦fixed¦Be a node of a cluster, which has all slots.
cluster-config-file¦nodes.conf¦text¦fixed inert¦File of the state of the cluster.
cluster-node-timeout¦15000¦integer, 0 to 9223372036854775807¦¦Milliseconds for which a node is known that did not answer CLUSTER MEET.
cluster-port¦0¦integer, 0 to 65535¦fixed¦Port of the bus that is told; 0: that of clients + 10000.
cluster-announce-ip¦¦text¦¦Address at which clients are told that the node is.
cluster-announce-port¦0¦integer, 0 to 65535¦¦Port that clients are told; 0: the one of \`port\`.
cluster-announce-tls-port¦0¦integer, 0 to 65535¦¦Port that clients over TLS are told; 0: the one of \`tls-port\`.
cluster-announce-bus-port¦0¦integer, 0 to 65535¦¦The same, before \`cluster-port\`. Nobody listens there.
cluster-announce-hostname¦¦text¦¦Host name that clients are told.
cluster-announce-human-nodename¦¦text¦inert¦Name of the node for people.
cluster-preferred-endpoint-type¦ip¦ip | hostname | unknown-endpoint¦¦How clients are told where nodes are.
cluster-replica-validity-factor¦10¦integer, 0 to 2147483647¦inert¦Oldest data with which a replica may take over.
cluster-replica-no-failover¦no¦yes or no¦¦Say of the node that it never takes over.
cluster-migration-barrier¦1¦integer, 0 to 2147483647¦inert¦Replicas that a master keeps.
cluster-allow-replica-migration¦yes¦yes or no¦¦A master that has lost its last slot becomes a replica of the node that has it.
cluster-require-full-coverage¦yes¦yes or no¦¦Answer only while all slots are served.
cluster-allow-reads-when-down¦no¦yes or no¦¦Answer reads while the cluster is down.
cluster-allow-pubsubshard-when-down¦yes¦yes or no¦¦Serve sharded channels while it is down.
cluster-slot-stats-enabled¦no¦yes or no¦¦Count time and bytes spent on each slot, for CLUSTER SLOT-STATS.
cluster-link-sendbuf-limit¦0¦bytes¦inert¦Most bytes waiting on a link; 0: no limit.
tls-port¦0¦integer, 0 to 65535¦¦TCP port of RESP over TLS; 0: none.
tls-cert-file¦¦text¦¦Certificate, with those that it leads back to. Read anew when it is set.
tls-key-file¦¦text¦¦Private key.
tls-key-file-pass¦¦text¦secret¦Password of the private key.
tls-client-cert-file¦¦text¦¦Certificate of outgoing connections.
tls-client-key-file¦¦text¦¦Private key of outgoing connections.
tls-client-key-file-pass¦¦text¦secret¦Its password.
tls-dh-params-file¦¦text¦¦Diffie-Hellman parameters; without them the usual ones.
tls-ca-cert-file¦¦text¦¦Authorities that sign clients.
tls-ca-cert-dir¦¦text¦¦Directory of such authorities, under names as \`openssl rehash\` gives them.
tls-auth-clients¦yes¦no | yes | optional¦¦Ask clients for a certificate.
tls-replication¦no¦yes or no¦¦Follow the master over TLS.
tls-cluster¦no¦yes or no¦inert¦Use TLS on the cluster bus.
tls-protocols¦¦text¦¦Versions of TLS to accept; without them TLSv1.2 and TLSv1.3.
tls-ciphers¦¦text¦¦Ciphers up to TLS 1.2; without them Node's choice.
tls-ciphersuites¦¦text¦¦Cipher suites of TLS 1.3; without them Node's choice.
tls-prefer-server-ciphers¦no¦yes or no¦¦Prefer the server's order of ciphers.
tls-session-caching¦yes¦yes or no¦¦Resume sessions, by tickets that clients keep.
tls-session-cache-size¦20480¦integer, 0 to 2147483647¦inert¦Sessions kept for that; tickets need none.
tls-session-cache-timeout¦300¦integer, 0 to 2147483647¦¦Seconds for which a session can be resumed.`
