/** How a server ends: the doors first, the last snapshot at the end. */
import { SHUTTING_DOWN } from '../base/errors.ts'
import type { Late } from '../base/late.ts'
import { unawaited } from '../base/unawaited.ts'
import type { Config } from '../config/config.ts'
import type { Following } from '../replication/following.ts'
import type { Health } from '../transports/host.ts'
import type { Upstream } from '../upstream/upstream.ts'
import type { Cron } from './cron.ts'
import type { Persistence } from './persistence.ts'
import type { Sessions } from './sessions.ts'
import type { Store } from './store.ts'

export interface ClosingParts {
  readonly store: Store
  readonly sessions: Sessions
  readonly persistence: Persistence
  readonly following: Late<Following>
  readonly upstream: Upstream | undefined
  readonly cron: Cron
  /** Stops accepting, lets what is under way finish for at most so many ms, then cuts. */
  readonly closeDoors: (graceMs: number) => Promise<void>
  readonly health: Health
  /** Ends what keeps keys shared with other processes. */
  readonly closeShared: () => Promise<void> | undefined
  /** Tells the other nodes of a cluster that this one is gone. */
  readonly leaveCluster: () => void
}

export class Closing {
  readonly #parts: ClosingParts
  readonly #config: Config
  #closed: Promise<void> | undefined
  #isOver = false
  /** False once SHUTDOWN has saved, or was told not to. */
  savesAtEnd = true

  constructor(parts: ClosingParts) {
    this.#parts = parts
    this.#config = parts.store.config
  }

  /** Stops accepting, finishes what is under way, ends all connections. May be called again. */
  close(): Promise<void> {
    return (this.#closed ??= this.#close())
  }

  /** The process exits, and nobody has closed the server, or not in time: what is to be kept is, before this returns. */
  keepNow(): void {
    const { appendOnly, disk } = this.#parts.persistence
    if (this.#isOver) return
    this.#isOver = true
    appendOnly.made?.finishNow()
    if (this.savesAtEnd) disk.made?.finishNow(undefined)
    disk.made?.close()
  }

  /** Ends all at once and without a last snapshot: what was done cannot be made to last. */
  abandon(): void {
    const { sessions, store } = this.#parts
    this.savesAtEnd = false
    for (const session of [...sessions.clients]) session.link.close()
    unawaited(this.close(), this.#config.values, (message) => store.log('warning', message))
  }

  async #close(): Promise<void> {
    const { store, sessions, persistence, following, upstream, cron, closeDoors, health, closeShared, leaveCluster } =
      this.#parts
    health.state = 'closing'
    cron.stop()
    leaveCluster()
    following.made?.close()
    persistence.appendOnly.made?.stopLoading()
    store.pause.unpause()
    if (store.pause.holdsWrites) store.pause.refuseHeld(SHUTTING_DOWN)
    // What waits over HTTP or in this process is answered as timed out; a blocked RESP client sees the connection end.
    for (const session of [...sessions.clients]) {
      if (session.door !== 'rest' && session.door !== 'inprocess') continue
      store.blocking.unblock(session, false)
      session.link.closeAfterReply() // a stream of messages has no other end
    }
    await closeDoors(this.#config.values['shutdown-timeout'] * 1000)
    upstream?.close()
    if (upstream !== undefined) return
    persistence.backup.made?.close()
    await closeShared()
    await persistence.appendOnly.made?.finish()
    if (this.savesAtEnd) await persistence.disk.made?.finish(undefined)
    persistence.disk.made?.close()
    this.#isOver = true
  }
}
