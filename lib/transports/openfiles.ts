/**
 * How many connections the limit of open files (`ulimit -n`) leaves room for, at all doors of the process. Who is refused where it is low
 * are connections that come last, and not files: those in which keys are saved, and those of our own code, of which much is loaded when
 * it is first used. Node itself has raised the limit as far as it may.
 */
import { readFileSync } from 'node:fs'
import type { Socket } from 'node:net'

/** Node's own, standard streams and listeners, append-only files, snapshots, a database with its log, sources that are loaded. */
export const RESERVED_FILES = 64

let mostConnections: number | undefined
let connections = 0

/** The limit on this process; undefined where it has none, or nobody tells (only Linux does). */
export function openFilesLimit(): number | undefined {
  try {
    return limitIn(readFileSync('/proc/self/limits', 'latin1'))
  } catch {
    return undefined
  }
}

/** `limits` as /proc/self/limits has them. */
export function limitIn(limits: string): number | undefined {
  const soft = /^Max open files\s+(\d+)/m.exec(limits)?.[1]
  return soft === undefined ? undefined : Number(soft)
}

/** So many connections there may be. A few come in however low the limit is. */
export function connectionsWithin(limit: number | undefined): number {
  return limit === undefined ? Number.MAX_SAFE_INTEGER : Math.max(2, limit - RESERVED_FILES)
}

/** Counts a connection until it closes; false, and not counted, where there is no room for it. */
export function hasRoomFor(socket: Socket): boolean {
  mostConnections ??= connectionsWithin(openFilesLimit())
  if (connections >= mostConnections) return false
  connections++
  socket.once('close', () => connections--)
  return true
}
