/**
 * HGET, HGETALL, and HSET of one field, with arguments by their places in the read buffer: what their handlers in hash.ts do, without a string for
 * anything, where the hash is packed, new, or large.
 */
import type { Bytes } from '../../base/bytes.ts'
import type { Places } from '../../base/places.ts'
import type { Elements } from '../../keyspace/large/elements.ts'
import { HEADER_BYTES, writePlaced } from '../../keyspace/packed/element.ts'
import { endListpack, PACK_MAX } from '../../keyspace/packed/pack.ts'
import { Form } from '../../keyspace/table/record.ts'
import { checkType } from '../../keyspace/typed.ts'
import { HashValue } from '../../keyspace/values/hash.ts'
import type { At } from '../../memory/arena.ts'
import type { Answer } from '../../protocol/answer.ts'
import { always, type Context, Notify, type PlacedForm } from '../command.ts'
import { ANSWERED, type PlacedReply } from '../placed.ts'
import { answerElement, answerElements, answerKey, keyText, leavesAtOnce } from '../placedanswer.ts'
import { allPairs, readField, setPairs } from './hash.ts'

/** HGET key field */
export const placedHget: PlacedForm = {
  suits: (p) => p.length(2) <= PACK_MAX,
  run(c: Context, p: Places, out: Answer): PlacedReply {
    const at = c.db.readPlace(p, 1)
    if (at === 0) return null
    const { table } = c.db
    if (table.formOf(at) !== Form.Hash) {
      const key = keyText(c, p, at)
      const hash = checkType(table.valueOf(at, key), HashValue)!
      const elements = hash.expiry === undefined ? hash.elements : undefined
      return elements === undefined ? (readField(c, key, hash, p.text(2)) ?? null) : answerValue(elements, p, out)
    }
    const pack = table.packAt(at)
    const found = pack.findPlace(p, 2, 2)
    return found === -1 ? null : answerElement(pack, pack.skip(found), out)
  },
}

/** HGETALL key */
export const placedHgetall: PlacedForm = {
  suits: always,
  run(c: Context, p: Places, out: Answer): PlacedReply {
    const at = c.db.readPlace(p, 1)
    const { table } = c.db
    if (at === 0 || table.formOf(at) !== Form.Hash) {
      const hash = at === 0 ? undefined : checkType(table.valueOf(at, keyText(c, p, at)), HashValue)
      const elements = hash?.expiry === undefined ? hash?.elements : undefined
      if (!leavesAtOnce(elements)) return allPairs(c, hash)
      answerPairs(elements, out)
      return ANSWERED
    }
    const pack = table.packAt(at)
    const { count } = pack
    out.map(count / 2)
    answerElements(pack.bytes, pack.view, pack.first(), count, out)
    return ANSWERED
  },
}

/** HSET key field value */
export const placedHset: PlacedForm = {
  suits: (p) => p.count === 4 && p.length(2) <= PACK_MAX && p.length(3) <= PACK_MAX,
  run(c: Context, p: Places): PlacedReply {
    const { table } = c.db
    const at = c.db.findPlace(p, 1)
    let added: number | undefined
    if (at === 0) added = addPacked(c, p)
    else if (table.formOf(at) === Form.Hash) added = setPacked(c, p, at)
    if (added === undefined) {
      const key = keyText(c, p, at)
      const hash = at === 0 ? undefined : checkType(table.valueOf(at, key), HashValue)
      const elements = hash?.expiry === undefined ? hash?.elements : undefined
      return elements === undefined ? setPairs(c, key, hash, p.argv(2)) : setValue(c, key, elements, p)
    }
    c.signalPlace(p, 1, Notify.Hash, 'hset')
    return added
  },
}

function answerPairs(elements: Elements, out: Answer): void {
  out.map(elements.size)
  for (let i = 0; i < elements.size; i++) {
    const at = elements.atPosition(i)
    answerKey(elements, at, out)
    if (elements.openValue(at))
      out.bulk(elements.valueBytes, elements.valueView, elements.valueStart, elements.valueEnd)
    else out.add(elements.valueOf(at))
  }
}

/** Answers the value of a field of a large hash in which no field has a time. */
function answerValue(elements: Elements, p: Places, out: Answer): PlacedReply {
  const at = elements.findPlace(p, 2)
  if (at === 0) return null
  if (!elements.openValue(at)) return elements.valueOf(at)
  out.bulk(elements.valueBytes, elements.valueView, elements.valueStart, elements.valueEnd)
  return ANSWERED
}

/** HSET of a large hash in which no field has a time. */
function setValue(c: Context, key: Bytes, elements: Elements, p: Places): number {
  const isNew = elements.setPlace(p, 2, 3)
  c.signal(key, Notify.Hash, 'hset')
  return isNew ? 1 : 0
}

/** 1 for a new hash; undefined, and nothing is changed, if it is not to be packed. */
function addPacked(c: Context, p: Places): number | undefined {
  if (!fits(c, p)) return undefined
  const length = endListpack(writePlaced(p, 3, writePlaced(p, 2, HEADER_BYTES)), 2)
  if (length === 0) return undefined
  c.db.addPackedPlace(p, 1, Form.Hash, length, c.config)
  return 1
}

/** 1 for a new field, 0 for one that was there; undefined, and nothing is changed, if that is too much for a pack. */
function setPacked(c: Context, p: Places, at: At): number | undefined {
  if (!fits(c, p)) return undefined
  const pack = c.db.table.packAt(at)
  const found = pack.findPlace(p, 2, 2)
  if (found !== -1) {
    const from = pack.skip(found)
    return pack.change(from, pack.skip(from) - from, writePlaced(p, 3, 0), 0) ? 0 : undefined
  }
  if (pack.count / 2 >= c.config['hash-max-listpack-entries']) return undefined
  return pack.change(pack.end(), 0, writePlaced(p, 3, pack.sought), 2) ? 1 : undefined
}

/** As `HashValue.grow` asks. */
function fits({ config }: Context, p: Places): boolean {
  if (config['hash-max-listpack-entries'] < 1) return false
  return Math.max(p.length(2), p.length(3)) <= config['hash-max-listpack-value']
}
