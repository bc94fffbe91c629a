/** How nodes of one process become a cluster: masters with a part of the slots each, and replicas of them. */
import { inBackground, monotonic } from '../base/runtime.ts'
import { SLOTS } from '../base/slots.ts'
import type { Member } from '../cluster/member.ts'
import type { Server } from './server.ts'

/** A replica that has not got the data of its master by then will not. */
const SYNC_MS = 10_000
const LOOK_MS = 2

/** The node that a server is. @throws Error for one that is none */
export function memberOf({ engine }: Server): Member {
  const { cluster } = engine.ports
  if (cluster === undefined) throw new Error('the server has no cluster-enabled')
  return cluster
}

/**
 * Makes a cluster of servers that listen, on one bus: the first ones are the masters, in turn followed by the others. Settles when the
 * replicas have the data of their masters. @throws Error where one does not get it
 */
export async function formCluster(servers: readonly Server[], masters: number): Promise<void> {
  const members = servers.map(memberOf)
  for (const [index, { view }] of members.entries()) {
    view.currentEpoch = view.myself.configEpoch = index + 1
    if (index >= masters) continue
    for (let slot = firstSlot(index, masters); slot < firstSlot(index + 1, masters); slot++) {
      view.assign(view.myself, slot)
    }
  }
  const [first] = members
  first.changed()
  for (const { view } of members.slice(1)) first.meet(view.myself.ip, view.myself.port, view.myself.busPort)
  for (const [index, member] of members.entries()) {
    if (index >= masters) member.replicate(member.view.nodes.get(members[index % masters].view.myself.id)!)
  }
  await Promise.all(members.slice(masters).map(linked))
}

/** As redis-cli cuts them. */
function firstSlot(index: number, masters: number): number {
  return index === masters ? SLOTS : Math.round((index * SLOTS) / masters)
}

/** Settles when a replica has the data of its master. @throws Error where it does not get it */
export async function linked(member: Member): Promise<void> {
  const startedAt = monotonic()
  while (!member.isLinked) {
    if (monotonic() - startedAt > SYNC_MS) throw new Error('a replica was not synchronised')
    await new Promise<void>((resolve) => inBackground(LOOK_MS, resolve))
  }
}
