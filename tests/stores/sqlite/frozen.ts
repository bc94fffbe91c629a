/**
 * A process that is stopped (SIGSTOP) while it holds the database's lock, beside another one that wants to write.
 * Usage: node --import tsx tests/stores/sqlite/frozen.ts [seconds]
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SqlFault } from '../../../lib/stores/log/driver.ts'
import { openSqlite } from '../../../lib/stores/sqlite/sqlite.ts'
import type { RespClient } from '../../clients/resp.ts'
import type { Seen } from '../../contract/harness/seen.ts'
import { connect, end, start } from '../processes.ts'

/** Of the one that waits. */
export const TIMEOUT_MS = 800

export interface FreezeReport {
  /** What the writer beside it was answered, and when. */
  readonly refused: Seen
  readonly refusedAfterMs: number
  /** What a reader beside it read, and how often and how slowly at most. */
  readonly read: Seen
  readonly reads: number
  readonly slowestMs: number
  /** What the holder answered when it woke, or `killed`. */
  readonly woken: Seen
  /** What the other has then: the holder's key, and its own. */
  readonly after: readonly Seen[]
}

const HOLDS = (loops: number): string[] => [
  'EVAL',
  `local n = 0 for i = 1, ${loops} do n = n + i end return redis.call('SET', 'held', 'kept')`,
  '0',
]

/** `kills`: it does not wake, it is killed. */
export async function freezeHolder(seconds: number, kills: boolean): Promise<FreezeReport> {
  const folder = mkdtempSync(join(tmpdir(), 'zerodis-frozen-'))
  const path = join(folder, 'keys.db')
  const settings = {
    store: `sqlite:${path}`,
    'store-timeout': TIMEOUT_MS,
    'lua-hard-time-limit': 0,
    loglevel: 'nothing',
  } as const
  const holder = await start(settings)
  const other = await start(settings)
  const probe = openSqlite(path)
  const isHeld = (): boolean => {
    try {
      probe.run('BEGIN IMMEDIATE')
      probe.run('ROLLBACK')
      return false
    } catch (error) {
      if (error instanceof SqlFault && error.isBusy) return true
      throw error
    }
  }
  try {
    const [holding, writer, reader] = [await connect(holder), await connect(other), await connect(other)]
    await writer.send(['SET', 'k', 'v'])
    let answer: Promise<Seen> = Promise.resolve(null)
    for (let loops = 10_000_000; !isHeld(); loops *= 2) {
      answer = holding.send(HOLDS(loops)).catch(() => 'killed')
      const waitsUntil = performance.now() + 1000
      while (!isHeld() && performance.now() < waitsUntil) await new Promise(setImmediate)
      holder.child.kill('SIGSTOP')
      await new Promise((resolve) => setTimeout(resolve, 20))
      if (isHeld()) break
      holder.child.kill('SIGCONT')
      await answer
    }
    const stoppedAt = performance.now()
    const refusal = writer.send(['SET', 'other', 'v']).then((reply) => ({ reply, ms: performance.now() - stoppedAt }))
    const { reads, slowestMs, read } = await readFor(reader, stoppedAt + seconds * 1000)
    const { reply: refused, ms: refusedAfterMs } = await refusal
    if (kills) end(holder)
    else holder.child.kill('SIGCONT')
    const woken = await answer
    const after = [await writer.send(['SET', 'other', 'v']), await reader.send(['GET', 'held'])]
    return { refused, refusedAfterMs, read, reads, slowestMs, woken, after }
  } finally {
    probe.close()
    end(holder)
    end(other)
    rmSync(folder, { recursive: true, force: true })
  }
}

async function readFor(reader: RespClient, until: number): Promise<Pick<FreezeReport, 'reads' | 'slowestMs' | 'read'>> {
  let reads = 0
  let slowestMs = 0
  let read: Seen = null
  while (performance.now() < until) {
    const from = performance.now()
    read = await reader.send(['GET', 'k'])
    slowestMs = Math.max(slowestMs, performance.now() - from)
    reads++
    if (reads % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 1))
  }
  return { reads, slowestMs, read }
}

if (process.argv[1] === import.meta.filename) {
  for (const kills of [false, true]) console.log(await freezeHolder(Number(process.argv[2] ?? 30), kills))
  process.exit()
}
