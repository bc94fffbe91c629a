/**
 * What a store does, on Node's diagnostics_channel, for whatever watches the process: `zerodis:command`, `zerodis:slow`,
 * `zerodis:eviction`, `zerodis:error`. No event holds an argument or a value. A subscriber runs within the command; Node
 * reports what it throws as an uncaught exception, and the command goes on.
 */
import { type Channel, channel } from 'node:diagnostics_channel'
import { toText } from '../base/bytes.ts'
import { type Reply, ReplyError } from '../base/reply.ts'
import type { Command } from '../commands/command.ts'
import type { Engine } from '../engine/engine.ts'
import { errorCode } from '../engine/stats.ts'
import type { Session } from '../session/session.ts'
import type { SlowCommands } from './slowcommands.ts'

/** On `zerodis:command` and `zerodis:slow`. */
export interface CommandEvent {
  /** Its name in lower case, a subcommand as `config|get`. */
  readonly command: string
  readonly db: number
  /** CLIENT ID of who sent it. */
  readonly client: number
  readonly door: string
  /** Microseconds; of a command that waited, those of its last run. */
  readonly duration: number
  /** The first word of the error that it answered. A promise, as over a network, is not waited for. */
  readonly error: string | undefined
}

/** On `zerodis:eviction`: a key that went for want of room. */
export interface EvictionEvent {
  readonly db: number
  readonly key: string
}

/** On `zerodis:error`: the first word of an error that a client was answered. */
export interface ErrorEvent {
  readonly error: string
}

/** Publishes until the function is called that is returned. */
export function publishEvents(engine: Engine, slowCommands: SlowCommands): () => void {
  const commands = channel('zerodis:command')
  const slow = channel('zerodis:slow')
  const evictions = channel('zerodis:eviction')
  const errors = channel('zerodis:error')
  const stop = slowCommands.observe((session, command, _argv, microseconds, reply) =>
    publish(commands, session, command, microseconds, reply),
  )
  slowCommands.onKept = (session, command, _argv, microseconds, reply) =>
    publish(slow, session, command, microseconds, reply)
  const { keyspace } = engine
  const { listener } = keyspace
  keyspace.listener = {
    ...listener,
    evicted(db, key) {
      if (evictions.hasSubscribers) evictions.publish({ db: db.index, key: toText(key) } satisfies EvictionEvent)
      listener.evicted(db, key)
    },
  }
  engine.stats.onError = (error) => {
    if (errors.hasSubscribers) errors.publish({ error: errorCode(error) } satisfies ErrorEvent)
  }
  return () => {
    stop()
    slowCommands.onKept = undefined
    keyspace.listener = listener
    engine.stats.onError = undefined
  }
}

function publish(
  to: Channel,
  { db, id, door }: Session,
  { fullName }: Command,
  duration: number,
  reply: Reply | Promise<Reply>,
): void {
  if (!to.hasSubscribers) return
  const error = reply instanceof ReplyError ? errorCode(reply) : undefined
  to.publish({ command: fullName, db: db.index, client: id, door, duration, error } satisfies CommandEvent)
}
