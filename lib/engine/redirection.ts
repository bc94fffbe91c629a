/**
 * Whether a command runs on this node of a cluster, or is another's: the slot of its keys decides. All keys, of a whole transaction
 * even, must be of one slot; while a slot is on its way between two nodes, each of them serves the keys that it has. The rules and
 * their order are those of Redis, which asks before memory, disk or role can refuse the command. A store that is no node of a cluster
 * never comes here.
 */
import type { Bytes } from '../base/bytes.ts'
import type { Clock } from '../base/clock.ts'
import {
  CLUSTER_DOWN,
  CLUSTER_READS_ONLY,
  CROSS_SLOT,
  SCRIPT_CLUSTER_DOWN,
  SCRIPT_CLUSTER_READS_ONLY,
  SCRIPT_CROSS_SLOT,
  SCRIPT_NOT_LOCAL,
  SLOT_UNSERVED,
  slotElsewhere,
  TRY_AGAIN,
} from '../base/errors.ts'
import { ReplyError } from '../base/reply.ts'
import { slotOf } from '../base/slots.ts'
import type { Member } from '../cluster/member.ts'
import type { ClusterNode } from '../cluster/node.ts'
import { endpointOf, portOf } from '../cluster/report.ts'
import { type Command, Flag } from '../commands/command.ts'
import { routedKeys } from '../commands/keyspecs.ts'
import type { CommandTable } from '../commands/table.ts'
import type { Directives } from '../config/directives.ts'
import type { Keyspace } from '../keyspace/keyspace.ts'
import type { Ports } from '../session/ports.ts'
import { isSecureClient, type Session } from '../session/session.ts'

export interface RedirectionParts {
  readonly member: Member
  readonly table: CommandTable
  readonly keyspace: Keyspace
  readonly clock: Clock
  readonly config: Directives
  /** There once the engine is wired. */
  readonly ports: () => Ports
}

export class Redirection {
  readonly #parts: RedirectionParts
  readonly #member: Member
  // What is known of the keys of the command at hand, so far.
  #firstKey: Bytes | undefined
  #slot = -1
  #owner: ClusterNode | undefined
  #isMigrating = false
  #isImporting = false
  #isSeveral = false
  #missing = 0
  #existing = 0

  constructor(parts: RedirectionParts) {
    this.#parts = parts
    this.#member = parts.member
  }

  /** What a client is answered whose command does not run here; undefined if it does. */
  refusal(session: Session, command: Command, argv: readonly Bytes[]): ReplyError | undefined {
    followAsking(session)
    session.slot = -1
    this.#begin()
    const { migrating, importing } = this.#member.view
    if (migrating.size + importing.size !== 0) this.#parts.keyspace.setNow(this.#parts.clock.now())
    if (!(command.flags & Flag.Exec))
      return this.#addKeys(command, argv, command) ?? this.#decide(session, command, argv)
    for (const queued of session.transaction?.queue ?? []) {
      const found = this.#parts.table.resolve(queued)
      const error = found instanceof ReplyError ? undefined : this.#addKeys(found, queued, command)
      if (error !== undefined) return error
    }
    return this.#decide(session, command, argv)
  }

  /**
   * Why a command of a script does not run; undefined if it does. Its keys are of the slot that the call has named, or the first command has
   * chosen, unless the script says that it may cross slots.
   */
  refusalInScript(
    session: Session,
    command: Command,
    argv: readonly Bytes[],
    mayCross: boolean,
  ): ReplyError | undefined {
    this.#begin()
    const called = session.slot
    session.slot = -1
    const error = this.#addKeys(command, argv, command) ?? this.#decide(session, command, argv)
    const { slot } = session
    session.slot = called
    if (error === CLUSTER_READS_ONLY) return SCRIPT_CLUSTER_READS_ONLY
    if (error === CLUSTER_DOWN) return SCRIPT_CLUSTER_DOWN
    if (error !== undefined) return SCRIPT_NOT_LOCAL
    if (slot === -1 || mayCross) return undefined
    if (called !== -1 && called !== slot) return SCRIPT_CROSS_SLOT
    session.slot = slot
    return undefined
  }

  /** Why a client waits in vain for a key; undefined if it does not. */
  refusalOfWaiting(session: Session, command: Command, key: Bytes): ReplyError | undefined {
    const { view } = this.#member
    if (!view.isOk) return CLUSTER_DOWN
    const slot = slotOf(key)
    const owner = view.owners[slot]
    const { myself } = view
    const readsHere = session.readsReplicas && !(command.flags & Flag.Write) && !myself.isMaster
    if (owner === myself || view.importing.has(slot) || (readsHere && myself.master === owner)) return undefined
    return owner === undefined ? SLOT_UNSERVED : this.#moved(session, slot, owner)
  }

  #begin(): void {
    this.#firstKey = undefined
    this.#slot = -1
    this.#owner = undefined
    this.#isMigrating = false
    this.#isImporting = false
    this.#isSeveral = false
    this.#missing = 0
    this.#existing = 0
  }

  /** Takes the keys of a command into account; `asked` is what the client runs, which may be EXEC. */
  #addKeys(command: Command, argv: readonly Bytes[], asked: Command): ReplyError | undefined {
    const { keys, keyPositions, keyPlaces } = command
    if (keyPositions === undefined) {
      if (keys.length === 0) return undefined
      if (keys.length === 1 && keyPlaces.first === 1 && keyPlaces.step === 0) return this.#addKey(argv[1], asked)
    }
    for (const key of routedKeys(command, argv)) {
      const error = this.#addKey(key, asked)
      if (error !== undefined) return error
    }
    return undefined
  }

  #addKey(key: Bytes, asked: Command): ReplyError | undefined {
    const error = this.#placeKey(key)
    if (error !== undefined) return error
    // Whether a channel is there says nothing: it is served where its slot is.
    if ((this.#isMigrating || this.#isImporting) && !asked.shardChannels) this.#look(key)
    return undefined
  }

  #placeKey(key: Bytes): ReplyError | undefined {
    const slot = slotOf(key)
    if (this.#firstKey !== undefined) {
      if (slot !== this.#slot) return CROSS_SLOT
      if (key !== this.#firstKey) this.#isSeveral = true
      return undefined
    }
    const { view } = this.#member
    const owner = view.owners[slot]
    if (owner === undefined) return SLOT_UNSERVED
    this.#firstKey = key
    this.#slot = slot
    this.#owner = owner
    this.#isMigrating = owner === view.myself && view.migrating.has(slot)
    this.#isImporting = !this.#isMigrating && view.importing.has(slot)
    return undefined
  }

  #look(key: Bytes): void {
    if (this.#parts.keyspace.dbs[0].isLive(key)) this.#existing++
    else this.#missing++
  }

  #decide(session: Session, command: Command, argv: readonly Bytes[]): ReplyError | undefined {
    const owner = this.#owner
    if (owner === undefined) return undefined
    const { view } = this.#member
    const { myself } = view
    const flags = command.flagsOf === undefined ? command.flags : command.flagsOf(argv, this.#parts.ports())
    if (!view.isOk) {
      const down = this.#refusalWhenDown(command, flags)
      if (down !== undefined) return down
    }
    session.slot = this.#slot
    const isOpen = this.#isMigrating || this.#isImporting
    if (isOpen && command.onOpenSlots) return undefined
    if (this.#isMigrating && this.#missing > 0) {
      const target = view.migrating.get(this.#slot)!
      if (this.#existing > 0) return TRY_AGAIN
      return target === myself ? undefined : this.#ask(session, target)
    }
    if (this.#isImporting && (session.asking !== 0 || flags & Flag.Asking)) {
      return this.#isSeveral && this.#missing > 0 ? TRY_AGAIN : undefined
    }
    if (owner === myself) return undefined
    const isOfMyMaster = !myself.isMaster && myself.master === owner
    if (isOfMyMaster && (session.readsReplicas || command.shardChannels) && !this.#writes(session, command, flags)) {
      return undefined
    }
    return this.#moved(session, this.#slot, owner)
  }

  #refusalWhenDown(command: Command, flags: number): ReplyError | undefined {
    const { config } = this.#parts
    if (command.shardChannels) return config['cluster-allow-pubsubshard-when-down'] ? undefined : CLUSTER_DOWN
    if (!config['cluster-allow-reads-when-down']) return CLUSTER_DOWN
    return flags & Flag.Write ? CLUSTER_READS_ONLY : undefined
  }

  #writes(session: Session, command: Command, flags: number): boolean {
    if (flags & Flag.Write) return true
    if (!(command.flags & Flag.Exec)) return false
    return session.transaction!.queue.some((queued) => {
      const found = this.#parts.table.resolve(queued)
      if (found instanceof ReplyError) return false
      const its = found.flagsOf === undefined ? found.flags : found.flagsOf(queued, this.#parts.ports())
      return (its & Flag.Write) !== 0
    })
  }

  #moved(session: Session, slot: number, owner: ClusterNode): ReplyError {
    return slotElsewhere('MOVED', slot, this.#addressOf(session, owner))
  }

  #ask(session: Session, target: ClusterNode): ReplyError {
    return slotElsewhere('ASK', this.#slot, this.#addressOf(session, target))
  }

  #addressOf(session: Session, node: ClusterNode): Bytes {
    const { config } = this.#parts
    return `${endpointOf(node, config['cluster-preferred-endpoint-type'])}:${portOf(node, isSecureClient(session, config['tls-port']))}`
  }
}

/** ASKING holds for the command behind it, or for the transaction that it begins. */
function followAsking(session: Session): void {
  if (session.asking === 2) session.asking = 1
  else if (session.asking === 1 && session.transaction === undefined) session.asking = 0
}
