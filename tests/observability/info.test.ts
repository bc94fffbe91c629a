import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ManualClock } from '../../lib/base/clock.ts'
import { createServer } from '../../lib/server.ts'
import { Genuine, genuineVersion, NO_GENUINE } from '../contract/harness/genuine.ts'
import type { Seen } from '../contract/harness/seen.ts'
import { engineClient } from '../contract/harness/subjects.ts'

/** Fields of genuine Redis that we do not print: they speak of what is not here. */
const LEFT_OUT: Record<string, string> = {
  redis_build_id: 'a number of its build',
  atomicvar_api: 'of the C compiler',
  gcc_version: 'of the C compiler',
  rss_overhead_ratio: 'the allocator and the process are one figure here',
  rss_overhead_bytes: 'the allocator and the process are one figure here',
  expired_stale_perc: 'an estimate that its cycle keeps; ours keeps none',
  expire_cycle_cpu_milliseconds: 'not measured apart',
  total_reads_processed: 'system calls are made by libuv, uncounted',
  total_writes_processed: 'system calls are made by libuv, uncounted',
  reply_buffer_shrinks: 'there are no fixed reply buffers',
  reply_buffer_expands: 'there are no fixed reply buffers',
  used_cpu_sys_main_thread: 'V8 collects in threads; only the process is measured',
  used_cpu_user_main_thread: 'V8 collects in threads; only the process is measured',
}

/** Fields of ours that genuine Redis 7.0 does not print. */
const ADDED: Record<string, string> = {
  zerodis_version: 'ours',
  node_version: 'ours',
  pubsub_clients: '7.4',
  watching_clients: '7.4',
  total_watched_keys: '7.4',
  total_blocking_keys: '7.2',
  total_blocking_keys_on_nokey: '7.2',
  expired_subkeys: '7.4',
  evicted_scripts: '7.4',
  client_query_buffer_limit_disconnections: '7.4',
  client_output_buffer_limit_disconnections: '7.4',
  acl_access_denied_auth: '7.2',
  acl_access_denied_cmd: '7.2',
  acl_access_denied_key: '7.2',
  acl_access_denied_channel: '7.2',
}

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

/** Sections whose fields are named by what happened. */
const OPEN = ['Commandstats', 'Errorstats', 'Latencystats', 'Keyspace', 'Modules']

describe.skipIf(genuineVersion === undefined)(`beside genuine Redis (${genuineVersion ?? NO_GENUINE})`, () => {
  let genuine: Genuine
  let theirs: Map<string, Map<string, string>>
  beforeAll(async () => {
    genuine = await Genuine.start()
    const client = await genuine.connect()
    theirs = parse((await client.send(['INFO', 'everything'])) as string)
    client.close()
  })
  afterAll(() => genuine.stop())

  test('the sections are the same, in the same order', async () => {
    expect([...(await ours()).keys()]).toEqual([...theirs.keys()])
  })

  test('the fields are the same, in the same order, but for those listed', async () => {
    const mine = await ours()
    for (const [title, fields] of theirs) {
      if (OPEN.includes(title)) continue
      const expected = [...fields.keys()].filter((name) => LEFT_OUT[name] === undefined)
      const found = [...mine.get(title)!.keys()].filter((name) => ADDED[name] === undefined)
      expect(found, title).toEqual(expected)
    }
  })

  test('what is listed as left out or added is so', async () => {
    const mine = new Set([...(await ours()).values()].flatMap((fields) => [...fields.keys()]))
    const known = new Set([...theirs.values()].flatMap((fields) => [...fields.keys()]))
    for (const name of Object.keys(LEFT_OUT)) expect([name, mine.has(name)]).toEqual([name, false])
    for (const name of Object.keys(ADDED)) expect([name, mine.has(name)]).toEqual([name, true])
    for (const name of Object.keys(LEFT_OUT)) expect([name, known.has(name)]).toEqual([name, true])
  })
})

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
  expect(figure('used_memory_dataset')).toBe((weights[0] as number) + (weights[1] as number))
  const overhead = figure('used_memory_startup') + figure('mem_clients_normal')
  expect(figure('used_memory_overhead')).toBe(overhead)
  expect(figure('used_memory')).toBe(overhead + figure('used_memory_dataset'))
  expect(figure('used_memory_peak')).toBeGreaterThanOrEqual(figure('used_memory'))
  expect(figure('allocator_allocated')).toBeGreaterThan(figure('used_memory'))
  expect(memory.get('used_memory_human')).toMatch(/^\d+\.\d\dK$/)

  const stats = (await client.send(['MEMORY', 'STATS'])) as Seen[]
  const stat = (name: string) => stats[stats.indexOf(name) + 1]
  expect(stat('dataset.bytes')).toBe(figure('used_memory_dataset'))
  expect(stat('total.allocated')).toBe(figure('used_memory'))
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
