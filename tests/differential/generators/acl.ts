/**
 * ACL rules, valid and broken, and what they come to: after each few rules, ACL DRYRUN of a sample of commands, GETUSER and
 * LIST. How genuine Redis 7.0 words the rules about commands is its own (categories that come near, then whatever differs,
 * in the order of its hash table), so those are not compared by their words but by what they permit.
 */
import type { Bytes } from '../../../lib/base/bytes.ts'
import { createCommandTable } from '../../../lib/commands/index.ts'
import { plain, type Seen } from '../../contract/harness/seen.ts'
import type { Generator } from '../generator.ts'
import type { Random } from '../random.ts'

const USERS = ['alice', 'bob', 'carol']
const KEYS = ['a', 'a1', 'b', 'b:1', 'c?', '[d]', '']
const PATTERNS = ['*', 'a*', 'a', 'b:*', 'c\\?', '?', '[a-c]*', '', 'b', '[', 'a b', 'a*b*']
const HASH = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
const CATEGORIES = ['read', 'write', 'string', 'hash', 'dangerous', 'admin', 'fast', 'slow', 'pubsub', 'keyspace']

/** Commands that came after 7.0, or are Upstash's. */
const NEWER =
  /^(hp?expire(at|time)?|hp?ttl|hpersist|hgetdel|h[gs]etex|msetex|delex|digest|waitaof|xdelex|xackdel|acl.(gen|rest)token|client.(no-touch|setinfo)|script.show|cluster.(myshardid|slot-stats|migration)|ar[a-z]+|json\..+|himport(.[a-z]+)?|hotkeys(.[a-z]+)?|backup(.[a-z]+)?|xcfgset|xnack|xidmprecord|increx|b?lmovem|sdiffcard|sunioncard)$/

/** What genuine Redis 7.0 knows as well. */
const NAMES = createCommandTable()
  .all.filter(({ aliasOf, fullName }) => aliasOf === undefined && !NEWER.test(fullName))
  .map(({ fullName }) => fullName)

/** One of each kind of key spec and of channels, and subcommands. */
const SAMPLE: readonly ((r: Random) => Bytes[])[] = [
  (r) => ['GET', key(r)],
  (r) => ['SET', key(r), 'v', ...r.pick([[], ['GET'], ['EX', '5', 'GET']])],
  (r) => ['MGET', key(r), key(r)],
  (r) => ['MSET', key(r), 'v', key(r), 'v'],
  (r) => ['DEL', key(r), key(r)],
  (r) => ['COPY', key(r), key(r)],
  (r) => ['RENAME', key(r), key(r)],
  (r) => ['LMOVE', key(r), key(r), 'LEFT', 'LEFT'],
  (r) => ['BITFIELD', key(r), ...r.pick([['GET', 'u4', '0'], ['SET', 'u4', '0', '1'], []])],
  (r) => ['SORT', key(r), ...r.pick([[], ['STORE', key(r)], ['BY', 'x', 'STORE', key(r)]])],
  // Counts that do not fit are in the contract: 7.0 then looks at no key at all.
  (r) => ['ZUNIONSTORE', key(r), r.pick(['1', '2']), key(r), key(r)],
  (r) => ['SINTERCARD', r.pick(['1', '2', '3', '-1']), key(r), key(r)],
  (r) => ['XREAD', ...r.pick([['COUNT', '1'], []]), 'STREAMS', key(r), key(r), '0', '0'],
  (r) => ['XADD', key(r), '*', 'f', 'v'],
  (r) => ['GEORADIUS', key(r), '1', '1', '1', 'M', ...r.pick([[], ['STORE', key(r)], ['STOREDIST', key(r)]])],
  (r) => ['OBJECT', r.pick(['ENCODING', 'FREQ', 'HELP']), ...r.pick([[], [key(r)]])],
  (r) => ['TYPE', key(r)],
  (r) => ['EXISTS', key(r)],
  (r) => ['PUBLISH', key(r), 'm'],
  (r) => ['SUBSCRIBE', key(r), key(r)],
  (r) => ['PSUBSCRIBE', r.pick(PATTERNS)],
  (r) => ['SSUBSCRIBE', key(r)],
  (r) => ['UNSUBSCRIBE', key(r)],
  (r) => ['CONFIG', r.pick(['GET', 'SET', 'RESETSTAT', 'NOSUCH']), 'a', 'b'],
  (r) => ['CLIENT', r.pick(['ID', 'KILL', 'LIST'])],
  (r) => ['SELECT', r.pick(['0', '1'])],
  (r) => ['DEBUG', r.pick(['object', 'SLEEP']), 'a'],
  (r) => ['ACL', r.pick(['WHOAMI', 'LIST'])],
  () => ['PING'],
  () => ['AUTH', 'x'],
  () => ['FLUSHALL'],
  (r) => r.pick(NAMES).split('|'),
]

function key(r: Random): Bytes {
  return r.pick(KEYS)
}

function selectorRule(r: Random): Bytes {
  return r.weighted<() => Bytes>([
    [8, () => `${r.pick(['+', '-'])}${r.pick(NAMES)}`],
    [3, () => `${r.pick(['+', '-'])}@${r.pick(CATEGORIES)}`],
    [2, () => r.pick(['+@all', '-@all', 'allcommands', 'nocommands', 'ALLKEYS', 'resetkeys', '~*'])],
    [2, () => r.pick(['allchannels', 'resetchannels', 'resetkeys', 'resetchannels', '&*'])],
    [3, () => `+${r.pick(['select', 'debug', 'get'])}|${r.pick(['0', '1', 'OBJECT', 'a', 'b', ''])}`],
    [2, () => `${r.pick(['+', '-'])}${r.pick(['select', 'debug', 'get'])}`],
    [8, () => `${r.pick(['~', '~', '%R~', '%W~', '%RW~', '%wr~', '%R', '%RR~', '%x~'])}${r.pick(PATTERNS)}`],
    [4, () => `&${r.pick(PATTERNS)}`],
    [1, () => r.pick(['+', '-', '+@', '-@nosuch', '+nosuch', '+config|nosuch', '-get|a', '+get|a|b', '+config|get|a'])],
    [1, () => r.pick(['+config|', '+get|', '+|', '-|x', 'nosuch', '+@all|x', '@read', '&', '~'])],
  ])()
}

function rule(r: Random): Bytes {
  return r.weighted<() => Bytes>([
    [20, () => selectorRule(r)],
    [4, () => r.pick(['on', 'off', 'ON', 'nopass', 'resetpass', 'clearselectors', 'reset', '', 'sanitize-payload'])],
    [1, () => r.pick(['skip-sanitize-payload', ')', '()', '( )', '(on)', '(>pw)', '("+get)'])],
    [3, () => `${r.pick(['>', '<'])}${r.pick(['pw', 'other', ''])}`],
    [2, () => `${r.pick(['#', '!'])}${r.pick([HASH, HASH.toUpperCase(), HASH.slice(1), ''])}`],
    [3, () => `(${r.times(0, 4, () => selectorRule(r)).join(' ')})`],
  ])()
}

/**
 * Rules that mostly hold, since one that does not spoils all others of its command. An open parenthesis comes once at most:
 * genuine Redis 7.0 forgets the first at the second.
 */
function setuser(r: Random): Bytes[] {
  const rules = r.times(0, 3, () => rule(r))
  if (r.chance(0.1)) rules.push('(', ...r.times(0, 2, () => selectorRule(r)), r.pick([')', '~a)', '']))
  return ['ACL', 'SETUSER', r.pick(USERS), ...(r.chance(0.1) ? ['reset'] : []), ...rules]
}

export const generator: Generator = {
  name: 'acl',
  keys: [],
  next(r) {
    return r.weighted<() => Bytes[]>([
      [10, () => setuser(r)],
      [2, () => ['ACL', 'SETUSER', r.pick(USERS), 'reset', '+@all', ...r.times(1, 3, () => selectorRule(r))]],
      [0.3, () => ['ACL', 'DELUSER', ...r.times(1, 2, () => r.pick(USERS))]],
      [3, () => ['ACL', 'GETUSER', r.pick(USERS)]],
      [1, () => ['ACL', 'LIST']],
      [0.5, () => ['ACL', 'USERS']],
      [25, () => ['ACL', 'DRYRUN', r.pick(USERS), ...r.pick(SAMPLE)(r)]],
    ])()
  },
  normalise(argv, reply) {
    if (argv[1] === 'GETUSER') return withoutWords(plain(reply) as Seen)
    return argv[1] === 'LIST' ? (reply as string[]).map(lineWithoutWords) : reply
  },
}

/** GETUSER's fields without how commands are worded, and without the flag that is always there since 7.2. */
function withoutWords(fields: Seen): Seen {
  if (!Array.isArray(fields)) return fields
  return fields.map((field, i): Seen => {
    if (fields[i - 1] === 'commands') return (field as string).slice(0, 5)
    if (fields[i - 1] === 'flags') return (field as string[]).filter((flag) => flag !== 'sanitize-payload')
    return fields[i - 1] === 'selectors' ? (field as Seen[]).map(withoutWords) : field
  })
}

function lineWithoutWords(line: string): string {
  return line.replace(' sanitize-payload', '').replace(/([+-]@all)( [+-][^ )]+)*/g, '$1')
}
