/** The background work: a step that fails is told of, and ends neither the round nor the process. */
import { expect, test } from 'vitest'
import { ManualClock } from '../../lib/base/clock.ts'
import { unawaited } from '../../lib/base/unawaited.ts'
import { Compaction } from '../../lib/keyspace/compaction.ts'
import { ExpiryCycle } from '../../lib/keyspace/expiry.ts'
import { Keyspace } from '../../lib/keyspace/keyspace.ts'
import { Cron } from '../../lib/server/cron.ts'
import { createServer } from '../../lib/server.ts'

test('a step that throws does not keep the others from their work, nor the next round', async () => {
  const clock = new ManualClock()
  const server = createServer({ clock })
  const faults: unknown[] = []
  const done: string[] = []
  const fail = (): never => {
    throw new Error('broken')
  }
  const cron = new Cron({
    clock,
    config: server.config.values,
    clients: server.engine.ports.connections.clients,
    expiryCycle: new ExpiryCycle(new Keyspace(1), clock),
    compaction: new Compaction(new Keyspace(1), server.config.values),
    sample: fail,
    flush() {},
    onDelay: fail,
    everySecond: [fail, () => done.push('done')],
    onIdle() {},
    onFault: (error) => faults.push(error),
  })
  cron.start()
  clock.advance(100)
  expect(faults.length).toBe(3)
  expect(done).toEqual(['done'])
  clock.advance(100)
  expect(faults.length).toBe(5)
  cron.stop()
  await server.close()
})

test.each([
  [false, /^Internal error: Error: broken/],
  [true, /^Internal error: Error \(message hidden\)\n {4}at /],
])(
  'with hide-user-data-from-log %s a promise that nobody waits for tells of its rejection',
  async (hides, expected) => {
    const settings = { 'hide-user-data-from-log': hides }
    const told = await new Promise<string>((resolve) =>
      unawaited(Promise.reject(new Error('broken')), settings, resolve),
    )
    expect(told).toMatch(expected)
  },
)
