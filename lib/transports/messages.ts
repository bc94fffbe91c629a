/**
 * Subscriptions of code in this process. Messages wait in a queue until they are taken, so whoever takes one may publish
 * and subscribe at will. The queue is bounded as a slow subscriber's connection is (`client-output-buffer-limit pubsub`):
 * past it the subscription is cut, and taking says so.
 */
import { type Bytes, toText } from '../base/bytes.ts'
import { Kind, type Push, type Reply, ReplyError, type TaggedReply } from '../base/reply.ts'
import { unawaited } from '../base/unawaited.ts'
import type { Link, Session } from '../session/session.ts'
import type { Host } from './host.ts'
import { OutputLimit } from './outputlimit.ts'
import { CommandError } from './values.ts'

/** What a queued message costs besides its bytes. */
const OVERHEAD_BYTES = 64

export class MessageQueue implements Link {
  readonly inputBytes = 0
  outputBytes = 0
  readonly #host: Host
  readonly #session: Session
  readonly #outputLimit: OutputLimit
  #pushes: (Push | undefined)[] = []
  /** Number of pushes that were taken from the front, where nothing stands any more. */
  #taken = 0
  #state: 'open' | 'ended' | 'cut' = 'open'
  #wake: (() => void) | undefined
  /** Why there is no subscription. */
  #fault: ReplyError | undefined

  private constructor(host: Host) {
    this.#host = host
    this.#session = host.openSession('inprocess', this, '', '')
    this.#outputLimit = new OutputLimit(host, this.#session, () => this.close(), 'pubsub')
  }

  /** Runs SUBSCRIBE or PSUBSCRIBE; its error, if it has one. */
  static open(host: Host, argv: readonly Bytes[]): MessageQueue | ReplyError {
    const queue = new MessageQueue(host)
    const reply = host.engine.execute(queue.#session, argv)
    if (reply instanceof ReplyError) {
      queue.closeAfterReply()
      return reply
    }
    if (!(reply instanceof Promise)) queue.push(reply)
    else {
      unawaited(
        reply.then((late) => queue.#begin(late)),
        host.engine.config,
        (message) => host.log('warning', message),
      )
    }
    return queue
  }

  /** The next push, when there is one; undefined after the end. @throws Error if the subscription was cut */
  async next(): Promise<Push | undefined> {
    while (this.#taken === this.#pushes.length) {
      if (this.#state === 'cut') {
        if (this.#fault !== undefined) throw new CommandError(toText(this.#fault.text))
        throw new Error('the subscription was cut: its messages were not taken in time')
      }
      if (this.#state === 'ended') return undefined
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    const push = this.#pushes[this.#taken]!
    this.#pushes[this.#taken++] = undefined
    this.outputBytes -= sizeOf(push)
    if (this.#taken === this.#pushes.length) {
      this.#pushes = []
      this.#taken = 0
    } else if (this.#taken > 1024 && this.#taken * 2 > this.#pushes.length) {
      this.#pushes = this.#pushes.slice(this.#taken)
      this.#taken = 0
    }
    return push
  }

  /** Another server has answered: what has no subscription ends. */
  #begin(reply: Reply): void {
    if (!(reply instanceof ReplyError)) {
      this.push(reply)
      return
    }
    this.#fault = reply
    this.#end('cut')
  }

  push(reply: Reply): void {
    if (this.#state !== 'open') return
    const tagged = reply as TaggedReply
    if (tagged.kind === Kind.Sequence) for (const each of tagged.items) this.push(each)
    else if (tagged.kind === Kind.Push) {
      this.outputBytes += sizeOf(tagged)
      this.#outputLimit.enforce()
      const { gate } = this.#host
      if (gate.isShut) gate.whenSafe(() => this.#give(tagged))
      else this.#give(tagged)
    }
  }

  #give(push: Push): void {
    if (this.#state === 'cut') return
    this.#pushes.push(push)
    this.#wake?.()
  }

  /** Ends the subscription; what is queued can still be taken. */
  closeAfterReply(): void {
    this.#end('ended')
  }

  /** Cuts it: what was not taken is lost. */
  close(): void {
    this.#pushes = []
    this.#taken = 0
    this.outputBytes = 0
    this.#end('cut')
  }

  #end(state: 'ended' | 'cut'): void {
    if (this.#state !== 'open') return
    this.#state = state
    this.#outputLimit.stop()
    this.#host.closeSession(this.#session)
    this.#wake?.()
  }
}

function sizeOf({ items }: Push): number {
  let bytes = OVERHEAD_BYTES
  for (const item of items) if (typeof item === 'string') bytes += item.length
  return bytes
}
