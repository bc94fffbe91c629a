/**
 * `client-output-buffer-limit`: a client that does not take what it is sent is cut off if it is past the hard limit of its
 * class, or past the soft one for too long. Holds for every door that can send what was not asked for. The class of a
 * subscriber is `pubsub`, whichever way it has come to be one. A stranger, who is answered with nothing but refusals, has
 * no more to wait for than `STRANGER_BYTES`, as since Redis 7.4.3.
 */
import { NO_REPLY, type Reply, ReplyError } from '../base/reply.ts'
import type { ClientClass } from '../config/kinds.ts'
import { Gate, type Session } from '../session/session.ts'
import type { Host } from './host.ts'

/** What Redis's connections hold before they come to its limit for strangers of 1 KiB, and that. */
const STRANGER_BYTES = 17 * 1024

export class OutputLimit {
  readonly #host: Host
  readonly #session: Session
  readonly #cut: () => void
  readonly #class: ClientClass | undefined
  /** Unix ms since when the soft limit is exceeded; -1 while it is not. */
  #softExceededAt = -1
  #cancel: (() => void) | undefined

  /** `cut` ends the connection now. `clientClass` is for who is of one class whatever the session has done. */
  constructor(host: Host, session: Session, cut: () => void, clientClass?: ClientClass) {
    this.#host = host
    this.#session = session
    this.#cut = cut
    this.#class = clientClass
  }

  /** True if the replies of a turn count before the kernel takes of them. A replica's stream is sent as it comes. */
  get isHard(): boolean {
    const clientClass = this.#class ?? classOf(this.#session)
    return clientClass !== 'replica' && this.#host.engine.config['client-output-buffer-limit'][clientClass].hard !== 0
  }

  /** To be called whenever more bytes wait for the client than its connection likes. */
  enforce(): void {
    const session = this.#session
    const { clock, config, ports } = this.#host.engine
    const unsent = session.link.outputBytes
    const clientClass = this.#class ?? classOf(session)
    const limit = config['client-output-buffer-limit'][clientClass]
    // As in Redis: who is sent what it lacks may have all of the backlog to wait for.
    const hard = clientClass === 'replica' ? Math.max(limit.hard, config['repl-backlog-size']) : limit.hard
    const softMs = limit.softSeconds * 1000
    const now = clock.now()
    if (limit.soft === 0 || unsent < limit.soft) this.#softExceededAt = -1
    else if (this.#softExceededAt === -1) this.#softExceededAt = now
    const overHard = limit.hard !== 0 && unsent >= hard
    const overSoft = this.#softExceededAt !== -1 && now - this.#softExceededAt >= softMs
    const isStranger = (session.gate & Gate.Unauthenticated) !== 0
    if (!overHard && !overSoft && !(isStranger && unsent > STRANGER_BYTES)) {
      if (this.#softExceededAt !== -1) this.#lookAgain(this.#softExceededAt + softMs - now)
      ports.connections.clientMemory.note(session)
      return
    }
    this.#cutOff()
  }

  /** Cuts a client for whom so many bytes more would be past its hard limit, before they are made. True if it did. */
  cutsFor(bytes: number): boolean {
    const { hard } = this.#host.engine.config['client-output-buffer-limit'][this.#class ?? classOf(this.#session)]
    if (hard === 0 || this.#session.link.outputBytes + bytes < hard) return false
    this.#cutOff()
    return true
  }

  /** A replica is answered nothing: it would stand in the midst of the stream of changes. True if it is cut for that, as since Redis 7.0. */
  cutsReplica(reply: Reply): boolean {
    const { replica, addr, lastCommand } = this.#session
    if (!replica || reply === NO_REPLY) return false
    this.stop()
    if (reply instanceof ReplyError) {
      this.#host.log(
        'warning',
        `== CRITICAL == This master is sending an error to its replica: '${reply.text}' after processing the command '${lastCommand}'`,
      )
    }
    this.#host.log('warning', `Replica generated a reply to command '${lastCommand}', disconnecting it: addr=${addr}`)
    this.#cut()
    return true
  }

  #cutOff(): void {
    const session = this.#session
    this.stop()
    this.#host.engine.stats.outputBufferDisconnections++
    this.#host.log(
      'warning',
      `Client id=${session.id} addr=${session.addr} closed for overcoming of output buffer limits.`,
    )
    this.#cut()
  }

  /** Whether anything more is sent or not. Timers may be early by a little, so this may not have been the last look. */
  #lookAgain(ms: number): void {
    this.#cancel ??= this.#host.engine.clock.after(
      ms,
      () => {
        this.#cancel = undefined
        this.enforce()
      },
      true,
    )
  }

  /** The connection is gone. */
  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }
}

function classOf(session: Session): ClientClass {
  if (session.replica) return 'replica'
  return session.gate & Gate.Subscriber ? 'pubsub' : 'normal'
}
