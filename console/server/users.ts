/** The users of the ACL: how they come in, what they may do, and what they may not. */
import { type Bytes, fromText, shown } from '../wire/bytes.ts'
import { Failure, type Reply } from '../wire/resp.ts'
import type { Argument, Rest } from '../wire/rest.ts'
import { wordsOf } from '../wire/words.ts'

export interface User {
  readonly name: Bytes
  readonly isOn: boolean
  readonly needsNoPassword: boolean
  readonly passwords: number
  /** As rules. */
  readonly commands: string
  readonly keys: string
  readonly channels: string
  /** Sets of rules beside these. */
  readonly selectors: number
}

/** @throws RestError */
export async function usersOf(rest: Rest): Promise<User[]> {
  const names = (await rest.run('ACL', 'USERS')) as Bytes[]
  const replies = await rest.pipeline(names.map((name) => ['ACL', 'GETUSER', name]))
  return names.flatMap((name, i) => (Array.isArray(replies[i]) ? [userOf(name, replies[i] as Reply[])] : []))
}

function userOf(name: Bytes, flat: readonly Reply[]): User {
  const field = (wanted: string): Reply => flat[flat.indexOf(wanted) + 1]
  const flags = field('flags') as readonly Reply[]
  const flagNames = flags.map((flag) =>
    typeof flag === 'object' && flag !== null && 'text' in flag ? flag.text : flag,
  )
  return {
    name,
    isOn: flagNames.includes('on'),
    needsNoPassword: flagNames.includes('nopass'),
    passwords: (field('passwords') as readonly Reply[]).length,
    commands: String(field('commands')),
    keys: rulesText(field('keys')),
    channels: rulesText(field('channels')),
    selectors: (field('selectors') as readonly Reply[] | undefined)?.length ?? 0,
  }
}

/** Redis 6 gives patterns as a list, without their marks. */
function rulesText(reply: Reply): string {
  return Array.isArray(reply) ? reply.join(' ') : String(reply)
}

/** What the form of a user asks for. */
export interface UserForm {
  readonly name: string
  readonly isOn: boolean
  readonly needsNoPassword: boolean
  /** A new one beside those that are there; '' for none. */
  readonly password: string
  readonly commands: string
  readonly keys: string
  readonly channels: string
}

/** One command that makes a user what the form says; passwords that are there stay. What is wrong with a rule the store says. */
export function setUserCommand(form: UserForm): Argument[] {
  return [
    ...['ACL', 'SETUSER', fromText(form.name)],
    form.isOn ? 'on' : 'off',
    ...(form.needsNoPassword ? ['nopass'] : []),
    ...(form.password === '' ? [] : [`>${fromText(form.password)}`]),
    ...['-@all', ...rulesOf(form.commands, '+')],
    ...['resetkeys', ...rulesOf(form.keys, '~')],
    ...['resetchannels', ...rulesOf(form.channels, '&')],
  ]
}

/** Rules between blanks; what has no mark gets the one that suits it. */
function rulesOf(text: string, mark: string): Bytes[] {
  return text
    .split(/\s+/)
    .filter((rule) => rule !== '')
    .map((rule) => (MARKED.test(rule) ? fromText(rule) : mark + fromText(rule)))
}

const MARKED = /^[+~&%-]|^(all|reset)(keys|channels)$|^(all|no)commands$/

export interface Verdict {
  readonly command: string
  readonly isAllowed: boolean
  /** Why not. */
  readonly reason: string
}

/** What is tried for a user, with a key and a channel of the asker's choice. */
const TRIED: readonly (readonly Argument[])[] = [
  ['GET', 'KEY'],
  ['SET', 'KEY', 'value'],
  ['DEL', 'KEY'],
  ['SCAN', '0'],
  ['KEYS', '*'],
  ['PUBLISH', 'KEY', 'message'],
  ['EVAL', 'return 1', '1', 'KEY'],
  ['FUNCTION', 'LIST'],
  ['CONFIG', 'GET', '*'],
  ['ACL', 'LIST'],
  ['FLUSHALL'],
  ['SHUTDOWN'],
]

/** What a user may do with this key, of commands that differ in what they need. @throws RestError */
export async function verdictsOf(rest: Rest, user: Bytes, key: string): Promise<Verdict[]> {
  const commands = TRIED.map((command) => command.map((word) => (word === 'KEY' ? fromText(key) : word)))
  const replies = await rest.pipeline(commands.map((command) => ['ACL', 'DRYRUN', user, ...command]))
  return commands.map((command, i) => verdict(command.map(String).map(shown).join(' '), replies[i]))
}

/** What a user may do of what was typed. @throws RestError, also for what is no command */
export async function verdictOf(rest: Rest, user: Bytes, typed: string): Promise<Verdict> {
  const words = wordsOf(typed)
  if (words === undefined || words.length === 0) throw new Error('This is no command.')
  const [reply] = await rest.pipeline([['ACL', 'DRYRUN', user, ...words]])
  return verdict(typed, reply)
}

function verdict(command: string, reply: Reply): Verdict {
  if (reply instanceof Failure) return { command, isAllowed: false, reason: reply.text }
  const text = typeof reply === 'object' && reply !== null && 'text' in reply ? reply.text : String(reply)
  return { command, isAllowed: text === 'OK', reason: text === 'OK' ? '' : shown(text) }
}
