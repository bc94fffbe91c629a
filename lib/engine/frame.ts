/**
 * The Context of one running command. There is one frame per nesting depth (a command, a command inside EXEC or a
 * script, …), reused for every call, so running a command allocates nothing here.
 */
import type { Bytes } from '../base/bytes.ts'
import type { Places } from '../base/places.ts'
import type { Reply } from '../base/reply.ts'
import { Args } from '../commands/args.ts'
import { type Command, type Context, type NotifyClass, PARKED } from '../commands/command.ts'
import type { CommandTable } from '../commands/table.ts'
import type { Directives } from '../config/config.ts'
import type { Db } from '../keyspace/db.ts'
import type { Keyspace } from '../keyspace/keyspace.ts'
import type { TypeName } from '../keyspace/value.ts'
import type { Ports } from '../session/ports.ts'
import type { Session } from '../session/session.ts'
import type { ParkRequest } from './blocking.ts'
import type { Engine } from './engine.ts'

export class Frame implements Context {
  readonly args = new Args()
  readonly #engine: Engine
  readonly keyspace: Keyspace
  readonly config: Directives
  readonly ports: Ports
  readonly table: CommandTable
  session!: Session
  command!: Command
  mayBlock = false
  /** Keys changed so far by this command. */
  dirty = 0
  /** What the handler put in place of the command in the stream of effects. */
  effects: (readonly Bytes[])[] | undefined
  parkRequest: ParkRequest | undefined

  constructor(engine: Engine) {
    this.#engine = engine
    this.keyspace = engine.keyspace
    this.config = engine.config
    this.ports = engine.ports
    this.table = engine.table
  }

  get db(): Db {
    return this.session.db
  }

  get now(): number {
    return this.keyspace.now
  }

  get fieldNow(): number {
    return this.keyspace.seesExpired ? -Infinity : this.keyspace.now
  }

  get propagates(): boolean {
    return this.#engine.propagates
  }

  get changed(): boolean {
    return this.dirty !== 0
  }

  begin(session: Session, command: Command, mayBlock: boolean): void {
    this.session = session
    this.command = command
    this.mayBlock = mayBlock
    this.dirty = 0
    this.effects = undefined
  }

  signal(key: Bytes, kind: NotifyClass, event: Bytes, db: Db = this.session.db): void {
    this.dirty++
    db.changed(key)
    const engine = this.#engine
    if (engine.watches.size !== 0) engine.watches.touch(db, key)
    if (engine.tracking.size !== 0) engine.tracking.invalidate(key, this.session)
    if (engine.blocking.size !== 0) engine.blocking.touch(db, key)
    if (engine.notifier !== undefined) engine.notifier(kind, event, key, db)
  }

  signalPlace(p: Places, key: number, kind: NotifyClass, event: Bytes): void {
    const { watches, blocking } = this.#engine
    // Who asks for text of every key, a notifier or a tracker, has kept the command from coming here.
    if (watches.size !== 0 || blocking.size !== 0) this.signal(p.text(key), kind, event)
    else this.dirty++
  }

  addDirty(key?: Bytes): void {
    this.dirty++
    if (key !== undefined) this.session.db.changed(key)
  }

  wake(key: Bytes): void {
    const { blocking } = this.#engine
    if (blocking.size !== 0) blocking.touch(this.session.db, key)
  }

  count(changes: number): void {
    this.dirty = changes
  }

  touch(key: Bytes): void {
    this.dirty++
    this.session.db.changed(key)
    const engine = this.#engine
    if (engine.watches.size !== 0) engine.watches.touch(this.session.db, key)
    if (engine.tracking.size !== 0) engine.tracking.invalidate(key, this.session)
  }

  signalAll(db: Db, other?: Db): void {
    this.dirty++
    this.#engine.watches.touchAll(db, other)
    if (this.#engine.tracking.size !== 0) this.#engine.tracking.flush()
    this.#engine.blocking.touchAll(db)
  }

  notify(kind: NotifyClass, event: Bytes, key: Bytes, db: Db = this.session.db): void {
    const { notifier } = this.#engine
    if (notifier !== undefined) notifier(kind, event, key, db)
  }

  get tellsFields(): boolean {
    return this.#engine.fieldNotifier !== undefined
  }

  notifyFields(event: Bytes, key: Bytes, fields: readonly Bytes[]): void {
    this.#engine.fieldNotifier?.(event, key, fields, this.session.db)
  }

  propagate(argv: readonly Bytes[]): void {
    if (this.effects === undefined) this.effects = [argv]
    else this.effects.push(argv)
  }

  propagateNothing(): void {
    this.effects ??= []
  }

  forward(): void {
    if (this.#engine.propagates) this.#engine.forward(this.session.db.index, this.args.argv)
  }

  park(
    keys: readonly Bytes[],
    type: TypeName,
    timeoutMs: number,
    onTimeout: Reply,
    wakesOnDeletion = false,
    argv: readonly Bytes[] = this.args.argv,
    retryMs?: (now: number) => number,
  ): Reply | typeof PARKED {
    if (!this.mayBlock) return onTimeout
    this.parkRequest = { keys, type, timeoutMs, onTimeout, wakesOnDeletion, argv, retryMs }
    return PARKED
  }

  call(argv: readonly Bytes[]): Reply | Promise<Reply> {
    return this.#engine.callNested(this.session, argv)
  }
}
