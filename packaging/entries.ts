/**
 * What the package consists of: every file directly in lib/ is an entry (`zerodis/<name>`), but for the command line.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'

export const root = join(import.meta.dirname, '..')
export const dist = join(root, 'dist')

/** The command `zerodis`. */
export const COMMAND = 'cli'

/** The entry for Cloudflare, which is built by itself (worker.ts). */
export const WORKER = 'cloudflare'

/** Vitest cannot be required, so what extends it need not be; and nothing can on Cloudflare. */
const MODULES_ONLY: readonly string[] = [WORKER, 'vitest']

/** Names of the entries, `index` among them. */
export const ENTRIES: readonly string[] = readdirSync(join(root, 'lib'))
  .filter((name) => name.endsWith('.ts'))
  .map((name) => name.slice(0, -'.ts'.length))
  .filter((name) => name !== COMMAND)
  .sort()

/** Those that can be required, too. */
export const COMMONJS_ENTRIES: readonly string[] = ENTRIES.filter((name) => !MODULES_ONLY.includes(name))

/**
 * Those whose code is an ES module, too. `index` stands on the SDK, which has classes of its own for whoever imports and for
 * whoever requires; `bottleneck` runs where nothing can be required; `jest` fails where Jest is not installed, which Node 20
 * lets nobody catch in a CommonJS module that is imported. All others hand on what their CommonJS twins export.
 */
export const MODULES: readonly string[] = ['bottleneck', 'index', 'jest', 'vitest']

/**
 * Files of the package that are loaded when something of them is first used, each with the modules that it holds; so is
 * whatever the source itself imports by `import()`, in a file of its own. To be worth it, a file has some kilobytes, and many
 * stores never use it. What is imported of it may not be used while the importing module loads (in a table, behind
 * `extends`): the build refuses that. Handlers of commands stand in the table by `lazyCommand` (lib/commands/command.ts). A module that
 * is no longer there is a fault of tests/architecture.test.ts.
 */
export const LAZY: Readonly<Record<string, readonly string[]>> = {
  access: ['lib/transports/access.ts'],
  acl: ['lib/commands/server/acl.ts'],
  administration: [
    'lib/commands/server/config.ts',
    'lib/commands/server/memory.ts',
    'lib/commands/server/module.ts',
    'lib/commands/server/monitor.ts',
    'lib/commands/server/save.ts',
    'lib/commands/server/slowlog.ts',
  ],
  array: [
    'lib/commands/array/aggregate.ts',
    'lib/commands/array/array.ts',
    'lib/commands/array/cursor.ts',
    'lib/commands/array/grep.ts',
    'lib/commands/array/range.ts',
    'lib/keyspace/values/array-index.ts',
    'lib/keyspace/values/array-slice.ts',
    'lib/keyspace/values/array.ts',
  ],
  'array-ere': ['lib/commands/array/ere.ts'],
  backup: ['lib/commands/server/backup.ts', 'lib/journal/backup.ts', 'lib/journal/preload.ts'],
  bitmap: ['lib/commands/bitmap/bitfield.ts', 'lib/commands/bitmap/bitmap.ts'],
  calls: ['lib/transports/calls.ts', 'lib/transports/messages.ts', 'lib/transports/sdk.ts', 'lib/transports/sse.ts'],
  connection: ['lib/commands/connection/connection.ts'],
  console: ['lib/console/door.ts', 'lib/console/site.ts'],
  client: ['lib/commands/clientline.ts', 'lib/commands/connection/client.ts', 'lib/commands/connection/tracking.ts'],
  cluster: [
    'lib/cluster/bus.ts',
    'lib/cluster/gossip.ts',
    'lib/cluster/member.ts',
    'lib/cluster/node.ts',
    'lib/cluster/report.ts',
    'lib/cluster/view.ts',
    'lib/commands/cluster/nodes.ts',
    'lib/commands/cluster/slots.ts',
    'lib/commands/cluster/slotstats.ts',
    'lib/commands/cluster/topology.ts',
    'lib/engine/redirection.ts',
    'lib/observability/slotstats.ts',
    'lib/server/cluster.ts',
  ],
  configfile: [
    'lib/config/redisconf.ts',
    'lib/config/suggest.ts',
    'lib/server/aclfile.ts',
    'lib/server/configfile.ts',
    'lib/session/acl-lines.ts',
  ],
  debug: ['lib/commands/server/debug.ts'],
  diagnostics: ['lib/observability/diagnostics.ts'],
  disk: [
    'lib/persistence/background.ts',
    'lib/persistence/disk.ts',
    'lib/persistence/files/dirlock.ts',
    'lib/persistence/files/files.ts',
  ],
  doors: ['lib/server/doors.ts', 'lib/transports/tls.ts'],
  dump: ['lib/commands/generic/dump.ts', 'lib/commands/generic/migrate.ts', 'lib/replication/migrations.ts'],
  environment: ['lib/config/environment.ts'],
  errors: [
    'lib/base/errors.ts',
    'lib/commands/connection/errors.ts',
    'lib/commands/generic/errors.ts',
    'lib/commands/server/errors.ts',
    'lib/commands/string/errors.ts',
    'lib/commands/transactions/errors.ts',
  ],
  geo: ['lib/commands/geo/geo.ts', 'lib/commands/geo/geosearch.ts', 'lib/memory/twin/geo.ts'],
  guards: ['lib/engine/guards.ts'],
  hash: [
    'lib/commands/hash/expiry.ts',
    'lib/commands/hash/hash.ts',
    'lib/commands/hash/himport.ts',
    'lib/commands/hash/placed.ts',
    'lib/keyspace/hashtimes.ts',
    'lib/keyspace/values/fieldexpiry.ts',
    'lib/keyspace/values/hash.ts',
  ],
  help: [
    'lib/commands/cluster/help.ts',
    'lib/commands/connection/help.ts',
    'lib/commands/generic/help.ts',
    'lib/commands/pubsub/help.ts',
    'lib/commands/scripting/help.ts',
    'lib/commands/server/help.ts',
    'lib/commands/stream/help.ts',
  ],
  hotkeys: ['lib/commands/server/hotkeys.ts', 'lib/observability/hotkeys.ts'],
  http: [
    'lib/protocol/rest.ts',
    'lib/transports/httpdoor.ts',
    'lib/transports/httprequest.ts',
    'lib/transports/logins.ts',
    'lib/transports/rest.ts',
    'lib/transports/web.ts',
  ],
  hyperloglog: ['lib/commands/hyperloglog/hyperloglog.ts', 'lib/commands/set/cardinality.ts'],
  info: [
    'lib/observability/infosections.ts',
    'lib/observability/memoryreport.ts',
    'lib/observability/processtime.ts',
    'lib/observability/replicationfields.ts',
    'lib/observability/sharedfields.ts',
    'lib/observability/statfields.ts',
  ],
  input: ['lib/persistence/format/input.ts'],
  introspection: ['lib/commands/generic/object.ts', 'lib/commands/server/introspection.ts'],
  journal: [
    'lib/journal/appendfiles.ts',
    'lib/journal/appendlog.ts',
    'lib/journal/appendonly.ts',
    'lib/journal/base.ts',
    'lib/journal/commandbytes.ts',
    'lib/journal/groupcommit.ts',
    'lib/journal/increment.ts',
    'lib/journal/journal.ts',
    'lib/journal/loader.ts',
    'lib/journal/logfolder.ts',
    'lib/journal/manifest.ts',
    'lib/journal/rewrites.ts',
  ],
  json: [
    'lib/commands/json/array.ts',
    'lib/commands/json/get.ts',
    'lib/commands/json/removal.ts',
    'lib/commands/json/scalar.ts',
    'lib/commands/json/set.ts',
    'lib/keyspace/values/json-node.ts',
    'lib/keyspace/values/json-print.ts',
    'lib/keyspace/values/json-shape.ts',
    'lib/keyspace/values/json-table.ts',
    'lib/keyspace/values/json.ts',
  ],
  'json-parse': ['lib/keyspace/values/json-parse.ts'],
  jsonpath: ['lib/commands/json/path/path.ts'],
  latency: ['lib/commands/server/latency.ts'],
  lcs: ['lib/commands/string/lcs.ts'],
  list: [
    'lib/commands/list/blocking.ts',
    'lib/commands/list/list.ts',
    'lib/commands/list/movem.ts',
    'lib/commands/list/placed.ts',
    'lib/keyspace/packed/sequence.ts',
    'lib/keyspace/values/list.ts',
    'lib/keyspace/values/listnode.ts',
    'lib/keyspace/values/shownnode.ts',
  ],
  lolwut: ['lib/commands/server/lolwut.ts'],
  longdouble: ['lib/commands/longdouble.ts', 'lib/commands/string/increx.ts'],
  memory: ['lib/memory/load.ts'],
  permission: ['lib/commands/denial.ts', 'lib/commands/keyspecs.ts', 'lib/commands/permission.ts'],
  pubsub: ['lib/commands/pubsub/pubsub.ts'],
  remotestore: ['lib/server/remote.ts'],
  replica: [
    'lib/replication/following.ts',
    'lib/replication/greeting.ts',
    'lib/replication/masterlink.ts',
    'lib/replication/reception.ts',
  ],
  replication: [
    'lib/commands/generic/wait.ts',
    'lib/commands/server/replication.ts',
    'lib/replication/backlog.ts',
    'lib/replication/failover.ts',
    'lib/replication/fullsync.ts',
    'lib/replication/replica.ts',
    'lib/replication/replicas.ts',
    'lib/replication/replicasink.ts',
    'lib/replication/replicastream.ts',
  ],
  scripting: ['lib/scripting/libraryapi.ts', 'lib/scripting/vm.ts'],
  scripts: [
    'lib/commands/scripting/function.ts',
    'lib/commands/scripting/scripting.ts',
    'lib/scripting/errors.ts',
    'lib/scripting/functions.ts',
    'lib/scripting/run.ts',
    'lib/scripting/scripting.ts',
    'lib/scripting/scripts.ts',
    'lib/scripting/shebang.ts',
  ],
  set: [
    'lib/commands/set/algebra.ts',
    'lib/commands/set/placed.ts',
    'lib/commands/set/set.ts',
    'lib/keyspace/packed/intset.ts',
    'lib/keyspace/values/intset.ts',
    'lib/keyspace/values/set.ts',
  ],
  snapshot: [
    'lib/keyspace/dbwalk.ts',
    'lib/memory/twin/crc64.ts',
    'lib/memory/twin/lzf.ts',
    'lib/memory/twin/records.ts',
    'lib/persistence/files/filesink.ts',
    'lib/persistence/format/crc64.ts',
    'lib/persistence/format/lzf.ts',
    'lib/persistence/loading.ts',
    'lib/persistence/snapshot/arrival.ts',
    'lib/persistence/snapshot/payload.ts',
    'lib/persistence/snapshot/recordbatch.ts',
    'lib/persistence/snapshot/snapshot.ts',
    'lib/persistence/snapshot/staging.ts',
    'lib/persistence/snapshot/walk.ts',
  ],
  'sorted-set': [
    'lib/commands/sorted-set/placed.ts',
    'lib/commands/sorted-set/sorted-set.ts',
    'lib/commands/sorted-set/zadd.ts',
    'lib/commands/sorted-set/zalgebra.ts',
    'lib/commands/sorted-set/zpop.ts',
    'lib/commands/sorted-set/zrange.ts',
    'lib/commands/sorting.ts',
    'lib/keyspace/packed/entries.ts',
    'lib/keyspace/packed/score.ts',
    'lib/keyspace/values/score-tree.ts',
    'lib/keyspace/values/zset.ts',
  ],
  sort: ['lib/commands/generic/sort.ts'],
  shutdown: ['lib/server/shutdown.ts'],
  store: [
    'lib/server/shared.ts',
    'lib/stores/sqlite/bell.ts',
    'lib/stores/sqlite/building.ts',
    'lib/stores/log/compaction.ts',
    'lib/stores/copy/copy.ts',
    'lib/stores/log/rows.ts',
    'lib/stores/sqlite/refusal.ts',
    'lib/stores/sqlite/shared.ts',
    'lib/stores/sqlite/sqlite.ts',
    'lib/stores/sqlite/tables.ts',
  ],
  stream: [
    'lib/commands/stream/claim.ts',
    'lib/commands/stream/delete.ts',
    'lib/commands/stream/group.ts',
    'lib/commands/stream/idempotence.ts',
    'lib/commands/stream/info.ts',
    'lib/commands/stream/nack.ts',
    'lib/commands/stream/placed.ts',
    'lib/commands/stream/read.ts',
    'lib/commands/stream/stream.ts',
    'lib/keyspace/values/stream-group.ts',
    'lib/keyspace/values/stream-id.ts',
    'lib/keyspace/values/stream-idempotence.ts',
    'lib/keyspace/values/stream-node.ts',
    'lib/keyspace/values/stream.ts',
  ],
  strings: ['lib/commands/string/multistring.ts', 'lib/commands/string/substring.ts'],
  tracing: ['lib/observability/tracing.ts'],
  transactions: ['lib/commands/transactions/transactions.ts'],
  tcp: [
    'lib/transports/lookahead.ts',
    'lib/transports/outqueue.ts',
    'lib/transports/placedgroup.ts',
    'lib/transports/resp.ts',
    'lib/transports/tcp.ts',
  ],
  upstream: ['lib/transports/passthrough.ts', 'lib/upstream/address.ts', 'lib/upstream/upstream.ts'],
  websocket: ['lib/transports/websocket.ts'],
  websocketjson: ['lib/transports/websocketjson.ts'],
  xxh3: ['lib/commands/xxh3.ts'],
}

/** The path of an entry's source, as the bundler tells it. */
export function sourceOf(entry: string): string {
  return `lib/${entry}.ts`
}
