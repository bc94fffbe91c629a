/**
 * What a user lacks to run a command. All that a command touches must be permitted by one and the same selector: the
 * command itself, the keys among its arguments, for what they are touched (their key specs say it), and its channels.
 * Doors, EXEC, scripts and ACL DRYRUN all ask here.
 */
import type { Bytes } from '../base/bytes.ts'
import { Access, type Selector } from '../session/acl-selector.ts'
import type { User } from '../session/acl-user.ts'
import { type Command, Flag } from './command.ts'
import { type KeyReference, tellableKeys } from './keyspecs.ts'

/** Why a command is not permitted. */
export interface Denial {
  readonly reason: 'command' | 'key' | 'channel'
  /** Index in argv of the key or channel. */
  readonly position: number
}

const DENIED_COMMAND: Denial = { reason: 'command', position: 0 }

/** The later of two reasons tells more: it takes that much to get so far. */
const RANK: Readonly<Record<Denial['reason'], number>> = { command: 0, key: 1, channel: 2 }

/** Undefined where the user may run the command; else what got furthest among his selectors. */
export function denialOf(user: User, command: Command, argv: readonly Bytes[]): Denial | undefined {
  if (user.isReader && command.tellsKeys?.(argv)) return DENIED_COMMAND
  const keys = new Keys(command, argv)
  let furthest = DENIED_COMMAND
  for (const selector of user.selectors) {
    const denial = selectorDenial(selector, command, argv, keys)
    if (denial === undefined) return undefined
    const gain = RANK[denial.reason] - RANK[furthest.reason]
    if (gain > 0 || (gain === 0 && denial.position > furthest.position)) furthest = denial
  }
  return furthest
}

/** True if one of the user's selectors permits the command and to read whatever key there is, as SORT's BY and GET do. */
export function mayReadAnyKey(user: User, command: Command, argv: readonly Bytes[]): boolean {
  const keys = new Keys(command, argv)
  return user.selectors.some(
    (selector) => selector.mayTouchAny(Access.Read) && selectorDenial(selector, command, argv, keys) === undefined,
  )
}

/** What a denial is about: the name of the command, the key or the channel. */
export function deniedObject({ reason, position }: Denial, command: Command, argv: readonly Bytes[]): Bytes {
  return reason === 'command' ? command.fullName : argv[position]
}

/** The keys of a command, looked for when they are asked for first. */
class Keys {
  readonly #command: Command
  readonly #argv: readonly Bytes[]
  #references: readonly KeyReference[] | undefined

  constructor(command: Command, argv: readonly Bytes[]) {
    this.#command = command
    this.#argv = argv
  }

  get references(): readonly KeyReference[] {
    this.#references ??= tellableKeys(this.#command, this.#argv)
    return this.#references
  }
}

function selectorDenial(selector: Selector, command: Command, argv: readonly Bytes[], keys: Keys): Denial | undefined {
  if (!(command.flags & Flag.NoAuth) && !selector.mayRun(command, argv)) return DENIED_COMMAND
  if (!selector.allKeys && (command.keys.length !== 0 || command.keyPositions !== undefined)) {
    for (const { position, flags } of keys.references) {
      if (!selector.mayTouch(argv[position], accessOf(flags))) return { reason: 'key', position }
    }
  }
  const { channels } = command
  if (channels === undefined || selector.allChannels) return undefined
  const end = channels.count === 'one' ? 2 : argv.length
  for (let position = 1; position < end; position++) {
    if (!selector.mayUse(argv[position], channels.arePatterns === true)) return { reason: 'channel', position }
  }
  return undefined
}

const ACCESSES = new Map<Bytes, number>()

/** The access that the words of a key spec stand for; there are few of them. */
function accessOf(flags: Bytes): number {
  let access = ACCESSES.get(flags)
  if (access === undefined) {
    const words = flags.split(' ')
    access = words.includes('access') ? Access.Read : 0
    if (words.some((word) => word === 'insert' || word === 'update' || word === 'delete')) access |= Access.Write
    ACCESSES.set(flags, access)
  }
  return access
}
