/** Nodes on one bus: who has a slot where two claim it, and what becomes of who has lost. */
import { describe, expect, test } from 'vitest'
import { Bus } from '../../lib/cluster/bus.ts'
import { Member, type MemberParts } from '../../lib/cluster/member.ts'
import { Config } from '../../lib/config/config.ts'

let made = 0

/** A node without a store: what is done to one is written down. */
function node(bus: Bus, settings: Record<string, string> = {}) {
  const done: string[] = []
  const keys = new Map<number, number>()
  const port = 7000 + ++made
  const parts: MemberParts = {
    config: new Config(settings).values,
    now: () => 1000,
    randomId: () => `${++made}`.padStart(40, '0'),
    ports: () => ({ port, tlsPort: 0 }),
    offset: () => 0,
    isLinked: () => true,
    countKeys: (slot) => keys.get(slot) ?? 0,
    countAllKeys: () => keys.size,
    deleteKeys: (slots) => done.push(`delete ${slots}`),
    follow: (_, to) => done.push(`follow ${to}`),
    lead: () => done.push('lead'),
    empty: () => done.push('empty'),
    dropSlots: (slots) => done.push(`drop ${[...slots]}`),
    endWaits: () => {},
    deliver: (channel) => done.push(`message ${channel}`),
    holdWrites: (holds) => done.push(`hold ${holds}`),
    log: () => {},
  }
  const member = new Member(parts, bus)
  const { view } = member
  return { member, view, done, keys, port, owns: (slot: number) => view.owners[slot] === view.myself }
}

/** Nodes that know each other. */
function nodes(count: number, settings?: Record<string, string>) {
  const bus = new Bus()
  const all = Array.from({ length: count }, () => node(bus, settings))
  for (const { view } of all.slice(1)) all[0].member.meet(view.myself.ip, view.myself.port, view.myself.busPort)
  return all
}

describe('nodes on one bus', () => {
  test('who meets one meets all, and each has an epoch of its own', () => {
    const all = nodes(4)
    for (const { view } of all) expect(view.nodes.size).toBe(4)
    expect(new Set(all.map(({ view }) => view.myself.configEpoch)).size).toBe(4)
  })

  test('a slot that nobody has goes to who claims it; one that is taken, to the greater epoch', () => {
    const [a, b, c] = nodes(3)
    a.view.assign(a.view.myself, 1)
    a.member.changed()
    expect([b, c].map(({ view }) => view.owners[1]?.id)).toEqual([a.view.myself.id, a.view.myself.id])
    b.view.move(b.view.myself, 1)
    b.view.bumpEpoch()
    b.member.changed()
    expect([a, b, c].map(({ owns }) => owns(1))).toEqual([false, true, false])
    expect(a.done).toContain(`follow ${b.port}`)
  })

  test('keys of a slot that went to another are deleted, unless its node becomes a replica', () => {
    const [a, b] = nodes(2)
    for (const slot of [1, 2]) a.view.assign(a.view.myself, slot)
    a.member.changed()
    a.keys.set(1, 5)
    b.view.move(b.view.myself, 1)
    b.view.bumpEpoch()
    b.member.changed()
    expect(a.done).toEqual(expect.arrayContaining(['delete 1', 'drop 1']))
    expect(a.done.join()).not.toContain('follow')
  })

  test('a slot that its owner no longer has is told to nobody, and goes to whoever claims it', () => {
    const [a, b] = nodes(2)
    a.view.assign(a.view.myself, 1)
    a.view.assign(a.view.myself, 2)
    a.member.changed()
    a.view.unassign(1)
    a.member.changed()
    expect(b.view.owners[1]?.id).toBe(a.view.myself.id)
    b.view.move(b.view.myself, 1)
    b.member.changed()
    expect([a.view.owners[1]?.id, b.owns(1)]).toEqual([b.view.myself.id, true])
  })

  test('with cluster-allow-replica-migration no, a master without slots stays one', () => {
    const [a, b] = nodes(2, { 'cluster-allow-replica-migration': 'no' })
    a.view.assign(a.view.myself, 1)
    b.view.assign(b.view.myself, 2)
    a.member.changed()
    b.member.changed()
    b.view.importing.set(1, b.view.nodes.get(a.view.myself.id)!)
    b.member.setOwner(1, b.view.myself)
    expect([a.view.myself.isMaster, b.owns(1)]).toEqual([true, true])
  })

  test('a replica that takes over has the slots of its master, whose other replicas follow it', () => {
    const [a, b, c] = nodes(3)
    for (let slot = 0; slot < 16384; slot++) a.view.assign(a.view.myself, slot)
    a.member.changed()
    for (const replica of [b, c]) replica.member.replicate(replica.view.nodes.get(a.view.myself.id)!)
    expect([a, b, c].map(({ view }) => view.isOk)).toEqual([true, true, true])
    b.member.takeOver()
    expect([a, b, c].map(({ view }) => view.owners[5]?.id)).toEqual(new Array(3).fill(b.view.myself.id))
    expect(b.done).toContain('lead')
    for (const { view, done } of [a, c]) {
      expect(view.myself.master?.id).toBe(b.view.myself.id)
      expect(done).toContain(`follow ${b.port}`)
    }
  })

  test('who is gone has failed for the others: with its slots, the cluster is down', () => {
    const [a, b] = nodes(2)
    for (let slot = 0; slot < 16384; slot++)
      (slot % 2 === 0 ? a : b).view.assign((slot % 2 === 0 ? a : b).view.myself, slot)
    a.member.changed()
    b.member.changed()
    expect([a.view.isOk, b.view.isOk]).toEqual([true, true])
    b.member.close()
    expect([a.view.isOk, a.view.nodes.get(b.view.myself.id)!.isFailed]).toEqual([false, true])
  })

  test('a node of another process is waited for, and forgotten', () => {
    const [a] = nodes(1)
    a.member.meet('10.0.0.1', 7000, 17000)
    a.member.meet('10.0.0.1', 7000, 17000)
    expect(a.view.nodes.size).toBe(2)
    a.view.forgetUnheard(1000 + 15_000)
    expect(a.view.nodes.size).toBe(1)
  })

  test('messages reach the other nodes of the shard, or all', () => {
    const [a, b, c] = nodes(3)
    b.member.replicate(b.view.nodes.get(a.view.myself.id)!)
    a.member.publish('sharded', 'x', true)
    a.member.publish('news', 'x', false)
    expect([b, c].map(({ done }) => done.filter((what) => what.startsWith('message')))).toEqual([
      ['message sharded', 'message news'],
      ['message news'],
    ])
  })
})
