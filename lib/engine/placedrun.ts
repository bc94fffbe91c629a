/** `Engine.run` for commands that take their arguments by their places in the read buffer: see `PlacedForm`. */
import type { Places } from '../base/places.ts'
import type { Command } from '../commands/command.ts'
import type { Answer } from '../protocol/answer.ts'
import type { Session } from '../session/session.ts'
import type { Engine } from './engine.ts'
import { SHORT, WRITES } from './flags.ts'

/** Whether a store that is shared lets commands of these flags run by places now; to be asked right before. */
export function storeLets({ shared }: Engine, session: Session, flags: number): boolean {
  return shared === undefined || shared.lets(session, (flags & WRITES) !== 0)
}

/** Runs one that suits, where `Engine.takesPlaces` was asked. It answers into `out`. */
export function runPlaced(engine: Engine, session: Session, command: Command, p: Places, out: Answer): void {
  const { keyspace, stopwatch, stats } = engine
  session.lastCommand = command.fullName
  const short = (command.flags & SHORT) !== 0
  const shared = short && stopwatch.batching
  if (!shared) stopwatch.begin(short, command.id)
  const { now } = stopwatch
  keyspace.setNow(now)
  keyspace.leavesNoTrace = session.noTouch
  session.lastActiveAt = now
  session.commands++
  stats.commands++
  const reply = engine.callPlaced(session, command, p, out)
  if (reply !== undefined) out.reply(reply)
  if (shared) stopwatch.note(command.id)
  else {
    const microseconds = stopwatch.end(command.id)
    if (microseconds >= engine.slowAfter) engine.onSlow?.(session, command, p.argv(), microseconds, reply ?? null)
  }
  if (engine.blocking.size !== 0) engine.blocking.serve()
}
