/**
 * What `zerodis commands` prints and the page of commands is made of: each command of Redis 8 with what is here of it. Names
 * and versions are data (redis8.ts); whether a command is here is read off the command table; what is said of it beyond that
 * stands below. Loaded for this alone.
 */
import { REDIS_VERSION, ZERODIS_VERSION } from '../base/version.ts'
import { createCommandTable } from '../commands/index.ts'
import { REDIS_8 } from './redis8.ts'

export interface ListedCommand {
  /** As it is typed, in upper case; of a subcommand both words. */
  readonly name: string
  readonly group: string
  /** Redis's version that brought it; that of zerodis for its own. */
  readonly since: string
  readonly state: 'exact' | 'differs' | 'not here' | 'ours'
  /** How it differs, why it is not here, what it does. Absent for what is exact. */
  readonly note?: string
}

/** One remark on several commands, by their names with commas between. */
export type Remark = readonly [names: string, remark: string]

const BY_TIME =
  'A script past `lua-hard-time-limit` is ended with an error, whatever it has written; others are never told BUSY.'
const NO_KILL = 'Finds no script: nobody is served while one runs, and `lua-hard-time-limit` ends it.'
const NO_MODULE = 'Fails as on a file that is no module: native code cannot be loaded.'
const INERT =
  'Directives of parts that are not here are kept and shown, without effect. The page of directives marks them.'
const BY_DOCUMENTS =
  'By the documentation, which does not tell the text of every error; no genuine server that has it was compared with.'
const JSON_CHANGES =
  'JSON.ARRAPPEND, JSON.ARRINSERT, JSON.ARRPOP, JSON.ARRTRIM, JSON.CLEAR, JSON.DEL, JSON.FORGET, JSON.MERGE, JSON.MSET, ' +
  'JSON.NUMINCRBY, JSON.NUMMULTBY, JSON.NUMPOWBY, JSON.SET, JSON.STRAPPEND, JSON.TOGGLE'
const JSON_READS =
  'JSON.ARRINDEX, JSON.ARRLEN, JSON.GET, JSON.MGET, JSON.OBJKEYS, JSON.OBJLEN, JSON.RESP, JSON.STRLEN, JSON.TYPE'
const JSON_ERRORS =
  'By the documentation and the tests of RedisJSON, errors as of Redis 7.4; no genuine server that has it was compared with.'
const FILES_ONLY =
  'Snapshots and the append-only file have them, in a form of Redis 8.6; replicas, which may be older, do not hear of them.'
const ADVICE = "Redis's conditions; the advice is for a process of V8."
const FIGURES = 'What those of memory and processes mean here: docs/guides/figures.md.'

/** What a command does otherwise than in Redis. */
export const DIFFERS: readonly Remark[] = [
  [
    'ARGREP',
    'Expressions by an engine of our own, in which what few people use may differ. A search that visits too much is refused.',
  ],
  ['BLMOVEM, INCREX, LMOVEM, SDIFFCARD, SUNIONCARD', BY_DOCUMENTS],
  ['ARINFO', 'A slice is found by a hash table: as many entries in the directory as slices, and no other above it.'],
  [
    'BACKUP START',
    'Does not take the files of the append-only log, but makes files of its own, and is nothing to that log.',
  ],
  [
    'BGSAVE',
    'There is no child process: it is written in slices beside commands, and what is about to change is written first.',
  ],
  ['CLIENT LIST', 'With WITHKEYS a last field `keys` has what a client waits for, at most 1 KB of it, bytes as %XX.'],
  ['COMMAND DOCS', 'Texts of Redis 7.0 to 7.4, and of 8 for what came with it.'],
  ['CONFIG GET, CONFIG SET', INERT],
  ['DEBUG', 'What test suites of Redis and its clients ask for. Nothing crashes the process on purpose.'],
  [
    'DUMP, RESTORE',
    'An array has the form of Redis 8.8, and a document that of RedisJSON; no genuine server that has them was asked.',
  ],
  ['CLUSTER COUNT-FAILURE-REPORTS', 'Nobody reports: a node of this process that is gone is gone for all.'],
  ['CLUSTER FAILOVER', 'There are no elections: a replica takes over when it is told to.'],
  ['CLUSTER LINKS', 'Nodes of one process need none: empty.'],
  ['CLUSTER MEET', 'Nodes of one process get to know each other; those of others are waited for in vain.'],
  ['CLUSTER MIGRATION', 'Refused: slots move by CLUSTER SETSLOT and MIGRATE.'],
  ['CLUSTER SAVECONFIG', 'There is no nodes.conf.'],
  ['CLUSTER SLOT-STATS', 'No memory; of a transaction the time and the replies, not what its commands have sent.'],
  ['EVAL, EVALSHA, EVALSHA_RO, EVAL_RO, FCALL, FCALL_RO', BY_TIME],
  ['FUNCTION KILL, SCRIPT KILL', NO_KILL],
  [
    'HOTKEYS GET, HOTKEYS START',
    'Counts keys exactly as long as there is room for them. Time of the process is that of all its threads.',
  ],
  ['HRANDFIELD, SRANDMEMBER, ZRANDMEMBER', 'A count below -16,777,216 is refused before anything is drawn.'],
  [
    'INFO',
    `Fields of Redis 7.4, and those of 8 but for the section \`keysizes\`, which would cost each change of a key. ${FIGURES}`,
  ],
  ['MEMORY STATS', `Fields of Redis 7.4, and some of 8. ${FIGURES}`],
  [JSON_CHANGES, JSON_ERRORS],
  [JSON_READS, JSON_ERRORS],
  ['JSON.DEBUG MEMORY', 'What the account of `maxmemory` counts.'],
  ['LATENCY DOCTOR, MEMORY DOCTOR', ADVICE],
  ['LOLWUT', 'Other pictures.'],
  ['MEMORY MALLOC-STATS, MEMORY PURGE', 'As in a Redis without jemalloc: there is nothing to tell or to purge.'],
  ['MEMORY USAGE', 'What the account of `maxmemory` counts. Every value knows its weight, so SAMPLES changes nothing.'],
  ['MIGRATE', 'A connection serves one command; Redis keeps it for ten seconds.'],
  ['MODULE LOAD, MODULE LOADEX, MODULE UNLOAD', NO_MODULE],
  ['SCRIPT DEBUG', 'Shows what the script passes to redis.debug, and does not stop it.'],
  ['SHUTDOWN', 'The last save is one step, so ABORT finds nothing to break off once it has begun.'],
  ['XADD', 'IDMPAUTO tells entries apart by another sum of 16 bytes than Redis, which nobody sees.'],
  ['XCFGSET, XIDMPRECORD', FILES_ONLY],
  [
    'XINFO STREAM',
    'Fields of Redis 7.4; those of producers (8.6) and of what was given back (8.8) where there are any.',
  ],
  [
    'XREADGROUP',
    'CLAIM looks at all that is pending in the group, and who waits for it looks again from time to time.',
  ],
]

/** Why a command is not here; of a container with all that is in it, of `X.` with all that begins so. */
export const ABSENT: readonly Remark[] = [
  ['BF., CF., CMS., TDIGEST., TOPK.', 'Probabilistic types were a module before Redis 8.'],
  ['CLUSTER SYNCSLOTS, TRIMSLOTS', 'Of use between the nodes of a cluster only.'],
  ['FT.', 'Search was a module before Redis 8.'],
  ['TS.', 'Time series were a module before Redis 8.'],
  ['V*', 'Vector sets were a module before Redis 8.'],
]

/** That of zerodis which brought them all. */
const FIRST_VERSION = '0.1.0'

/** Commands that Redis does not have. */
export const OURS: readonly Remark[] = [
  ['ACL GENTOKEN', 'Makes a token for a user, for REST and WebSocket.'],
  ['ACL RESTTOKEN', 'The token with which a user comes in over REST and WebSocket.'],
  ['DELETE', 'DEL, under the name that some clients send.'],
  ['FLUSH', 'FLUSHDB, under the name that some clients send.'],
  ['SCRIPT SHOW', 'The text of a script by its SHA-1, as in Valkey 8; with `*` each script with its SHA-1.'],
  ['TAKE', 'GETDEL, under the name that some clients send.'],
]

/** Every command, in the order of groups and names. */
export function listCommands(): readonly ListedCommand[] {
  const here = new Set(createCommandTable().all.map(({ fullName }) => fullName.toUpperCase().replace('|', ' ')))
  const listed = Object.entries(REDIS_8).flatMap(([group, versions]) =>
    Object.entries(versions)
      .flatMap(([since, names]) => split(names).map((name) => entry(name, group, since, here)))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
  )
  const ours = OURS.map(([name, note]): ListedCommand => {
    return { name, group: 'zerodis', since: FIRST_VERSION, state: 'ours', note }
  })
  return [...listed, ...ours]
}

function entry(name: string, group: string, since: string, here: ReadonlySet<string>): ListedCommand {
  if (!here.has(name)) return { name, group, since, state: 'not here', note: remarkOn(name, ABSENT) }
  const note = DIFFERS.find(([names]) => split(names).includes(name))?.[1]
  return note === undefined ? { name, group, since, state: 'exact' } : { name, group, since, state: 'differs', note }
}

/** The remark on a command, on the container it is in or on the letters it begins with. */
export function remarkOn(name: string, remarks: readonly Remark[]): string | undefined {
  return remarks.find(([names]) => split(names).some((pattern) => covers(pattern, name)))?.[1]
}

function covers(pattern: string, name: string): boolean {
  if (pattern.endsWith('*')) return name.startsWith(pattern.slice(0, -1))
  return name === pattern || name.startsWith(pattern.endsWith('.') ? pattern : `${pattern} `)
}

function split(names: string): readonly string[] {
  return names.split(', ')
}

/** What `zerodis commands` prints; with `json` for programs. */
export function commandsText(json: boolean): string {
  const commands = listCommands()
  if (json) return `${JSON.stringify({ redis: REDIS_VERSION, zerodis: ZERODIS_VERSION, commands }, null, 2)}\n`
  const width = Math.max(...commands.map(({ name }) => name.length)) + 2
  const lines = commands.map(({ name, since, state, note = '' }) =>
    `${name.padEnd(width)}${since.padEnd(8)}${state.padEnd(10)}${note}`.trimEnd(),
  )
  return `${lines.join('\n')}\n`
}
