/** Which nodes have which slots, as CLUSTER SLOTS tells it and MOVED corrects it; and the nodes themselves, each made once. */
import { type Reply, ReplyError } from '../base/reply.ts'
import { monotonic } from '../base/runtime.ts'
import { SLOTS } from '../base/slots.ts'
import type { Place } from './address.ts'
import { Node, type NodeParts } from './node.ts'

const CLUSTER_SLOTS = ['CLUSTER', 'SLOTS']

interface Owners {
  readonly master: Node
  readonly replicas: readonly Node[]
}

export class SlotMap {
  readonly #parts: NodeParts
  /** By host:port, those of replicas apart, as they ask with READONLY. */
  readonly #masters = new Map<string, Node>()
  readonly #replicas = new Map<string, Node>()
  #owners: (Owners | undefined)[] = []
  #refreshing: Promise<ReplyError | undefined> | undefined
  /** By `monotonic`. */
  #refreshedAt = 0

  constructor(parts: NodeParts) {
    this.#parts = parts
  }

  get isKnown(): boolean {
    return this.#owners.length !== 0
  }

  /** All masters, in an order that stays for as long as they do. */
  get masters(): readonly Node[] {
    return [...new Set(this.#owners.flatMap((owners) => owners?.master ?? []))].sort((a, b) =>
      a.label < b.label ? -1 : 1,
    )
  }

  get nodes(): readonly Node[] {
    return [...this.#masters.values(), ...this.#replicas.values()]
  }

  masterOf(slot: number): Node | undefined {
    return this.#owners[slot]?.master
  }

  /** One of the replicas; the master where there is none. */
  replicaOf(slot: number): Node | undefined {
    const owners = this.#owners[slot]
    if (owners === undefined || owners.replicas.length === 0) return owners?.master
    return owners.replicas[Math.floor(Math.random() * owners.replicas.length)]
  }

  /** The node of `MOVED slot host:port` and its like; undefined if it names none. `via` has said so, and stands for no host. */
  follow({ text }: ReplyError): { readonly slot: number; readonly node: Node } | undefined {
    const [, slot, host, port] = /^(?:MOVED|ASK) (\d{1,5}) (.*):(\d{1,5})$/.exec(text) ?? []
    if (slot === undefined || +slot >= SLOTS) return undefined
    return { slot: +slot, node: this.#node(this.#masters, { host: host || this.#firstHost, port: +port }) }
  }

  moved(slot: number, node: Node): void {
    if (this.isKnown) this.#owners[slot] = { master: node, replicas: [] }
  }

  /** Asks so, for whoever comes next. */
  refreshSoon(): void {
    this.#refreshing = this.refresh()
  }

  /** Asks so if the last answer is as old as that, or older. */
  refreshAfter(ms: number): void {
    if (this.isKnown && monotonic() - this.#refreshedAt >= ms) this.refreshSoon()
  }

  /** Asks who has which slots; one node after the other, until one answers. The error if none does. */
  refresh(): Promise<ReplyError | undefined> {
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = undefined
    })
    return this.#refreshing
  }

  close(): void {
    for (const node of this.nodes) node.close()
  }

  get #firstHost(): string {
    return this.#parts.dialer.address.places[0].host
  }

  async #refresh(): Promise<ReplyError | undefined> {
    let error: ReplyError | undefined
    for (const node of this.#candidates()) {
      const reply = node.circuit.refusal ?? (await node.ask(CLUSTER_SLOTS, 0, true))
      if (!Array.isArray(reply)) error = reply instanceof ReplyError ? reply : error
      else if (reply.length !== 0) {
        this.#take(reply)
        return undefined
      }
    }
    return error ?? NO_SLOTS
  }

  /** Whom to ask: masters that are known, then the nodes of the address. */
  *#candidates(): Generator<Node> {
    yield* this.masters
    for (const place of this.#parts.dialer.address.places) yield this.#node(this.#masters, place)
  }

  /** `[first, last, [host, port, …], [host, port, …] …]`: the first is the master. */
  #take(ranges: readonly Reply[]): void {
    const owners: (Owners | undefined)[] = new Array(SLOTS).fill(undefined)
    for (const range of ranges) {
      const [first, last, master, ...replicas] = range as readonly [number, number, ...(readonly Reply[])[]]
      const place = this.#placeOf(master)
      if (place === undefined) continue
      const entry: Owners = {
        master: this.#node(this.#masters, place),
        replicas: replicas.flatMap((replica) => {
          const its = this.#placeOf(replica)
          return its === undefined ? [] : this.#node(this.#replicas, its)
        }),
      }
      owners.fill(entry, first, last + 1)
    }
    this.#owners = owners
    this.#refreshedAt = monotonic()
    this.#forgetOthers()
  }

  #placeOf(entry: readonly Reply[]): Place | undefined {
    const [host, port] = entry
    if (typeof port !== 'number') return undefined
    return { host: typeof host === 'string' && host !== '' && host !== '?' ? host : this.#firstHost, port }
  }

  #node(among: Map<string, Node>, place: Place): Node {
    const name = `${place.host}:${place.port}`
    let node = among.get(name)
    if (node === undefined) among.set(name, (node = new Node(this.#parts, place, among === this.#replicas)))
    return node
  }

  /** Nodes that have no slots any more; who is answered by one still is. */
  #forgetOthers(): void {
    const used = new Set<Node>(this.#owners.flatMap((owners) => (owners ? [owners.master, ...owners.replicas] : [])))
    for (const among of [this.#masters, this.#replicas]) {
      for (const [name, node] of among) {
        if (used.has(node)) continue
        among.delete(name)
        node.retire()
      }
    }
  }
}

const NO_SLOTS = new ReplyError('CLUSTERDOWN The upstream has no slots')
