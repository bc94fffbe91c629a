/**
 * Scripts made at random: values of every kind that Lua has on their way to a reply, replies of commands on their way into
 * Lua, errors wherever they may come from, by EVAL and by functions.
 */
import type { Bytes } from '../../../lib/base/bytes.ts'
import type { Generator } from '../generator.ts'
import type { Random } from '../random.ts'

const KEYS: readonly Bytes[] = ['str', 'num', 'list', 'hash', 'set', 'zset']
const NUMBERS = [
  '0',
  '1',
  '-1',
  '3.99',
  '-3.99',
  '2^31',
  '2^53',
  '2^53+1',
  '-2^53',
  '1e15',
  '1e17',
  '2^63',
  '1e300',
  '1/0',
  '0.1',
]

/** A library whose function runs the text that it is given. */
const LIBRARY =
  "#!lua name=fuzz\nredis.register_function('run', function(keys, args) return loadstring(args[1], '=text')(keys, args) end)\n" +
  "redis.register_function{function_name='run_ro', callback=function(keys, args) return loadstring(args[1], '=text')(keys, args) end, flags={'no-writes'}}"

/** A Lua literal of any bytes. */
function quoted(bytes: Bytes): string {
  return `'${bytes.replace(/[^a-zA-Z0-9 ]/g, (c) => `\\${`${c.charCodeAt(0)}`.padStart(3, '0')}`)}'`
}

const text = (r: Random): string =>
  quoted(r.chance(0.7) ? r.pick(['', 'a', 'OK', '5', '1.5', 'ERR x', 'two words']) : r.bytes(0, 12))
const code = (r: Random): string =>
  quoted(r.pick(['ERR message', 'CODE message', 'BARE', '-DASH message', '', 'a b c\r\n', ' x']))

/** An expression whose value can be a reply. */
function value(r: Random, depth = 0): string {
  const leaf = r.weighted<() => string>([
    [5, () => r.pick(NUMBERS)],
    [5, () => text(r)],
    [2, () => r.pick(['true', 'false'])],
    [1, () => 'nil'],
    [0.5, () => r.pick(['print_is_gone', 'tostring', 'KEYS', 'ARGV', 'KEYS[1]', 'ARGV[2]', '#KEYS'])],
    [1, () => `redis.error_reply(${code(r)})`],
    [1, () => `redis.status_reply(${code(r)})`],
    [1, () => `{ok=${code(r)}}`],
    [1, () => `{err=${code(r)}}`],
    [0.5, () => `{double=${r.integer(-9, 9)}.5}`],
    [0.5, () => `{big_number=${quoted(`${r.integer(0, 999)}`)}}`],
    [0.5, () => `{verbatim_string={format='txt',string=${text(r)}}}`],
    [3, () => reading(r)],
  ])
  if (depth > 3 || r.chance(0.5)) return leaf()
  const inner = (): string => value(r, depth + 1)
  return r.weighted<() => string>([
    [6, () => `{${r.times(0, 5, inner).join(', ')}}`],
    [1, () => `{${r.times(0, 3, () => `[${r.integer(0, 5)}]=${inner()}`).join(', ')}}`],
    [1, () => `{map={${r.times(0, 3, () => `[${r.chance(0.5) ? r.integer(1, 9) : text(r)}]=${inner()}`).join(', ')}}}`],
    [1, () => `{set={${r.times(0, 3, () => `[${text(r)}]=true`).join(', ')}}}`],
    [0.5, () => `{x=1, ${inner()}}`],
  ])()
}

/** A call of a command, as a Lua expression. */
function call(r: Random, how = r.pick(['call', 'call', 'pcall'])): string {
  // Mostly of the type that the command is for.
  const keyOf = (...own: Bytes[]): string => quoted(r.pick(own.length === 0 || r.chance(0.1) ? KEYS : own))
  const args = r.weighted<() => string[]>([
    [3, () => ["'GET'", keyOf('str', 'num')]],
    [2, () => ["'SET'", keyOf('str', 'num'), r.chance(0.5) ? text(r) : r.pick(NUMBERS)]],
    [2, () => ["'INCRBY'", keyOf('num'), r.pick(['1', "'x'", '2.5', '-7'])]],
    [2, () => ["'RPUSH'", keyOf('list'), ...r.times(1, 3, () => (r.chance(0.5) ? text(r) : r.pick(NUMBERS)))]],
    [2, () => ["'LRANGE'", keyOf('list'), '0', '-1']],
    [2, () => ["'HSET'", keyOf('hash'), text(r), text(r)]],
    [2, () => ["'HGETALL'", keyOf('hash')]],
    [1, () => ["'HMGET'", keyOf('hash'), text(r), text(r)]],
    [2, () => ["'SADD'", keyOf('set'), `${r.integer(0, 9)}`]],
    [1, () => ["'SISMEMBER'", keyOf('set'), `${r.integer(0, 9)}`]],
    [2, () => ["'ZADD'", keyOf('zset'), `${r.integer(0, 9)}`, text(r)]],
    [2, () => ["'ZRANGE'", keyOf('zset'), '0', '-1', ...r.times(0, 1, () => "'WITHSCORES'")]],
    [1, () => ["'DEL'", keyOf()]],
    [1, () => ["'TYPE'", keyOf()]],
    [1, () => ["'EXPIREAT'", keyOf(), '4000000000']],
    [1, () => ["'LPOP'", keyOf('list'), r.pick(['0', '1', '5', '-1'])]],
    // What no script may run. Commands that wait may since 7.2, which the contract's cases look at.
    [0.5, () => ["'WATCH'", keyOf('list')]],
    [0.5, () => ["'PING'"]],
    [0.3, () => [r.pick(["'GET'", "'NOSUCH'", "'MULTI'", "'CONFIG'", '{}', 'true', ''])].filter((word) => word !== '')],
    [0.3, () => ["'SELECT'", `${r.integer(0, 1)}`]],
  ])()
  return `redis.${how}(${args.join(', ')})`
}

/** An expression over what a command answers. */
function reading(r: Random): string {
  const command = call(r)
  return r.weighted([
    [6, command],
    [1, `type(${command})`],
    [1, `tostring(${command} == false)`],
    [1, `(select('#', ${command}))`],
    [1, `(function() local ok, e = pcall(function() return ${call(r, 'call')} end) return {tostring(ok), e} end)()`],
    [0.5, `(function() local a = ${command} return type(a) == 'table' and (a.err or a.ok or #a) or a end)()`],
  ])
}

const statement = (r: Random): string =>
  r.weighted<() => string>([
    [5, () => call(r)],
    [1, () => `redis.setresp(${r.pick(['2', '3', '3', '4', ''])})`],
    [1, () => `local x = ${value(r)}`],
    [0.5, () => `if ${call(r)} then ${call(r)} else ${call(r)} end`],
    [0.5, () => `for i = 1, ${r.integer(0, 3)} do redis.call('INCR', 'num') end`],
    [0.2, () => `error(${r.pick(["'boo'", "{err='CODE boo'}", "'boo', 0", 'nil', '5'])})`],
    [
      0.2,
      () =>
        r.pick([
          'x = 1',
          'return y',
          'redis.call = 1',
          'local a = nil + 1',
          'local a = {} a.b.c = 1',
          "local s = ('x'):nope()",
        ]),
    ],
  ])()

function body(r: Random): string {
  const statements = r.times(0, 3, () => statement(r)).join('\n')
  return `${statements}\nreturn ${value(r)}`.trim()
}

const given = (r: Random): Bytes[] => {
  const keys = r.times(0, 2, () => r.pick(KEYS))
  return [`${keys.length}`, ...keys, ...r.times(0, 2, () => r.bytes(0, 5))]
}

export const generator: Generator = {
  name: 'script',
  keys: KEYS,
  share: 0.25,
  setup: [['FUNCTION', 'LOAD', 'REPLACE', LIBRARY]],
  next(r) {
    return r.weighted<() => Bytes[]>([
      [20, () => ['EVAL', body(r), ...given(r)]],
      [3, () => ['EVAL_RO', body(r), ...given(r)]],
      [
        2,
        () => [
          'EVAL',
          `#!lua${r.pick(['', ' flags=no-writes', ' flags=allow-oom', ' flags=x', ' name=x'])}\n${body(r)}`,
          ...given(r),
        ],
      ],
      [4, () => ['FCALL', r.pick(['run', 'RUN', 'run_ro']), '0', body(r)]],
      [1, () => ['FCALL_RO', r.pick(['run', 'run_ro', 'nosuch']), '0', body(r)]],
      [1, () => ['EVAL', 'return 1', r.pick(['-1', '5', 'x', '0'])]],
      [1, () => ['EVAL', r.bytes(0, 20), '0']],
      [0.5, () => ['FLUSHDB']],
    ])()
  },
}
