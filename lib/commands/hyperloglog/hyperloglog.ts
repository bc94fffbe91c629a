/** HyperLogLog commands; the structure itself is in keyspace/values/hyperloglog.ts. */
import type { Bytes } from '../../base/bytes.ts'
import { OK, type Reply, ReplyError, Status } from '../../base/reply.ts'
import { NO_EXPIRY } from '../../keyspace/db.ts'
import {
  addElements,
  cachedCount,
  countRegisters,
  createHyperLogLog,
  denseRegisters,
  describeRuns,
  invalidateCount,
  isHyperLogLog,
  isSparse,
  makeDense,
  mergeInto,
  REGISTERS,
  recount,
  replaceRegisters,
  setRegister,
} from '../../keyspace/values/hyperloglog.ts'
import type { StringBuffer } from '../../keyspace/values/string.ts'
import type { Args } from '../args.ts'
import { type Context, Notify } from '../command.ts'
import { writable } from '../writable.ts'
import { HYPERLOGLOG_NOT_SPARSE, NO_SPECIFIED_KEY, NOT_HYPERLOGLOG, unknownPfdebug } from './errors.ts'

const STATUS_SPARSE = new Status('sparse')
const STATUS_DENSE = new Status('dense')

/** PFADD key [element …] */
export function pfadd(c: Context, a: Args): Reply {
  const key = a.next()
  const value = c.db.findString(key)
  if (value !== undefined && !isHyperLogLog(value)) return NOT_HYPERLOGLOG
  const hll = value === undefined ? create(c, key) : writable(c, key, value)
  const sparseMaxBytes = c.config['hll-sparse-max-bytes']
  let changes = value === undefined ? 1 : 0
  changes += addElements(hll, a.rest(), sparseMaxBytes)
  if (changes === 0) return 0
  invalidateCount(hll)
  c.signal(key, Notify.String, 'pfadd')
  c.count(changes)
  return 1
}

/** PFCOUNT key [key …] */
export function pfcount(c: Context, a: Args): Reply {
  if (a.left > 1) return countUnion(c, a)
  const key = a.next()
  const value = c.db.readString(key)
  if (value === undefined) return 0
  if (!isHyperLogLog(value)) return NOT_HYPERLOGLOG
  const hll = writable(c, key, value)
  const cached = cachedCount(hll)
  if (cached !== undefined) return cached
  c.db.beforeChange(key)
  const count = recount(hll)
  // The count that it keeps is part of the value, so reading one changes the key.
  c.touch(key)
  return count
}

function countUnion(c: Context, a: Args): Reply {
  const registers = new Uint8Array(REGISTERS)
  while (!a.done) {
    const value = c.db.readString(a.next())
    if (value === undefined) continue
    if (!isHyperLogLog(value)) return NOT_HYPERLOGLOG
    mergeInto(registers, value)
  }
  return countRegisters(registers)
}

/** PFMERGE destkey [sourcekey …] */
export function pfmerge(c: Context, a: Args): Reply {
  const registers = new Uint8Array(REGISTERS)
  const destination = a.peek()
  let dense = false
  while (!a.done) {
    const value = c.db.readString(a.next())
    if (value === undefined) continue
    if (!isHyperLogLog(value)) return NOT_HYPERLOGLOG
    if (!isSparse(value)) dense = true
    mergeInto(registers, value)
  }
  const value = c.db.findString(destination)
  const hll = value === undefined ? create(c, destination) : writable(c, destination, value)
  if (dense && isSparse(hll)) makeDense(hll)
  // A sparse one that turns dense on the way has them all from then on.
  const sparseMaxBytes = c.config['hll-sparse-max-bytes']
  for (let i = 0; i < REGISTERS && isSparse(hll); i++) {
    if (registers[i] !== 0) setRegister(hll, i, registers[i], sparseMaxBytes)
  }
  if (!isSparse(hll)) replaceRegisters(hll, registers)
  invalidateCount(hll)
  c.signal(destination, Notify.String, 'pfadd')
  return OK
}

function create(c: Context, key: Bytes): StringBuffer {
  const hll = createHyperLogLog()
  c.db.set(key, hll, NO_EXPIRY)
  return hll
}

/** PFDEBUG <GETREG | DECODE | ENCODING | TODENSE> key */
export function pfdebug(c: Context, a: Args): Reply {
  const subcommand = a.next()
  const key = a.next()
  const value = c.db.findString(key)
  if (value === undefined) return NO_SPECIFIED_KEY
  if (!isHyperLogLog(value)) return NOT_HYPERLOGLOG
  const hll = writable(c, key, value)
  switch (subcommand.toUpperCase()) {
    case 'GETREG':
      turnDense(c, key, hll)
      return denseRegisters(hll)
    case 'DECODE':
      return isSparse(hll) ? describeRuns(hll) : HYPERLOGLOG_NOT_SPARSE
    case 'ENCODING':
      return isSparse(hll) ? STATUS_SPARSE : STATUS_DENSE
    case 'TODENSE':
      return turnDense(c, key, hll) ? 1 : 0
    default:
      return unknownPfdebug(subcommand)
  }
}

/** True if it was sparse. */
function turnDense(c: Context, key: Bytes, hll: StringBuffer): boolean {
  if (!isSparse(hll)) return false
  makeDense(hll)
  c.touch(key)
  return true
}

/** Elements that the self-test adds; its bounds on the error are six standard errors. */
const SELF_TEST_ELEMENTS = 100_000
const STANDARD_ERROR = 1.04 / Math.sqrt(REGISTERS)

/** As by default, whatever `hll-sparse-max-bytes` is: each element that a long sparse one takes moves all that is behind it. */
const SELF_TEST_SPARSE_BYTES = 3000

/** PFSELFTEST */
export function pfselftest(c: Context): Reply {
  const sparseMaxBytes = Math.min(c.config['hll-sparse-max-bytes'], SELF_TEST_SPARSE_BYTES)
  const sparse = createHyperLogLog()
  const dense = createHyperLogLog()
  makeDense(dense)
  let added = 0
  for (let checkpoint = 1; checkpoint <= SELF_TEST_ELEMENTS; checkpoint *= 10) {
    const elements: Bytes[] = []
    while (added < checkpoint) elements.push('element:' + ++added)
    addElements(sparse, elements, sparseMaxBytes)
    addElements(dense, elements, sparseMaxBytes)
    if (added < sparseMaxBytes / 2 && !isSparse(sparse))
      return new ReplyError('ERR TESTFAILED sparse encoding not used')
    const count = recount(dense)
    if (count !== recount(sparse)) return new ReplyError('ERR TESTFAILED dense/sparse disagree')
    const error = Math.abs(count - added)
    if (error > Math.ceil(STANDARD_ERROR * 6 * added)) {
      return new ReplyError(`ERR TESTFAILED Too big error. card:${added} abserr:${error}`)
    }
  }
  return OK
}
