/**
 * What the nodes of one process tell each other, in the place of the bus of Redis Cluster: it is done within the call that changes
 * something, so that who asks another node next finds it there. A node that nobody told of others is a cluster of its own.
 */
import type { Bytes } from '../base/bytes.ts'
import type { ClusterView } from './view.ts'

/** A node on the bus. */
export interface Peer {
  readonly view: ClusterView
  /** How far its history has come. Unit: bytes. */
  readonly offset: number
  /** The link to its master stands. */
  readonly isLinked: boolean
  /** Another says what it is and has. */
  hear(from: ClusterView): void
  /** Another is gone. */
  lost(id: Bytes): void
  /** A message that was published at another. */
  deliver(channel: Bytes, message: Bytes, isSharded: boolean): void
  /** While it hands over to a replica of its own, nobody may write there. */
  holdWrites(holds: boolean): void
}

export class Bus {
  readonly #peers = new Set<Peer>()
  /** Who has something to tell. */
  #news = new Set<Peer>()
  #isTelling = false

  join(peer: Peer): void {
    this.#peers.add(peer)
  }

  /** It is gone: those who know it count it as failed. */
  leave(peer: Peer): void {
    if (!this.#peers.delete(peer)) return
    const { id } = peer.view.myself
    for (const other of this.#peers) other.lost(id)
  }

  of(id: Bytes): Peer | undefined {
    for (const peer of this.#peers) if (peer.view.myself.id === id) return peer
    return undefined
  }

  /** Another that knows the node of an id. */
  whoKnows(id: Bytes): Peer | undefined {
    for (const peer of this.#peers) if (peer.view.myself.id !== id && peer.view.nodes.has(id)) return peer
    return undefined
  }

  at(ip: Bytes, port: number): Peer | undefined {
    for (const peer of this.#peers) {
      const { myself } = peer.view
      if (myself.ip === ip && (myself.port === port || myself.tlsPort === port)) return peer
    }
    return undefined
  }

  /** What a node is and has is told to all who know it; and what these have to tell because of that. */
  tell(peer: Peer): void {
    this.#news.add(peer)
    if (this.#isTelling) return
    this.#isTelling = true
    try {
      for (const from of this.#news) {
        this.#news.delete(from)
        for (const to of this.#peers) {
          if (to !== from && to.view.nodes.has(from.view.myself.id)) to.hear(from.view)
        }
      }
    } finally {
      this.#isTelling = false
      this.#news = new Set()
    }
  }

  /** All whom two nodes know get to know each other. */
  introduce(one: Peer, other: Peer): void {
    const all = [...this.#peers].filter(
      (peer) => peer === one || peer === other || knows(one, peer) || knows(other, peer),
    )
    for (const peer of all) for (const from of all) if (peer !== from) peer.hear(from.view)
    for (const peer of all) this.tell(peer)
  }

  /** Brings a message to the nodes of some ids. */
  publish(ids: Iterable<Bytes>, channel: Bytes, message: Bytes, isSharded: boolean): void {
    for (const id of ids) this.of(id)?.deliver(channel, message, isSharded)
  }
}

function knows(peer: Peer, other: Peer): boolean {
  return peer.view.nodes.has(other.view.myself.id)
}
