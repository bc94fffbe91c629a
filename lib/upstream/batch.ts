/**
 * A pipeline whose commands have all left at once, and whose plain replies become the bytes of its answer as they come. What needs more than
 * that is done as for any other command, one by one: values of other kinds, errors, what is asked again because the server did not run
 * it or the connection was lost. From the first that is late, that has failed at the upstream or that is long, replies are kept as values.
 */
import type { Bytes } from '../base/bytes.ts'
import { type Reply, ReplyError } from '../base/reply.ts'
import { monotonic } from '../base/runtime.ts'
import { UpstreamFault } from '../base/upstreamfault.ts'
import { type Command, Flag } from '../commands/command.ts'
import { PlacedNames } from '../commands/placednames.ts'
import { suitsArity } from '../commands/table.ts'
import type { PipelineAnswer } from '../engine/backend.ts'
import type { Engine } from '../engine/engine.ts'
import { parseCommands } from '../protocol/json.ts'
import { isLong } from '../protocol/long.ts'
import { Outcomes } from '../protocol/outcomes.ts'
import type { PipelineScan } from '../protocol/pipelinescan.ts'
import type { ReplyDecoder } from '../protocol/replies.ts'
import { isRewritten } from '../protocol/upstash.ts'
import type { Asker } from './connection.ts'
import { Route, routeOf } from './routes.ts'

/** Who asks for one command of a batch what was answered an error: see `Node.failed`. */
export type Again = (batch: Batch, argv: readonly Bytes[], command: Command, reply: ReplyError, place: number) => void

export class Batches {
  readonly #engine: Engine
  readonly #names: PlacedNames
  readonly #outcomes = new Outcomes()

  constructor(engine: Engine) {
    this.#engine = engine
    this.#names = new PlacedNames(engine.table, isPlain)
  }

  /** The batch that a pipeline is; undefined if a command in it is not as simple as that. */
  of(scan: PipelineScan, again: Again, resolve: (answer: PipelineAnswer) => void): Batch | undefined {
    const commands = new Array<Command>(scan.length)
    for (let i = 0; i < commands.length; i++) {
      const { bytes, starts, ends, first, count } = scan.open(i)
      const command = this.#names.find(bytes, starts[first], ends[first])
      if (command === undefined || !suitsArity(command, count)) return undefined
      commands[i] = command
    }
    return new Batch(this.#engine, this.#outcomes, scan.body, commands, again, resolve)
  }
}

/** True for what goes the common way, by itself, whatever its arguments are. */
function isPlain(command: Command): boolean {
  if (command.subcommands !== undefined || command.ownConnection !== undefined) return false
  if (command.group === 'scripting' || isRewritten(command.name)) return false
  return !(command.flags & Flag.Blocking) && routeOf(command, []) === Route.Shared
}

export class Batch implements Asker {
  readonly askedAt = monotonic()
  missing: number
  readonly commands: readonly Command[]
  readonly #engine: Engine
  readonly #outcomes: Outcomes
  readonly #body: Buffer
  readonly #again: Again
  readonly #resolve: (answer: PipelineAnswer) => void
  #argvs: Bytes[][] | undefined
  /** The answer to the commands before the first whose reply is kept. */
  #text: Bytes = ''
  #written = 0
  /** What has not come yet is null. */
  #kept: Reply[] | undefined
  #unsettled: number

  constructor(
    engine: Engine,
    outcomes: Outcomes,
    body: Buffer,
    commands: readonly Command[],
    again: Again,
    resolve: (answer: PipelineAnswer) => void,
  ) {
    this.#engine = engine
    this.#outcomes = outcomes
    this.#body = body
    this.#again = again
    this.#resolve = resolve
    this.commands = commands
    this.missing = this.#unsettled = commands.length
  }

  take(decoder: ReplyDecoder): void {
    if (this.#kept !== undefined) return
    const { calls } = this.#engine.stats
    const outcomes = this.#outcomes
    outcomes.begin(this.#text)
    const count = decoder.write(outcomes, this.missing)
    this.#text = outcomes.end()
    const end = this.#written + count
    for (let i = this.#written; i < end; i++) calls[this.commands[i].id]++
    this.#written = end
    this.missing -= count
    this.#unsettled -= count
    if (outcomes.isLong) this.#keep()
    if (this.#unsettled === 0) this.#end()
  }

  answer(reply: Reply): void {
    const place = this.commands.length - this.missing--
    if (!(reply instanceof ReplyError)) this.settle(place, reply)
    else {
      this.#argvs ??= parseCommands(this.#body.latin1Slice(0, this.#body.length))
      this.#again(this, this.#argvs![place], this.commands[place], reply, place)
      if (this.#written === place && this.#kept === undefined) this.#keep() // it will come later than those behind it
    }
  }

  /** What a command is answered in the end. */
  settle(place: number, reply: Reply): void {
    this.#engine.endedWaiting(this.commands[place], reply)
    if (this.#kept === undefined && (place !== this.#written || reply instanceof UpstreamFault || isLong(reply))) {
      this.#keep()
    }
    if (this.#kept !== undefined) this.#kept[place - this.#written] = reply
    else {
      this.#outcomes.begin(this.#text)
      this.#outcomes.outcome(reply)
      this.#text = this.#outcomes.end()
      this.#written++
      if (this.#outcomes.isLong) this.#keep()
    }
    if (--this.#unsettled === 0) this.#end()
  }

  #keep(): void {
    this.#kept = new Array<Reply>(this.commands.length - this.#written).fill(null)
  }

  #end(): void {
    const kept = this.#kept
    if (kept === undefined || kept.length === 0) this.#resolve({ text: `${this.#text}]`, rest: undefined })
    else this.#resolve({ text: this.#text, rest: kept })
  }
}
