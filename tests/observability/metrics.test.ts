/** /metrics: who reads it, what stands in it, and that tools understand it. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import parse from 'parse-prometheus-text-format'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { toNodeHandler, toWebHandler } from '../../lib/node.ts'
import { expose } from '../../lib/observability/metrics.ts'
import { createServer, type Server } from '../../lib/server.ts'
import { RespClient } from '../clients/resp.ts'

interface Parsed {
  readonly name: string
  readonly type: string
  readonly help: string
  readonly metrics: readonly {
    readonly value?: string
    readonly labels?: Readonly<Record<string, string>>
  }[]
}

let server: Server
const ends: (() => void)[] = []

beforeEach(() => {
  server = createServer({ 'rest-token': 't', 'rest-read-only-token': 'r', 'metrics-token': 'm', log: () => {} })
})

afterEach(async () => {
  for (const end of ends.splice(0)) end()
  await server.close()
})

type Ask = (path: string, init?: RequestInit) => Promise<Response>
const bearer = (token: string): RequestInit => ({ headers: { authorization: `Bearer ${token}` } })

async function hostOf(kind: string): Promise<Ask> {
  if (kind === 'web') {
    const handle = toWebHandler(server)
    return (path, init) => handle(new Request(`http://x${path}`, init))
  }
  if (kind === 'node') {
    const http = createHttpServer(toNodeHandler(server))
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
    ends.push(
      () => http.closeAllConnections(),
      () => http.close(),
    )
    return (path, init) => fetch(`http://127.0.0.1:${(http.address() as AddressInfo).port}${path}`, init)
  }
  const { httpPort } = await server.listen({ httpPort: 0, port: false, fallback: (_, page) => page.end('page') })
  return (path, init) => fetch(`http://127.0.0.1:${httpPort}${path}`, init)
}

async function page(): Promise<string> {
  return (await toWebHandler(server)(new Request('http://x/metrics', bearer('m')))).text()
}

async function read(): Promise<ReadonlyMap<string, Parsed>> {
  const families = parse(await page()) as Parsed[]
  const byName = new Map(families.map((family) => [family.name, family]))
  expect(byName.size).toBe(families.length) // no name comes twice
  return byName
}

describe.each(['node', 'web', 'listener'])('on the host %s', (kind) => {
  test('the full token and that of metrics read it, on the root and below a base', async () => {
    const ask = await hostOf(kind)
    for (const path of ['/metrics', '/api/redis/metrics'])
      for (const token of ['t', 'm']) {
        const answer = await ask(path, bearer(token))
        expect([answer.status, answer.headers.get('content-type')]).toEqual([
          200,
          'text/plain; version=0.0.4; charset=utf-8',
        ])
        expect(await answer.text()).toMatch(/^redis_up 1$/m)
      }
    expect((await ask('/metrics?_token=m')).status).toBe(200)
    const head = await ask('/metrics', { ...bearer('m'), method: 'HEAD' })
    expect([head.status, await head.text()]).toEqual([200, ''])
  })

  test('nobody else does, and its token does nothing else', async () => {
    const ask = await hostOf(kind)
    const status = async (path: string, init?: RequestInit): Promise<number> => (await ask(path, init)).status
    expect(await status('/metrics')).toBe(401)
    expect(await status('/metrics', bearer('wrong'))).toBe(401)
    expect(await status('/metrics', bearer('r'))).toBe(403)
    expect(await status('/metrics', { ...bearer('m'), method: 'POST', body: '["PING"]' })).toBe(405)
    expect(await status('/ping', bearer('m'))).toBe(401)
  })

  test('everybody does where it is open', async () => {
    server.execute('CONFIG', 'SET', 'metrics-open', 'yes')
    const ask = await hostOf(kind)
    expect((await ask('/metrics')).status).toBe(200)
    expect((await ask('/metrics', bearer('wrong'))).status).toBe(200)
  })
})

test('without any token there is none to show', async () => {
  await server.close()
  server = createServer({ log: () => {} })
  expect((await toWebHandler(server)(new Request('http://x/metrics'))).status).toBe(503)
})

test('says what to install where prom-client is not there', async () => {
  expect(await expose(server.engine, {} as never, () => undefined)).toBe(undefined)
})

test('a parser reads all of it; histograms and summaries add up', async () => {
  for (let i = 0; i < 100; i++) server.execute('SET', `k${i}`, 'v', 'EX', '100')
  server.execute('GET', 'nosuch')
  expect(() => server.execute('LPUSH', 'k1', 'x')).toThrow()
  expect(() => server.execute('EVAL', "return redis.error_reply('A\"\\\\\\n b')", '0')).toThrow()
  const families = await read()
  for (const { name, metrics, help } of families.values()) {
    expect(help).not.toBe('')
    if (name.startsWith('nodejs_')) continue // nothing is measured yet
    for (const { value } of metrics) if (value !== undefined) expect(Number(value)).not.toBeNaN()
  }
  const buckets = [
    ...(await page()).matchAll(/^redis_commands_latencies_usec_bucket\{cmd="set",le="([^"]+)"\} (\d+)$/gm),
  ]
  const bounds = buckets.map(([, bound]) => (bound === '+Inf' ? Infinity : Number(bound)))
  expect(bounds).toEqual([...bounds].sort((one, other) => one - other))
  const counts = buckets.map(([, , count]) => Number(count))
  expect(counts).toEqual([...counts].sort((one, other) => one - other))
  expect([bounds.at(-1), counts.at(-1)]).toEqual([Infinity, 100])
  const one = (name: string, labels = {}): string | undefined =>
    families
      .get(name)
      ?.metrics.find((metric) => Object.entries(labels).every(([label, value]) => metric.labels?.[label] === value))
      ?.value
  expect(one('redis_db_keys', { db: 'db0' })).toBe('100')
  expect(one('redis_db_keys_expiring', { db: 'db0' })).toBe('100')
  expect(one('redis_commands_total', { cmd: 'set' })).toBe('100')
  expect(one('redis_keyspace_misses_total')).toBe('1')
  expect(one('redis_errors_total', { err: 'WRONGTYPE' })).toBe('1')
  expect(one('zerodis_rest_answers_total')).toBe(undefined) // the page that is answered counts afterwards
  expect(families.get('redis_latency_percentiles_usec')?.type).toBe('SUMMARY')
  expect((await read()).get('zerodis_rest_answers_total')?.metrics).toEqual([{ value: '2', labels: { status: '200' } }])
})

test('has what the dashboards and alerts of redis_exporter ask for', async () => {
  server.execute('SET', 'k', 'v', 'EX', '100')
  const families = await read()
  const asked = `
    up start_time_seconds uptime_in_seconds connected_clients blocked_clients memory_used_bytes memory_max_bytes
    memory_used_rss_bytes memory_used_peak_bytes mem_fragmentation_ratio commands_processed_total commands_total
    commands_duration_seconds_total keyspace_hits_total keyspace_misses_total net_input_bytes_total net_output_bytes_total
    db_keys db_keys_expiring db_avg_ttl_seconds expired_keys_total evicted_keys_total connected_slaves instance_info
    rejected_connections_total connections_received_total config_maxclients config_maxmemory cpu_sys_seconds_total
    cpu_user_seconds_total rdb_last_bgsave_status rdb_last_save_timestamp_seconds rdb_changes_since_last_save
    slowlog_length replication_backlog_bytes master_repl_offset loading_dump_file aof_enabled pubsub_channels
    latency_percentiles_usec commands_latencies_usec`
  for (const name of asked.trim().split(/\s+/)) expect(families.has(`redis_${name}`), name).toBe(true)
  // What their dashboards sum by, and tell apart by.
  for (const [name, labels] of [
    ['commands_total', ['cmd']],
    ['commands_duration_seconds_total', ['cmd']],
    ['latency_percentiles_usec', ['0.5', '0.99', '0.999']],
    ['db_keys', ['db']],
    ['db_keys_expiring', ['db']],
    ['instance_info', ['role', 'redis_version', 'redis_mode', 'os', 'maxmemory_policy', 'tcp_port', 'run_id']],
  ] as const) {
    const found = JSON.stringify(families.get(`redis_${name}`)!.metrics[0])
    for (const label of labels) expect(found, name).toContain(`"${label}"`)
  }
  expect(families.has('nodejs_eventloop_lag_seconds')).toBe(true)
  expect(families.has('nodejs_heap_size_used_bytes')).toBe(true)
})

const pageOf = async (store: Server): Promise<string> =>
  (await toWebHandler(store)(new Request('http://x/metrics', bearer('m')))).text()

function open(settings: Record<string, string>): Server {
  const dir = mkdtempSync(join(tmpdir(), 'metrics-'))
  const store = createServer({ 'metrics-token': 'm', dir, log: () => {}, ...settings })
  ends.push(() => void store.close().finally(() => rmSync(dir, { recursive: true, force: true })))
  return store
}
const kept = (): Server => open({ appendonly: 'yes' })
const shared = (): Server => open({ store: 'sqlite:store.db' })
/** In front of a server that is not there. */
const fronting = (): Server => open({ upstream: 'unix:/nonexistent/redis.sock' })

const figure = (text: string, name: string): number =>
  Number(new RegExp(`^${name}(?:\\{.*\\})? (\\S+)$`, 'm').exec(text)?.[1])

test('tells of the append-only file, and of who keeps the keys', async () => {
  const appending = kept()
  appending.execute('SET', 'k', 'v')
  const ofFile = await pageOf(appending)
  expect(figure(ofFile, 'zerodis_journal_bytes_total')).toBeGreaterThan(0)
  expect(figure(ofFile, 'zerodis_journal_unsynced_bytes')).toBeGreaterThanOrEqual(0)
  expect([figure(ofFile, 'redis_aof_enabled'), figure(ofFile, 'zerodis_aof_rewrites_total')]).toEqual([1, 0])
  expect(ofFile).not.toMatch(/zerodis_(store|upstream)_/)

  const store = shared()
  for (let i = 0; i < 3; i++) store.execute('SET', 'k', i)
  const ofStore = await pageOf(store)
  expect(ofStore).toMatch(/^zerodis_store_info\{kind="sqlite",id="[^"]+",name="default",format="\d+"\} 1$/m)
  expect([figure(ofStore, 'zerodis_store_commits_total'), figure(ofStore, 'zerodis_store_lag_batches')]).toEqual([3, 0])
  expect(figure(ofStore, 'zerodis_store_log_bytes')).toBeGreaterThan(0)

  const front = fronting()
  await expect(async () => front.execute('GET', 'k')).rejects.toThrow('upstream')
  const ofUpstream = await pageOf(front)
  expect(ofUpstream).toContain('zerodis_upstream_info{url="unix:/nonexistent/redis.sock"} 1')
  expect([figure(ofUpstream, 'redis_up'), figure(ofUpstream, 'zerodis_upstream_up')]).toEqual([0, 0])
  expect(figure(ofUpstream, 'zerodis_upstream_failed_connections_total')).toBeGreaterThan(0)
})

test('tells of eviction and of scripts', async () => {
  server.execute('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-random', 'maxmemory', '2mb')
  for (let i = 0; i < 3000; i++) server.execute('SET', `k${i}`, 'x'.repeat(1000))
  for (let i = 0; i < 510; i++) server.execute('EVAL', `return ${i}`, 0)
  const text = await page()
  expect(figure(text, 'redis_evicted_keys_total')).toBeGreaterThan(0)
  expect(figure(text, 'redis_current_eviction_exceeded_time_ms')).toBeGreaterThanOrEqual(0)
  expect([figure(text, 'redis_number_of_cached_scripts'), figure(text, 'redis_evicted_scripts_total')]).toEqual([
    500, 10,
  ])
  expect(figure(text, 'redis_memory_used_vm_total')).toBeGreaterThan(0)
  expect(text).toMatch(/^redis_commands_total\{cmd="eval"\} 510$/m)
})

test('tells of replicas and of the master', async () => {
  server.execute('CONFIG', 'SET', 'repl-diskless-sync-delay', '0')
  const { port } = await server.listen({ port: 0, httpPort: false })
  const replica = createServer({ replicaof: `127.0.0.1 ${port}`, 'metrics-open': 'yes', log: () => {} })
  ends.push(() => void replica.close())
  await replica.listen({ port: 0, httpPort: false })
  const client = await RespClient.connect({ port, host: '127.0.0.1' })
  ends.push(() => client.close())
  await client.send(['SET', 'k', 'v'])
  await expect.poll(async () => client.send(['WAIT', '1', '100']), { timeout: 20_000 }).toBe(1)
  const families = await read()
  expect(families.get('redis_connected_slave_offset_bytes')?.metrics[0].labels?.slave_state).toBe('online')
  expect(families.get('zerodis_door_clients')?.metrics).toContainEqual({ value: '2', labels: { door: 'tcp' } })
  const text = await (await toWebHandler(replica)(new Request('http://x/metrics'))).text()
  expect(text).toContain(`redis_master_link_up{master_host="127.0.0.1",master_port="${port}"} 1`)
  expect(text).toMatch(/redis_instance_info\{role="slave"/)
  client.send(['LPUSH', 'k', 'x']).catch(() => {})
  await client.send(['PING'])
  const pages = [text, await page(), await pageOf(kept()), await pageOf(shared()), await pageOf(fronting())]
  const there = new Set([...pages.join('\n').matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name))
  for (const file of ['dashboard.json', 'alerts.yaml']) {
    const asked = readFileSync(new URL(`../../examples/grafana/${file}`, import.meta.url), 'utf8')
    for (const [name] of asked.matchAll(/\b(?:redis|zerodis|nodejs)_[a-z0-9_]+/g))
      expect(there.has(name.replace(/_(?:sum|count|bucket)$/, '')), `${name} of ${file}`).toBe(true)
  }
})
