/** The databases behind a network, by the URL of the store; and what is done to one of them from outside. */
import { LibsqlLog } from './libsql/libsql.ts'
import { FORMATS, type Formats, formatEffects } from './log/format.ts'
import { PostgresLog } from './postgres/postgres.ts'
import type { RemoteLog, RemoteLogOptions } from './remote/remotelog.ts'

/** @throws Error where its driver is not installed, or its URL is none */
export function openLog(options: RemoteLogOptions): RemoteLog {
  return /^postgres(?:ql)?:/.test(options.url) ? new PostgresLog(options) : new LibsqlLog(options)
}

export interface Upgrade {
  readonly before: number
  readonly now: number
}

/**
 * Brings a store to the newest format that is known, in the row that says so: whoever does not know it stops. Nothing is done where it
 * has that already. @throws RemoteFault
 */
export async function upgradeLog(log: RemoteLog, { newest }: Formats = FORMATS): Promise<Upgrade> {
  await log.open(false)
  const begun = await log.begin(Number.MAX_SAFE_INTEGER)
  const { format, last, now } = begun
  if (format === newest) await begun.release()
  else await begun.commit({ seq: last + 1, at: now, writer: 0, effects: formatEffects(newest) }, newest)
  return { before: format, now: newest }
}
