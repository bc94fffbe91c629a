/**
 * Calls in this process that run by places (see `PlacedForm`), but for a store behind a network: no string is made for an argument that is bytes, nor for a key that is
 * sought, and what is answered comes from where it stands. The arguments are written one behind the other into an array, each behind a
 * byte that no line ends with, so that nobody takes them for RESP (`Places.isPlain`).
 */
import { Places } from '../base/places.ts'
import { ReplyError } from '../base/reply.ts'
import type { Command } from '../commands/command.ts'
import { fits, hashKeys } from '../commands/placed.ts'
import { runPlaced, storeLets } from '../engine/placedrun.ts'
import type { Session } from '../session/session.ts'
import type { Host } from './host.ts'
import { PlainAnswer } from './plainanswer.ts'
import { safeNow } from './safe.ts'
import { type Argument, CommandError, type Entry, type Plain, tracedFrom } from './values.ts'

/** Arguments of a call, with its name, and their bytes. */
const ARGUMENTS_MAX = 64
const ROOM = 16 * 1024
/** UTF-8 takes at most so many bytes for a code unit. */
const UNIT_BYTES = 3
/** Up to so many bytes are copied by hand. */
const SHORT_MAX = 48
const ASCII_MAX = 127

export class PlacedCalls {
  readonly #host: Host
  readonly #places = new Places()
  readonly #bytes = Buffer.alloc(ROOM)
  readonly #answer = new PlainAnswer()
  #isRunning = false

  constructor(host: Host) {
    this.#host = host
    this.#places.use(this.#bytes)
  }

  /** The reply to a call of `entry`; undefined, and nothing was done, if it cannot run by places. @throws CommandError */
  run(session: Session, args: readonly Argument[], asText: boolean, entry: Entry): Plain<string | Buffer> | undefined {
    const command = this.#place(session, args)
    if (command === undefined) return undefined
    const { engine, gate } = this.#host
    const p = this.#places
    hashKeys(p, command)
    if (!command.placed!.suits(p)) return undefined
    this.#isRunning = true
    const mayRun = storeLets(engine, session, command.flags)
    const answer = this.#answer
    answer.begin(asText)
    if (mayRun) runPlaced(engine, session, command, p, answer)
    this.#isRunning = false
    const value = answer.end()
    if (!mayRun) return undefined
    if (gate.isShut) {
      const unsafe = safeNow(this.#host, null)
      if (unsafe instanceof ReplyError) throw tracedFrom(new CommandError(unsafe.text), entry)
    }
    if (value instanceof CommandError) throw tracedFrom(value, entry)
    return value
  }

  /** Notes where the arguments are. The command, if it can run by places as far as is known then. */
  #place(session: Session, args: readonly Argument[]): Command | undefined {
    const { engine } = this.#host
    const name = args[0]
    const count = args.length
    if (this.#isRunning || typeof name !== 'string' || count > ARGUMENTS_MAX) return undefined
    const command = engine.table.find(name)
    if (command?.placed === undefined) return undefined
    if (engine.shared?.isRemote || !engine.takesPlaces(session)) return undefined
    const p = this.#places
    const { starts, ends } = p
    p.count = count
    let to = 1
    for (let i = 0; i < count; i++) {
      starts[i] = to
      to = this.#write(args[i], to)
      if (to === 0) return undefined
      ends[i] = to
      this.#bytes[to++] = 0
    }
    return fits(p, command) ? command : undefined
  }

  /** Writes an argument. Returns where it ends; 0 if it is of a rare kind, or there is no room for it. */
  #write(argument: Argument, to: number): number {
    if (typeof argument === 'string') return this.#writeText(argument, to)
    if (typeof argument === 'number' && !Number.isNaN(argument)) return this.#writeText('' + argument, to)
    if (!(argument instanceof Uint8Array)) return 0
    const { length } = argument
    if (to + length >= ROOM) return 0
    const bytes = this.#bytes
    if (length > SHORT_MAX) bytes.set(argument, to)
    else for (let i = 0; i < length; i++) bytes[to + i] = argument[i]
    return to + length
  }

  #writeText(text: string, to: number): number {
    const { length } = text
    if (to + UNIT_BYTES * length >= ROOM) return 0
    const bytes = this.#bytes
    let units = 0
    for (let i = 0; i < length; i++) {
      const unit = text.charCodeAt(i)
      bytes[to + i] = unit
      units |= unit
    }
    return to + (units <= ASCII_MAX ? length : bytes.write(text, to, 'utf8'))
  }
}
