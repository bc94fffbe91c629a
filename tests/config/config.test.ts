import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { ReplyError } from '../../lib/base/reply.ts'
import { splitWords } from '../../lib/base/words.ts'
import { Config, type DirectiveName, directive } from '../../lib/config/config.ts'
import { parseMemory, printMemory, quote } from '../../lib/config/directive.ts'
import { DIRECTIVES } from '../../lib/config/directives.ts'
import { configOf } from '../../lib/config/environment.ts'
import { globMatches } from '../../lib/keyspace/glob.ts'
import { Genuine, genuineVersion } from '../contract/harness/genuine.ts'
import { configurationPage, consoleDirectives } from './configuration-page.ts'

const matches = (pattern: string, name: string) => globMatches(pattern, name, true)

/** Names that Redis 7.2 to 8.10 know and 7.0 does not. */
const LATER = [
  'max-new-connections-per-cycle',
  'max-new-tls-connections-per-cycle',
  'set-max-listpack-entries',
  'set-max-listpack-value',
  'locale-collate',
  'server-cpulist',
  'bio-cpulist',
  'aof-rewrite-cpulist',
  'bgsave-cpulist',
  'cluster-announce-human-nodename',
  'cluster-slot-stats-enabled',
  'hide-user-data-from-log',
  'stream-idmp-duration',
  'stream-idmp-maxsize',
  'slowlog-entry-max-argc',
  'slowlog-entry-max-string-len',
  'preload-file',
  'backupdirname',
  'backup-sealed-ttl',
]
const OURS = [
  'logformat',
  'diagnostics-channel',
  'opentelemetry',
  'store',
  'store-consistency',
  'store-max-staleness',
  'store-name',
  'store-synchronous',
  'store-table-prefix',
  'store-timeout',
  'http-port',
  'rest-token',
  'rest-read-only-token',
  'metrics-token',
  'metrics-open',
  'console',
  'console-signed-in',
  'rest-max-request-size',
  'rest-max-pipeline-length',
  'rest-blocking-timeout',
  'rest-max-streams-per-token',
  'auth-throttle-after',
  'auth-throttle-max-delay',
  'client-memory-guard',
  'unauthenticated-timeout',
  'sse-max-duration',
  'websocket-allowed-origins',
  'websocket-max-payload',
  'websocket-ping-interval',
  'upstream',
  'upstream-max-connections',
  'upstream-timeout',
  'upstream-idle-timeout',
  'upstream-resp-auth',
  'upstream-cluster-reads',
  'upstream-cluster-refresh',
  'upstream-multi-key',
  'json-max-document-size',
  'lua-hard-time-limit',
  'lua-read-only-time-limit',
  'lua-memory-limit',
  'lua-bare-error-replies',
]
/** Set by the harness, or different on purpose: see the table. */
const DIFFERENT = ['bind', 'save', 'dir', 'port', 'unixsocket', 'enable-debug-command', 'proto-max-bulk-len']

describe.skipIf(genuineVersion === undefined)('beside genuine Redis', () => {
  test('every directive is known by the same name and has the same default', async () => {
    const genuine = await Genuine.start()
    const client = await genuine.connect()
    const flat = (await client.send(['CONFIG', 'GET', '*'])) as string[]
    client.close()
    await genuine.stop()
    const ours = new Config().get(['*'], matches)
    for (let i = 0; i < flat.length; i += 2) {
      if (!DIFFERENT.includes(flat[i])) expect([flat[i], ours.get(flat[i])]).toEqual([flat[i], flat[i + 1]])
      ours.delete(flat[i])
    }
    expect([...ours.keys()].sort()).toEqual([...LATER, ...OURS].sort())
  })

  const attempts: readonly (readonly string[])[] = [
    ['appendfsync', 'foo'],
    ['appendonly', 'foo'],
    ['maxclients', '0'],
    ['maxclients', 'abc'],
    ['maxmemory', '1x'],
    ['maxmemory', '-1'],
    ['maxmemory', '5kB'],
    ['maxmemory', '10g'],
    ['maxmemory-clients', '1x'],
    ['maxmemory-clients', '101%'],
    ['maxmemory-clients', '5%'],
    ['unixsocketperm', '888'],
    ['port', '70000'],
    ['nosuch', '1'],
    ['nosuch', '1', 'databases', '3'],
    ['databases', '3'],
    ['DataBases', '3'],
    ['dir', '/tmp'],
    ['save', 'foo'],
    ['save', '900 1 x'],
    ['save', '900 1 300 10'],
    ['save', '900  1'],
    ['client-output-buffer-limit', 'normal'],
    ['client-output-buffer-limit', 'foo 1 2 3'],
    ['client-output-buffer-limit', 'constructor 1 2 3'],
    ['client-output-buffer-limit', 'normal a 2 3'],
    ['client-output-buffer-limit', 'normal 1mb 2k 3 slave 5 5 5'],
    ['client-output-buffer-limit', ''],
    ['notify-keyspace-events', 'foo'],
    ['notify-keyspace-events', 'Kgm$lszxetdnE'],
    ['notify-keyspace-events', 'AnKE'],
    ['hz', '1'],
    ['hz', '1000'],
    ['shutdown-on-sigterm', 'foo'],
    ['shutdown-on-sigterm', ''],
    ['shutdown-on-sigterm', 'nosave now'],
    ['shutdown-on-sigterm', 'save nosave'],
    ['latency-tracking-info-percentiles', '50 101'],
    ['latency-tracking-info-percentiles', '50 abc'],
    ['latency-tracking-info-percentiles', '50 99.99'],
    ['latency-tracking-info-percentiles', ''],
    ['oom-score-adj-values', '1 2'],
    ['oom-score-adj-values', '1 2 x'],
    ['oom-score-adj-values', '1 2 5000'],
    ['timeout', '9223372036854775808'],
    ['timeout', '1.5'],
    ['timeout', '-1'],
    ['tcp-keepalive', ''],
    ['slowlog-log-slower-than', '-2'],
    ['acllog-max-len', '-1'],
    ['maxclients', '1', 'maxclients', '2'],
    ['MAXMEMORY', '5', 'maxmemory', '6'],
    ['hash-max-ziplist-entries', '5', 'hash-max-listpack-entries', '6'],
    ['list-max-listpack-size', '3000000000'],
    ['proto-max-bulk-len', '5'],
    ['maxmemory', '3', 'hz', 'x'],
    ['hz', 'x', 'maxmemory', '3'],
    ['replicaof', 'a b'],
    ['dbfilename', 'a/b'],
    ['proc-title-template', '{x}'],
    ['cluster-announce-hostname', 'foo_bar'],
    ['loglevel', 'Debug'],
    ['lua-time-limit', '7'],
    ['slave-priority', '7'],
  ]

  test('CONFIG SET gives the same answers and leaves the same values', async () => {
    const genuine = await Genuine.start()
    const client = await genuine.connect()
    const config = new Config()
    for (const pairs of attempts) {
      const theirs = (await client.send(['CONFIG', 'SET', ...pairs])) as { text: string }
      const set = await config.set(pair(pairs), true)
      const names = pairs.filter((_, i) => i % 2 === 0)
      const values = (await client.send(['CONFIG', 'GET', ...names])) as string[]
      expect([pairs, set?.text ?? 'OK']).toEqual([pairs, theirs.text])
      const found = [...config.get(names, matches)].filter(([name]) => !DIFFERENT.includes(name))
      const expected = Object.entries(toRecord(values)).filter(([name]) => !DIFFERENT.includes(name))
      expect([pairs, Object.fromEntries(found)]).toEqual([pairs, Object.fromEntries(expected)])
    }
    client.close()
    await genuine.stop()
  })
})

describe('CONFIG GET', () => {
  test('answers a name as it was written, and a pattern with every name it matches, aliases included', () => {
    const config = new Config()
    expect([...config.get(['HZ', 'hz', 'h?'], matches).keys()]).toEqual(['HZ'])
    expect([...config.get(['h[ae]sh-*-entries'], matches).keys()].sort()).toEqual([
      'hash-max-listpack-entries',
      'hash-max-ziplist-entries',
    ])
  })

  test('shows a hidden directive only to who names it', () => {
    const config = new Config()
    expect(config.get(['watchdog-*'], matches).size).toBe(0)
    expect(config.get(['watchdog-period'], matches).get('watchdog-period')).toBe('0')
  })
})

describe('a change', () => {
  test('is heard of once, and only where a value differs', async () => {
    const config = new Config()
    const heard: unknown[] = []
    config.onChange('hz', (value) => heard.push(value))
    config.onChange('timeout', (value) => heard.push(value))
    await config.set(pair(['hz', '10', 'timeout', '5']), true)
    expect(heard).toEqual([5])
  })

  test('that is refused takes back all that came with it, and those who have acted act again', async () => {
    const config = new Config()
    const acted: unknown[] = []
    config.onChange('timeout', (value) => acted.push(value))
    config.onApply('port', () => Promise.resolve('Unable to listen on this port. Check server logs.'))
    const refused = (await config.set(pair(['timeout', '7', 'port', '1']), true)) as ReplyError
    expect(refused.text).toBe(
      "ERR CONFIG SET failed (possibly related to argument 'port') - Unable to listen on this port. Check server logs.",
    )
    expect([config.values.timeout, config.values.port]).toEqual([0, 6379])
    expect(acted).toEqual([7, 0])
  })

  test('of a protected directive is up to enable-protected-configs', async () => {
    const config = new Config({ 'enable-protected-configs': 'local' })
    expect(await config.set(pair(['dbfilename', 'x.rdb']), true)).toBeUndefined()
    expect(await config.set(pair(['dbfilename', 'y.rdb']), false)).toMatchObject({ text: /protected config/ })
  })
})

describe('settings', () => {
  test('are text, numbers, booleans or lists', () => {
    const { values } = new Config({ maxmemory: '100mb', port: 0, appendonly: true, bind: ['127.0.0.1', '-::1'] })
    expect([values.maxmemory, values.port, values.appendonly, values.bind]).toEqual([
      104857600,
      0,
      true,
      ['127.0.0.1', '-::1'],
    ])
  })

  test('that are not known or not valid are refused by name', () => {
    expect(() => new Config({ maxmemroy: '1' } as never)).toThrow(
      "unknown directive 'maxmemroy': did you mean 'maxmemory'?",
    )
    expect(() => new Config({ frobnicate: '1' } as never)).toThrow(/^unknown directive 'frobnicate'$/)
    expect(() => new Config({ port: 'x' })).toThrow("invalid value for 'port'")
  })
})

test('memory is read and written in the units of redis.conf', () => {
  const units = ['1', '1b', '1k', '1kb', '1m', '1mb', '1g', '1gb', '2GB'].map(parseMemory)
  expect(units).toEqual([1, 1, 1000, 1024, 1e6, 2 ** 20, 1e9, 2 ** 30, 2 ** 31])
  expect(['', 'x', '1tb', '-1', '1.5gb', '1 mb', '1constructor'].map(parseMemory)).toEqual(Array(7).fill(undefined))
  expect([0, 5, 1024, 3 * 2 ** 20, 2 ** 31].map(printMemory)).toEqual(['0', '5', '1kb', '3mb', '2gb'])
})

test('a quoted value reads back the same, whatever its bytes', () => {
  const every = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).join('')
  expect(splitWords(`x ${quote(every)}`)).toEqual(['x', every])
})

test('a directive has an effect, or is marked as having none', () => {
  const lib = join(import.meta.dirname, '../../lib')
  const files = readdirSync(lib, { recursive: true, encoding: 'utf8' }).filter(
    (path) => path.endsWith('.ts') && !/^(config.(directive|kinds|environment)|commands.*docs)/.test(path),
  )
  const source = files.map((path) => readFileSync(join(lib, path), 'utf8')).join('\n')
  const unread = (Object.keys(DIRECTIVES) as DirectiveName[]).filter((name) => {
    const read = name.includes('-')
      ? `'${name}'`
      : `\\b(config|values)\\.${name}\\b|\\{[^{}]*\\b${name}\\b[^{}]*\\} = [^\\n]*(config|values)`
    return !directive(name).inert && !new RegExp(read).test(source)
  })
  expect(unread).toEqual([])
})

test('on Vercel the name of the keyspace is that of the kind of deployment, unless it is given', () => {
  expect(configOf({ VERCEL: '1', VERCEL_ENV: 'preview' }).values['store-name']).toBe('preview')
  expect(configOf({ VERCEL: '1', VERCEL_ENV: 'a-b.c' }).values['store-name']).toBe('a_b_c')
  expect(configOf({ VERCEL: '1', VERCEL_ENV: 'preview', ZERODIS_STORE_NAME: 'mine' }).values['store-name']).toBe('mine')
  expect(configOf({ VERCEL: '1' }).values['store-name']).toBe('default')
  expect(configOf({ VERCEL_ENV: 'preview' }).values['store-name']).toBe('default')
})

test('docs/configuration.md and what the console says of directives are what the table says (npx vitest run tests/config/config.test.ts -u writes it)', async () => {
  await expect(configurationPage()).toMatchFileSnapshot('../../docs/configuration.md')
  await expect(consoleDirectives()).toMatchFileSnapshot('../../console/server/directives.ts')
})

function pair(flat: readonly string[]): [string, string][] {
  const pairs: [string, string][] = []
  for (let i = 0; i < flat.length; i += 2) pairs.push([flat[i], flat[i + 1]])
  return pairs
}

function toRecord(flat: readonly string[]): Record<string, string> {
  return Object.fromEntries(pair(flat))
}
