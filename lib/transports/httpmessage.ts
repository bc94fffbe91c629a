/** The class of our own HTTP server's requests. */
import { IncomingMessage } from 'node:http'
import { connectionOf } from './httprequest.ts'

/**
 * A request of which Node believes that it is for an upgrade only if it is for WebSockets. One that would like h2c (Java's
 * own client asks for it) is answered as it stands: with a listener for upgrades, Node would take it for one of those. And
 * for an upgrade is what comes on a connection of which nothing more is to be read: only then does Node leave alone what it
 * has received already, where it would else make objects of hundreds of requests.
 */
export class HttpMessage extends IncomingMessage {
  /** Set by Node's constructor already, when private fields are not there yet. */
  declare asksForUpgrade: boolean | null

  get upgrade(): boolean | null {
    if (connectionOf(this.socket)?.isFull) return true
    return this.asksForUpgrade && (this.method === 'CONNECT' || this.headers.upgrade?.toLowerCase() === 'websocket')
  }

  set upgrade(upgrade: boolean | null) {
    this.asksForUpgrade = upgrade
  }
}
