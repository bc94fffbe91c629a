/**
 * A connection as Bottleneck 2.19 takes it in its option `connection`, on any wire. Bottleneck itself does the limiting, in
 * its Lua scripts and in its own code; the connection runs its commands in order, passes its messages, and keeps at it: when
 * the store was away, limiters look anew at what may run. A store that came back empty is set up again by Bottleneck, which
 * asks for that with the errors SETTINGS_KEY_NOT_FOUND and UNKNOWN_CLIENT.
 */
import { Feeds } from './feed.ts'
import { CommandQueue } from './queue.ts'
import { type Argument, backOff, type Wire } from './wire.ts'

export interface ConnectionOptions {
  /** How long commands wait for a store that is not reached, before they fail. Unit: ms. Default 30,000. */
  readonly patienceMs?: number
}

/** What is used of a limiter. */
export interface Limiter {
  channel(): string
  channel_client(): string
  _drainAll(): Promise<unknown>
  readonly _store: {
    readonly heartbeat?: ReturnType<typeof setInterval>
    onMessage(channel: string, message: string): Promise<void>
  }
}

/** Access to the store, beside the limiters. */
export interface Client {
  /** Runs a command and settles with its reply, as JSON has it. */
  command(...argv: Argument[]): Promise<unknown>
  publish(channel: string, message: string): Promise<unknown>
}

export interface Clients {
  readonly client: Client
  readonly subscriber: Client
}

type ErrorListener = (error: Error) => void

/** `[script, limiter id, arguments, callback]`: what `__scriptArgs__` makes for `__scriptFn__`. */
type ScriptArguments = [name: string, limiterId: string, args: readonly Argument[], callback: ScriptCallback]
type ScriptCallback = (error: Error | null, reply?: unknown) => void

export class Connection {
  readonly datastore = 'redis'
  /** By channel; Bottleneck wants an object. One without a prototype: any name may be asked for. */
  readonly limiters: Record<string, readonly Limiter[]> = Object.create(null)
  /** Bottleneck's code takes this for a promise, its types for a function: it is both. It waits for as long as it takes. */
  readonly ready: Promise<Clients> & (() => Promise<Clients>)
  readonly client: Client = {
    command: (...argv) => this.#queue.run(argv),
    publish: (channel, message) => this.#queue.run(['PUBLISH', channel, message]),
  }
  readonly #queue: CommandQueue
  readonly #feeds: Feeds
  readonly #ended = new AbortController()
  #listeners: { readonly listener: ErrorListener; readonly isOnce: boolean }[] = []

  constructor(wire: Wire, { patienceMs = 30_000 }: ConnectionOptions) {
    const onError = (error: Error): void => this.#report(error)
    this.#queue = new CommandQueue(wire, patienceMs, { onError, onRecovered: () => this.#drainAll() })
    this.#feeds = new Feeds(wire, {
      onError,
      onGap: () => this.#drainAll(),
      onMessage: (channel, message) => this.#deliver(channel, message),
      publish: this.client.publish,
    })
    const ready = this.#start()
    this.ready = Object.assign(() => ready, {
      // biome-ignore lint/suspicious/noThenProperty: it stands for the promise
      then: ready.then.bind(ready),
      catch: ready.catch.bind(ready),
      finally: ready.finally.bind(ready),
      [Symbol.toStringTag]: 'Promise',
    })
  }

  /** Tells of every failure to reach the store; the connection goes on by itself. */
  on(_event: 'error', listener: ErrorListener): void {
    this.#listeners.push({ listener, isOnce: false })
  }

  once(_event: 'error', listener: ErrorListener): void {
    this.#listeners.push({ listener, isOnce: true })
  }

  removeAllListeners(): void {
    this.#listeners = []
  }

  /**
   * Ends the connection, after which the process may end. With `flush` commands that were given are still carried out, if the
   * store is reached at once. All others fail, now and later; jobs that run then say so by an `error` of their limiter.
   */
  async disconnect(flush = true): Promise<void> {
    for (const limiter of this.#allLimiters()) clearInterval(limiter._store.heartbeat)
    for (const channel of Object.keys(this.limiters)) delete this.limiters[channel]
    this.#ended.abort()
    this.#feeds.close()
    await this.#queue.close(flush)
  }

  async __runCommand__(argv: readonly Argument[]): Promise<unknown> {
    await this.ready
    return this.#queue.run(argv)
  }

  /** Settles once the limiter hears what is said to it. */
  async __addLimiter__(limiter: Limiter): Promise<void> {
    const channels = [limiter.channel(), limiter.channel_client()]
    await this.#feeds.add(channels)
    for (const channel of channels) this.limiters[channel] = [...(this.limiters[channel] ?? []), limiter]
  }

  async __removeLimiter__(limiter: Limiter): Promise<void> {
    for (const channel of [limiter.channel(), limiter.channel_client()]) {
      const left = (this.limiters[channel] ?? []).filter((each) => each !== limiter)
      if (left.length > 0) this.limiters[channel] = left
      else {
        delete this.limiters[channel]
        this.#feeds.remove([channel])
      }
    }
  }

  __scriptArgs__(
    name: string,
    limiterId: string,
    args: readonly Argument[],
    callback: ScriptCallback,
  ): ScriptArguments {
    return [name, limiterId, args, callback]
  }

  __scriptFn__(_name: string): (...call: ScriptArguments) => void {
    return (script, limiterId, args, callback) => {
      this.#queue.run({ script, limiterId, args }).then(
        (reply) => callback(null, reply),
        (error: Error) => callback(error),
      )
    }
  }

  /** Loads the scripts. @returns once that succeeded, never if the connection is ended before */
  async #start(): Promise<Clients> {
    for (let attempt = 0; !this.#ended.signal.aborted; attempt++) {
      try {
        await this.#queue.loadScripts()
        return { client: this.client, subscriber: this.client }
      } catch (error) {
        if (this.#ended.signal.aborted) break
        this.#report(error as Error)
        await backOff(attempt, this.#ended.signal)
      }
    }
    return new Promise(() => {})
  }

  #deliver(channel: string, message: string): void {
    for (const { _store } of this.limiters[channel] ?? []) this.#watch(_store.onMessage(channel, message))
  }

  /** Limiters wait for messages that say what is free. Where one may have been missed, they look by themselves. */
  #drainAll(): void {
    for (const limiter of this.#allLimiters()) this.#watch(limiter._drainAll())
  }

  /** What a limiter does by itself, and may fail at. */
  #watch(work: Promise<unknown>): void {
    work.catch((error: Error) => this.#report(error))
  }

  #allLimiters(): Set<Limiter> {
    return new Set(Object.values(this.limiters).flat())
  }

  /** A listener that throws does so on its own account, not on that of whoever reports. */
  #report(error: Error): void {
    for (const { listener } of this.#listeners) queueMicrotask(() => listener(error))
    this.#listeners = this.#listeners.filter(({ isOnce }) => !isOnce)
  }
}
