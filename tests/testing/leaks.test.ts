/** Many stores of one process: nothing of them is left, and none takes long. `npm run bench -- testing` has the figures. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { programOf } from '../clients/program.ts'
import { lengthOf } from '../length.ts'

const STORES = lengthOf(300, 1000)

/** In a process of its own: what else a worker of this runner does would be counted, too. */
const SCRIPT = `
  import { Redis } from 'ioredis'
  const { createTestServer } = await import(${JSON.stringify(programOf('lib/testing.ts'))})
  const times = []
  const round = async (i) => {
    const since = performance.now()
    const store = await createTestServer({ unixSocket: i % 10 === 0 })
    times.push(performance.now() - since)
    const redis = i % 2 ? new Redis({ Connector: store.Connector }) : new Redis(store.url)
    await redis.set('k', 'v', 'EX', 100)
    store.restore(store.snapshot())
    store.faults.delay('get', 1e6)
    redis.get('k').catch(() => {})
    redis.on('error', () => {})
    if (i % 3) redis.disconnect()
    else redis.options.retryStrategy = () => null
    await store.close()
  }
  const settle = async () => {
    for (let i = 0; i < 5; i++) {
      gc()
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    return { heap: process.memoryUsage().heapUsed, resources: process.getActiveResourcesInfo() }
  }
  for (let i = 0; i < 200; i++) await round(i)
  const before = await settle()
  for (let i = 0; i < ${STORES}; i++) await round(i)
  const after = await settle()
  const create = times.sort((a, b) => a - b)[times.length >> 1]
  console.log(JSON.stringify({ kept: (after.heap - before.heap) / ${STORES}, before: before.resources, after: after.resources, create }))`

test(`${STORES} stores leave no timer, no socket and no memory behind`, { timeout: 90_000 }, () => {
  const args = ['--expose-gc', '--input-type=module', '--eval', SCRIPT]
  const output = execFileSync(process.execPath, args, { cwd: join(import.meta.dirname, '../..'), encoding: 'utf8' })
  const { kept, before, after, create } = JSON.parse(output)
  expect(after).toEqual(before)
  // A store takes some 150 KB while it is there.
  expect(kept).toBeLessThan(3000)
  expect(create).toBeLessThan(20)
})
