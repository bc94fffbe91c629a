/**
 * A replica whose clock is not that of its master: it hides what is past its time by its own clock, removes nothing, and what the
 * master says of a key or a field holds, whatever time it is here.
 */
import { afterEach, expect, test } from 'vitest'
import { ManualClock } from '../../lib/base/clock.ts'
import { caughtUp, linked, type OwnPeer, startOurs } from './peers.ts'

const MINUTE = 60_000

let master: OwnPeer
let replica: OwnPeer

afterEach(async () => {
  await replica.stop()
  await master.stop()
})

/** Both stand still; the replica is ahead of its master, or behind. */
async function start(aheadMs: number): Promise<{ masterClock: ManualClock; replicaClock: ManualClock }> {
  const masterClock = new ManualClock()
  const replicaClock = new ManualClock(masterClock.now() + aheadMs)
  master = await startOurs({ clock: masterClock, 'repl-diskless-sync-delay': 0 })
  replica = await startOurs({ clock: replicaClock, 'repl-diskless-load': 'swapdb' })
  await replica.tell(`REPLICAOF 127.0.0.1 ${master.port}`)
  while (!(await replica.tell('INFO replication')).includes('master_link_status:up')) master.server.cron()
  await linked(replica)
  return { masterClock, replicaClock }
}

async function told(...lines: string[]): Promise<void> {
  for (const line of lines) await master.tell(line)
  await caughtUp(replica, master)
}

test('fields that are due here are hidden, not removed, and are what the master says', async () => {
  const { masterClock } = await start(MINUTE)
  await told('HSET h f 1 g 2', 'HPEXPIRE h 30000 FIELDS 1 f')
  expect(await replica.tell('HGET h f')).toBe('nil')
  expect(await replica.tell('HLEN h')).toBe('2')
  replica.server.cron()
  expect(await replica.tell('HLEN h')).toBe('2')
  await told('HINCRBY h f 5')
  await told('HPEXPIRE h 300000 FIELDS 1 f')
  expect(await replica.tell('HGET h f')).toBe('"6"')
  await told('HPEXPIRE h 30000 LT FIELDS 1 f', 'HPERSIST h FIELDS 1 f')
  expect(await replica.tell('HMGET h f g')).toBe('["6", "2"]')
  await told('HSETEX h PX 1000 FIELDS 1 f 7', 'HSETNX h f 8', 'HINCRBYFLOAT h f 0.5')
  expect(await master.tell('HGET h f')).toBe('"7.5"')
  await told('HPEXPIRE h 90000 FIELDS 1 f')
  expect(await replica.tell('HGET h f')).toBe('"7.5"')
  masterClock.advance(100_000)
  await told('HGETALL h', 'HDEL h f', 'SET done 1')
  master.server.cron()
  await caughtUp(replica, master)
  expect(await replica.tell('HLEN h')).toBe(await master.tell('HLEN h'))
})

test('what the master has removed is gone where the clock is behind', async () => {
  const { masterClock } = await start(-MINUTE)
  await told('HSET h f 1 g 2', 'HPEXPIRE h 30000 FIELDS 1 f', 'SET k 1 PX 30000')
  masterClock.advance(31_000)
  master.server.cron()
  await told('GET k', 'SET done 1')
  expect(await replica.tell('HLEN h')).toBe('1')
  expect(await replica.tell('EXISTS k')).toBe('0')
  await told('HSET h f 3', 'SET k 2')
  expect(await replica.tell('HGET h f')).toBe('"3"')
  expect(await replica.tell('GET k')).toBe('"2"')
})

test('keys that are due here are what the master says', async () => {
  await start(MINUTE)
  await told('SET n 5 PX 30000', 'RPUSH l a', 'PEXPIRE l 30000')
  expect(await replica.tell('GET n')).toBe('nil')
  replica.server.cron()
  expect(await replica.tell('DBSIZE')).toBe('2')
  await told('INCR n', 'RPUSH l b', 'PERSIST n', 'PERSIST l')
  expect(await replica.tell('GET n')).toBe('"6"')
  expect(await replica.tell('LRANGE l 0 -1')).toBe('["a", "b"]')
})
