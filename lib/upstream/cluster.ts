/**
 * A Redis Cluster as the upstream: each command goes to the master of its slot (or to a replica, where reads may), what spans all
 * nodes is asked of all of them, and redirections are followed. Commands of a pipeline go each its way at once, and their replies
 * come together in order. What cannot run on one node says CROSSSLOT, but for the few commands that `upstream-multi-key split` cuts up.
 *
 * While a slot has no master that answers, a command that has not run is tried again for as long as an answer may take.
 */
import type { Bytes } from '../base/bytes.ts'
import { CROSS_SLOT } from '../base/errors.ts'
import { type Reply, ReplyError } from '../base/reply.ts'
import { inBackground, monotonic } from '../base/runtime.ts'
import { slotOf } from '../base/slots.ts'
import { unawaited } from '../base/unawaited.ts'
import { UpstreamFault } from '../base/upstreamfault.ts'
import { keysOf } from '../commands/keyspecs.ts'
import type { Directives } from '../config/config.ts'
import type { Answer } from './connection.ts'
import { cursorOf, merged, mergeOf, nextCursor } from './everywhere.ts'
import { codeOf, type Node, type NodeParts } from './node.ts'
import { ASKING, REDIRECTIONS, type Redirected, type Request, type Servers } from './servers.ts'
import { SlotMap } from './slotmap.ts'
import { splitOf } from './split.ts'

/** Between two looks at who has a slot, while nobody answers for it. */
const WAIT_MS = 100

export class Cluster implements Servers {
  readonly #map: SlotMap
  readonly #config: Directives

  constructor(parts: NodeParts, config: Directives) {
    this.#map = new SlotMap(parts)
    this.#config = config
  }

  async ask(request: Request): Promise<Reply> {
    const error = this.#map.isKnown ? undefined : await this.#map.refresh()
    if (error !== undefined) return error
    const { command, argv } = request
    const merge = command === undefined ? undefined : mergeOf(command.fullName)
    if (merge !== undefined) return merged(merge, await this.#askAll(request))
    if (command?.fullName === 'scan') return this.#scan(request)
    const slot = slotOfKeys(keysIn(request))
    if (slot !== undefined) return this.#askSlot(slot, request)
    const split =
      this.#config['upstream-multi-key'] === 'split' && command ? splitOf(command.fullName, argv) : undefined
    if (split === undefined) return CROSS_SLOT
    const replies = await Promise.all(
      split.parts.map((part) => this.#askSlot(part.slot, { ...request, argv: part.argv })),
    )
    return replies.find((reply) => reply instanceof ReplyError) ?? split.join(replies)
  }

  send(request: Request, answer: Answer): void {
    const asked = this.ask(request).then(answer)
    unawaited(asked, this.#config, (message) => answer(new UpstreamFault(`ERR upstream: ${message}`, 502, true)))
  }

  async home(requests: readonly Request[]): Promise<Node | ReplyError> {
    const error = this.#map.isKnown ? undefined : await this.#map.refresh()
    if (error !== undefined) return error
    const slot = slotOfKeys(requests.flatMap(keysIn))
    if (slot === undefined) return CROSS_SLOT
    const node = slot === -1 ? this.#anyMaster() : this.#map.masterOf(slot)
    return node ?? (await this.#map.refresh()) ?? this.#map.masterOf(Math.max(slot, 0)) ?? NO_MASTER
  }

  follow(reply: Reply): Redirected | undefined {
    if (!(reply instanceof ReplyError)) return undefined
    const code = codeOf(reply)
    if (code !== 'MOVED' && code !== 'ASK') return undefined
    const target = this.#map.follow(reply)
    if (target === undefined) return undefined
    const isAsked = code === 'ASK'
    if (!isAsked) {
      this.#map.moved(target.slot, target.node)
      this.#map.refreshSoon()
    }
    return { node: target.node, isAsked }
  }

  /** Whoever is none any more sends elsewhere. */
  wasMaster(): boolean {
    return false
  }

  async any(): Promise<Node | ReplyError> {
    const error = this.#map.isKnown ? undefined : await this.#map.refresh()
    return error ?? this.#anyMaster() ?? NO_MASTER
  }

  closeIdle(idleMs: number): void {
    for (const node of this.#map.nodes) node.closeIdle(idleMs, 0)
  }

  /** Asks who has which slots. The error where nobody answers. */
  refresh(): Promise<ReplyError | undefined> {
    return this.#map.refresh()
  }

  lookAgain(): void {
    const seconds = this.#config['upstream-cluster-refresh']
    if (seconds !== 0) this.#map.refreshAfter(seconds * 1000)
  }

  get isCircuitOpen(): boolean {
    return this.#map.masters.some(({ circuit }) => circuit.isOpen)
  }

  close(): void {
    this.#map.close()
  }

  /** One whose last connection succeeded, where there is one. */
  #anyMaster(): Node | undefined {
    const { masters } = this.#map
    const up = masters.filter(({ circuit }) => !circuit.isOpen)
    const among = up.length === 0 ? masters : up
    return among[Math.floor(Math.random() * among.length)]
  }

  /** `slot` is -1 for a command without keys, which any node can answer. */
  async #askSlot(slot: number, request: Request): Promise<Reply> {
    const startedAt = monotonic()
    const { argv, isRead } = request
    const toReplica = isRead && slot !== -1 && this.#config['upstream-cluster-reads'] === 'replica'
    let redirections = 0
    let target: Redirected | undefined
    for (let attempt = 0; ; attempt++) {
      const node: Node | undefined = target?.node ?? this.#nodeFor(slot, toReplica && attempt === 0)
      if (node === undefined) return NO_MASTER
      const reply = target?.isAsked ? await node.askBehind(ASKING, argv) : await node.ask(argv, 0, isRead)
      target = redirections < REDIRECTIONS ? this.follow(reply) : undefined
      if (!(reply instanceof ReplyError)) return reply
      if (target !== undefined) redirections++
      else if (this.#mayComeBack(reply, isRead, startedAt)) {
        await new Promise<void>((resolve) => inBackground(WAIT_MS, resolve))
        await this.#map.refresh()
      } else return reply
    }
  }

  #nodeFor(slot: number, replica: boolean): Node | undefined {
    if (slot === -1) return this.#anyMaster()
    return replica ? this.#map.replicaOf(slot) : (this.#map.masterOf(slot) ?? this.#anyMaster())
  }

  /** A replica takes over where a master has gone, or is none any more: the command is for that one, if it has not run. */
  #mayComeBack(reply: ReplyError, isRead: boolean, startedAt: number): boolean {
    const hasNotRun = reply instanceof UpstreamFault ? isRead || !reply.mayHaveRun : codeOf(reply) === 'READONLY'
    if (!hasNotRun) return false
    const ms = this.#config['upstream-timeout']
    return ms === 0 || monotonic() - startedAt < ms
  }

  /** Each master is asked until it has answered; one that is none any more, or is gone, by who is master then. */
  async #askAll({ argv, isRead }: Request): Promise<readonly Reply[]> {
    const startedAt = monotonic()
    const answered = new Map<Node, Reply>()
    for (;;) {
      const { masters } = this.#map
      const missing = masters.filter((node) => !answered.has(node))
      const replies = await Promise.all(missing.map((node) => node.ask(argv, 0, isRead)))
      let isOver = true
      for (const [i, reply] of replies.entries()) {
        if (reply instanceof ReplyError && this.#mayComeBack(reply, isRead, startedAt)) isOver = false
        else answered.set(missing[i], reply)
      }
      if (isOver) return masters.map((node) => answered.get(node)!)
      await new Promise<void>((resolve) => inBackground(WAIT_MS, resolve))
      await this.#map.refresh()
    }
  }

  async #scan(request: Request): Promise<Reply> {
    const { argv, isRead } = request
    const { masters } = this.#map
    const at = cursorOf(argv[1])
    const node = at === undefined ? masters[0] : masters[at.node]
    if (node === undefined) return ['0', []]
    const reply = await node.ask(at === undefined ? argv : argv.with(1, at.cursor), 0, isRead)
    if (at === undefined || !Array.isArray(reply)) return reply
    const [cursor, keys] = reply as [Bytes, readonly Reply[]]
    return [nextCursor(cursor, at.node, masters.length), keys]
  }
}

const NO_MASTER = new ReplyError('CLUSTERDOWN Hash slot not served')

function keysIn({ command, argv, key }: Request): readonly Bytes[] {
  if (key !== undefined) return [key]
  if (command === undefined) return argv.length > 1 ? [argv[1]] : []
  const keys = keysOf(command, argv) ?? []
  // A shard channel goes where a key of its name would.
  return keys.length === 0 && command.name === 'spublish' ? [argv[1]] : keys
}

/** The slot of all keys; -1 without a key, undefined where they have several. */
function slotOfKeys(keys: readonly Bytes[]): number | undefined {
  let slot = -1
  for (const key of keys) {
    const its = slotOf(key)
    if (slot !== -1 && its !== slot) return undefined
    slot = its
  }
  return slot
}
