/** The example route in a production build, in two instances: one that hosts the store, and one that is pointed at it. */
import { Redis } from '@upstash/redis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freePort } from '../clients/ports.ts'
import type { Program } from '../clients/process.ts'
import { buildSite, startSite } from './site.ts'

const token = 'token-of-tests'

describe('the example route', () => {
  const sites: Program[] = []
  let urls: string[]
  let redis: Redis
  beforeAll(async () => {
    await buildSite()
    const ports = [await freePort(), await freePort()]
    urls = ports.map((port) => `http://127.0.0.1:${port}`)
    sites.push(startSite(ports[0], { KV_REST_API_TOKEN: token }))
    sites.push(startSite(ports[1], { KV_REST_API_TOKEN: token, KV_REST_API_URL: urls[0] }))
    for (const site of sites) await site.until(() => site.output.includes('Ready in'))
    redis = new Redis({ url: urls[0], token })
  }, 240_000)
  afterAll(() => Promise.all(sites.map((site) => site.stop())))

  const call = async (i: number): Promise<{ status: number; at: number; waitedMs: number }> => {
    const response = await fetch(`${urls[i]}/api/example/limited`)
    const { waitedMs = 0 } = await response.json()
    return { status: response.status, at: Date.now(), waitedMs }
  }

  test('keeps its limiter in the store of its own process, or in the one that it is pointed at', async () => {
    expect((await call(1)).status).toBe(200)
    expect(await redis.hget('b_example_settings', 'minTime')).toBe(100)
    expect(await redis.zcard('b_example_client_last_seen')).toBe(1)
    expect((await call(0)).status).toBe(200)
    expect(await redis.zcard('b_example_client_last_seen')).toBe(2)
  })

  test('calls what it guards ten times a second, from both instances together, and lets others wait', async () => {
    const answers = await Promise.all(Array.from({ length: 12 }, (_, i) => call(i % 2)))
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200))
    const times = answers.map(({ at }) => at)
    // Eleven pauses, less what the first answer was late.
    expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(900)
    expect(Math.max(...answers.map(({ waitedMs }) => waitedMs))).toBeGreaterThan(900)
  })

  test('sends away who would have to wait too long', async () => {
    const statuses = (await Promise.all(Array.from({ length: 30 }, () => call(0)))).map(({ status }) => status)
    expect([...new Set(statuses)].sort()).toEqual([200, 429])
    expect(statuses.filter((status) => status === 200).length).toBeLessThanOrEqual(20)
  })
})
