/** What stands behind the doors: one genuine Redis, a Cluster of six, a master under three Sentinels. */
import type { Server } from '../../lib/server.ts'
import type { RespClient } from '../clients/resp.ts'
import { Genuine } from '../contract/harness/genuine.ts'
import { GenuineCluster, SentinelSet } from './fleet.ts'

export interface Behind {
  readonly url: string
  /** Empties it before a case, by a server of ours that is in front of it. */
  reset(server: Server): Promise<void>
  /** Number of clients that wait there. */
  blocked(server: Server): Promise<number>
  stop(): Promise<void>
}

/** What a case that was broken off may have left. */
const RESET: readonly (readonly string[])[] = [
  ['REPLICAOF', 'NO', 'ONE'],
  ['CONFIG', 'SET', 'min-replicas-to-write', '0', 'maxmemory', '0', 'requirepass', '', 'notify-keyspace-events', ''],
  ['FUNCTION', 'FLUSH'],
  ['SCRIPT', 'FLUSH'],
  ['FLUSHALL'],
]

export async function singleBehind(): Promise<Behind> {
  let genuine = await Genuine.start()
  let control = await genuine.connect()
  const clean = async (): Promise<boolean> => {
    const replies = await control.pipeline(RESET)
    return !replies.some(
      (reply) => typeof reply === 'object' && reply !== null && 'kind' in reply && reply.kind === 'error',
    )
  }
  return {
    get url() {
      return `unix:${genuine.path}`
    },
    async reset() {
      if (await clean()) return
      control.close()
      await genuine.stop()
      genuine = await Genuine.start()
      control = await genuine.connect()
      await clean()
    },
    blocked: () => blockedAt(control),
    async stop() {
      control.close()
      await genuine.stop()
    },
  }
}

async function blockedAt(control: RespClient): Promise<number> {
  const info = (await control.send(['INFO', 'clients'])) as string
  return Number(/blocked_clients:(\d+)/.exec(info)![1])
}

export async function clusterBehind(): Promise<Behind> {
  const cluster = await GenuineCluster.start()
  const controls = await Promise.all(cluster.nodes.map((node) => node.connect()))
  return {
    url: cluster.url,
    async reset(server) {
      server.cron() // gives up what nobody subscribes to any more
      await server.execute('FLUSHALL')
      await server.execute('FUNCTION', 'FLUSH')
    },
    async blocked() {
      const counts = await Promise.all(controls.map(blockedAt))
      return counts.reduce((sum, count) => sum + count, 0)
    },
    async stop() {
      for (const control of controls) control.close()
      await cluster.stop()
    },
  }
}

export interface BehindSentinels extends Behind {
  readonly set: SentinelSet
}

export async function sentinelsBehind(): Promise<BehindSentinels> {
  const set = await SentinelSet.start()
  return {
    set,
    url: set.url,
    async reset(server) {
      server.cron() // gives up what nobody subscribes to any more
      await server.execute('FLUSHALL')
      await server.execute('FUNCTION', 'FLUSH')
    },
    blocked: async (server) =>
      Number(/blocked_clients:(\d+)/.exec(String(await server.execute('INFO', 'clients')))![1]),
    stop: () => set.stop(),
  }
}
