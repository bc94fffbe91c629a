/**
 * A pipeline of REST that runs from its body (see pipelinescan.ts): the commands that take places (see `PlacedForm`) make no string of an
 * argument, nor a value of what they answer. The others run in between as text; from the first on that waits, whose reply is long, or that
 * would keep others from their turn, all goes the common way.
 */
import type { Bytes } from '../base/bytes.ts'
import type { Reply } from '../base/reply.ts'
import { type Command, Flag } from '../commands/command.ts'
import { fits, hashKeys } from '../commands/placed.ts'
import { PlacedNames } from '../commands/placednames.ts'
import type { Engine } from '../engine/engine.ts'
import { runPlaced, storeLets } from '../engine/placedrun.ts'
import { JsonAnswer } from '../protocol/jsonanswer.ts'
import type { PipelineScan } from '../protocol/pipelinescan.ts'
import { isRewritten } from '../protocol/upstash.ts'
import type { Session } from '../session/session.ts'

/** How a command runs as text. */
export type Run = (argv: readonly Bytes[]) => Reply | Promise<Reply>

/** What has become of a pipeline. */
export interface Ran {
  /** The answer to the commands that ran, without its end; '' if there is none. */
  readonly text: Bytes
  /** The reply to the last of them that is not in it: long, or still to come. */
  readonly last: Reply | Promise<Reply> | undefined
  /** The commands that are still to run. */
  readonly left: readonly Bytes[][]
}

export class PlacedPipelines {
  readonly #engine: Engine
  readonly #names: PlacedNames
  readonly #answer = new JsonAnswer()

  constructor(engine: Engine) {
    this.#engine = engine
    this.#names = new PlacedNames(engine.table, isPlaced)
  }

  /** Runs commands, from the first on, within this turn. */
  run(session: Session, scan: PipelineScan, asText: Run): Ran {
    const engine = this.#engine
    const answer = this.#answer
    let late: Promise<Reply> | undefined
    let next = 0
    answer.begin()
    engine.beginBatch()
    try {
      while (next < scan.length && !answer.isFull && late === undefined && !engine.stopwatch.isSliceOver) {
        if (!this.#runPlaced(session, scan, next)) {
          const argv = scan.open(next).argv()
          const command = engine.table.find(argv[0])
          if (command === undefined || needsCare(command)) break
          const reply = asText(argv)
          if (reply instanceof Promise) late = reply
          else answer.reply(reply)
        }
        next++
      }
    } finally {
      engine.endBatch()
    }
    const text = answer.end()
    const { long } = answer
    answer.long = undefined
    return { text, last: late ?? long, left: next < scan.length ? scan.commands(next) : NONE }
  }

  /** False, and nothing was done, if the command cannot run by places now. */
  #runPlaced(session: Session, scan: PipelineScan, index: number): boolean {
    const engine = this.#engine
    const p = scan.open(index)
    const command = this.#names.find(p.bytes, p.starts[p.first], p.ends[p.first])
    if (command === undefined || !fits(p, command)) return false
    if (!engine.takesPlaces(session) || !command.placed!.suits(p)) return false
    if (!storeLets(engine, session, command.flags)) return false
    hashKeys(p, command)
    this.#answer.next()
    runPlaced(engine, session, command, p, this.#answer)
    return true
  }
}

const NONE: readonly Bytes[][] = []

function isPlaced(command: Command): boolean {
  return command.placed !== undefined && command.ownConnection === undefined && !isRewritten(command.name)
}

/** True for what may take longer than its turn, or end its own caller: it runs where a pipeline can go on later, or stop. */
function needsCare({ flags, group, subcommands, ownConnection }: Command): boolean {
  if (subcommands !== undefined || ownConnection !== undefined) return true
  return (flags & Flag.Blocking) !== 0 || group === 'scripting'
}
