/**
 * Connections to another server that TLS secures, with the certificates of the tls-* directives: `tls-client-cert-file`
 * says who we are, or, without it, the one that our clients see. As in Redis the other side must be signed by one of the
 * authorities that are known here, whatever its name. Loads with the first who asks for it.
 */
import { readFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { connect } from 'node:tls'
import { toText } from '../base/bytes.ts'
import type { Directives } from '../config/config.ts'
import { readOptions } from './tlsoptions.ts'

/** @throws Unusable, or the system's error */
export function connectSecurely(config: Directives, host: string, port: number, localAddress?: string): Socket {
  const { cert, key, passphrase, ca, minVersion, maxVersion, secureOptions, ciphers } = readOptions(config)
  const { 'tls-client-cert-file': certFile, 'tls-client-key-file': keyFile } = config
  const own =
    certFile === ''
      ? { cert, key, passphrase }
      : {
          cert: readFileSync(toText(certFile)),
          key: readFileSync(toText(keyFile)),
          passphrase: config['tls-client-key-file-pass'] || undefined,
        }
  return connect({
    ...{ host, port, localAddress, ca, minVersion, maxVersion, secureOptions, ciphers, ...own },
    checkServerIdentity: () => undefined,
  })
}
