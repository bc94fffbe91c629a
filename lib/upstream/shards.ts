/**
 * Messages of a Cluster's shard channels. Each channel is subscribed to at the master of its slot, by a connection that all channels of
 * that node share, with its first subscriber here, until a while after its last one has gone. It follows its slot: where the node says
 * that it has it no more, or the connection is lost, the channel is subscribed to at whoever has the slot then. Clients here see one server
 * and are told nothing of it; what was published in between is lost, as for any client of a Cluster.
 */
import type { Bytes } from '../base/bytes.ts'
import { Push, type Reply, ReplyError } from '../base/reply.ts'
import { inBackground, monotonic } from '../base/runtime.ts'
import { UpstreamFault } from '../base/upstreamfault.ts'
import type { Subscriptions } from '../pubsub/subscriptions.ts'
import type { Cluster } from './cluster.ts'
import { faultOf, isNotYet, type Node } from './node.ts'
import { REDIRECTIONS } from './servers.ts'
import { ShardLine, type ShardListener } from './shardline.ts'

/** Between two attempts while nobody answers for a slot. */
const WAIT_MS = 100

/** It was taken, and has gone since. */
const ON_ITS_WAY = new ReplyError('TRYAGAIN the slot of the channel is on its way')

/** A channel that is subscribed to, or about to be. */
interface Channel {
  readonly name: Bytes
  line: ShardLine | undefined
  /** Since when the node is found that has it, by `monotonic`; -1 while it is looked for. */
  foundAt: number
  /** The error, if there is one. */
  settled: Promise<ReplyError | undefined>
}

export interface ShardsParts {
  /** Who subscribes here. */
  readonly here: Subscriptions
  readonly cluster: Cluster
  /** For so long a node that answers for the slot is looked for; 0: for ever. */
  readonly timeoutMs: () => number
}

export class Shards implements ShardListener {
  readonly #parts: ShardsParts
  readonly #channels = new Map<Bytes, Channel>()
  readonly #lines = new Map<Node, Promise<ShardLine>>()
  /** Subscriptions that are being asked for: nothing is given up meanwhile. */
  #pending = 0
  #isClosed = false

  constructor(parts: ShardsParts) {
    this.#parts = parts
  }

  /** Subscribes to channels, of any slots. The error, if there is one. */
  async subscribe(names: readonly Bytes[]): Promise<ReplyError | undefined> {
    this.#pending++
    try {
      const errors = await Promise.all(names.map((name) => (this.#channels.get(name) ?? this.#open(name)).settled))
      return errors.find((error) => error !== undefined)
    } finally {
      this.#pending--
    }
  }

  /** Gives up what nobody here subscribes to any more, and asks anew for what somebody does and no node has. */
  sweep(): void {
    const { here } = this.#parts
    if (this.#pending === 0) {
      for (const { name, line } of this.#channels.values()) {
        if (here.subscribersOf(name) !== undefined) continue
        this.#channels.delete(name)
        line?.unsubscribe(name)
      }
    }
    for (const name of here.names()) this.#again(name)
    for (const line of this.#lines.values()) {
      line.then(
        (open) => {
          if (open.names.size !== 0) open.ping()
          else if (this.#pending === 0) open.close()
        },
        () => {}, // whoever asked for it has been told
      )
    }
  }

  close(): void {
    this.#isClosed = true
    for (const line of this.#lines.values()) {
      line.then(
        (open) => open.close(),
        () => {}, // there is nothing to close
      )
    }
  }

  message(name: Bytes, reply: readonly Reply[]): void {
    const subscribers = this.#parts.here.subscribersOf(name)
    if (subscribers === undefined) return
    const push = new Push(reply)
    for (const subscriber of subscribers) subscriber.deliver(push)
  }

  moved(line: ShardLine, name: Bytes): void {
    const channel = this.#channels.get(name)
    // Whoever looks for it goes on by himself.
    if (channel?.line !== line || channel.foundAt === -1) return
    this.#channels.delete(name)
    // A node that takes it and lets it go at once is not asked without a pause.
    if (monotonic() - channel.foundAt < WAIT_MS) inBackground(WAIT_MS, () => this.#again(name))
    else this.#again(name)
  }

  #again(name: Bytes): void {
    const isWanted = this.#parts.here.subscribersOf(name) !== undefined && !this.#channels.has(name)
    if (isWanted && !this.#isClosed) this.#open(name)
  }

  #open(name: Bytes): Channel {
    const channel: Channel = { name, line: undefined, foundAt: -1, settled: Promise.resolve(undefined) }
    this.#channels.set(name, channel)
    channel.settled = this.#settle(channel)
    return channel
  }

  async #settle(channel: Channel): Promise<ReplyError | undefined> {
    const error = await this.#find(channel)
    if (error === undefined) channel.foundAt = monotonic()
    if (error !== undefined && this.#isWanted(channel)) this.#channels.delete(channel.name)
    return error
  }

  /** Nothing has come in its place meanwhile. */
  #isWanted(channel: Channel): boolean {
    return !this.#isClosed && this.#channels.get(channel.name) === channel
  }

  /** Finds the node that takes the channel. */
  async #find(channel: Channel): Promise<ReplyError | undefined> {
    const { cluster, timeoutMs } = this.#parts
    const startedAt = monotonic()
    let redirections = 0
    let target: Node | undefined
    for (;;) {
      const error = await this.#take(channel, target)
      if (error === undefined || !this.#isWanted(channel)) return error
      target = redirections < REDIRECTIONS ? cluster.follow(error)?.node : undefined
      if (target !== undefined) {
        redirections++
        continue
      }
      const ms = timeoutMs()
      const mayComeBack = error instanceof UpstreamFault || isNotYet(error)
      if (!mayComeBack || (ms !== 0 && monotonic() - startedAt >= ms)) return error
      await new Promise<void>((resolve) => inBackground(WAIT_MS, resolve))
      await cluster.refresh()
    }
  }

  /** Subscribes to it at a node; at the master of its slot where none is named. */
  async #take(channel: Channel, target: Node | undefined): Promise<ReplyError | undefined> {
    const { name } = channel
    const argv = ['SSUBSCRIBE', name]
    const node =
      target ?? (await this.#parts.cluster.home([{ command: undefined, argv, db: 0, isRead: true, key: name }]))
    if (node instanceof ReplyError) return node
    let line: ShardLine
    try {
      line = await this.#lineTo(node)
    } catch (error) {
      return faultOf(error, node.label)
    }
    if (!this.#isWanted(channel)) return undefined
    channel.line = line
    const error = await line.subscribe(name)
    return error ?? (line.names.has(name) ? undefined : ON_ITS_WAY)
  }

  #lineTo(node: Node): Promise<ShardLine> {
    let line = this.#lines.get(node)
    if (line === undefined) this.#lines.set(node, (line = this.#dial(node)))
    return line
  }

  async #dial(node: Node): Promise<ShardLine> {
    try {
      let line: ShardLine | undefined
      const connection = await node.dial(0, () => {
        this.#lines.delete(node)
        if (line !== undefined) this.#lost(line)
      })
      line = new ShardLine(connection, this)
      return line
    } catch (error) {
      this.#lines.delete(node)
      throw error
    }
  }

  #lost(line: ShardLine): void {
    for (const name of line.names) this.moved(line, name)
  }
}
