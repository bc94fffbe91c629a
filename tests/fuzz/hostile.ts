/**
 * Commands of the whole table with hostile arguments: counts at the edges of 64 bits, numbers that are none, empty and long
 * strings, patterns of many stars, keys of the wrong type. Where a value is harmless to ask for but slow by nature (a pause,
 * a sleep), or would end or lock the server, it is left out or made small: what the fuzz finds must be a fault.
 */
import type { Bytes } from '../../lib/base/bytes.ts'
import type { Random } from '../differential/random.ts'
import { SCRIPTS } from './scripts.ts'
import { type Argument, allSyntaxes, type Syntax } from './syntax.ts'

export type Argv = readonly Bytes[]

/** Keys that `SETUP` fills; others are made by the commands themselves. */
const KEYS = [
  'str',
  'num',
  'bits',
  'hll',
  'list',
  'list:small',
  'set',
  'set:int',
  'hash',
  'hash:small',
  'zset',
  'zset:small',
]
const MORE_KEYS = ['stream', 'geo', 'a', 'b', 'c', 'd', '{x}1', '{x}2', '', '__proto__', 'constructor']
const INTEGERS = [
  ...['0', '1', '-1', '2', '10', '-2', '127', '128', '255', '256', '1000', '65536'],
  ...['2147483647', '2147483648', '-2147483648', '-2147483649', '4294967295', '4294967296', '-4294967296'],
  ...['9007199254740991', '9007199254740992', '9007199254740993', '4611686018427387904', '-4611686018427387904'],
  ...['9223372036854775807', '-9223372036854775808', '9223372036854775808', '-9223372036854775809'],
  ...[
    '18446744073709551615',
    '18446744073709551616',
    '99999999999999999999999999',
    '1e3',
    '0x10',
    ' 1',
    '+1',
    '-0',
    '01',
  ],
]
const DOUBLES = [
  ...['0', '-0', '1.5', '-1.5', 'inf', '-inf', '+inf', 'nan', '5e-324', '1.7976931348623157e308', '1e400', '-1e400'],
  ...[
    '0x1p-1080',
    '1e-400',
    '.',
    '1.',
    '.5',
    '1e',
    '(1',
    '(inf',
    '[a',
    '-',
    '+',
    '180',
    '-180',
    '85.06',
    '9007199254740993',
  ],
]
const IDS = [
  '0',
  '0-0',
  '0-1',
  '1-1',
  '5-*',
  '*',
  '$',
  '>',
  '-',
  '+',
  '(1-1',
  '18446744073709551615-18446744073709551615',
  '1-',
]
const PATTERNS = ['*', '?', '[', '[^', '\\', '[a-', '*a*', '**', 'a'.repeat(50), '[z-a]*', 'list:*', '*'.repeat(2000)]
const WORDS = [
  'get',
  'set',
  'GET',
  'zadd',
  'config',
  'config|get',
  '@all',
  'nosuch',
  'AND',
  'BEFORE',
  'LEFT',
  'ASC',
  'BY',
  'nx',
  'COUNT',
]
const USERS = ['u1', 'u2', 'u3']
const RULES = [
  ...[
    'on',
    'off',
    '+@all',
    '-@all',
    '+get',
    '-set',
    '+config|get',
    '~*',
    '~a*',
    '%R~x',
    '&*',
    'allkeys',
    'resetkeys',
    'reset',
  ],
  ...[
    '>password',
    '<password',
    'nopass',
    '(+get ~a*)',
    '(+@all ~*',
    'clearselectors',
    '+@nosuch',
    '#zz',
    `~${'*a'.repeat(500)}`,
  ],
]
const DEBUGS = [
  ...[
    'OBJECT list',
    'OBJECT zset',
    'LISTPACK hash:small',
    'STRINGMATCH-LEN 1000 *a*',
    'DIGEST',
    'DIGEST-VALUE list zset',
    'JMAP',
    'HELP',
  ],
  ...[
    'QUICKLIST-PACKED-THRESHOLD 10',
    'STRINGMATCH-LEN 9223372036854775807 *a*',
    'PROTOCOL attrib',
    'PROTOCOL bignum',
    '__proto__',
  ],
  ...[
    'SLEEP 0',
    'SLEEP nan',
    'SLEEP -1',
    'SET-ACTIVE-EXPIRE 1',
    'HTSTATS 0',
    'HTSTATS-KEY hash full',
    'CHANGE-REPL-ID',
    'ERROR x',
    'RELOAD',
  ],
]
/** What may be set without locking the control clients out. */
const DIRECTIVES = [
  ...['hash-max-listpack-entries', 'hash-max-listpack-value', 'list-max-listpack-size', 'set-max-intset-entries'],
  ...['set-max-listpack-entries', 'zset-max-listpack-entries', 'stream-node-max-bytes', 'stream-node-max-entries'],
  ...['slowlog-log-slower-than', 'slowlog-max-len', 'latency-monitor-threshold', 'notify-keyspace-events', 'nosuch'],
  ...['maxmemory-samples', 'lfu-log-factor', 'lfu-decay-time', 'active-expire-effort', 'tracking-table-max-keys'],
  ...['acllog-max-len', 'hll-sparse-max-bytes', '__proto__', 'list-compress-depth'],
]
/** Ended by them would be the server, its doors, or its control clients. */
const NEVER = new Set([
  'shutdown',
  'client|kill',
  'acl|save',
  'acl|load',
  'config|rewrite',
  'save',
  'bgsave',
  'bgrewriteaof',
])
/** So that there is something to attack most of the time. */
const SELDOM = new Set([
  'flushall',
  'flushdb',
  'flush',
  'swapdb',
  'select',
  'quit',
  'reset',
  'sync',
  'psync',
  'monitor',
  'client|reply',
])
const LONG_BYTES = 300_000

export class Hostile {
  readonly #random: Random
  readonly #syntaxes: readonly Syntax[] = allSyntaxes().filter(
    ({ fullName }) => !NEVER.has(fullName) && fullName !== 'debug' && fullName !== 'client|pause',
  )

  constructor(random: Random) {
    this.#random = random
  }

  /** Any command; now and then with its arguments cut, doubled or put in disorder. */
  command(): Argv {
    const random = this.#random
    const argv = random.weighted<() => Argv>([
      [30, () => this.#ofTable()],
      [2, () => ['DEBUG', ...random.pick(DEBUGS).split(' ')]],
      [1, () => ['CONFIG', 'SET', random.pick(DIRECTIVES), this.#any()]],
      [1, () => ['CLIENT', 'PAUSE', random.pick(['0', '1', '10', '-1', 'x', '9223372036854775807x']), 'WRITE']],
      [2, () => this.#script()],
      [1, () => random.times(1, 6, () => this.#any())],
    ])()
    const spoilt = random.chance(0.15) ? this.#spoil([...argv]) : argv
    return isHarmful(spoilt) ? argv : spoilt
  }

  /** A glob or other pattern. */
  pattern(): Bytes {
    const random = this.#random
    if (random.chance(0.5)) return random.pick(PATTERNS)
    return random.times(1, 40, () => random.pick(['*', '?', 'a', 'b', '[a-c]', '[^a]', '\\*', '*a'])).join('')
  }

  #ofTable(): Argv {
    for (;;) {
      const syntax = this.#random.pick(this.#syntaxes)
      if (SELDOM.has(syntax.fullName) && !this.#random.chance(0.02)) continue
      return [...syntax.words, ...syntax.arguments.flatMap((argument) => this.#argument(argument))]
    }
  }

  #argument(argument: Argument): Bytes[] {
    const random = this.#random
    if (argument.optional && random.chance(0.6)) return []
    const often = random.chance(0.003) ? random.integer(500, 3000) : random.chance(0.3) ? random.integer(2, 5) : 1
    const count = argument.multiple ? often : 1
    const all: Bytes[] = []
    for (let i = 0; i < count; i++) {
      if (argument.token !== undefined && argument.type !== 'pure-token' && (i === 0 || argument.multipleToken)) {
        all.push(argument.token)
      }
      all.push(...this.#value(argument))
    }
    return all
  }

  #value(argument: Argument): Bytes[] {
    const random = this.#random
    if (random.chance(0.03)) return [this.#any()]
    switch (argument.type) {
      case 'oneof':
        return this.#argument({ ...random.pick(argument.parts), optional: false })
      case 'block':
        return argument.parts.flatMap((part) => this.#argument(part))
      case 'pure-token':
        return [argument.token ?? argument.name]
      case 'key':
        return [this.#key()]
      case 'integer':
      case 'unix-time':
        return [this.#integer(argument.name)]
      case 'double':
        return [random.pick(DOUBLES)]
      case 'pattern':
        return [this.pattern()]
      default:
        return [this.#text(argument.name)]
    }
  }

  #key(): Bytes {
    const random = this.#random
    if (random.chance(0.01)) return random.bytes(0, 12)
    if (random.chance(0.002)) return 'k'.repeat(70_000)
    return random.pick(random.chance(0.7) ? KEYS : MORE_KEYS)
  }

  /** Counts of what follows are right more often than not, or nothing behind them would be reached. */
  #integer(name: Bytes): Bytes {
    const random = this.#random
    if (name.startsWith('num')) return random.chance(0.7) ? '1' : random.pick(INTEGERS)
    return random.chance(0.6) ? random.pick(INTEGERS) : String(random.integer(-10, 5000))
  }

  #text(name: Bytes): Bytes {
    const random = this.#random
    if (name === 'username') return random.pick(USERS)
    if (name === 'rule') return random.pick(RULES)
    if (name === 'script' || name === 'function-code') return random.pick(SCRIPTS)
    if (name.includes('timeout') || name === 'milliseconds')
      return random.pick(['0.001', '0.01', '-1', 'nan', '5e-324'])
    if (name.startsWith('id') || name.endsWith('id')) return random.pick(IDS)
    if (name === 'min' || name === 'max' || name === 'start' || name === 'stop' || name === 'score') {
      return random.pick(random.chance(0.5) ? DOUBLES : IDS)
    }
    if (name.includes('command')) return random.pick(WORDS)
    return this.#any()
  }

  #any(): Bytes {
    const random = this.#random
    return random.weighted<() => Bytes>([
      [6, () => random.pick(INTEGERS)],
      [4, () => random.pick(DOUBLES)],
      [4, () => random.pick(WORDS)],
      [4, () => String(random.integer(0, 5000))],
      [3, () => random.pick(IDS)],
      [3, () => this.pattern()],
      [3, () => this.#key()],
      [3, () => random.bytes(0, 30)],
      [0.1, () => random.pick(['a', 'ab*', '\0', '[1,']).repeat(random.integer(1, LONG_BYTES / 3))],
    ])()
  }

  #script(): Argv {
    const random = this.#random
    const numKeys = random.pick(['0', '1', '2', '-1', '9223372036854775807', 'x'])
    return [random.pick(['EVAL', 'EVAL_RO']), random.pick(SCRIPTS), numKeys, this.#key(), this.#key(), this.#any()]
  }

  #spoil(argv: Bytes[]): Argv {
    const random = this.#random
    const at = random.integer(0, argv.length - 1)
    if (at === 0 && argv.length > 1) return [...argv, ...argv.slice(1, 20)]
    return random.pick<() => Argv>([
      () => argv.slice(0, Math.max(1, at)),
      () => [...argv.slice(0, at), this.#any(), ...argv.slice(at)],
      () => [...argv.slice(0, at), this.#any(), ...argv.slice(at + 1)],
      () => [argv[0], ...argv.slice(1).reverse()],
    ])()
  }
}

/** What a spoilt command must not become: a pause or sleep of years, or the end of the server or of other clients. */
function isHarmful([name = '', sub = '', value = '']: Argv): boolean {
  const full = `${name.toLowerCase()}|${sub.toLowerCase()}`
  if (full === 'client|pause' || full === 'debug|sleep') return !(Number(value) < 20)
  return NEVER.has(full) || NEVER.has(name.toLowerCase()) || full === 'debug|segfault' || full === 'debug|panic'
}

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i)

/** Fills one key of each type and encoding. */
export const SETUP: readonly Argv[] = [
  ['SET', 'str', 'abc*'.repeat(20_000)],
  ['SET', 'num', '9223372036854775807'],
  ['SETBIT', 'bits', '100000', '1'],
  ['PFADD', 'hll', ...range(2000).map(String)],
  ['DEL', 'list', 'list:small', 'set', 'set:int', 'hash', 'hash:small', 'zset', 'zset:small', 'stream', 'geo'],
  ['RPUSH', 'list', ...range(5000).map((i) => 'x' + (i % 50))],
  ['RPUSH', 'list:small', 'a', 'b', '3'],
  ['SADD', 'set', ...range(5000).map((i) => 'm' + i)],
  ['SADD', 'set:int', ...range(500).map(String)],
  ['HSET', 'hash', ...range(5000).flatMap((i) => ['f' + i, '' + i])],
  ['HSET', 'hash:small', 'a', '1', 'b', '2.5'],
  ['ZADD', 'zset', ...range(5000).flatMap((i) => ['' + (i % 100), 'm' + i])],
  ['ZADD', 'zset:small', '1', 'a', 'inf', 'b'],
  ...range(300).map((i) => ['XADD', 'stream', `${i + 1}-1`, 'f', 'v' + i]),
  ['XGROUP', 'CREATE', 'stream', 'g', '0'],
  ['XREADGROUP', 'GROUP', 'g', 'c', 'COUNT', '200', 'STREAMS', 'stream', '>'],
  ['GEOADD', 'geo', ...range(1000).flatMap((i) => ['' + ((i * 7) % 180), '' + ((i * 3) % 85), 'p' + i])],
]
