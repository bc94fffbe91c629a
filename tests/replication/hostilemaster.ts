/**
 * A master that says anything: each case is what it answers to a replica's words, byte for byte, cut into pieces. Most of it is
 * right, or nothing behind the first words would be reached.
 */
import type { Bytes } from '../../lib/base/bytes.ts'
import { commandBytes } from '../../lib/journal/commandbytes.ts'
import { generator as hash } from '../differential/generators/hash.ts'
import { generator as list } from '../differential/generators/list.ts'
import { generator as string } from '../differential/generators/string.ts'
import type { Random } from '../differential/random.ts'
import { Hostile } from '../fuzz/hostile.ts'

export interface MasterCase {
  /** Answers to PING, AUTH and REPLCONF, in order; then it answers OK. */
  readonly greetings: readonly Bytes[]
  /** What it says to PSYNC. */
  readonly pieces: readonly Bytes[]
  readonly end: 'destroy' | 'end' | 'stay'
}

const ID = 'a'.repeat(40)
const GREETINGS = [
  '+OK\r\n',
  '-NOAUTH Authentication required.\r\n',
  '-NOPERM no\r\n',
  '-ERR unknown command\r\n',
  '\r\n',
  '+',
  '$-1\r\n',
  'x'.repeat(5000),
  '+OK\r\n+OK\r\n',
]
const OFFSETS = ['0', '1', '-1', '999999999999999', '9223372036854775807', '1e9', '', ' ', '0x10', '007']
const LENGTHS = [
  ...['-1', '0', '1', '9', '4294967296', '999999999999999', '9999999999999999', '1e3', ' 5', ''],
  ...['EOF:', `EOF:${'b'.repeat(39)}`, `EOF:${'b'.repeat(41)}`, `EOF:${'\n'.repeat(40)}`],
]
const ALIEN = [
  ...['*-1\r\n', '*0\r\n', '*2147483647\r\n', '*2147483648\r\n', '*1\r\n$-1\r\n', '*1\r\n$5368709120\r\n'],
  ...['*3\r\n$3\r\nSET\r\n', '$5\r\nhello\r\n', '+CONTINUE\r\n', '-ERR x\r\n', '\r\n', '\n'.repeat(500), '\0\0\0\0'],
  ...[
    'SET inline 1\r\n',
    '"unbalanced\r\n',
    'x'.repeat(70_000),
    '*1\r\n$4\r\nPIN',
    `*100000\r\n${'$0\r\n\r\n'.repeat(5000)}`,
  ],
]
/** What a master has no reason to say. SHUTDOWN and its like are left out: a master is obeyed. */
const ODD = [
  ...['MULTI', 'EXEC', 'DISCARD', 'WATCH k', 'UNWATCH', 'RESET', 'QUIT', 'HELLO 3', 'AUTH x', 'AUTH x y', 'MONITOR'],
  ...['SELECT 99999', 'SELECT 9', 'SELECT -1', 'SWAPDB 0 1', 'REPLCONF GETACK *', 'REPLCONF GETACK', 'REPLCONF ACK 5'],
  ...[
    'REPLCONF ACK -1 FACK x',
    'REPLCONF listening-port 5',
    'REPLCONF capa eof',
    'PSYNC ? -1',
    'SYNC',
    `PSYNC ${ID} 1`,
  ],
  ...['REPLICAOF NO ONE', 'REPLICAOF 127.0.0.1 1', 'FAILOVER', 'FAILOVER ABORT', 'WAIT 1 0', 'WAITAOF 1 1 0', 'ROLE'],
  ...['BLPOP nothing 0', 'BZPOPMIN nothing 0', 'XREAD BLOCK 0 STREAMS s $', 'BLMOVE a b LEFT LEFT 0', 'SUBSCRIBE c'],
  ...[
    'PSUBSCRIBE *',
    'SSUBSCRIBE c',
    'CLIENT REPLY OFF',
    'CLIENT REPLY SKIP',
    'CLIENT TRACKING ON',
    'CLIENT PAUSE 20 ALL',
  ],
  ...[
    'CLIENT PAUSE 20 WRITE',
    'CLIENT UNPAUSE',
    'CLIENT KILL TYPE master',
    'CLIENT NO-EVICT ON',
    'CLIENT LIST',
    'SAVE',
  ],
  ...['BGSAVE', 'BGREWRITEAOF', 'FLUSHALL', 'FLUSHALL ASYNC', 'CONFIG SET appendonly yes', 'CONFIG SET appendonly no'],
  ...[
    'CONFIG SET replica-read-only no',
    'CONFIG SET maxmemory 1',
    'CONFIG SET maxmemory 0',
    'SCRIPT FLUSH',
    'ACL LIST',
  ],
  ...[
    'DEBUG RELOAD',
    'DEBUG SLEEP 0',
    'MIGRATE 127.0.0.1 1 k 0 10',
    'KEYS *',
    'SCAN 0',
    'OBJECT HELP',
    'LATENCY RESET',
  ],
]
const PARTS_MAX = 40

export class HostileMaster {
  readonly #random: Random
  readonly #hostile: Hostile
  readonly #snapshots: readonly Bytes[]

  /** `snapshots` are whole and right. */
  constructor(random: Random, snapshots: readonly Bytes[]) {
    this.#random = random
    this.#hostile = new Hostile(random)
    this.#snapshots = snapshots
  }

  case(): MasterCase {
    const random = this.#random
    const pieces = this.#cut(this.#answer() + this.#synchronisation() + this.#stream())
    return {
      greetings: random.chance(0.15) ? random.times(1, 5, () => random.pick(GREETINGS)) : [],
      pieces,
      end: random.pick(['destroy', 'end', 'stay']),
    }
  }

  #answer(): Bytes {
    const random = this.#random
    return random.weighted<() => Bytes>([
      [14, () => `+FULLRESYNC ${ID} ${random.chance(0.9) ? random.integer(0, 10_000) : random.pick(OFFSETS)}\r\n`],
      [3, () => random.pick(['+CONTINUE\r\n', `+CONTINUE ${ID}\r\n`, '+CONTINUE x\r\n', '+CONTINUE \r\n'])],
      [1, () => `+FULLRESYNC ${random.bytes(0, 60)} ${random.pick(OFFSETS)}\r\n`],
      [1, () => random.pick(ALIEN)],
      [1, () => '\n'.repeat(random.integer(1, 20))],
    ])()
  }

  /** The announcement and the snapshot. */
  #synchronisation(): Bytes {
    const random = this.#random
    if (random.chance(0.1)) return ''
    const whole = random.pick(this.#snapshots)
    const body = random.chance(0.5) ? whole : this.#spoilt(whole)
    const noise = random.chance(0.2) ? '\n'.repeat(random.integer(1, 5)) : ''
    if (random.chance(0.1)) return `${noise}$${random.pick(LENGTHS)}\r\n${body}`
    if (random.chance(0.5)) {
      const off = random.chance(0.15) ? random.integer(-3, 3) : 0
      return `${noise}$${Math.max(body.length + off, 0)}\r\n${body}`
    }
    const mark = random.times(40, 40, () => random.pick(['a', 'b', '0', '\xff', '\n'])).join('')
    return `${noise}$EOF:${mark}\r\n${body}${random.chance(0.85) ? mark : mark.slice(0, random.integer(0, 39))}`
  }

  #spoilt(whole: Bytes): Bytes {
    const random = this.#random
    const at = random.integer(0, whole.length - 1)
    return random.pick<() => Bytes>([
      () => whole.slice(0, at),
      () => whole.slice(0, at) + random.bytes(1, 9) + whole.slice(at),
      () => whole.slice(0, at) + random.bytes(1, 1) + whole.slice(at + 1),
      () => whole.slice(0, at) + whole.slice(at + random.integer(1, 20)),
      () => whole + random.bytes(1, 100),
      () => whole + whole,
      () => random.bytes(0, 200),
    ])()
  }

  #stream(): Bytes {
    const random = this.#random
    const part = (): Bytes =>
      random.weighted<() => Bytes>([
        [12, () => commandBytes(random.pick([hash, list, string]).next(random))],
        [5, () => commandBytes(this.#hostile.command())],
        [4, () => commandBytes(random.pick(ODD).split(' '))],
        [1, () => random.pick(ALIEN)],
        [1, () => random.bytes(1, 40)],
      ])()
    return random.times(0, PARTS_MAX, part).join('')
  }

  #cut(text: Bytes): Bytes[] {
    const random = this.#random
    const pieces: Bytes[] = []
    const most = random.pick([1, 20, 500, 70_000, 70_000, 1_000_000])
    for (let at = 0; at < text.length; ) {
      // Not byte by byte to the end of what is long.
      const length = pieces.length > 300 ? text.length : random.integer(1, most)
      pieces.push(text.slice(at, at + length))
      at += length
    }
    return pieces
  }
}
