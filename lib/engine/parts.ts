/** What an engine is made of, and who hears of slow commands. */
import type { Bytes } from '../base/bytes.ts'
import type { Clock } from '../base/clock.ts'
import type { Reply } from '../base/reply.ts'
import type { Command } from '../commands/command.ts'
import type { CommandTable } from '../commands/table.ts'
import type { Directives } from '../config/config.ts'
import type { Eviction } from '../keyspace/eviction.ts'
import type { Keyspace } from '../keyspace/keyspace.ts'
import type { Session } from '../session/session.ts'
import type { Concerns } from './concerns.ts'
import type { Pause } from './pause.ts'

export type SlowListener = (
  session: Session,
  command: Command,
  argv: readonly Bytes[],
  microseconds: number,
  reply: Reply | Promise<Reply>,
) => void

export interface EngineParts {
  readonly keyspace: Keyspace
  readonly eviction: Eviction
  readonly table: CommandTable
  readonly clock: Clock
  readonly config: Directives
  readonly pause: Pause
  readonly concerns: Concerns
  /** Called with an error that is ours, not the client's. */
  readonly onFault: (error: unknown, argv: readonly Bytes[]) => void
}
