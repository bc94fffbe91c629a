/**
 * A chain of masters and replicas, genuine and ours, under random writes, with links that break every moment. By itself:
 * `npx tsx tests/replication/soak.ts [seconds]` runs every chain for as long, two minutes unless told otherwise.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { LinkProxy } from '../clients/linkproxy.ts'
import { generator as generic } from '../differential/generators/generic.ts'
import { generator as hash } from '../differential/generators/hash.ts'
import { generator as list } from '../differential/generators/list.ts'
import { generator as set } from '../differential/generators/set.ts'
import { generator as stream } from '../differential/generators/stream.ts'
import { generator as string } from '../differential/generators/string.ts'
import { Random } from '../differential/random.ts'
import { caughtUp, fieldOf, linked, type Peer, startGenuine, startOurs } from './peers.ts'

export type Kind = 'ours' | 'genuine'

/** Without sorted sets: 7.0 prints long fractions and -0 otherwise, which its digest shows; replica.test.ts has them. */
const GENERATORS = [generic, hash, list, set, stream, string]

export interface Outcome {
  readonly digests: readonly string[]
  readonly full: number
  readonly partial: number
  readonly cuts: number
  readonly commands: number
}

/** Runs a chain, the master first, for so many ms. */
export async function runChain(kinds: readonly Kind[], ms: number, seed: number): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'chain-'))
  const stops: (() => Promise<void>)[] = []
  try {
    const random = new Random(seed)
    const peers: Peer[] = []
    const proxies: LinkProxy[] = []
    for (const kind of kinds) {
      const peer =
        kind === 'ours' ? await startOurs({ dir: folder, 'repl-diskless-sync-delay': 0 }) : await startGenuine()
      stops.unshift(() => peer.stop())
      const above = peers.at(-1)
      peers.push(peer)
      if (above === undefined) continue
      const proxy = await LinkProxy.to(above.port)
      stops.unshift(() => proxy.stop())
      proxies.push(proxy)
      await peer.tell(`REPLICAOF 127.0.0.1 ${proxy.port}`)
      await linked(peer)
    }
    const [master] = peers
    const endsAt = Date.now() + ms
    let cuts = 0
    let commands = 0
    let cutAt = Date.now() + ms / 8
    while (Date.now() < endsAt) {
      const generator = GENERATORS[random.integer(0, GENERATORS.length - 1)]
      const batch = Array.from({ length: 50 }, () => generator.next(random)).filter(([name]) => name !== 'CONFIG')
      await Promise.all(batch.map((argv) => master.client.send(argv)))
      commands += batch.length
      if (Date.now() < cutAt) continue
      cutAt = Date.now() + Math.min(ms / 8, 3000)
      cuts++
      proxies[random.integer(0, proxies.length - 1)].cut()
    }
    await master.tell('DISCARD')
    let above = master
    for (const peer of peers.slice(1)) {
      await linked(peer)
      await caughtUp(peer, above)
      above = peer
    }
    const digests = await Promise.all(peers.map((peer) => peer.tell('DEBUG DIGEST')))
    const sum = async (name: string): Promise<number> => {
      let total = 0
      for (const peer of peers) total += Number(await fieldOf(peer, name, 'stats'))
      return total
    }
    return { digests, full: await sum('sync_full'), partial: await sum('sync_partial_ok'), cuts, commands }
  } finally {
    for (const stop of stops) await stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function main(seconds: number): Promise<void> {
  const chains: readonly (readonly Kind[])[] = [
    ['genuine', 'ours'],
    ['ours', 'genuine'],
    ['ours', 'ours', 'ours'],
    ['genuine', 'ours', 'genuine'],
    ['ours', 'genuine', 'ours'],
  ]
  const seed = Date.now() % 2 ** 32
  console.log(`seed ${seed}`)
  for (const chain of chains) {
    const outcome = await runChain(chain, seconds * 1000, seed)
    const isEqual = new Set(outcome.digests).size === 1
    console.log(chain.join(' > '), isEqual ? 'equal' : 'DIFFERENT', JSON.stringify(outcome))
    if (!isEqual) process.exitCode = 1
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) void main(Number(process.argv[2] ?? 120))
