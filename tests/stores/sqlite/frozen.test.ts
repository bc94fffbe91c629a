/** A process that is frozen while it holds the lock: nobody can take it from it, and nobody waits for longer than `store-timeout`. */
import { expect, test } from 'vitest'
import { freezeHolder, TIMEOUT_MS } from './frozen.ts'

const TRY_AGAIN = 'TRYAGAIN another process holds the shared store for longer than store-timeout; nothing was changed'

test('a frozen holder of the lock makes others wait by timer, and its commit is valid when it wakes', async () => {
  const report = await freezeHolder(1.4, false)
  expect(report.refused).toEqual({ kind: 'error', text: TRY_AGAIN })
  expect(report.refusedAfterMs).toBeGreaterThan(TIMEOUT_MS - 1)
  expect(report.refusedAfterMs).toBeLessThan(TIMEOUT_MS + 500)
  // The event loop goes on: others read meanwhile.
  expect(report.read).toBe('v')
  expect(report.slowestMs).toBeLessThan(TIMEOUT_MS - 100)
  expect(report.woken).toEqual({ kind: 'status', text: 'OK' })
  expect(report.after).toEqual([{ kind: 'status', text: 'OK' }, 'kept'])
}, 60_000)

test('a holder of the lock that is killed leaves nothing behind', async () => {
  const report = await freezeHolder(0.1, true)
  expect(report.woken).toBe('killed')
  expect(report.after).toEqual([{ kind: 'status', text: 'OK' }, null])
}, 60_000)
