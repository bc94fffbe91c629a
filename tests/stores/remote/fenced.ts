/** A process that is frozen while it holds the lock of a database behind a network, whichever that is. */
import { describe, expect, test } from 'vitest'
import type { Settings } from '../../../lib/config/config.ts'
import type { Seen } from '../../contract/harness/seen.ts'
import { connect, end, start } from '../processes.ts'

/** Long enough to be stopped in its midst. */
const HOLDS = `local n = 0 for i = 1, 100000000 do n = n + i end return redis.call('SET', 'held', 'kept')`

/** `store` is the database's address; the keyspace is called `frozen`. `isHeld` asks the database whether somebody has the lock. */
export function describeFrozenHolder(store: () => string, isHeld: () => boolean | Promise<boolean>): void {
  describe('a process that is frozen while it holds the lock', () => {
    test('is fenced: others go on, its late commit fails, its client is told', async () => {
      const settings: Settings = {
        store: store(),
        'store-name': 'frozen',
        'store-timeout': 1500,
        'store-consistency': 'strong',
        'lua-hard-time-limit': 0,
        loglevel: 'nothing',
      }
      const [holder, other] = [await start(settings), await start(settings)]
      try {
        const [holding, writer] = [await connect(holder), await connect(other)]
        await writer.send(['SET', 'k', 'v'])
        const answer = holding.send(['EVAL', HOLDS, '0']).catch((): Seen => 'cut')
        while (!(await isHeld())) await new Promise((resolve) => setTimeout(resolve, 5))
        holder.child.kill('SIGSTOP')
        const from = performance.now()
        expect(await writer.send(['SET', 'other', 'v'])).toEqual({ kind: 'status', text: 'OK' })
        expect(performance.now() - from).toBeLessThan(1500)
        holder.child.kill('SIGCONT')
        expect(await answer).toBe('cut')
        expect(await writer.send(['GET', 'held'])).toBe(null)
        const again = await connect(holder)
        expect(await again.send(['GET', 'other'])).toBe('v')
        again.close()
      } finally {
        end(holder)
        end(other)
      }
    }, 60_000)
  })
}
