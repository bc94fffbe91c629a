/**
 * ACL: who may come in and what he may do. Users and their rules stand in session/acl*.ts; what a user lacks for a command in
 * permission.ts. RESTTOKEN and GENTOKEN are Upstash's: they make tokens with which a user comes in over HTTP.
 */
import type { Bytes } from '../../base/bytes.ts'
import { noCommandPermission, REST_NO_TOKEN, subcommandSyntax, WRONG_PASS, wrongArity } from '../../base/errors.ts'
import { Double, MapReply, OK, type Reply, SetReply } from '../../base/reply.ts'
import { DEFAULT_USER } from '../../session/acl.ts'
import type { AclEntry } from '../../session/acl-log.ts'
import { hasBlanks, Unclosed } from '../../session/acl-rules.ts'
import type { Selector } from '../../session/acl-selector.ts'
import type { Args } from '../args.ts'
import type { Context } from '../command.ts'
import { denialOf, deniedObject } from '../permission.ts'
import {
  ACL_SAVE_FAILED,
  aclLoadFailed,
  BLANK_IN_USERNAME,
  commandNotFound,
  DEFAULT_USER_STAYS,
  GENPASS_BITS,
  NO_ACL_FILE,
  noAccess,
  refusedRule,
  unclosedSelector,
  unknownCategory,
  userNotFound,
} from './errors.ts'

const GENPASS_MAX_BITS = 4096

/** ACL SETUSER username [rule …] */
export function setuser(c: Context, a: Args): Reply {
  const name = a.next()
  if (hasBlanks(name)) return BLANK_IN_USERNAME
  const refused = c.ports.access.acl.set(name, a.rest(), c.session)
  if (refused === undefined) return OK
  return refused instanceof Unclosed ? unclosedSelector(refused.word) : refusedRule(refused.rule, refused.fault)
}

/** ACL DELUSER username [username …] */
export function deluser(c: Context, a: Args): Reply {
  const names = a.rest()
  if (names.includes(DEFAULT_USER)) return DEFAULT_USER_STAYS
  return names.filter((name) => c.ports.access.acl.delete(name, c.session)).length
}

/** ACL GETUSER username */
export function getuser(c: Context, a: Args): Reply {
  const user = c.ports.access.acl.get(a.next())
  if (user === undefined) return null
  return new MapReply([
    ...['flags', new SetReply(user.flags)],
    ...['passwords', user.passwords],
    ...selectorFields(user.root),
    ...['selectors', user.selectors.slice(1).map((selector) => new MapReply(selectorFields(selector)))],
  ])
}

function selectorFields({ commandRules, keyRules, channelRules }: Selector): Reply[] {
  return ['commands', commandRules, 'keys', keyRules, 'channels', channelRules]
}

/** ACL LIST */
export function list(c: Context): Reply {
  return c.ports.access.acl.users.map(({ line }) => line)
}

/** ACL USERS */
export function users(c: Context): Reply {
  return c.ports.access.acl.users.map(({ name }) => name)
}

/** ACL WHOAMI */
export function whoami(c: Context): Reply {
  return c.session.user.name
}

/** ACL CAT [category] */
export function cat(c: Context, a: Args): Reply {
  if (a.left > 1) return subcommandSyntax('acl', a.argv[1])
  if (a.done) return c.table.categories
  const name = a.next()
  const category = name.toLowerCase()
  if (!c.table.categories.includes(category)) return unknownCategory(name)
  return c.table.all.filter(({ words }) => words.categories.includes(category)).map(({ fullName }) => fullName)
}

/** ACL GENPASS [bits] */
export function genpass(c: Context, a: Args): Reply {
  if (a.left > 1) return subcommandSyntax('acl', a.argv[1])
  const bits = a.done ? 256 : a.integer()
  if (a.error !== undefined) return a.error
  if (bits <= 0 || bits > GENPASS_MAX_BITS) return GENPASS_BITS
  return password(c, Math.ceil(bits / 4))
}

/** Unpredictable hexadecimal digits. */
function password(c: Context, length: number): Bytes {
  let digits = ''
  for (const byte of c.ports.access.secrets.random(Math.ceil(length / 2))) {
    digits += byte.charCodeAt(0).toString(16).padStart(2, '0')
  }
  return digits.slice(0, length)
}

/** ACL LOG [count | RESET] */
export function log(c: Context, a: Args): Reply {
  if (a.left > 1) return subcommandSyntax('acl', a.argv[1])
  const { log: entries } = c.ports.access.acl
  if (a.match('RESET')) {
    entries.reset()
    return OK
  }
  const count = a.done ? 10 : a.integer()
  if (a.error !== undefined) return a.error
  return entries.latest(count).map((entry) => describeEntry(entry, c.now))
}

function describeEntry(entry: AclEntry, now: number): Reply {
  return new MapReply([
    ...['count', entry.count, 'reason', entry.reason, 'context', entry.context],
    ...['object', entry.object, 'username', entry.username],
    ...['age-seconds', new Double((now - entry.updatedAt) / 1000), 'client-info', entry.clientInfo],
    ...['entry-id', entry.id, 'timestamp-created', entry.createdAt, 'timestamp-last-updated', entry.updatedAt],
  ])
}

/** ACL DRYRUN username command [arg …] */
export function dryrun(c: Context, a: Args): Reply {
  const name = a.next()
  const argv = a.rest()
  const user = c.ports.access.acl.get(name)
  if (user === undefined) return userNotFound(name)
  const top = c.table.find(argv[0])
  const entry = top?.subcommands !== undefined && argv.length > 1 ? top.subcommands.get(argv[1].toLowerCase()) : top
  if (entry === undefined) return commandNotFound(argv[0])
  const { arity } = entry
  if (arity >= 0 ? argv.length !== arity : argv.length < -arity) return wrongArity(entry.fullName)
  const denial = denialOf(user, entry, argv)
  if (denial === undefined) return OK
  const { reason } = denial
  const object = deniedObject(denial, entry, argv)
  return reason === 'command' ? noCommandPermission(name, object) : noAccess(name, object, reason)
}

/** ACL LOAD */
export function load(c: Context): Reply {
  if (c.config.aclfile === '') return NO_ACL_FILE
  const faults = c.ports.access.aclFile.load(c.session)
  return faults === undefined ? OK : aclLoadFailed(faults)
}

/** ACL SAVE */
export function save(c: Context): Reply {
  if (c.config.aclfile === '') return NO_ACL_FILE
  return c.ports.access.aclFile.save() ? OK : ACL_SAVE_FAILED
}

/** ACL RESTTOKEN username password */
export function resttoken(c: Context, a: Args): Reply {
  const { tokens } = c.ports.access
  const name = a.next()
  const offered = a.next()
  if (!tokens.configured) return REST_NO_TOKEN
  return tokens.userOf(name, offered) === undefined ? WRONG_PASS : tokens.issue(name, offered)
}

/** ACL GENTOKEN username [password]. The user need not be there: the token may become his password. */
export function gentoken(c: Context, a: Args): Reply {
  if (a.left > 2) return subcommandSyntax('acl', a.argv[1])
  const { tokens } = c.ports.access
  const name = a.next()
  if (hasBlanks(name)) return BLANK_IN_USERNAME
  if (!tokens.configured) return REST_NO_TOKEN
  return tokens.issue(name, a.done ? password(c, 64) : a.next())
}
