/**
 * LPUSH and RPUSH of one element, LPOP and RPOP of one, and LRANGE, with arguments by their places in the read buffer: what their handlers
 * in list.ts do, without a string for an element.
 */
import type { Bytes } from '../../base/bytes.ts'
import type { Places } from '../../base/places.ts'
import { back, HEADER_BYTES, writePlaced } from '../../keyspace/packed/element.ts'
import { endListpack, PACK_MAX } from '../../keyspace/packed/pack.ts'
import { seek } from '../../keyspace/packed/sequence.ts'
import { Form } from '../../keyspace/table/record.ts'
import { checkType } from '../../keyspace/typed.ts'
import { ListValue } from '../../keyspace/values/list.ts'
import type { ListNode } from '../../keyspace/values/listnode.ts'
import { exceedsFill } from '../../keyspace/values/listpack.ts'
import type { At } from '../../memory/arena.ts'
import type { Answer } from '../../protocol/answer.ts'
import { type Context, Notify, type PlacedForm } from '../command.ts'
import { ANSWERED, type PlacedReply } from '../placed.ts'
import { answerElement, answerElements, keyText } from '../placedanswer.ts'
import { endOf, firstOf, popOne, pushAll, removed } from './list.ts'

/** LPUSH key element */
export const placedLpush: PlacedForm = { suits: suitsPush, run: (c, p) => push(c, p, true) }

/** RPUSH key element */
export const placedRpush: PlacedForm = { suits: suitsPush, run: (c, p) => push(c, p, false) }

/** LPOP key */
export const placedLpop: PlacedForm = { suits: suitsPop, run: (c, p, out) => pop(c, p, out, true) }

/** RPOP key */
export const placedRpop: PlacedForm = { suits: suitsPop, run: (c, p, out) => pop(c, p, out, false) }

/** LRANGE key start stop */
export const placedLrange: PlacedForm = {
  suits: (p) => !Number.isNaN(p.integer(2)) && !Number.isNaN(p.integer(3)),
  run(c: Context, p: Places, out: Answer): PlacedReply {
    const at = c.db.readPlace(p, 1)
    if (at === 0) return []
    const { table } = c.db
    if (table.formOf(at) === Form.List) {
      const pack = table.packAt(at)
      const { count } = pack
      const from = firstOf(p.integer(2), count)
      const length = endOf(p.integer(3), count) - from
      if (length <= 0) return []
      out.array(length)
      answerElements(pack.bytes, pack.view, seek(pack, from), length, out)
      return ANSWERED
    }
    const list = checkType(table.valueOf(at, keyText(c, p, at)), ListValue)!
    const from = firstOf(p.integer(2), list.length)
    const length = endOf(p.integer(3), list.length) - from
    if (length <= 0) return []
    out.array(length)
    answerRange(list, from, length, out)
    return ANSWERED
  },
}

function suitsPush(p: Places): boolean {
  return p.count === 3 && p.length(2) <= PACK_MAX
}

function suitsPop(p: Places): boolean {
  return p.count === 2
}

function push(c: Context, p: Places, atHead: boolean): PlacedReply {
  const { table } = c.db
  const at = c.db.findPlace(p, 1)
  let length: number | undefined
  if (at === 0) length = createPacked(c, p)
  else if (table.formOf(at) === Form.List) length = pushPacked(c, p, at, atHead)
  if (length !== undefined) {
    c.signalPlace(p, 1, Notify.List, atHead ? 'lpush' : 'rpush')
    return length
  }
  const key = keyText(c, p, at)
  const list = at === 0 ? undefined : checkType(table.valueOf(at, key), ListValue)!
  if (list === undefined || list.isPacked) return pushAll(c, key, list, p.argv(), atHead)
  list.growBy(p.length(2), 1)
  list.pushWritten(writePlaced(p, 2, 0), p.length(2), atHead)
  c.signal(key, Notify.List, atHead ? 'lpush' : 'rpush')
  return list.length
}

/** 1; undefined, and nothing is changed, if a new list is not to be packed. */
function createPacked(c: Context, p: Places): number | undefined {
  const length = endListpack(writePlaced(p, 2, HEADER_BYTES), 1)
  if (length === 0) return undefined
  c.db.addPackedPlace(p, 1, Form.List, length, c.config)
  return 1
}

/** The number of elements; undefined, and nothing is changed, if that is too much for a pack. As `ListValue.grow` asks. */
function pushPacked(c: Context, p: Places, at: At, atHead: boolean): number | undefined {
  const pack = c.db.table.packAt(at)
  const count = pack.count + 1
  if (exceedsFill(c.config['list-max-listpack-size'], pack.length + p.length(2), count)) return undefined
  return pack.change(atHead ? pack.first() : pack.end(), 0, writePlaced(p, 2, 0), 1) ? count : undefined
}

function pop(c: Context, p: Places, out: Answer, atHead: boolean): PlacedReply {
  const at = c.db.findPlace(p, 1)
  if (at === 0) return null
  const { table } = c.db
  const pack = table.formOf(at) === Form.List ? table.packAt(at) : undefined
  if (pack === undefined || pack.count === 1) {
    const key = keyText(c, p, at)
    const list = checkType(table.valueOf(at, key), ListValue)!
    return list.isPacked ? popOne(c, key, list, atHead) : popEnd(c, key, list, out, atHead)
  }
  const from = atHead ? pack.first() : back(pack.bytes, pack.end())
  const reply = answerElement(pack, from, out)
  pack.change(from, pack.skip(from) - from, 0, -1)
  c.signalPlace(p, 1, Notify.List, atHead ? 'lpop' : 'rpop')
  return reply
}

/** As `popOne`, of a list that does not lie in a record. */
function popEnd(c: Context, key: Bytes, list: ListValue, out: Answer, atHead: boolean): PlacedReply {
  const node = list.openEnd(atHead)
  if (node.long !== undefined) return popOne(c, key, list, atHead)
  answerElements(node.array, node.view, node.edge(atHead), 1, out)
  list.drop(atHead)
  removed(c, key, list, atHead ? 'lpop' : 'rpop', 1)
  return ANSWERED
}

/** Answers elements of a list that does not lie in a record. */
function answerRange(list: ListValue, from: number, length: number, out: Answer): void {
  const place = list.locate(from)
  let { offset } = place
  let node: ListNode | undefined = place.node
  for (let left = length; left > 0 && node !== undefined; node = node.next) {
    const count = Math.min(left, node.count - offset)
    if (node.long !== undefined) out.add(node.long)
    else answerElements(node.array, node.view, node.seek(offset), count, out)
    left -= count
    offset = 0
  }
}
