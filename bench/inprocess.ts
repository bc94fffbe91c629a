/** The store inside the measuring process: GET through `execute`, and through the @upstash/redis client on it. */

import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root } from './process.ts'
import { atLeast, type Section } from './report.ts'

const KEYS = 10_000
const SECONDS = 2

export async function inProcessSection(): Promise<Section> {
  const { createRedis, createServer } = await import(pathToFileURL(join(root, 'dist/index.mjs')).href)
  const server = createServer()
  const door = server.inProcess()
  const keys = Array.from({ length: KEYS }, (_, i) => `key:${i}`)
  for (const key of keys) door.execute('SET', key, 'x'.repeat(32))
  const direct = await rate(1000, (i) => door.execute('GET', keys[i % KEYS]))
  const redis = createRedis({ server })
  const client = await rateAsync((i) => redis.get(keys[i % KEYS]))
  await server.close()
  return {
    title: 'in process',
    reference: '',
    rows: [
      { name: 'execute GET', unit: 'calls/s', ours: direct, reference: undefined, aim: atLeast(2_300_000, 'ours') },
      { name: '@upstash/redis get', unit: 'calls/s', ours: client, reference: undefined },
    ],
  }
}

async function rate(batch: number, call: (i: number) => unknown): Promise<number> {
  for (let i = 0; i < 200_000; i++) call(i)
  const startedAt = performance.now()
  let calls = 0
  while (performance.now() - startedAt < SECONDS * 1000) for (let i = 0; i < batch; i++) call(calls++)
  return calls / ((performance.now() - startedAt) / 1000)
}

async function rateAsync(call: (i: number) => Promise<unknown>): Promise<number> {
  for (let i = 0; i < 5_000; i++) await call(i)
  const startedAt = performance.now()
  let calls = 0
  while (performance.now() - startedAt < SECONDS * 1000) await call(calls++)
  return calls / ((performance.now() - startedAt) / 1000)
}
