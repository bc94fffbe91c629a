/**
 * Commands on keys of any type: strings and sets under few names in two databases, with expiries far away, so that only
 * what the commands do decides; conditions and bad arguments in every place.
 */
import type { Bytes } from '../../../lib/base/bytes.ts'
import type { Generator } from '../generator.ts'
import type { Random } from '../random.ts'

const KEYS: readonly Bytes[] = ['k1', 'k2', 'k3', 'k4', 'key:\xff', '']
const PATTERNS = ['*', 'k*', 'k?', 'k[1-3]', 'k[^1]', '*[34]', '\\k1', 'key:\xff', '**', '', 'k[2', '[', 'K*']
const INTEGERS = [
  '0',
  '1',
  '-1',
  '15',
  '16',
  'x',
  '',
  '1.5',
  '9223372036854775807',
  '9223372036854775808',
  '99999999999',
]

const key = (r: Random): Bytes => r.pick(KEYS)
const options = (r: Random, words: readonly string[]): string[] =>
  r.chance(0.5) ? [] : r.times(1, 2, () => r.pick(words))

/** Nothing that would end while a test runs. */
function seconds(r: Random): string {
  return r.chance(0.2) ? r.pick(INTEGERS.filter((text) => !/^[1-9]\d?$/.test(text))) : `${r.integer(-2, 5) * 10_000}`
}

function unixSeconds(r: Random): string {
  return r.chance(0.2) ? r.pick(INTEGERS) : `${4_102_444_800 + r.integer(-2, 2)}`
}

const CONDITIONS = ['NX', 'XX', 'GT', 'LT', 'nx', 'foo']
/** Of a relative time GT and LT decide by the millisecond in which a command happens to run. */
const RELATIVE_CONDITIONS = ['NX', 'XX', 'nx', 'foo']

export const generator: Generator = {
  name: 'generic',
  keys: KEYS,
  next(r) {
    const k = key(r)
    return r.weighted<() => string[]>([
      [8, () => ['SET', k, r.pick(['v', '77777', '12345', 'x'.repeat(50)]), ...(r.chance(0.3) ? ['EX', '20000'] : [])]],
      [4, () => ['SADD', k, r.pick(['1', '2'])]],
      [2, () => ['APPEND', k, 'x']],
      [2, () => ['GET', k]],
      [3, () => [r.pick(['DEL', 'UNLINK', 'EXISTS', 'TOUCH']), ...r.times(0, 3, () => key(r))]],
      [2, () => ['TYPE', k]],
      [2, () => ['OBJECT', r.pick(['ENCODING', 'FREQ', 'nothing', 'help']), k]],
      [6, () => [r.pick(['EXPIRE', 'expire']), k, seconds(r), ...options(r, RELATIVE_CONDITIONS)]],
      [3, () => ['PEXPIRE', k, `${r.integer(-1, 5) * 10_000_000}`, ...options(r, RELATIVE_CONDITIONS)]],
      [4, () => ['EXPIREAT', k, unixSeconds(r), ...options(r, CONDITIONS)]],
      [2, () => ['PEXPIREAT', k, unixSeconds(r) + '000', ...options(r, CONDITIONS)]],
      [5, () => [r.pick(['TTL', 'PTTL', 'EXPIRETIME', 'PEXPIRETIME']), k]],
      [2, () => ['PERSIST', k]],
      [2, () => ['KEYS', r.pick(PATTERNS)]],
      [
        3,
        () => [
          'SCAN',
          r.chance(0.9) ? '0' : r.pick(['x', '1.5', '18446744073709551616']),
          'COUNT',
          '1000',
          ...options(r, ['MATCH', 'k*', 'TYPE', 'set', 'COUNT', '0']),
        ],
      ],
      [5, () => [r.pick(['RENAME', 'RENAMENX']), k, key(r)]],
      [5, () => ['COPY', k, key(r), ...options(r, ['REPLACE', 'DB', '1', '16', 'x'])]],
      [2, () => ['COPY', k, key(r), 'DB', r.pick(INTEGERS), ...options(r, ['REPLACE'])]],
      [3, () => ['MOVE', k, r.chance(0.6) ? r.pick(['0', '1']) : r.pick(INTEGERS)]],
      [1, () => ['SWAPDB', r.pick(['0', '1', 'x', '16']), r.pick(['0', '1', 'x', '-1'])]],
      [1, () => ['SELECT', r.pick(['0', '1'])]],
      [0.3, () => [r.pick(['FLUSHDB', 'FLUSHALL']), ...options(r, ['SYNC', 'ASYNC', 'x'])]],
      [1, () => ['DBSIZE']],
      [2, () => ['WATCH', ...r.times(0, 2, () => key(r))]],
      [2, () => ['MULTI', ...(r.chance(0.05) ? ['x'] : [])]],
      [3, () => [r.pick(['EXEC', 'EXEC', 'DISCARD', 'UNWATCH']), ...(r.chance(0.05) ? ['x'] : [])]],
      [0.3, () => ['NOSUCH', k]],
      [0.5, () => ['WAIT', r.pick(['0', '-1', 'x']), r.pick(['0', '-1', 'x'])]],
    ])()
  },
  // What is queued is compared when it runs; a list of keys in an EXEC has no order of its own.
  normalise(argv, reply) {
    if (argv[0] === 'EXEC' && Array.isArray(reply)) {
      return reply.map((item) =>
        Array.isArray(item)
          ? JSON.stringify(item.flat(2).map(String).sort())
          : typeof item === 'number' && item > 3
            ? 4
            : item,
      )
    }
    return reply
  },
}
