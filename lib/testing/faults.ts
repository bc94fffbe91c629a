/**
 * Faults of a store under test: what hardly ever happens to an application, made to happen. They stand before the commands of
 * clients, through whichever door these come; what the test runs by its own `execute` passes them.
 */
import type { Bytes } from '../base/bytes.ts'
import { LOADING, OOM, READ_ONLY_REPLICA } from '../base/errors.ts'
import { ReplyError } from '../base/reply.ts'
import { type Command, Flag } from '../commands/command.ts'
import type { Server } from '../server/server.ts'

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
    this.#suspended = true
    try {
      return act()
    } finally {
      this.#suspended = false
    }
  }

  /**
   * The next `times` calls of a command (`'get'`, `'config|set'`, `'*'` for any) are not run and answered with this error, as in
   * `failNext('set', 'ERR disk on fire')`. @throws TypeError if there is no such command
   */
  failNext(command: string, error: string, times = 1): void {
    this.#failures.set(this.#name(command), { error: new ReplyError(error), left: times })
    this.#follow()
  }

  /** Calls of a command wait for `ms` of the store's time before they run; 0 ends it. @throws TypeError as `failNext` */
  delay(command: string, ms: number): void {
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

  /** Ends all faults. */
  clear(): void {
    this.#failures.clear()
    this.#delays.clear()
    this.#loading = this.#readonly = this.#oom = false
    this.#follow()
  }

  #name(command: string): string {
    if (command === ANY) return ANY
    const [name, subcommand] = command.toLowerCase().split(/[| ]/)
    const entry = this.#server.engine.table.find(name)
    const found = subcommand === undefined ? entry : entry?.subcommands?.get(subcommand)
    if (found === undefined) throw new TypeError(`there is no command '${command}'`)
    return found.fullName
  }

  /** Where there is no fault, nobody is asked. */
  #follow(): void {
    const any = this.#failures.size + this.#delays.size > 0 || this.#loading || this.#readonly || this.#oom
    this.#server.engine.interceptor = any ? (_session, command, argv) => this.#instead(command, argv) : undefined
  }

  #instead(command: Command, argv: readonly Bytes[]): ReplyError | Promise<void> | undefined {
    if (this.#suspended) return undefined
    const failure = this.#take(command)
    if (failure !== undefined) return failure
    if (this.#loading && !(command.flags & Flag.Loading)) return LOADING
    if (this.#readonly && command.flags & Flag.Write) return READ_ONLY_REPLICA
    if (this.#oom && command.flags & Flag.DenyOom) return OOM
    const ms = this.#delays.get(command.fullName) ?? this.#delays.get(ANY)
    if (ms === undefined || this.#delayed.has(argv)) return undefined
    this.#delayed.add(argv)
    return new Promise((resolve) => this.#server.engine.clock.after(ms, resolve))
  }

  #take(command: Command): ReplyError | undefined {
    const name = this.#failures.has(command.fullName) ? command.fullName : ANY
    const failure = this.#failures.get(name)
    if (failure === undefined) return undefined
    if (--failure.left === 0) {
      this.#failures.delete(name)
      this.#follow()
    }
    return failure.error
  }
}
