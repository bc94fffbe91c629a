/**
 * A replica that says anything: each case is what it sends, piece by piece, and whether it reads. Several of them come at the same
 * time.
 */
import type { Bytes } from '../../lib/base/bytes.ts'
import { commandBytes } from '../../lib/journal/commandbytes.ts'
import type { Random } from '../differential/random.ts'
import { Hostile } from '../fuzz/hostile.ts'

export interface ReplicaCase {
  readonly pieces: readonly Bytes[]
  /** Bytes that it takes, and then no more. */
  readonly takes: number
  /** Between two pieces. */
  readonly pauseMs: number
  readonly end: 'destroy' | 'end' | 'reset'
}

/** What stands for the id of the master's history. */
export const ID_HERE = 'ID-OF-THE-MASTER-'.padEnd(40, '-')
const INTEGERS = [
  '0',
  '1',
  '-1',
  '2',
  '100',
  '99999',
  '9007199254740993',
  '9223372036854775807',
  '-9223372036854775808',
]
const NONE = ['', 'x', '1e3', ' 1', '9223372036854775808', '1.5', '\0']

export class HostileReplica {
  readonly #random: Random
  readonly #hostile: Hostile

  constructor(random: Random) {
    this.#random = random
    this.#hostile = new Hostile(random)
  }

  case(): ReplicaCase {
    const random = this.#random
    const words = [
      ...random.times(0, 5, () => this.#introduction()),
      ...(random.chance(0.9) ? [this.#request()] : []),
      ...random.times(0, random.pick([0, 5, 50]), () => this.#after()),
    ]
    const text = words.map((argv) => (typeof argv === 'string' ? argv : commandBytes(argv)))
    return {
      pieces: random.chance(0.3) ? [text.join('')] : text,
      takes: random.pick([0, 1000, 100_000, Infinity, Infinity]),
      pauseMs: random.pick([0, 0, 1, 5]),
      end: random.pick(['destroy', 'end', 'reset']),
    }
  }

  #integer(): Bytes {
    return this.#random.pick(this.#random.chance(0.8) ? INTEGERS : NONE)
  }

  #introduction(): readonly Bytes[] {
    const random = this.#random
    return random.weighted<() => readonly Bytes[]>([
      [5, () => ['REPLCONF', 'capa', 'eof', 'capa', 'psync2']],
      [2, () => ['REPLCONF', 'capa', random.bytes(0, 20)]],
      [2, () => ['REPLCONF', 'listening-port', this.#integer()]],
      [2, () => ['REPLCONF', 'ip-address', random.pick(['1.2.3.4', '', random.bytes(0, 300), 'x'.repeat(100_000)])]],
      [1, () => ['REPLCONF', 'rdb-only', this.#integer()]],
      [1, () => ['REPLCONF', 'rdb-filter-only', random.pick(['', 'functions', '"', 'x', 'functions functions'])]],
      [1, () => ['REPLCONF', 'version', random.bytes(0, 10)]],
      [1, () => ['REPLCONF', ...random.times(0, 5, () => random.bytes(0, 10))]],
      [1, () => ['REPLCONF', 'ACK', this.#integer(), 'FACK', this.#integer()]],
    ])()
  }

  #request(): readonly Bytes[] {
    const random = this.#random
    return random.weighted<() => readonly Bytes[]>([
      [8, () => ['PSYNC', '?', '-1']],
      [3, () => ['PSYNC', ID_HERE, this.#integer()]],
      [2, () => ['PSYNC', random.pick(['?', random.bytes(0, 50), 'x'.repeat(100_000)]), this.#integer()]],
      [1, () => ['PSYNC', ID_HERE, this.#integer(), random.pick(['FAILOVER', 'failover', 'x'])]],
      [2, () => ['SYNC']],
    ])()
  }

  #after(): readonly Bytes[] | Bytes {
    const random = this.#random
    return random.weighted<() => readonly Bytes[] | Bytes>([
      [20, () => ['REPLCONF', 'ACK', this.#integer()]],
      [5, () => ['REPLCONF', 'ACK', this.#integer(), 'FACK', this.#integer()]],
      [2, () => ['REPLCONF', 'GETACK', '*']],
      [1, () => this.#introduction()],
      [1, () => this.#request()],
      [0.3, () => ['MULTI']],
      [0.3, () => ['CLIENT', 'REPLY', random.pick(['OFF', 'SKIP', 'ON'])]],
      [0.3, () => [random.pick(['SUBSCRIBE', 'PSUBSCRIBE']), '*']],
      [0.3, () => [random.pick(['MONITOR', 'RESET', 'QUIT'])]],
      [0.5, () => this.#hostile.command()],
      [1, () => '\n'],
      [0.2, () => random.pick(['*2147483647\r\n', '$5\r\n', random.bytes(1, 50), '*1\r\n$99999999999\r\n'])],
    ])()
  }
}
