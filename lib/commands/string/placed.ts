/**
 * GET, MGET and MSET with arguments by their places in the read buffer: what their handlers in string.ts and multistring.ts do,
 * without a string for a key or a value. SET and its kin are in placedset.ts.
 */
import type { Places } from '../../base/places.ts'
import { OK, type Reply } from '../../base/reply.ts'
import { NO_EXPIRY } from '../../keyspace/db.ts'
import { Form } from '../../keyspace/table/record.ts'
import type { Table } from '../../keyspace/table/table.ts'
import { checkString } from '../../keyspace/typed.ts'
import { StringBuffer, stringBytes } from '../../keyspace/values/string.ts'
import type { At } from '../../memory/arena.ts'
import type { Answer } from '../../protocol/answer.ts'
import { type Context, Notify, type PlacedForm } from '../command.ts'
import { ANSWERED, fitTexts, type PlacedReply } from '../placed.ts'

/** GET key */
export const placedGet: PlacedForm = {
  suits: () => true,
  run(c: Context, p: Places, out: Answer): PlacedReply {
    const at = c.db.readPlace(p, 1)
    if (at === 0) return null
    const { table } = c.db
    if (table.formOf(at) !== Form.Text) return stringBytes(checkString(table.valueOf(at))!)
    answerText(table, at, out)
    return ANSWERED
  },
}

/** MGET key [key …] */
export const placedMget: PlacedForm = {
  suits: () => true,
  run(c: Context, p: Places, out: Answer): PlacedReply {
    const { db } = c
    out.array(p.count - 1)
    for (let i = 1; i < p.count; i++) {
      const at = db.readPlace(p, i)
      if (at === 0) out.add(null)
      else if (db.table.formOf(at) === Form.Text) answerText(db.table, at, out)
      else out.add(otherString(db.table, at))
    }
    return ANSWERED
  },
}

/** MSET key value [key value …] */
export const placedMset: PlacedForm = {
  suits: (p) => p.count % 2 === 1 && fitTexts(p, 2),
  run(c: Context, p: Places): PlacedReply {
    for (let i = 1; i < p.count; i += 2) {
      c.db.setPlace(p, i, i + 1, NO_EXPIRY)
      c.signalPlace(p, i, Notify.String, 'set')
    }
    return OK
  },
}

function answerText(table: Table, at: At, out: Answer): void {
  table.openText(at)
  out.bulk(table.textBytes, table.textView, table.textStart, table.textEnd)
}

/** A string that is none by its place; nil for what is no string. */
function otherString(table: Table, at: At): Reply {
  const value = table.valueOf(at)
  return typeof value === 'object' && !(value instanceof StringBuffer) ? null : stringBytes(value)
}
