import { expect, test } from 'vitest'
import { ManualClock } from '../../lib/base/clock.ts'
import { KEY_BYTES } from '../../lib/keyspace/weight.ts'
import { threadTime } from '../../lib/observability/processtime.ts'
import { createServer, type Server } from '../../lib/server.ts'
import type { Seen } from '../contract/harness/seen.ts'
import { engineClient } from '../contract/harness/subjects.ts'

/** Sections, each with its fields in order. */
function parse(text: string): Map<string, Map<string, string>> {
  const sections = new Map<string, Map<string, string>>()
  for (const part of text.split('\r\n\r\n')) {
    const [title, ...lines] = part.split('\r\n').filter((line) => line !== '')
    sections.set(
      title.slice(2),
      new Map(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)])),
    )
  }
  return sections
}

async function ours(...commands: string[][]): Promise<Map<string, Map<string, string>>> {
  const clock = new ManualClock()
  const client = engineClient(createServer({ clock }))
  for (const command of commands) await client.send(command)
  return parse((await client.send(['INFO', 'everything'])) as string)
}

test('figures count what happened', async () => {
  const info = await ours(
    ['SET', 'a', '1'],
    ['GET', 'a'],
    ['GET', 'b'],
    ['EXPIRE', 'a', '100'],
    ['INCRBY', 'a', 'x'],
    ['WATCH', 'a', 'b'],
  )
  const stats = info.get('Stats')!
  expect(stats.get('total_commands_processed')).toBe('7')
  expect(stats.get('keyspace_hits')).toBe('1')
  expect(stats.get('keyspace_misses')).toBe('1')
  expect(stats.get('total_error_replies')).toBe('1')
  expect(info.get('Clients')!.get('connected_clients')).toBe('1')
  expect(info.get('Clients')!.get('watching_clients')).toBe('1')
  expect(info.get('Clients')!.get('total_watched_keys')).toBe('2')
  expect(info.get('Persistence')!.get('rdb_changes_since_last_save')).toBe('2')
  expect(info.get('Keyspace')!.get('db0')).toBe('keys=1,expires=1,avg_ttl=100000,subexpiry=0')
  expect(info.get('Commandstats')!.get('cmdstat_get')).toMatch(
    /^calls=2,usec=\d+,usec_per_call=[\d.]+,rejected_calls=0,failed_calls=0$/,
  )
  expect(info.get('Errorstats')!.get('errorstat_ERR')).toBe('count=1')
})

test('used memory is what keys, clients and an empty store weigh, and the process holds that and more', async () => {
  const client = engineClient(createServer({ clock: new ManualClock() }))
  await client.send(['SET', 'string', 'x'.repeat(1000)])
  for (let i = 0; i < 1000; i++) await client.send(['RPUSH', 'list', `element:${i}`])
  const memory = parse((await client.send(['INFO', 'memory'])) as string).get('Memory')!
  const figure = (name: string) => Number(memory.get(name))
  const weights = [await client.send(['MEMORY', 'USAGE', 'string']), await client.send(['MEMORY', 'USAGE', 'list'])]
  const entries = 2 * KEY_BYTES
  expect(figure('used_memory_dataset') + entries).toBe((weights[0] as number) + (weights[1] as number))
  const overhead = figure('used_memory_startup') + figure('mem_clients_normal') + entries
  expect(figure('used_memory_overhead')).toBe(overhead)
  expect(figure('used_memory')).toBe(overhead + figure('used_memory_dataset'))
  expect(figure('used_memory_peak')).toBeGreaterThanOrEqual(figure('used_memory'))
  expect(figure('allocator_allocated')).toBeGreaterThan(figure('used_memory'))
  expect(memory.get('used_memory_human')).toMatch(/^\d+\.\d\dK$/)

  const stats = (await client.send(['MEMORY', 'STATS'])) as Seen[]
  const stat = (name: string) => stats[stats.indexOf(name) + 1]
  expect(stat('dataset.bytes')).toBe(figure('used_memory_dataset'))
  expect(stat('total.allocated')).toBe(figure('used_memory'))
  expect(stat('db.0')).toEqual(['overhead.hashtable.main', entries, 'overhead.hashtable.expires', 0])
  await client.send(['FLUSHALL'])
  const after = parse((await client.send(['INFO', 'memory'])) as string).get('Memory')!
  expect(after.get('used_memory_dataset')).toBe('0')
  expect(Number(after.get('used_memory_peak'))).toBeGreaterThanOrEqual(figure('used_memory'))
})

test('per second figures come from the samples of the background work', async () => {
  const clock = new ManualClock()
  const server = createServer({ clock })
  const client = engineClient(server)
  for (let i = 0; i < 50; i++) await client.send(['PING'])
  server.cron()
  const text = (await client.send(['INFO', 'stats'])) as string
  expect(Number(/instantaneous_ops_per_sec:(\d+)/.exec(text)![1])).toBeGreaterThan(0)
})

test('uptime and time follow the clock', async () => {
  const clock = new ManualClock(1_700_000_000_000)
  const client = engineClient(createServer({ clock }))
  clock.advance(90_061_000)
  const server = parse((await client.send(['INFO', 'server'])) as string).get('Server')!
  expect(server.get('uptime_in_seconds')).toBe('90061')
  expect(server.get('uptime_in_days')).toBe('1')
  expect(server.get('server_time_usec')).toBe(`${(1_700_000_000_000 + 90_061_000) * 1000}`)
})

/** A section's figures as numbers. */
async function figuresOf(client: ReturnType<typeof engineClient>, section: string): Promise<(name: string) => number> {
  const [fields] = parse((await client.send(['INFO', section])) as string).values()
  return (name) => Number(fields.get(name))
}

test('an empty store does not look fragmented, and what a store fills is on its account', async () => {
  const client = engineClient(createServer({ clock: new ManualClock() }))
  const empty = await figuresOf(client, 'memory')
  expect(empty('mem_fragmentation_ratio')).toBeGreaterThanOrEqual(1)
  expect(empty('mem_fragmentation_ratio')).toBeLessThan(2)
  expect(empty('used_memory_rss')).toBeGreaterThan(empty('allocator_allocated'))

  const value = 'x'.repeat(32)
  for (let i = 0; i < 20_000; i++) await client.send(['SET', `key:${i}`, `${value}${i}`])
  const full = await figuresOf(client, 'memory')
  expect(full('mem_fragmentation_ratio')).toBeGreaterThanOrEqual(1)
  expect(full('mem_fragmentation_bytes')).toBeGreaterThanOrEqual(0)
  expect(full('mem_fragmentation_bytes')).toBeLessThan(full('used_memory_rss'))
})

test("the allocator's figures are V8's, each part of the next", async () => {
  const figure = await figuresOf(engineClient(createServer()), 'memory')
  expect(figure('allocator_active')).toBeGreaterThanOrEqual(figure('allocator_allocated'))
  expect(figure('allocator_frag_bytes')).toBe(figure('allocator_active') - figure('allocator_allocated'))
  expect(figure('used_memory_rss')).toBeGreaterThan(figure('allocator_resident'))
  expect(figure('rss_overhead_bytes')).toBe(figure('used_memory_rss') - figure('allocator_resident'))
  expect(figure('rss_overhead_ratio')).toBeGreaterThan(1)
})

test('a table that is being left shows until all of it has moved', async () => {
  const client = engineClient(createServer({ clock: new ManualClock() }))
  const stats = async (): Promise<[number, number, number]> => {
    const pairs = (await client.send(['MEMORY', 'STATS'])) as Seen[]
    const stat = (name: string) => pairs[pairs.indexOf(name) + 1] as number
    const leaving = (await figuresOf(client, 'memory'))('mem_overhead_db_hashtable_rehashing')
    expect(leaving).toBe(stat('overhead.db.hashtable.rehashing'))
    return [stat('overhead.db.hashtable.lut'), leaving, stat('db.dict.rehashing.count')]
  }
  expect(await stats()).toEqual([0, 0, 0])
  let i = 0
  while ((await stats())[2] === 0) await client.send(['SET', `key:${i++}`, ''])
  const [slots, leaving] = await stats()
  expect(leaving).toBeGreaterThan(0)
  expect(slots).toBeGreaterThan(leaving)
  for (let more = i >> 1; more > 0; more--) await client.send(['SET', `key:${i++}`, ''])
  expect((await stats()).slice(1)).toEqual([0, 0])
})

/** Has commands run, as one pipeline each, and tells what was counted as freed later. */
async function freedLater(server: Server, ...commands: string[][]): Promise<number> {
  const client = engineClient(server)
  for (const command of commands) await client.send(command)
  return (await figuresOf(client, 'memory'))('lazyfreed_objects')
}

const many = (count: number): string[] => Array.from({ length: count }, (_, i) => `element-${i}`)

test('values of many parts count as freed later where Redis frees them later', async () => {
  const server = createServer({ clock: new ManualClock() })
  const large = ['SADD', 'large', ...many(200)]
  const small = ['SADD', 'small', ...many(64)]
  expect(await freedLater(server, large, ['DEL', 'large'])).toBe(0)
  expect(await freedLater(server, small, ['UNLINK', 'small'])).toBe(0)
  expect(await freedLater(server, large, ['UNLINK', 'large'])).toBe(1)
  expect(await freedLater(server, large, ['SET', 'large', 'x'])).toBe(1)
  expect(await freedLater(server, ['CONFIG', 'SET', 'lazyfree-lazy-user-del', 'yes'], ['DEL', 'large'], large)).toBe(1)
  expect(await freedLater(server, ['DEL', 'large'])).toBe(2)
  expect(await freedLater(server, ['CONFIG', 'SET', 'lazyfree-lazy-server-del', 'yes'], large)).toBe(2)
  expect(await freedLater(server, ['SET', 'large', 'x'])).toBe(3)
  await freedLater(server, ['CONFIG', 'SET', 'lazyfree-lazy-expire', 'yes'], ['DEL', 'large'], large)
  expect(await freedLater(server, ['PEXPIRE', 'large', '-1'])).toBe(4)
  expect(await freedLater(server, ['CONFIG', 'RESETSTAT'])).toBe(0)
})

test('keys of a database that is emptied count as freed later, but for a transaction that does it at once', async () => {
  const server = createServer({ clock: new ManualClock() })
  const keys = ['MSET', 'a', '1', 'b', '2', 'c', '3']
  expect(await freedLater(server, keys, ['FLUSHALL', 'ASYNC'])).toBe(3)
  expect(await freedLater(server, keys, ['FLUSHDB', 'SYNC'])).toBe(6)
  expect(await freedLater(server, keys, ['MULTI'], ['FLUSHDB'], ['EXEC'])).toBe(6)
  expect(await freedLater(server, keys, ['MULTI'], ['FLUSHDB', 'ASYNC'], ['EXEC'])).toBe(9)
})

test('codes of errors are counted in the order of their bytes, and what is none as ERR', async () => {
  const client = engineClient(createServer({ clock: new ManualClock() }))
  const say = (error: string) => client.send(['EVAL', 'return redis.error_reply(ARGV[1])', '0', error])
  await say('ZEBRA at large')
  await say('APE at large')
  await say('a:b#c at large')
  await say(`${'x'.repeat(31)} is too long for a code`)
  const text = (await client.send(['INFO', 'errorstats'])) as string
  const codes = ['APE', 'ERR', 'ZEBRA', 'a_b_c'].map((code) => `errorstat_${code}:count=1`)
  expect(text.trim().split('\r\n')).toEqual(['# Errorstats', ...codes])
})

test('a script that makes up codes without end has them forgotten, and the log told, until RESETSTAT', async () => {
  const lines: string[] = []
  const server = createServer({ clock: new ManualClock(), log: (level, message) => lines.push(`${level} ${message}`) })
  const client = engineClient(server)
  const script = 'for i = 1, 129 do redis.pcall("EVAL") end return redis.error_reply(ARGV[1])'
  for (let i = 1; i <= 130; i++) await client.send(['EVAL', 'return redis.error_reply(ARGV[1])', '0', `E${i} x`])
  await client.send(['EVAL', script, '0', 'E1 x'])
  const errors = async () => ((await client.send(['INFO', 'errorstats'])) as string).trim().split('\r\n').slice(1)
  expect(await errors()).toEqual(['errorstat_ERRORSTATS_DISABLED:count=1'])
  expect(lines.filter((line) => line.startsWith('warning Errorstats stopped adding new errors'))).toHaveLength(1)
  expect(lines.filter((line) => line.startsWith('warning Current errors code list: E1, E10, E100,'))).toHaveLength(1)
  expect((await figuresOf(client, 'memory'))('lazyfreed_objects')).toBe(128)
  await client.send(['CONFIG', 'RESETSTAT'])
  await client.send(['EVAL', 'return redis.error_reply(ARGV[1])', '0', 'E1 x'])
  expect(await errors()).toEqual(['errorstat_E1:count=1'])
})

test('the time of commands counts those inside a script or transaction once', async () => {
  const server = createServer({ 'slowlog-log-slower-than': 0 })
  const client = engineClient(server)
  const spin = 'for i = 1, 20000 do redis.call("GET", "key") end'
  for (let i = 0; i < 3; i++) await client.send(['EVAL', spin, '0'])
  await client.send(['MULTI'])
  await client.send(['EVAL', spin, '0'])
  await client.send(['EXEC'])
  const text = (await client.send(['INFO', 'commandstats'])) as string
  const spent = (name: string) => Number(new RegExp(`cmdstat_${name}:calls=\\d+,usec=(\\d+)`).exec(text)![1])
  const total = (await figuresOf(client, 'stats'))('eventloop_duration_cmd_sum')
  expect(spent('get')).toBeGreaterThan(0)
  expect(total).toBeGreaterThan(spent('exec'))
  expect(total).toBeLessThan(spent('eval') + spent('exec') + spent('get'))
})

test('cycles of the event loop and the time in them grow, and RESETSTAT begins anew', async () => {
  const client = engineClient(createServer())
  const turn = () => new Promise((resolve) => setImmediate(resolve))
  await figuresOf(client, 'stats') // from here on they are counted, where no cron has asked
  for (let i = 0; i < 50; i++) await turn()
  const before = await figuresOf(client, 'stats')
  expect(before('eventloop_cycles')).toBeGreaterThanOrEqual(49)
  expect(before('eventloop_duration_sum')).toBeGreaterThan(0)
  await client.send(['CONFIG', 'RESETSTAT'])
  expect((await figuresOf(client, 'stats'))('eventloop_cycles')).toBeLessThan(before('eventloop_cycles'))
})

test('the share of dead keys follows what cycles meet, and their time is counted', async () => {
  const clock = new ManualClock()
  const server = createServer({ clock })
  const client = engineClient(server)
  for (let i = 0; i < 100; i++) await client.send(['SET', `dead:${i}`, '', 'PX', '1'])
  clock.advance(2)
  server.cron()
  const share = (await figuresOf(client, 'stats'))('expired_stale_perc')
  expect(share).toBeGreaterThan(0)
  expect(share).toBeLessThanOrEqual(5)
  for (let i = 0; i < 100; i++) server.cron()
  expect((await figuresOf(client, 'stats'))('expired_stale_perc')).toBeLessThan(share)
  expect(server.engine.ports.memory.expiryCycle.usedMs).toBeGreaterThan(0)
})

test.runIf(process.platform === 'linux')('the time of this thread is part of that of the process', () => {
  const thread = threadTime()!
  const { user, system } = process.cpuUsage()
  expect(thread.user).toBeGreaterThan(0)
  // The kernel counts a thread in hundredths of a second.
  expect(thread.user + thread.system).toBeLessThanOrEqual(user + system + 20_000)
})

test('what the last snapshot held is told: keys that were loaded, and those whose time was past', async () => {
  const clock = new ManualClock()
  const client = engineClient(createServer({ clock, 'enable-debug-command': 'yes' }))
  await client.send(['MSET', 'a', '1', 'b', '2', 'c', '3'])
  const told = async (): Promise<[number, number]> => {
    const figure = await figuresOf(client, 'persistence')
    return [figure('rdb_last_load_keys_loaded'), figure('rdb_last_load_keys_expired')]
  }
  expect(await told()).toEqual([0, 0])
  await client.send(['DEBUG', 'RELOAD'])
  expect(await told()).toEqual([3, 0])
  await client.send(['DEBUG', 'SET-ACTIVE-EXPIRE', '0'])
  await client.send(['SET', 'd', '4', 'PX', '10'])
  clock.advance(10)
  await client.send(['DEBUG', 'RELOAD'])
  expect(await told()).toEqual([3, 1])
})
