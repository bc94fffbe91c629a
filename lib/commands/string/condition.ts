/**
 * What must hold of a key's old value: NX and XX, and from Redis 8.4 the comparisons IFEQ, IFNE (with a value), IFDEQ and
 * IFDNE (with a digest, see xxh3.ts). SET takes one among its options; DELEX, which deletes under such a condition, and
 * DIGEST are here too. Texts and the order of checks as Redis 8.4 has them, by its documentation and its test suite.
 */
import type { Bytes } from '../../base/bytes.ts'
import { wrongArity } from '../../base/errors.ts'
import { type Reply, ReplyError } from '../../base/reply.ts'
import type { Db } from '../../keyspace/db.ts'
import { typeName } from '../../keyspace/typed.ts'
import type { StringValue } from '../../keyspace/value.ts'
import { stringBytes } from '../../keyspace/values/string.ts'
import type { Args } from '../args.ts'
import { type Command, type Context, command, keyAt, Notify } from '../command.ts'
import { xxh3 } from '../xxh3.ts'
import { CONDITION_NEEDS_STRING, INVALID_CONDITION, INVALID_DIGEST } from './errors.ts'

const DIGEST_LENGTH = 16

export class Condition {
  /** The option in upper case, '' for none. */
  word: Bytes = ''
  #operand: Bytes = ''

  /** Takes the option at the cursor, if it is a condition and no other stands already. */
  take(a: Args): boolean {
    const word = a.peek().toUpperCase()
    if (word === 'NX' || word === 'XX') {
      if (this.word !== '' && this.word !== word) return false
      a.move(1)
    } else {
      if (!isComparison(word) || this.word !== '' || a.left === 1) return false
      a.move(1)
      this.#operand = a.next()
    }
    this.word = word
    return true
  }

  /** True for a condition on the value, not on the presence of the key. */
  get comparesValue(): boolean {
    return isComparison(this.word)
  }

  /** Whether it holds for the key as it is; or the error in it. @throws WRONG_TYPE if a value must be compared */
  holds(db: Db, key: Bytes): boolean | ReplyError {
    if (this.word === '') return true
    if (this.word === 'NX') return db.find(key) === undefined
    if (this.word === 'XX') return db.find(key) !== undefined
    const value = db.findString(key)
    if (value === undefined) return this.word === 'IFNE' || this.word === 'IFDNE'
    return compare(value, this.word, this.#operand)
  }
}

function isComparison(word: Bytes): boolean {
  return word === 'IFEQ' || word === 'IFNE' || word === 'IFDEQ' || word === 'IFDNE'
}

/** `word` is one of the comparisons. */
function compare(value: StringValue, word: Bytes, operand: Bytes): boolean | ReplyError {
  const bytes = stringBytes(value)
  if (word === 'IFEQ') return bytes === operand
  if (word === 'IFNE') return bytes !== operand
  if (operand.length !== DIGEST_LENGTH) return INVALID_DIGEST
  return (xxh3(bytes) === operand.toLowerCase()) === (word === 'IFDEQ')
}

/** DELEX key [IFEQ value | IFNE value | IFDEQ digest | IFDNE digest] */
function delex(c: Context, a: Args): Reply {
  const key = a.next()
  if (a.left === 1 || a.left > 2) return wrongArity('delex')
  const value = c.db.find(key)
  if (value === undefined) return 0
  if (!a.done) {
    if (typeName(value) !== 'string') return CONDITION_NEEDS_STRING
    const word = a.word()
    if (!isComparison(word)) return INVALID_CONDITION
    const holds = compare(value as StringValue, word, a.next())
    if (holds instanceof ReplyError) return holds
    if (!holds) return 0
  }
  c.db.delete(key)
  c.signal(key, Notify.Generic, 'del')
  if (c.propagates) c.propagate(['DEL', key])
  return 1
}

/** DIGEST key */
function digest(c: Context, a: Args): Reply {
  const value = c.db.readString(a.next())
  return value === undefined ? null : xxh3(stringBytes(value))
}

export const conditionCommands: readonly Command[] = [
  command('delex', 'string', -2, 'write fast', [keyAt(1, 'RW delete')], delex),
  command('digest', 'string', 2, 'readonly fast', [keyAt(1, 'RO access')], digest),
]
