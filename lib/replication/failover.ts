/**
 * FAILOVER: a master hands over to a replica of its own, and loses nothing. It lets nobody write until a replica has all; then it
 * follows that replica, and asks it by PSYNC … FAILOVER to lead. What waited to be written runs when the roles are changed,
 * and is refused then. Where no replica gets there in time, everything is as before, unless it was to be forced.
 */
import type { Bytes } from '../base/bytes.ts'
import { FAILOVER_BY_MASTER, FAILOVER_OTHER_HISTORY } from '../base/errors.ts'
import type { ReplyError } from '../base/reply.ts'
import type { Engine } from '../engine/engine.ts'
import { Holder } from '../engine/pause.ts'
import type { FailoverPort, FailoverRequest, FailoverState } from '../session/replicationports.ts'
import type { Following } from './following.ts'
import { ID_LENGTH } from './history.ts'
import type { Replica } from './replica.ts'
import type { Replicas } from './replicas.ts'

export interface FailoverParts {
  readonly engine: Engine
  readonly replicas: Replicas
  readonly following: Following
  readonly log: (level: 'notice' | 'warning', message: string) => void
}

export class Failover implements FailoverPort {
  readonly #parts: FailoverParts
  state: FailoverState = 'no-failover'
  #request: FailoverRequest = { target: undefined, timeoutMs: 0, forces: false }
  #cancel: (() => void) | undefined

  constructor(parts: FailoverParts) {
    this.#parts = parts
  }

  begin(request: FailoverRequest): void {
    const { engine, log } = this.#parts
    this.#request = request
    const { target, timeoutMs } = request
    log('notice', target === undefined ? 'FAILOVER requested.' : `FAILOVER requested to ${target.host}:${target.port}.`)
    this.state = 'waiting-for-sync'
    engine.pause.setHolder(Holder.Failover, true)
    if (timeoutMs > 0) this.#cancel = engine.clock.after(timeoutMs, () => this.#timeOut(), true)
    this.follow()
  }

  abort(): boolean {
    if (this.state === 'no-failover') return false
    this.#abort('Failover manually aborted')
    return true
  }

  /** To be called when a replica has come further, or there are others. */
  follow(): void {
    if (this.state !== 'waiting-for-sync') return
    const { replicas } = this.#parts
    const { target } = this.#request
    const found = replicas.replicas.find(
      (replica) =>
        replica.state === 'online' &&
        replica.ackedOffset === replicas.history.offset &&
        (target === undefined || isAt(replica, target)),
    )
    if (found === undefined) return
    this.#parts.log('notice', `Failover target ${found.ip}:${found.port} is synced, failing over.`)
    this.#handOver(found)
  }

  takeOver(id: Bytes): ReplyError | undefined {
    const { following, replicas, log } = this.#parts
    log('notice', `Failover request received for replid ${id.slice(0, ID_LENGTH)}.`)
    if (following.master === undefined) return FAILOVER_BY_MASTER
    if (id !== replicas.history.id) return FAILOVER_OTHER_HISTORY
    following.lead()
    return undefined
  }

  /** How the other has answered the request to lead. */
  answered(isTaken: boolean): void {
    if (this.state !== 'failover-in-progress') return
    if (isTaken) this.#end()
    else this.#abort('Failover target rejected psync request')
  }

  #handOver({ ip, port }: { readonly ip: Bytes; readonly port: number }): void {
    this.state = 'failover-in-progress'
    this.#cancel?.()
    this.#parts.following.follow(ip, port, true)
  }

  #timeOut(): void {
    this.#cancel = undefined
    if (this.state !== 'waiting-for-sync') return
    const { forces, target } = this.#request
    if (!forces || target === undefined) {
      this.#abort('Replica never caught up before timeout')
      return
    }
    this.#parts.log('notice', `Failover to ${target.host}:${target.port} time out exceeded, failing over.`)
    this.#handOver({ ip: target.host, port: target.port })
  }

  #abort(reason: string): void {
    const { target } = this.#request
    const where = target === undefined ? '' : ` to ${target.host}:${target.port}`
    const { state } = this
    this.#parts.log('notice', `Aborting failover${where} while ${state}: ${reason}`)
    if (state === 'failover-in-progress') this.#parts.following.lead()
    this.#end()
  }

  #end(): void {
    this.#cancel?.()
    this.#cancel = undefined
    this.state = 'no-failover'
    this.#parts.engine.pause.setHolder(Holder.Failover, false)
  }
}

function isAt({ ip, port }: Replica, target: { readonly host: Bytes; readonly port: number }): boolean {
  return ip === target.host && port === target.port
}
