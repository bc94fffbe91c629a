/**
 * What the tls-* directives say, as options of Node's TLS. The files are read and tried out when a directive is set, and
 * what they hold serves the connections that come after; whoever is connected stays with what he was received with. Where
 * something cannot be used, the log says what, in Redis's words, and the options stay as they were.
 *
 * Sessions are resumed by tickets, which the client keeps: there is no cache here to be bounded. A new certificate or
 * another rule for clients brings new keys for tickets, so that no old session outlives it.
 */
import type { TlsOptions } from 'node:tls'
import type { Directives } from '../config/config.ts'
import type { DirectiveName } from '../config/directives.ts'
import type { Log } from '../observability/log.ts'

/** Those that take effect with the next connection, and whose files are read anew when they are set, even to the same. */
export const TLS_DIRECTIVES = [
  'tls-cert-file',
  'tls-key-file',
  'tls-key-file-pass',
  'tls-dh-params-file',
  'tls-ca-cert-file',
  'tls-ca-cert-dir',
  'tls-protocols',
  'tls-ciphers',
  'tls-ciphersuites',
  'tls-prefer-server-ciphers',
  'tls-session-caching',
  'tls-session-cache-timeout',
] as const satisfies readonly DirectiveName[]

export class TlsSettings {
  readonly #config: Directives
  readonly #log: Log
  #options: TlsOptions | undefined

  constructor(config: Directives, log: Log) {
    this.#config = config
    this.#log = log
  }

  /** What connections are secured with from now on; another object after each change. Undefined before `configure`. */
  get options(): TlsOptions | undefined {
    return this.#options
  }

  /** How many handshakes are under way; they count as clients. */
  handshakes = 0

  /** Whether clients are asked for a certificate. Unlike the rest it holds without being tried out, as in Redis. */
  get authClients(): 'no' | 'yes' | 'optional' {
    return this.#config['tls-auth-clients']
  }

  /** Takes over what the directives say now; false, and nothing changed, where it cannot be used. */
  async configure(): Promise<boolean> {
    const { readOptions, Unusable } = await import('./tlsoptions.ts')
    try {
      this.#options = readOptions(this.#config)
      return true
    } catch (error) {
      if (!(error instanceof Unusable)) throw error
      this.#log('warning', error.message)
      return false
    }
  }
}
