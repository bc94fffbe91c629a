/**
 * What people share a store for, over three processes on one database: a queue, a rate limit, a limit of what runs at a time. Said for a
 * database by whoever has one: see sqlite/uses.test.ts and postgres/uses.test.ts.
 */
import type { ChildProcess } from 'node:child_process'
import { createServer, request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createInterface } from 'node:readline'
import { Ratelimit } from '@upstash/ratelimit'
import { Redis } from '@upstash/redis'
import { Queue } from 'bullmq'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Settings } from '../../lib/config/config.ts'
import { lengthOf } from '../length.ts'
import { connect, end, type Running, run, start, TOKEN } from './processes.ts'

const range = (count: number) => Array.from({ length: count }, (_, i) => i)

const children: ChildProcess[] = []

/** Settings of each process; a keyspace of its own for each test. */
export type SettingsOf = () => Settings

/** A program whose lines are heard, and the first of them. */
function heard(name: string, words: readonly string[], hear: (line: string) => void): Promise<string> {
  const child = run(name, words)
  children.push(child)
  return new Promise((resolve) => {
    createInterface({ input: child.stdout! }).on('line', (line) => {
      resolve(line)
      hear(line)
    })
  })
}

/** How often each was said. */
class Counts extends Map<string, number> {
  add(id: string): void {
    this.set(id, (this.get(id) ?? 0) + 1)
  }
}

export function describeUses(label: string, settingsOf: SettingsOf): void {
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL')
  })

  describe(label, () => {
    describe('BullMQ with workers in three processes', () => {
      const COUNT = lengthOf(90, 600)
      async function work(kills: boolean): Promise<{ ran: Counts; completed: Counts; shares: number[]; left: number }> {
        const ran = new Counts()
        const completed = new Counts()
        const shares = [0, 0, 0]
        const settings = JSON.stringify({ ...settingsOf(), loglevel: 'nothing' })
        const ports = await Promise.all(
          range(3).map((i) =>
            heard('bullworker', [settings, kills ? '5000' : '60000'], (line) => {
              const [word, id] = line.split(' ')
              if (word === 'ran') ran.add(id)
              if (word !== 'completed') return
              completed.add(id)
              shares[i]++
            }),
          ),
        )
        const queue = new Queue('jobs', { connection: { port: Number(ports[0].split(' ')[1]) } })
        try {
          for (let from = 0; from < COUNT; from += 30) {
            await queue.addBulk(range(30).map((i) => ({ name: 'n', data: {}, opts: { jobId: `job-${from + i}` } })))
          }
          if (kills) {
            await vi.waitFor(() => expect(shares[2]).toBeGreaterThan(COUNT / 30), 30_000)
            children[2].kill('SIGKILL')
          }
          const finished = () => queue.getCompletedCount()
          await vi.waitFor(async () => expect(await finished()).toBe(COUNT), { timeout: 100_000, interval: 50 })
          const { completed: _, ...counts } = await queue.getJobCounts()
          return { ran, completed, shares, left: Object.values(counts).reduce((sum, count) => sum + count, 0) }
        } finally {
          await queue.close()
        }
      }

      test('loses no job, and does none twice', async () => {
        const { ran, completed, shares, left } = await work(false)
        expect([ran.size, completed.size, left]).toEqual([COUNT, COUNT, 0])
        expect([...new Set([...ran.values(), ...completed.values()])]).toEqual([1])
        expect(Math.min(...shares)).toBeGreaterThan(0)
      }, 120_000)

      test('loses no job when one is killed, and completes none twice', async () => {
        const { completed, left } = await work(true)
        expect(left).toBe(0)
        // What the killed one had completed last it may not have been able to tell.
        expect(completed.size).toBeGreaterThan(COUNT - 30)
        expect([...new Set(completed.values())]).toEqual([1])
      }, 120_000)
    })

    describe('over three processes', () => {
      let places: Running[]
      beforeEach(async () => {
        const settings = { ...settingsOf(), loglevel: 'nothing' } as const
        places = await Promise.all(range(3).map(() => start(settings)))
      })
      afterEach(() => {
        for (const place of places) end(place)
      })
      const redisOf = ({ httpPort }: Running): Redis => new Redis({ url: `http://127.0.0.1:${httpPort}`, token: TOKEN })

      test('@upstash/ratelimit lets exactly as many through as it should', async () => {
        const limiters = {
          fixed: Ratelimit.fixedWindow(100, '600 s'),
          sliding: Ratelimit.slidingWindow(100, '600 s'),
          bucket: Ratelimit.tokenBucket(1, '600 s', 100),
        }
        for (const [name, limiter] of Object.entries(limiters)) {
          const limits = places.map(
            (place) =>
              new Ratelimit({ redis: redisOf(place), limiter, prefix: name, ephemeralCache: false, timeout: 0 }), // else who is late gets through,
          )
          const answers = await Promise.all(range(360).map((i) => limits[i % 3].limit('user')))
          expect(answers.filter(({ success }) => success)).toHaveLength(100)
        }
      }, 60_000)

      const READS = lengthOf(30, 100)
      test('@upstash/redis reads what it has written, behind a proxy that asks one process after the other', async () => {
        for (const place of places) {
          const control = await connect(place)
          await control.pipeline([
            ['CONFIG', 'SET', 'store-max-staleness', '100000'],
            ['CONFIG', 'SET', 'store-consistency', 'session'],
          ])
          control.close()
        }
        let turn = 0
        const proxy = createServer((request, response) => {
          const { httpPort } = places[turn++ % 3]
          const { method, url: path, headers } = request
          const asked = httpRequest({ port: httpPort, method, path, headers }, (answer) => {
            response.writeHead(answer.statusCode!, answer.headers)
            answer.pipe(response)
          })
          asked.on('error', () => response.destroy())
          request.pipe(asked)
        })
        await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
        const { port } = proxy.address() as AddressInfo
        try {
          const redis = new Redis({ url: `http://127.0.0.1:${port}`, token: TOKEN })
          for (const i of range(READS)) {
            await redis.set('k', i)
            expect(await redis.get('k')).toBe(i)
          }
          const forgetful = new Redis({ url: `http://127.0.0.1:${port}`, token: TOKEN, readYourWrites: false })
          let stale = 0
          for (const i of range(READS)) {
            await forgetful.set('k', `${i}`)
            if (String(await forgetful.get('k')) !== `${i}`) stale++
          }
          expect(stale).toBeGreaterThan(0) // without the token it may be otherwise
        } finally {
          proxy.closeAllConnections()
          proxy.close()
        }
      }, 60_000)
    })

    test('Bottleneck never runs more than two at once, also when a process is killed', async () => {
      // Each of three processes' jobs; their commits wait for one disk, so that a tenth of a second a job is no fault.
      const JOBS = lengthOf(20, 700)
      const settings = JSON.stringify({ ...settingsOf(), loglevel: 'nothing' })
      const ran = new Counts()
      /** When each began and ended, by the clock of all processes. */
      const spans = new Map<string, { begin: bigint; end?: bigint }>()
      const hear = (line: string): void => {
        const [word, id, at] = line.split(' ')
        if (word === 'begin') {
          ran.add(id)
          spans.set(id, { begin: BigInt(at) })
        } else if (word === 'end') spans.get(id)!.end = BigInt(at)
      }
      await Promise.all(range(3).map((i) => heard('limitedworker', [settings, `${i}`, `${JOBS}`], hear)))
      for (const child of children) child.stdin!.write('go\n')
      await vi.waitFor(() => expect(ran.size).toBeGreaterThan(JOBS / 2), 60_000)
      children[2].kill('SIGKILL')
      await new Promise((resolve) => children[2].once('close', resolve))
      const killedAt = process.hrtime.bigint()
      const others = () => [...ran.keys()].filter((id) => !id.startsWith('2-')).length
      await vi.waitFor(() => expect(others()).toBe(2 * JOBS), { timeout: JOBS * 2000, interval: 50 })
      const moments = [...spans.values()].flatMap(({ begin, end = killedAt }) => [
        { at: begin, more: 1 },
        { at: end, more: -1 },
      ])
      let running = 0
      let most = 0
      for (const { more } of moments.sort((a, b) => (a.at < b.at ? -1 : 1))) most = Math.max(most, (running += more))
      expect(most).toBeLessThanOrEqual(2)
      expect([...new Set(ran.values())]).toEqual([1])
    }, 1_500_000)
  })
}
