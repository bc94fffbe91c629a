/**
 * MIGRATE: keys move to another server. What they hold is taken when the command comes; the client waits while it is sent,
 * and nobody else does. A key goes from here when the other server has it, unless it was changed meanwhile.
 */
import type { Bytes } from '../../base/bytes.ts'
import { MIGRATE_UNREACHABLE, SYNTAX } from '../../base/errors.ts'
import { OK, type Reply, type ReplyError, Status } from '../../base/reply.ts'
import { NO_EXPIRY } from '../../keyspace/db.ts'
import type { MigratedKey } from '../../session/ports.ts'
import type { Args } from '../args.ts'
import { type Context, Notify, type PARKED } from '../command.ts'
import { MIGRATE_CANNOT_WAIT, MIGRATE_CHANGED, MIGRATE_KEY_NOT_EMPTY } from './errors.ts'

const NO_KEY = new Status('NOKEY')
const DEFAULT_TIMEOUT_MS = 1000

interface Options {
  copies: boolean
  replaces: boolean
  /** The words of an AUTH to send first. */
  auth: readonly Bytes[]
  keys: readonly Bytes[]
}

/** MIGRATE host port key|"" db timeout [COPY] [REPLACE] [AUTH password|AUTH2 username password] [KEYS key [key …]] */
export function migrate(c: Context, a: Args): Reply | typeof PARKED {
  const { migration } = c.ports.persistence
  const outcome = c.session.isResuming ? migration.takeOutcome(c.session) : undefined
  const options = takeOptions(a)
  if (a.error !== undefined) return a.error
  if (outcome !== undefined) return finish(c, outcome.moved, options.copies, outcome.error)
  a.move(4 - a.position)
  const db = a.argv[4]
  a.integer()
  const timeoutMs = a.integer()
  if (a.error !== undefined) return a.error
  const keys = options.keys.flatMap((key) => snapshotOf(c, key) ?? [])
  if (keys.length === 0) return NO_KEY
  if (!c.mayBlock) return MIGRATE_CANNOT_WAIT
  migration.begin(c.session, {
    host: a.argv[1],
    port: a.argv[2],
    db,
    timeoutMs: timeoutMs <= 0 ? DEFAULT_TIMEOUT_MS : timeoutMs,
    auth: options.auth,
    replaces: options.replaces,
    asks: c.ports.cluster !== undefined,
    keys,
  })
  return c.park([], 'string', 0, MIGRATE_UNREACHABLE)
}

function takeOptions(a: Args): Options {
  const key = a.argv[3]
  const options: Options = { copies: false, replaces: false, auth: [], keys: [key] }
  a.move(6 - a.position)
  while (!a.done && a.error === undefined) {
    if (a.match('COPY')) options.copies = true
    else if (a.match('REPLACE')) options.replaces = true
    else if (a.left >= 2 && a.match('AUTH')) options.auth = [a.next()]
    else if (a.left >= 3 && a.match('AUTH2')) options.auth = [a.next(), a.next()]
    else if (a.match('KEYS')) {
      if (key !== '') a.fail(MIGRATE_KEY_NOT_EMPTY)
      options.keys = a.rest()
    } else a.fail(SYNTAX)
  }
  return options
}

function snapshotOf(c: Context, key: Bytes): MigratedKey | undefined {
  const value = c.db.read(key)
  if (value === undefined) return undefined
  const expireAt = c.db.expireAt(key)
  const ttl = expireAt === NO_EXPIRY ? 0 : Math.max(1, expireAt - c.now)
  return { key, ttl, payload: c.ports.persistence.rdb.dump(value) }
}

/** Deletes what has moved. */
function finish(c: Context, moved: readonly MigratedKey[], copies: boolean, error: ReplyError | undefined): Reply {
  const gone: Bytes[] = []
  let changed = false
  for (const { key, payload } of copies ? [] : moved) {
    const value = c.db.find(key)
    if (value === undefined) continue
    if (c.ports.persistence.rdb.dump(value) !== payload) {
      changed = true
      continue
    }
    c.db.delete(key)
    c.signal(key, Notify.Generic, 'del')
    gone.push(key)
  }
  if (gone.length > 0 && c.propagates) c.propagate(['DEL', ...gone])
  return error ?? (changed ? MIGRATE_CHANGED : OK)
}

/** Positions of the keys: those behind KEYS, or the one in its place. */
export function migrateKeyPositions(argv: readonly Bytes[]): readonly number[] {
  for (let i = 6; i < argv.length; i++) {
    const word = argv[i].toLowerCase()
    if (word === 'auth') i++
    else if (word === 'auth2') i += 2
    else if (word === 'keys' && argv[3] === '') {
      return Array.from({ length: argv.length - i - 1 }, (_, offset) => i + 1 + offset)
    }
  }
  return [3]
}

/** What logs and monitors may show of it. */
export function redactMigrate(argv: readonly Bytes[]): readonly Bytes[] {
  const shown = [...argv]
  for (let i = 6; i < shown.length; i++) {
    const word = shown[i].toLowerCase()
    if (word === 'keys') break
    if (word !== 'auth' && word !== 'auth2') continue
    for (let count = word === 'auth' ? 1 : 2; count > 0 && i + 1 < shown.length; count--) shown[++i] = '(redacted)'
  }
  return shown
}
