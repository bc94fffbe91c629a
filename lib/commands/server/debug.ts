/**
 * DEBUG, for test suites: what those of Redis and of its clients ask for. Who may call it is for `enable-debug-command` to
 * say. What would crash the server on purpose is left out; switches of parts that are not here (reply buffers, packed list
 * nodes, the cluster bus) are accepted and change nothing.
 */
import { type Bytes, MAX_BYTES } from '../../base/bytes.ts'
import { MUST_BE_POSITIVE, NO_SUCH_KEY, subcommandSyntax } from '../../base/errors.ts'
import {
  Attributed,
  BigNumber,
  Double,
  MapReply,
  OK,
  Push,
  type Reply,
  SetReply,
  Status,
  Verbatim,
} from '../../base/reply.ts'
import { pause } from '../../base/runtime.ts'
import { parseMemory } from '../../config/directive.ts'
import { KEEP_TTL } from '../../keyspace/db.ts'
import { globMatches } from '../../keyspace/glob.ts'
import type { ObjectValue, Value } from '../../keyspace/value.ts'
import { StringBuffer, stringEncoding, stringLength } from '../../keyspace/values/string.ts'
import { isLocalClient } from '../../session/session.ts'
import type { Args } from '../args.ts'
import type { Context, Handler } from '../command.ts'
import { keyspaceDigest, valueDigest } from './digest.ts'
import {
  DEBUG_NOT_ALLOWED,
  debugError,
  HASH_TABLE_ONLY,
  LISTPACK_ONLY,
  OUT_OF_RANGE_DB,
  PACKED_THRESHOLD,
  POPULATE_OOM,
  PROTOCOL_TYPE,
  QUICKLIST_ONLY,
  RELOAD_OPTIONS,
  RESP2_UNSUPPORTED,
  STRING_ONLY,
} from './errors.ts'

interface DebugSubcommand {
  /** Number of arguments behind the subcommand's name: fewest and most. */
  readonly least: number
  readonly most: number
  readonly run: Handler
}

/** DEBUG subcommand [argument …] */
export function debug(c: Context, a: Args): ReturnType<Handler> {
  const who = c.config['enable-debug-command']
  if (who === 'no' || (who === 'local' && !isLocalClient(c.session))) return DEBUG_NOT_ALLOWED
  const name = a.next()
  const entry = SUBCOMMANDS.get(name.toLowerCase())
  if (entry === undefined || a.left < entry.least || a.left > entry.most) return subcommandSyntax('debug', name)
  return entry.run(c, a)
}

/** DEBUG SLEEP seconds. Stops the whole process, as it stops Redis. */
function sleep(_: Context, a: Args): Reply {
  const ms = Number.parseFloat(a.next()) * 1000
  if (ms > 0) pause(ms)
  return OK
}

/** DEBUG SET-ACTIVE-EXPIRE 0|1 */
function setActiveExpire(c: Context, a: Args): Reply {
  c.ports.memory.expiryCycle.enabled = Number.parseInt(a.next(), 10) > 0
  return OK
}

/** DEBUG PAUSE-CRON 0|1 */
function pauseCron(c: Context, a: Args): Reply {
  c.ports.process.pauseCron(Number.parseInt(a.next(), 10) > 0)
  return OK
}

/** DEBUG OBJECT key. The serialized length is the weight in memory: nothing is serialized here. */
function object(c: Context, a: Args): Reply {
  const key = a.next()
  const value = c.db.storedValue(key) // also one whose time is past
  if (value === undefined) return NO_SUCH_KEY
  const access = c.db.accessOf(key)
  const lru = c.keyspace.countsFrequency ? Math.floor(c.now / 1000) : access
  const idle = Math.max(0, Math.floor(c.now / 1000) - lru)
  const [encoding, length] = isObject(value)
    ? [value.encoding, value.memoryBytes]
    : [stringEncoding(value), stringLength(value) + 1]
  return new Status(
    `Value at:0x0 refcount:1 encoding:${encoding} serializedlength:${length} lru:${lru & 0xffffff} lru_seconds_idle:${idle}`,
  )
}

function isObject(value: Value): value is ObjectValue {
  return typeof value === 'object' && !(value instanceof StringBuffer)
}

/** DEBUG SDSLEN key */
function sdslen(c: Context, a: Args): Reply {
  const key = a.next()
  const value = c.db.peek(key)
  if (value === undefined) return NO_SUCH_KEY
  if (isObject(value) || stringEncoding(value) === 'int') return STRING_ONLY
  const length = stringLength(value)
  return new Status(
    `key_sds_len:${key.length}, key_sds_avail:0, key_zmalloc: ${key.length}, ` +
      `val_sds_len:${length}, val_sds_avail:0, val_zmalloc: ${length}`,
  )
}

/** DEBUG LISTPACK key. Redis prints the structure on its standard output; here there is none to print. */
function listpack(c: Context, a: Args): Reply {
  const value = c.db.peek(a.next())
  if (value === undefined) return NO_SUCH_KEY
  if (!isObject(value) || !value.encoding.startsWith('listpack')) return LISTPACK_ONLY
  return new Status('Listpack structure printed on stdout')
}

/** DEBUG QUICKLIST key [detail] */
function quicklist(c: Context, a: Args): Reply {
  const value = c.db.peek(a.next())
  if (value === undefined) return NO_SUCH_KEY
  if (!isObject(value) || value.encoding !== 'quicklist') return QUICKLIST_ONLY
  return new Status('Quicklist structure printed on stdout')
}

/** DEBUG QUICKLIST-PACKED-THRESHOLD size */
function packedThreshold(_: Context, a: Args): Reply {
  const size = parseMemory(a.next())
  return size === undefined || size >= 2 ** 32 ? PACKED_THRESHOLD : OK
}

/** DEBUG HTSTATS dbid */
function htstats(c: Context, a: Args): Reply {
  const index = a.integer()
  if (a.error !== undefined) return a.error
  const db = c.keyspace.dbs[index]
  if (db === undefined) return OUT_OF_RANGE_DB
  return new Verbatim(`[Dictionary HT]\n${table(db.size)}[Expires HT]\n${table(db.volatileSize)}`)
}

/** DEBUG HTSTATS-KEY key */
function htstatsKey(c: Context, a: Args): Reply {
  const value = c.db.peek(a.next())
  if (value === undefined) return NO_SUCH_KEY
  if (!isObject(value) || (value.encoding !== 'hashtable' && value.encoding !== 'skiplist')) return HASH_TABLE_ONLY
  return new Verbatim(table(value.length))
}

function table(elements: number): string {
  const title = 'Hash table 0 stats (main hash table):\n'
  return title + (elements === 0 ? 'No stats available for empty dictionaries\n' : ` number of elements: ${elements}\n`)
}

/** DEBUG DIGEST */
function digest(c: Context): Reply {
  return new Status(hex(keyspaceDigest(c.keyspace, c.ports.process.sha1)))
}

/** DEBUG DIGEST-VALUE key [key …] */
function digestValue(c: Context, a: Args): Reply {
  return a.rest().map((key) => new Status(hex(valueDigest(c.db, key, c.now, c.ports.process.sha1))))
}

function hex(bytes: Bytes): Bytes {
  let text = ''
  for (let i = 0; i < bytes.length; i++) text += bytes.charCodeAt(i).toString(16).padStart(2, '0')
  return text
}

/** What a key with a short value takes of the heap at the least. */
const POPULATED_BYTES = 128

/**
 * DEBUG POPULATE count [prefix] [size]. Nothing is propagated, and keys that exist stay as they are. What the heap has no
 * room for is refused in the words of Redis, which asks whether there is a table for so many before it begins, and ends where
 * their memory does.
 */
function populate(c: Context, a: Args): Reply {
  const count = a.integerBetween(0, Number.MAX_VALUE, MUST_BE_POSITIVE)
  const prefix = a.done ? 'key' : a.next()
  const size = a.done ? 0 : a.integerBetween(0, Number.MAX_VALUE, MUST_BE_POSITIVE)
  if (a.error !== undefined) return a.error
  if (size > MAX_BYTES || count * (POPULATED_BYTES + size) > c.ports.process.heapRoom()) return POPULATE_OOM
  for (let i = 0; i < count; i++) {
    const key = `${prefix}:${i}`
    if (c.db.has(key)) continue
    const value = `value:${i}`
    c.db.set(key, size === 0 ? value : value.slice(0, size).padEnd(size, '\0'), KEEP_TTL)
    c.ports.connections.watches.touch(c.db, key)
  }
  return OK
}

/** DEBUG PROTOCOL type */
function protocol(c: Context, a: Args): Reply {
  switch (a.next().toLowerCase()) {
    case 'string':
      return 'Hello World'
    case 'integer':
      return 12345
    case 'double':
      return new Double(3141 / 1000)
    case 'bignum':
      return new BigNumber('1234567999999999999999999999999999999')
    case 'null':
      return null
    case 'array':
      return [0, 1, 2]
    case 'set':
      return new SetReply([0, 1, 2])
    case 'map':
      return new MapReply([0, false, 1, true, 2, false])
    case 'attrib':
      return new Attributed(['key-popularity', ['key:123', 90]], 'Some real reply following the attribute')
    case 'push':
      if (c.session.replyProto === 2) return RESP2_UNSUPPORTED
      c.session.link.push(new Push(['server-cpu-usage', 42]))
      return 'Some real reply following the push reply'
    case 'verbatim':
      return new Verbatim('This is a verbatim\nstring')
    case 'true':
      return true
    case 'false':
      return false
    default:
      return PROTOCOL_TYPE
  }
}

/** DEBUG RELOAD [MERGE] [NOFLUSH] [NOSAVE]. The snapshot that is made and loaded stays in memory. */
function reload(c: Context, a: Args): Reply {
  const options = { save: true, flush: true, merge: false }
  while (!a.done) {
    if (a.match('MERGE')) options.merge = true
    else if (a.match('NOFLUSH')) options.flush = false
    else if (a.match('NOSAVE')) options.save = false
    else return RELOAD_OPTIONS
  }
  return c.ports.persistence.rdb.reload(options)
}

/** DEBUG AOF-FLUSH-SLEEP microsec. Stops the server for so long before each write to the append-only file. */
function aofFlushSleep(c: Context, a: Args): Reply {
  const microseconds = a.integer()
  if (a.error !== undefined) return a.error
  c.ports.persistence.appending.flushSleepMs = Math.max(0, microseconds) / 1000
  return OK
}

/** DEBUG LOADAOF */
function loadaof(c: Context): Reply {
  return c.ports.persistence.appending.reload()
}

/** DEBUG SET-SKIP-CHECKSUM-VALIDATION 0|1 */
function setSkipChecksumValidation(c: Context, a: Args): Reply {
  c.ports.persistence.rdb.skipsChecksum = Number.parseInt(a.next(), 10) !== 0
  return OK
}

/** DEBUG SET-DISABLE-DENY-SCRIPTS 0|1 */
function setDisableDenyScripts(c: Context, a: Args): Reply {
  c.ports.scripting.allowsAll = Number.parseInt(a.next(), 10) !== 0
  return OK
}

/** DEBUG REPLYBUFFER PEAK-RESET-TIME NEVER|RESET|ms, or RESIZING 0|1 */
function replybuffer(_: Context, a: Args): Reply {
  if (a.match('RESIZING')) return OK
  if (!a.match('PEAK-RESET-TIME')) return subcommandSyntax('debug', a.argv[1])
  if (!a.match('NEVER') && !a.match('RESET')) a.integer()
  return a.error ?? OK
}

/** DEBUG STRINGMATCH-LEN pattern string */
function stringmatchLen(_: Context, a: Args): Reply {
  const pattern = a.next()
  return globMatches(pattern, a.next()) ? 1 : 0
}

/** DEBUG CHANGE-REPL-ID */
function changeReplId(c: Context): Reply {
  c.ports.persistence.replication.renewId()
  return OK
}

/** DEBUG REPLICATE command [argument …], which replicas get and nobody has run. */
function replicate(c: Context, a: Args): Reply {
  c.ports.persistence.replication.feed(a.rest())
  return OK
}

/** DEBUG ERROR message */
function error(_: Context, a: Args): Reply {
  return debugError(a.next())
}

/** DEBUG LOG message */
function log(c: Context, a: Args): Reply {
  c.ports.process.log(`DEBUG LOG: ${a.next()}`)
  return OK
}

const accepted: Handler = () => OK

const exactly = (count: number, run: Handler): DebugSubcommand => ({ least: count, most: count, run })

const SUBCOMMANDS: ReadonlyMap<string, DebugSubcommand> = new Map(
  Object.entries({
    'aof-flush-sleep': exactly(1, aofFlushSleep),
    'change-repl-id': exactly(0, changeReplId),
    'config-rewrite-force-all': exactly(0, (c) => c.ports.process.rewriteConfig(true)),
    digest: exactly(0, digest),
    'digest-value': { least: 1, most: Infinity, run: digestValue },
    'drop-cluster-packet-filter': exactly(1, accepted),
    error: exactly(1, error),
    help: exactly(0, help),
    htstats: { least: 1, most: 2, run: htstats },
    'htstats-key': { least: 1, most: 2, run: htstatsKey },
    listpack: exactly(1, listpack),
    loadaof: exactly(0, loadaof),
    log: exactly(1, log),
    object: { least: 1, most: 2, run: object },
    'pause-cron': exactly(1, pauseCron),
    populate: { least: 1, most: 3, run: populate },
    protocol: exactly(1, protocol),
    quicklist: { least: 1, most: 2, run: quicklist },
    'quicklist-packed-threshold': exactly(1, packedThreshold),
    reload: { least: 0, most: Infinity, run: reload },
    replicate: { least: 1, most: Infinity, run: replicate },
    replybuffer: exactly(2, replybuffer),
    sdslen: exactly(1, sdslen),
    'set-active-expire': exactly(1, setActiveExpire),
    'set-disable-deny-scripts': exactly(1, setDisableDenyScripts),
    'set-skip-checksum-validation': exactly(1, setSkipChecksumValidation),
    sleep: exactly(1, sleep),
    'stringmatch-len': exactly(2, stringmatchLen),
    structsize: exactly(0, () => new Status('bits:64 ')),
  }),
)

const HELP = [
  'DEBUG <subcommand> [<arg> [value] [opt] ...]. Subcommands are:',
  'AOF-FLUSH-SLEEP <microsec>',
  '    Server will sleep before flushing the AOF, this is used for testing.',
  'CHANGE-REPL-ID',
  '    Change the replication IDs of the instance.',
  '    Dangerous: should be used only for testing the replication subsystem.',
  'DIGEST',
  '    Output a hex signature representing the current DB content.',
  'DIGEST-VALUE <key> [<key> ...]',
  '    Output a hex signature of the values of all the specified keys.',
  'ERROR <string>',
  '    Return a Redis protocol error with <string> as message. Useful for clients',
  '    unit tests to simulate Redis errors.',
  'LOG <message>',
  '    Write <message> to the server log.',
  'LOADAOF',
  '    Flush the AOF buffers on disk and reload the AOF in memory.',
  'HTSTATS <dbid>',
  '    Return hash table statistics of the specified Redis database.',
  'HTSTATS-KEY <key>',
  "    Like HTSTATS but for the hash table stored at <key>'s value.",
  'REPLICATE <string>',
  '    Replicates the provided string to replicas, allowing data divergence.',
  'OBJECT <key>',
  '    Show low level info about `key` and associated value.',
  'DROP-CLUSTER-PACKET-FILTER <packet-type>',
  '    Drop all packets that match the filtered type. Set to -1 allow all packets.',
  'POPULATE <count> [<prefix>] [<size>]',
  '    Create <count> string keys named key:<num>. If <prefix> is specified then',
  "    it is used instead of the 'key' prefix. These are not propagated to",
  '    replicas. Cluster slots are not respected so keys not belonging to the',
  '    current node can be created in cluster mode.',
  'PROTOCOL <type>',
  '    Reply with a test value of the specified type. <type> can be: string,',
  '    integer, double, bignum, null, array, set, map, attrib, push, verbatim,',
  '    true, false.',
  'RELOAD [option ...]',
  '    Save the RDB on disk and reload it back to memory. Valid <option> values:',
  '    * MERGE: conflicting keys will be loaded from RDB.',
  '    * NOFLUSH: the existing database will not be removed before load, but',
  '      conflicting keys will generate an exception and kill the server.',
  '    * NOSAVE: the database will be loaded from an existing RDB file.',
  '    Examples:',
  '    * DEBUG RELOAD: verify that the server is able to persist, flush and reload',
  '      the database.',
  '    * DEBUG RELOAD NOSAVE: replace the current database with the contents of an',
  '      existing RDB file.',
  '    * DEBUG RELOAD NOSAVE NOFLUSH MERGE: add the contents of an existing RDB',
  '      file to the database.',
  'SDSLEN <key>',
  '    Show low level SDS string info representing `key` and value.',
  'SET-ACTIVE-EXPIRE <0|1>',
  '    Setting it to 0 disables expiring keys in background when they are not',
  '    accessed (otherwise the Redis behavior). Setting it to 1 reenables back the',
  '    default.',
  'QUICKLIST-PACKED-THRESHOLD <size>',
  '    Sets the threshold for elements to be inserted as plain vs packed nodes',
  '    Default value is 1GB, allows values up to 4GB. Setting to 0 restores to default.',
  'SET-SKIP-CHECKSUM-VALIDATION <0|1>',
  "    Enables or disables checksum checks for RDB files and RESTORE's payload.",
  'SLEEP <seconds>',
  '    Stop the server for <seconds>. Decimals allowed.',
  'STRINGMATCH-LEN <pattern> <string>',
  '    Tell whether the glob-like <pattern> matches <string>.',
  'STRUCTSIZE',
  '    Return the size of different Redis core C structures.',
  'LISTPACK <key>',
  '    Show low level info about the listpack encoding of <key>.',
  'QUICKLIST <key> [<0|1>]',
  '    Show low level info about the quicklist encoding of <key>.',
  '    The optional argument (0 by default) sets the level of detail',
  'PAUSE-CRON <0|1>',
  '    Stop periodic cron job processing.',
  'CONFIG-REWRITE-FORCE-ALL',
  '    Like CONFIG REWRITE, with every directive, also those at their defaults.',
  'REPLYBUFFER PEAK-RESET-TIME <NEVER||RESET|time>',
  '    Sets the time (in milliseconds) to wait between client reply buffer peak resets.',
  '    In case NEVER is provided the last observed peak will never be reset',
  '    In case RESET is provided the peak reset time will be restored to the default value',
  'REPLYBUFFER RESIZING <0|1>',
  '    Enable or disable the reply buffer resize cron job',
  'HELP',
  '    Print this help.',
].map((line) => new Status(line))

/** DEBUG HELP */
function help(): Reply {
  return HELP
}
