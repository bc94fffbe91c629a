/**
 * TLS handshakes of one listener: takes plain connections and gives back secured ones, each with a client that may come in
 * (`tls-auth-clients`). A stranger holds his place for `HANDSHAKE_MS` at most, counts as a client meanwhile, and whatever
 * he sends ends nothing but his own connection.
 */
import type { Socket } from 'node:net'
import { createServer, type Server, type TLSSocket, type TlsOptions } from 'node:tls'
import type { Bytes } from '../base/bytes.ts'
import type { Log } from '../observability/log.ts'
import { endpoint } from './endpoint.ts'
import type { TlsSettings } from './tls.ts'

/** Longest time for a handshake. */
const HANDSHAKE_MS = 10_000

export class Handshakes {
  readonly #settings: TlsSettings
  readonly #secured: (socket: TLSSocket) => void
  readonly #log: Log
  /** By the address of the client, which the secured connection has, too. */
  readonly #underWay = new Map<Bytes, Socket>()
  /** Shakes hands by the settings with which it was made; it listens nowhere. */
  #server: Server | undefined
  #options: TlsOptions | undefined
  #authClients: TlsSettings['authClients'] = 'yes'

  constructor(settings: TlsSettings, secured: (socket: TLSSocket) => void, log: Log) {
    this.#settings = settings
    this.#secured = secured
    this.#log = log
  }

  /** Begins with a connection that was accepted. */
  begin(plain: Socket): void {
    const settings = this.#settings
    const addr = addressOf(plain)
    this.#underWay.set(addr, plain)
    settings.handshakes++
    plain.once('close', () => this.#over(addr, plain))
    if (this.#options !== settings.options || this.#authClients !== settings.authClients) this.#renew()
    this.#server!.emit('connection', plain)
  }

  /** Cuts those who have not finished. */
  cut(): void {
    for (const plain of this.#underWay.values()) plain.destroy()
  }

  #over(addr: Bytes, plain = this.#underWay.get(addr)): void {
    if (plain === undefined || this.#underWay.get(addr) !== plain) return
    this.#underWay.delete(addr)
    this.#settings.handshakes--
  }

  #renew(): void {
    const { options, authClients } = this.#settings
    this.#options = options
    this.#authClients = authClients
    const requestCert = authClients !== 'no'
    const rejectUnauthorized = authClients === 'yes'
    this.#server = createServer({ ...options, requestCert, rejectUnauthorized, handshakeTimeout: HANDSHAKE_MS })
      .on('secureConnection', (socket) => this.#admit(socket, authClients))
      .on('tlsClientError', (error, { remoteAddress }) => this.#failed(error.message, remoteAddress))
  }

  #admit(socket: TLSSocket, authClients: TlsSettings['authClients']): void {
    this.#over(addressOf(socket))
    // Where none is asked for, one that was shown all the same must be good.
    if (authClients === 'optional' && !socket.authorized && socket.getPeerX509Certificate() !== undefined) {
      this.#failed(`${socket.authorizationError}`, socket.remoteAddress)
      socket.destroy()
      return
    }
    this.#secured(socket)
  }

  #failed(reason: string, address: string | undefined): void {
    this.#log('verbose', `Error accepting a client connection: ${reason.trim()} (addr=${address})`)
  }
}

function addressOf({ remoteAddress, remotePort }: Socket): Bytes {
  return endpoint(remoteAddress, remotePort)
}
