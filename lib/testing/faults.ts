/**
 * Faults of a store under test: what hardly ever happens to an application, made to happen. They meet the commands of clients,
 * through whichever door these come, and those that scripts call; what the test runs by its own `execute` passes them.
 */
import type { Bytes } from '../base/bytes.ts'
import { LOADING } from '../base/errors.ts'
import { ReplyError } from '../base/reply.ts'
import { type Command, Flag } from '../commands/command.ts'
import type { Interceptor } from '../engine/interceptor.ts'
import type { Server } from '../server/server.ts'
import { isDuration } from './clock.ts'

interface Failure {
  readonly error: ReplyError
  left: number
}

/** Any command, in `failNext` and `delay`. */
const ANY = '*'

export class Faults {
  readonly #server: Server
  readonly #failures = new Map<string, Failure>()
  readonly #delays = new Map<string, number>()
  /** Commands that have waited already. */
  readonly #delayed = new WeakSet<readonly Bytes[]>()
  /** Ends the wait of each that does. */
  readonly #waiting = new Set<() => void>()
  readonly #interceptor: Interceptor = {
    instead: (_session, command, argv) => this.#instead(command, argv),
    insteadInScript: ({ fullName }) => this.#take(fullName),
  }
  #loading = false
  #readonly = false
  #oom = false
  readonly #cutSockets: () => void
  #suspended = false

  constructor(server: Server, cutSockets: () => void) {
    this.#server = server
    this.#cutSockets = cutSockets
  }

  /** Does something that no fault is to meet. */
  without<T>(act: () => T): T {
    if (!this.#any) return act()
    this.#suspended = true
    this.#follow()
    try {
      return act()
    } finally {
      this.#suspended = false
      this.#follow()
    }
  }

  /**
   * The next `times` calls of a command (`'get'`, `'config|set'`, `'*'` for any) are not run and answered with this error, as in
   * `failNext('set', 'ERR disk on fire')`; in MULTI, where they would be queued. Scripts get it where they call that command;
   * `'*'` means clients' commands alone.
   * @throws TypeError if there is no such command
   * @throws RangeError unless `times` is a positive integer
   */
  failNext(command: string, error: string, times = 1): void {
    if (!Number.isInteger(times) || times < 1) throw new RangeError(`a command cannot fail ${times} times`)
    this.#failures.set(this.#name(command), { error: new ReplyError(error.replace(/[\r\n]/g, ' ')), left: times })
    this.#follow()
  }

  /**
   * Calls of a command by clients wait for `ms` of the store's time before they run; 0 ends it for those to come.
   * @throws TypeError as `failNext`
   * @throws RangeError if `ms` is negative or no number
   */
  delay(command: string, ms: number): void {
    if (!isDuration(ms)) throw new RangeError(`a command cannot wait for ${ms} ms`)
    if (ms > 0) this.#delays.set(this.#name(command), ms)
    else this.#delays.delete(this.#name(command))
    this.#follow()
  }

  /** Cuts every connection over TCP, Unix sockets, WebSockets and in memory, and every stream of events. They may come again. */
  disconnectAll(): void {
    this.#cutSockets()
    const { clients } = this.#server.engine.ports.connections
    for (const session of [...clients]) if (session.door !== 'inprocess') session.link.close()
  }

  /** Until `loading(false)`, commands are answered as while a server loads its data. */
  loading(on = true): void {
    this.#loading = on
    this.#follow()
  }

  /** Until `readonly(false)`, writes are answered as by a read-only replica. */
  readonly(on = true): void {
    this.#readonly = on
    this.#follow()
  }

  /** Until `oom(false)`, commands that need memory are answered as when `maxmemory` is reached and nothing may go. */
  oom(on = true): void {
    this.#oom = on
    this.#follow()
  }

  /** Ends all faults; commands that wait because of one run now. */
  clear(): void {
    this.#failures.clear()
    this.#delays.clear()
    this.#loading = this.#readonly = this.#oom = false
    this.#follow()
    for (const goOn of [...this.#waiting]) goOn()
  }

  #name(command: string): string {
    if (command === ANY) return ANY
    const [name, subcommand] = command.toLowerCase().split(/[| ]/)
    const entry = this.#server.engine.table.find(name)
    const found = subcommand === undefined ? entry : entry?.subcommands?.get(subcommand)
    if (found === undefined) throw new TypeError(`there is no command '${command}'`)
    return found.fullName
  }

  get #any(): boolean {
    return this.#failures.size + this.#delays.size > 0 || this.#loading || this.#readonly || this.#oom
  }

  /** Where there is no fault, nobody is asked. */
  #follow(): void {
    const { engine } = this.#server
    const acts = !this.#suspended
    engine.interceptor = acts && this.#any ? this.#interceptor : undefined
    engine.writes.setReadOnly(acts && this.#readonly)
    engine.eviction.setFull(acts && this.#oom)
  }

  #instead(command: Command, argv: readonly Bytes[]): ReplyError | Promise<void> | undefined {
    const failure = this.#take(command.fullName) ?? this.#take(ANY)
    if (failure !== undefined) return failure
    if (this.#loading && !(command.flags & Flag.Loading)) return LOADING
    const ms = this.#delays.get(command.fullName) ?? this.#delays.get(ANY)
    if (ms === undefined || this.#delayed.has(argv)) return undefined
    this.#delayed.add(argv)
    return this.#wait(ms)
  }

  #take(name: string): ReplyError | undefined {
    const failure = this.#failures.get(name)
    if (failure === undefined) return undefined
    if (--failure.left === 0) {
      this.#failures.delete(name)
      this.#follow()
    }
    return failure.error
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const goOn = (): void => {
        cancel()
        this.#waiting.delete(goOn)
        resolve()
      }
      const cancel = this.#server.engine.clock.after(ms, goOn)
      this.#waiting.add(goOn)
    })
  }
}
