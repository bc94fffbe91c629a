/** CLUSTER's subcommands about slots: whose they are, and the keys that they have. */
import type { Bytes } from '../../base/bytes.ts'
import { wrongArity } from '../../base/errors.ts'
import { OK, type Reply, ReplyError } from '../../base/reply.ts'
import { SLOTS, slotOf } from '../../base/slots.ts'
import type { Member } from '../../cluster/member.ts'
import type { ClusterNode } from '../../cluster/node.ts'
import type { Args } from '../args.ts'
import type { Context } from '../command.ts'
import {
  BAD_SETSLOT,
  BAD_SLOT,
  BAD_SLOT_COUNTED,
  BAD_SLOT_OR_COUNT,
  FLUSHSLOTS_WITH_KEYS,
  notSlotOwner,
  SETSLOT_ON_REPLICA,
  slotBusy,
  slotHasKeys,
  slotOwnerAlready,
  slotRangeReversed,
  slotTwice,
  slotUnassigned,
  strangeNode,
  TARGET_IS_REPLICA,
  unknownNode,
} from './errors.ts'

/** The next argument as a slot; latches the error of one that is none. */
export function takeSlot(a: Args): number {
  return a.integerBetween(0, SLOTS - 1, BAD_SLOT)
}

/** CLUSTER ADDSLOTS slot [slot …] */
export function addslots(_: Context, a: Args, cluster: Member): Reply {
  return assign(cluster, takeSlots(a, cluster, false), false)
}

/** CLUSTER DELSLOTS slot [slot …] */
export function delslots(_: Context, a: Args, cluster: Member): Reply {
  return assign(cluster, takeSlots(a, cluster, true), true)
}

/** CLUSTER ADDSLOTSRANGE start-slot end-slot [start-slot end-slot …] */
export function addslotsrange(_: Context, a: Args, cluster: Member): Reply {
  return assign(cluster, takeRanges(a, cluster, false), false)
}

/** CLUSTER DELSLOTSRANGE start-slot end-slot [start-slot end-slot …] */
export function delslotsrange(_: Context, a: Args, cluster: Member): Reply {
  return assign(cluster, takeRanges(a, cluster, true), true)
}

function takeSlots(a: Args, cluster: Member, deletes: boolean): ReadonlySet<number> | ReplyError {
  const from = a.position
  while (!a.done) takeSlot(a)
  if (a.error !== undefined) return a.error
  a.move(from - a.position)
  const slots = new Set<number>()
  while (!a.done) {
    const slot = takeSlot(a)
    const error = mark(cluster, slots, slot, slot, deletes)
    if (error !== undefined) return error
  }
  return slots
}

function takeRanges(a: Args, cluster: Member, deletes: boolean): ReadonlySet<number> | ReplyError {
  if (a.left % 2 !== 0) return wrongArity(deletes ? 'cluster|delslotsrange' : 'cluster|addslotsrange')
  const slots = new Set<number>()
  while (!a.done) {
    const first = takeSlot(a)
    const last = takeSlot(a)
    if (a.error !== undefined) return a.error
    if (first > last) return slotRangeReversed(first, last)
    const error = mark(cluster, slots, first, last, deletes)
    if (error !== undefined) return error
  }
  return slots
}

/** Adds slots to those to be given or taken away; the error if one of them cannot be, or is there already. */
function mark(
  { view }: Member,
  slots: Set<number>,
  first: number,
  last: number,
  deletes: boolean,
): ReplyError | undefined {
  for (let slot = first; slot <= last; slot++) {
    const isOwned = view.owners[slot] !== undefined
    if (deletes && !isOwned) return slotUnassigned(slot)
    if (!deletes && isOwned) return slotBusy(slot)
    if (slots.has(slot)) return slotTwice(slot)
    slots.add(slot)
  }
  return undefined
}

function assign(cluster: Member, slots: ReadonlySet<number> | ReplyError, deletes: boolean): Reply {
  if (slots instanceof ReplyError) return slots
  const { view } = cluster
  for (const slot of slots) {
    view.importing.delete(slot)
    if (deletes) view.unassign(slot)
    else view.assign(view.myself, slot)
  }
  cluster.changed()
  return OK
}

/** CLUSTER FLUSHSLOTS */
export function flushslots(_: Context, __: Args, cluster: Member): Reply {
  if (cluster.keys !== 0) return FLUSHSLOTS_WITH_KEYS
  cluster.view.unassignAll(cluster.view.myself)
  cluster.changed()
  return OK
}

/** CLUSTER SETSLOT slot IMPORTING node-id | MIGRATING node-id | NODE node-id | STABLE */
export function setslot(_: Context, a: Args, cluster: Member): Reply {
  const { view } = cluster
  if (!view.myself.isMaster) return SETSLOT_ON_REPLICA
  const slot = takeSlot(a)
  if (a.error !== undefined) return a.error
  const action = a.word()
  if (action === 'STABLE' && a.done) {
    view.importing.delete(slot)
    view.migrating.delete(slot)
    cluster.changed()
    return OK
  }
  if (a.left !== 1) return BAD_SETSLOT
  const id = a.next()
  if (action === 'MIGRATING') return open(cluster, view.migrating, slot, id, true)
  if (action === 'IMPORTING') return open(cluster, view.importing, slot, id, false)
  return action === 'NODE' ? setOwner(cluster, slot, id) : BAD_SETSLOT
}

/** Notes that a slot is on its way, which is or is not this node's. */
function open(cluster: Member, slots: Map<number, ClusterNode>, slot: number, id: Bytes, isMine: boolean): Reply {
  const { view } = cluster
  const owns = view.owners[slot] === view.myself
  if (isMine && !owns) return notSlotOwner(slot)
  if (!isMine && owns) return slotOwnerAlready(slot)
  const node = view.nodes.get(id)
  if (node === undefined) return strangeNode(id)
  if (!node.isMaster) return TARGET_IS_REPLICA
  slots.set(slot, node)
  cluster.changed()
  return OK
}

function setOwner(cluster: Member, slot: number, id: Bytes): Reply {
  const { view } = cluster
  const node = view.nodes.get(id)
  if (node === undefined) return unknownNode(id)
  if (!node.isMaster) return TARGET_IS_REPLICA
  if (view.owners[slot] === view.myself && node !== view.myself && cluster.countKeys(slot) !== 0) {
    return slotHasKeys(slot)
  }
  cluster.setOwner(slot, node)
  return OK
}

/** CLUSTER KEYSLOT key */
export function keyslot(_: Context, a: Args): Reply {
  return slotOf(a.next())
}

/** CLUSTER COUNTKEYSINSLOT slot */
export function countkeysinslot(_: Context, a: Args, cluster: Member): Reply {
  const slot = a.integer()
  if (a.error !== undefined) return a.error
  return slot < 0 || slot >= SLOTS ? BAD_SLOT_COUNTED : cluster.countKeys(slot)
}

/** CLUSTER GETKEYSINSLOT slot count */
export function getkeysinslot(c: Context, a: Args): Reply {
  const slot = a.integer()
  const count = a.integer()
  if (a.error !== undefined) return a.error
  if (slot < 0 || slot >= SLOTS || count < 0) return BAD_SLOT_OR_COUNT
  return c.db.slotKeys?.first(slot, count) ?? []
}
