/**
 * SISMEMBER, SMEMBERS, SADD of one member, and SPOP without a count, with arguments by their places in the read buffer: what their handlers
 * in set.ts do, all but the last without a string for anything, where the set is packed or large.
 */
import type { Places } from '../../base/places.ts'
import { HEADER_BYTES, writePlaced } from '../../keyspace/packed/element.ts'
import { addInteger, countOf, indexOf, writeIntset } from '../../keyspace/packed/intset.ts'
import { endListpack, PACK_MAX } from '../../keyspace/packed/pack.ts'
import { Form } from '../../keyspace/table/record.ts'
import { checkType } from '../../keyspace/typed.ts'
import { SetValue } from '../../keyspace/values/set.ts'
import type { At } from '../../memory/arena.ts'
import type { Answer } from '../../protocol/answer.ts'
import { always, type Context, Notify, type PlacedForm } from '../command.ts'
import { ANSWERED, type PlacedReply } from '../placed.ts'
import { answerElements, answerKey, keyText, leavesAtOnce } from '../placedanswer.ts'
import { addMembers, allMembers, popMember } from './set.ts'

/** SISMEMBER key member */
export const placedSismember: PlacedForm = {
  suits: (p) => p.length(2) <= PACK_MAX,
  run(c: Context, p: Places): PlacedReply {
    const at = c.db.readPlace(p, 1)
    if (at === 0) return 0
    const { table } = c.db
    const form = table.formOf(at)
    if (form === Form.Set) return table.packAt(at).findPlace(p, 2, 1) === -1 ? 0 : 1
    const integer = form === Form.Intset ? p.integer(2) : Number.NaN
    if (!Number.isNaN(integer)) return indexOf(table.packAt(at), integer) === -1 ? 0 : 1
    return checkType(table.valueOf(at, keyText(c, p, at)), SetValue)!.hasPlace(p, 2) ? 1 : 0
  },
}

/** SMEMBERS key */
export const placedSmembers: PlacedForm = {
  suits: always,
  run(c: Context, p: Places, out: Answer): PlacedReply {
    const at = c.db.readPlace(p, 1)
    const { table } = c.db
    if (at === 0 || table.formOf(at) !== Form.Set) {
      const set = at === 0 ? undefined : checkType(table.valueOf(at, keyText(c, p, at)), SetValue)
      const elements = set?.elements
      if (!leavesAtOnce(elements)) return allMembers(set)
      out.set(elements.size)
      for (let i = 0; i < elements.size; i++) answerKey(elements, elements.atPosition(i), out)
      return ANSWERED
    }
    const pack = table.packAt(at)
    const { count } = pack
    out.set(count)
    answerElements(pack.bytes, pack.view, pack.first(), count, out)
    return ANSWERED
  },
}

/** SADD key member */
export const placedSadd: PlacedForm = {
  suits: (p) => p.count === 3 && p.length(2) <= PACK_MAX,
  run(c: Context, p: Places): PlacedReply {
    const { table } = c.db
    const at = c.db.findPlace(p, 1)
    const added = at === 0 ? createPacked(c, p) : addPacked(c, p, at)
    if (added === undefined) {
      const key = keyText(c, p, at)
      const set = at === 0 ? undefined : checkType(table.valueOf(at, key), SetValue)
      if (set?.elements === undefined) return addMembers(c, key, set, p.argv(2))
      if (!set.addPlace(p, 2)) return 0
      c.signal(key, Notify.Set, 'sadd')
      return 1
    }
    if (added === 1) c.signalPlace(p, 1, Notify.Set, 'sadd')
    return added
  },
}

/** SPOP key */
export const placedSpop: PlacedForm = {
  suits: (p) => p.count === 2,
  run(c: Context, p: Places): PlacedReply {
    const at = c.db.findPlace(p, 1)
    if (at === 0) return null
    const key = keyText(c, p, at)
    return popMember(c, key, checkType(c.db.table.valueOf(at, key), SetValue)!)
  },
}

/** 1; undefined, and nothing is changed, if a new set is not to be packed. */
function createPacked(c: Context, p: Places): number | undefined {
  const { config } = c
  const integer = p.integer(2)
  if (!Number.isNaN(integer)) {
    if (config['set-max-intset-entries'] < 1) return undefined
    c.db.addPackedPlace(p, 1, Form.Intset, writeIntset([integer]), config)
    return 1
  }
  if (config['set-max-listpack-entries'] < 1 || p.length(2) > config['set-max-listpack-value'] || isLong(p))
    return undefined
  const length = endListpack(writePlaced(p, 2, HEADER_BYTES), 1)
  if (length === 0) return undefined
  c.db.addPackedPlace(p, 1, Form.Set, length, config)
  return 1
}

/** 1 for a new member, 0 for one that was there; undefined, and nothing is changed, if that is too much for a pack. */
function addPacked(c: Context, p: Places, at: At): number | undefined {
  const { config } = c
  const { table } = c.db
  const form = table.formOf(at)
  if (form === Form.Intset) {
    const integer = p.integer(2)
    const pack = table.packAt(at)
    if (Number.isNaN(integer) || countOf(pack) >= config['set-max-intset-entries']) return undefined
    const isNew = addInteger(pack, integer)
    return isNew === undefined ? undefined : isNew ? 1 : 0
  }
  if (form !== Form.Set) return undefined
  const pack = table.packAt(at)
  if (pack.findPlace(p, 2, 1) !== -1) return 0
  if (pack.count >= config['set-max-listpack-entries'] || p.length(2) > config['set-max-listpack-value'])
    return undefined
  return pack.change(pack.end(), 0, pack.sought, 1) ? 1 : undefined
}

/** Whether a member that is no safe integer may be one of 64 bits. */
function isLong(p: Places): boolean {
  const lead = p.bytes[p.start(2)]
  return p.length(2) > 15 && ((lead >= 48 && lead <= 57) || lead === 45)
}
