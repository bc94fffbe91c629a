/** What whoever has signed in may do. It is found out by trying what changes nothing, and shown; the store alone decides. */
import { Failure, type Reply } from '../wire/resp.ts'
import type { Rest } from '../wire/rest.ts'

export interface Access {
  /** Keys can be listed; with the read-only token of REST they are opened by their names. */
  readonly canScan: boolean
  readonly canWrite: boolean
  /** Edits say what they believe to overwrite, in a script. */
  readonly canScript: boolean
  /** How many databases can be had; 1 where the first is the only one. */
  readonly databases: number
  /** The name of the user, where the store tells it. */
  readonly user: string
  /** Why nothing can be written: rights, or a replica. */
  readonly reason: string
}

/** As many as a Redis has that is set to nothing else. */
const DATABASES = 16

/** A key that nobody has: to delete it changes nothing. */
const NO_KEY = 'zerodis:console:nothing'

/** @throws RestError where the token does not let in at all */
export async function accessOf(rest: Rest): Promise<Access> {
  const [scan, unlink, script, whoami, select, databases] = await rest.pipeline([
    ['SCAN', '0', 'COUNT', '1'],
    ['UNLINK', NO_KEY],
    ['EVAL', 'return 1', '0'],
    ['ACL', 'WHOAMI'],
    ['SELECT', '1'],
    ['CONFIG', 'GET', 'databases'],
  ])
  const isReplica = unlink instanceof Failure && unlink.text.startsWith('READONLY')
  const canWrite = !isReplica && !isCommandRefused(unlink)
  return {
    canScan: !isCommandRefused(scan),
    canWrite,
    canScript: !(script instanceof Failure),
    databases: select instanceof Failure ? 1 : Array.isArray(databases) ? Number(databases[1] ?? DATABASES) : DATABASES,
    user: typeof whoami === 'string' ? whoami : '',
    reason: canWrite ? '' : isReplica ? 'This store is a replica of another.' : 'This token may only read.',
  }
}

/** A key that is refused says nothing of others. */
function isCommandRefused(reply: Reply): boolean {
  return reply instanceof Failure && /^NOPERM .*\brun\b/.test(reply.text)
}
