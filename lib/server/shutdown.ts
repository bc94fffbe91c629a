/**
 * An orderly end of the process that a client (SHUTDOWN) or a signal asks for, at which nothing is lost that was acknowledged. Nobody may
 * write from then on. Replicas have time to get what was written (`shutdown-timeout`), and what is to be kept is forced to disk.
 * Where that fails the process goes on, and whoever asked is told so, unless it was to end all the same. Who asks while it is under
 * way is told the same.
 */
import type { Clock } from '../base/clock.ts'
import type { Late } from '../base/late.ts'
import { unawaited } from '../base/unawaited.ts'
import type { Directives } from '../config/config.ts'
import type { Engine } from '../engine/engine.ts'
import { Holder } from '../engine/pause.ts'
import type { AppendOnly } from '../journal/appendonly.ts'
import type { Log } from '../observability/log.ts'
import type { Disk } from '../persistence/disk.ts'
import type { Replica } from '../replication/replica.ts'
import type { Replicas } from '../replication/replicas.ts'
import type { ShutdownWish } from '../session/ports.ts'

export interface ShutdownParts {
  readonly engine: Engine
  readonly disk: Late<Disk>
  readonly appendOnly: Late<AppendOnly>
  readonly replicas: Late<Replicas>
  readonly log: Log
}

export class Shutdown {
  readonly #parts: ShutdownParts
  readonly #clock: Clock
  readonly #config: Directives
  #wish: ShutdownWish | undefined
  /** Those who asked. */
  #asking: ((isKept: boolean) => void)[] = []
  /** Unix ms at which replicas that lag are waited for no longer; -1 while none is. */
  #dueAt = -1
  #cancel: (() => void) | undefined

  constructor(parts: ShutdownParts) {
    this.#parts = parts
    this.#clock = parts.engine.clock
    this.#config = parts.engine.config
  }

  /** Those who asked, and wait. */
  get asking(): number {
    return this.#asking.length
  }

  /** How long replicas are still waited for; -1 while none is. */
  get remainingMs(): number {
    return this.#dueAt === -1 ? -1 : this.#dueAt - this.#clock.now()
  }

  /** Settles with true when all is kept and nobody may write any more, with false if that failed or was given up. */
  prepare(wish: ShutdownWish): Promise<boolean> {
    const answer = new Promise<boolean>((resolve) => this.#asking.push(resolve))
    if (this.#wish === undefined) this.#begin(wish)
    return answer
  }

  /** SHUTDOWN ABORT. False if replicas are not waited for. */
  abort(): boolean {
    if (this.#dueAt === -1) return false
    this.#parts.log('notice', 'Shutdown manually aborted.')
    this.#end(false)
    return true
  }

  /** To be called some times a second: replicas may have come further. */
  follow(): void {
    if (this.#dueAt !== -1 && this.#lagging().length === 0) this.#goOn()
  }

  #begin(wish: ShutdownWish): void {
    const { engine, log } = this.#parts
    const timeoutMs = this.#config['shutdown-timeout'] * 1000
    this.#wish = wish
    log('notice', 'User requested shutdown...')
    engine.pause.setHolder(Holder.Shutdown, true)
    if (wish.now || timeoutMs === 0 || this.#lagging().length === 0) this.#goOn()
    else {
      log('notice', 'Waiting for replicas before shutting down.')
      this.#dueAt = this.#clock.now() + timeoutMs
      this.#cancel = this.#clock.after(timeoutMs, () => this.#goOn(), true)
    }
  }

  #goOn(): void {
    const { log } = this.#parts
    this.#waitNoLonger()
    this.#tellOfReplicas()
    const kept = this.#keep(this.#wish!).then(
      (isKept) => this.#end(isKept),
      (error: unknown) => {
        this.#end(false)
        throw error
      },
    )
    unawaited(kept, this.#config, (message) => log('warning', message))
  }

  /** Whether the process may end. */
  async #keep({ save, force }: ShutdownWish): Promise<boolean> {
    const { engine, disk, appendOnly, log } = this.#parts
    const insists = force ? '. Exit anyway.' : ", can't exit."
    let isKept = true
    if (appendOnly.made?.isWaiting) {
      log('warning', `Writing initial AOF${insists}`)
      if (!force) isKept = false
    }
    if (isKept) isKept = (await appendOnly.made?.finish()) ?? true
    if (isKept || force) {
      // As in Redis, what is not all loaded is not saved.
      const wanted = engine.availability.loading === 'no' ? save : false
      const isSaved = (await (wanted === true ? disk.get() : disk.made)?.finish(wanted)) ?? true
      if (!isSaved) log('warning', `Error trying to save the DB${insists}`)
      isKept = isKept && isSaved
    }
    if (isKept || force) return true
    log('warning', 'Errors trying to shut down the server. Check the logs for more information.')
    return false
  }

  #end(isKept: boolean): void {
    this.#waitNoLonger()
    this.#wish = undefined
    // What was held back while all was kept would be lost.
    if (!isKept) this.#parts.engine.pause.setHolder(Holder.Shutdown, false)
    for (const answer of this.#asking.splice(0)) answer(isKept)
  }

  #waitNoLonger(): void {
    this.#dueAt = -1
    this.#cancel?.()
    this.#cancel = undefined
  }

  /** Replicas that have not said that they have all. One that never says how far it has come is not waited for. */
  #lagging(): readonly Replica[] {
    const { made } = this.#parts.replicas
    if (made === undefined) return []
    const { offset } = made.history
    return made.replicas.filter(
      ({ acknowledges, rdbOnly, ackedOffset }) => acknowledges && !rdbOnly && ackedOffset !== offset,
    )
  }

  #tellOfReplicas(): void {
    const { replicas, log } = this.#parts
    const { made } = replicas
    if (made === undefined || made.replicas.length === 0) return
    const lagging = this.#lagging()
    for (const { ip, port, state, ackedOffset, ackedAt } of lagging) {
      const lag = state === 'online' ? Math.max(0, Math.floor((this.#clock.now() - ackedAt) / 1000)) : 0
      log(
        'warning',
        `Lagging replica ${ip}:${port} reported offset ${made.history.offset - ackedOffset} behind master, lag=${lag}, state=${state}.`,
      )
    }
    const count = made.replicas.length
    log('notice', `${count - lagging.length} of ${count} replicas are in sync when shutting down.`)
  }
}
