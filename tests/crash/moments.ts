/**
 * A store with an append-only file that is killed at random moments of a random workload, and started again on the same
 * folder: what was acknowledged, and what any client has read, must be there. Counters only grow, so what may be lost shows
 * at once. Rewrites, snapshots and changes of the file's form go on meanwhile.
 */

import { freePort } from '../clients/ports.ts'
import { Program } from '../clients/process.ts'
import { RespClient } from '../clients/resp.ts'
import type { Seen } from '../contract/harness/seen.ts'
import type { Random } from '../differential/random.ts'

export type Policy = 'always' | 'everysec' | 'no'

const KEYS = 8
/** What `everysec` may lose. Unit: ms. */
const LOSABLE_MS = 2000

/** What is known of a counter: the highest value that was acknowledged or read, and when. */
interface Known {
  value: number
  /** What it was `LOSABLE_MS` ago, or earlier. */
  readonly history: { readonly value: number; readonly at: number }[]
}

export interface Moments {
  /** Runs the next one. @throws Error that says what was lost */
  next(): Promise<void>
  /** How many commands were acknowledged so far, and how many rewrites had begun. */
  readonly acknowledged: number
  readonly rewrites: number
}

/** `server` are the arguments of Node that start a store. */
export function momentsOf(server: readonly string[], dir: string, policy: Policy, random: Random): Moments {
  const known: Known[] = Array.from({ length: KEYS }, () => ({ value: 0, history: [] }))
  const figures = { acknowledged: 0, rewrites: 0 }

  function note(key: number, reply: Seen): void {
    if (typeof reply === 'string') reply = Number(reply)
    if (typeof reply !== 'number') return
    figures.acknowledged++
    if (reply <= known[key].value) return
    known[key].value = reply
    known[key].history.push({ value: reply, at: Date.now() })
  }

  /** The least value that must be there. */
  function least({ value, history }: Known, killedAt: number): number {
    if (policy === 'always') return value
    return history.findLast(({ at }) => at < killedAt - LOSABLE_MS)?.value ?? 0
  }

  async function verify(client: RespClient): Promise<void> {
    for (const [key, counter] of known.entries()) {
      const found = Number((await client.send(['GET', `c${key}`])) ?? 0)
      const { value } = counter
      if (found < value) throw new Error(`c${key} was ${value} for somebody and is ${found} (appendfsync ${policy})`)
      const pair = await client.send(['MGET', `a${key}`, `b${key}`])
      if (Array.isArray(pair) && pair[0] !== pair[1]) throw new Error(`half of a transaction: ${pair}`)
      counter.value = found
      counter.history.length = 0
      counter.history.push({ value: found, at: 0 })
    }
  }

  /** Sends commands until the connection ends. */
  async function work(port: number): Promise<void> {
    const client = await RespClient.connect({ host: '127.0.0.1', port })
    try {
      for (;;) {
        const key = random.integer(0, KEYS - 1)
        const kind = random.next()
        if (kind < 0.5) note(key, await client.send(['INCR', `c${key}`]))
        else if (kind < 0.8) note(key, await client.send(['GET', `c${key}`]))
        else if (kind < 0.9) {
          const replies = await client.pipeline([['MULTI'], ['INCR', `a${key}`], ['INCR', `b${key}`], ['EXEC']])
          if (replies.length === 4) figures.acknowledged++
        } else await client.send(['SET', `noise${random.integer(0, 500)}`, 'x'.repeat(random.integer(0, 5000))])
      }
    } catch {
      // The store was killed.
    } finally {
      client.close()
    }
  }

  async function disturb(port: number): Promise<void> {
    const client = await RespClient.connect({ host: '127.0.0.1', port })
    try {
      for (;;) {
        await new Promise((resolve) => setTimeout(resolve, random.integer(5, 60)))
        const kind = random.next()
        if (kind < 0.6) {
          figures.rewrites++
          await client.send(['BGREWRITEAOF'])
        } else if (kind < 0.7) await client.send(['BGSAVE'])
        else if (kind < 0.85)
          await client.send(['CONFIG', 'SET', 'aof-use-rdb-preamble', random.chance(0.5) ? 'yes' : 'no'])
        else await client.send(['CONFIG', 'SET', 'aof-timestamp-enabled', random.chance(0.5) ? 'yes' : 'no'])
      }
    } catch {
      // The store was killed.
    } finally {
      client.close()
    }
  }

  return {
    get acknowledged() {
      return figures.acknowledged
    },
    get rewrites() {
      return figures.rewrites
    },
    async next() {
      const port = await freePort()
      const settings = ['--port', `${port}`, '--http-port', '0', '--dir', dir, '--save', '']
      const program = new Program([...server, ...settings, '--appendonly', 'yes', '--appendfsync', policy])
      let killedAt = 0
      try {
        await program.until(() => program.output.includes('Ready to accept connections tcp'))
        const client = await RespClient.connect({ host: '127.0.0.1', port })
        await verify(client)
        client.close()
        const working = [work(port), work(port), work(port), disturb(port)]
        await new Promise((resolve) => setTimeout(resolve, random.integer(20, 400)))
        killedAt = Date.now()
        await program.stop('SIGKILL')
        await Promise.all(working)
      } finally {
        await program.stop('SIGKILL')
      }
      for (const counter of known) {
        const kept = least(counter, killedAt)
        counter.value = kept
        counter.history.length = 0
        counter.history.push({ value: kept, at: 0 })
      }
    },
  }
}
