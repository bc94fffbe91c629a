/**
 * Options of Node's TLS, read from what the tls-* directives say and tried out. A module of its own, which loads with the
 * first who asks for TLS: node:tls takes longer to load than all of the store.
 */
import { constants, createPrivateKey, X509Certificate } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createSecureContext, DEFAULT_CIPHERS, type TlsOptions } from 'node:tls'
import { toText } from '../base/bytes.ts'
import type { Directives } from '../config/config.ts'

/** What cannot be used, in the words of the log. */
export class Unusable extends Error {}

const PROTOCOLS: ReadonlyMap<string, number> = new Map([
  ['tlsv1', constants.SSL_OP_NO_TLSv1],
  ['tlsv1.1', constants.SSL_OP_NO_TLSv1_1],
  ['tlsv1.2', constants.SSL_OP_NO_TLSv1_2],
  ['tlsv1.3', constants.SSL_OP_NO_TLSv1_3],
])

/** @throws Unusable */
export function readOptions(config: Directives): TlsOptions {
  const certFile = toText(config['tls-cert-file'])
  const keyFile = toText(config['tls-key-file'])
  if (certFile === '') throw new Unusable('No tls-cert-file configured!')
  if (keyFile === '') throw new Unusable('No tls-key-file configured!')
  const caFile = toText(config['tls-ca-cert-file'])
  const caFolder = toText(config['tls-ca-cert-dir'])
  if (config['tls-auth-clients'] !== 'no' && caFile === '' && caFolder === '') {
    throw new Unusable(
      'Either tls-ca-cert-file or tls-ca-cert-dir must be specified when tls-cluster, tls-replication or tls-auth-clients are enabled!',
    )
  }
  const passphrase = config['tls-key-file-pass'] === '' ? undefined : toText(config['tls-key-file-pass'])
  const options: TlsOptions = {
    cert: attempt(`Failed to load certificate: ${certFile}`, () => readCertificate(certFile)),
    key: attempt(`Failed to load private key: ${keyFile}`, () => readKey(keyFile, passphrase)),
    passphrase,
    // Never undefined: then Node would trust whoever the world's authorities have signed.
    ca: attempt('Failed to configure CA certificate(s) file/directory', () => readAuthorities(caFile, caFolder)),
    dhparam: readDhParameters(toText(config['tls-dh-params-file'])),
    minVersion: 'TLSv1',
    maxVersion: 'TLSv1.3',
    secureOptions: secureOptionsOf(config),
    ciphers: readCiphers(config['tls-ciphers'], config['tls-ciphersuites']),
    honorCipherOrder: config['tls-prefer-server-ciphers'],
    sessionTimeout: Math.max(config['tls-session-cache-timeout'], 1),
  }
  attempt('Failed to configure TLS', () => createSecureContext(options))
  return options
}

function attempt<T>(what: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw new Unusable(`${what}: ${(error as Error).message}`)
  }
}

function readCertificate(path: string): Buffer {
  const pem = readFileSync(path)
  new X509Certificate(pem) // throws where there is none
  return pem
}

function readKey(path: string, passphrase: string | undefined): Buffer {
  const pem = readFileSync(path)
  // Without one, a key that wants it would have Node ask at the terminal.
  createPrivateKey({ key: pem, passphrase: passphrase ?? '' })
  return pem
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g

/** The certificates of a file, and those of a folder under the names that `openssl rehash` gives them. */
function readAuthorities(file: string, folder: string): string[] {
  const hashed = folder === '' ? [] : readdirSync(folder).filter((name) => /^[0-9a-f]{8}\.\d+$/.test(name))
  const files = [...(file === '' ? [] : [file]), ...hashed.map((name) => join(folder, name))]
  return files.flatMap((path) => {
    const certificates = readFileSync(path, 'latin1').match(CERTIFICATE)
    if (certificates === null) throw new Error(`no certificate in ${path}`)
    for (const certificate of certificates) new X509Certificate(certificate)
    return certificates
  })
}

function readDhParameters(path: string): Buffer | 'auto' | undefined {
  if (path === '') return choosesDhParameters() ? 'auto' : undefined
  const pem = attempt(`Failed to load ${path}`, () => readFileSync(path))
  if (!pem.includes('BEGIN DH PARAMETERS')) throw new Unusable(`${path}: failed to read DH params.`)
  return pem
}

/** OpenSSL has well-known parameters to choose from. BoringSSL, which Bun has, knows no ciphers that need any. */
function choosesDhParameters(): boolean {
  try {
    createSecureContext({ dhparam: 'auto' })
    return true
  } catch {
    return false
  }
}

function secureOptionsOf(config: Directives): number {
  let options = constants.SSL_OP_NO_RENEGOTIATION
  if (!config['tls-session-caching'] || config['tls-session-cache-timeout'] === 0) options |= constants.SSL_OP_NO_TICKET
  const names = config['tls-protocols'] === '' ? ['tlsv1.2', 'tlsv1.3'] : config['tls-protocols'].split(' ')
  const wanted = new Set(names.map((name) => name.toLowerCase()))
  for (const name of wanted) {
    if (PROTOCOLS.has(name)) continue
    throw new Unusable(
      "Invalid tls-protocols specified. Use a combination of 'TLSv1', 'TLSv1.1', 'TLSv1.2' and 'TLSv1.3'.",
    )
  }
  for (const [name, without] of PROTOCOLS) if (!wanted.has(name)) options |= without
  return options
}

/** Node takes both lists in one, and tells them apart by the names of TLS 1.3, which begin with TLS_. */
function readCiphers(ciphers: string, suites: string): string {
  const ofNode = DEFAULT_CIPHERS.split(':')
  const older = ciphers || ofNode.filter((name) => !name.startsWith('TLS_')).join(':')
  const newest = suites || ofNode.filter((name) => name.startsWith('TLS_')).join(':')
  tryCiphers('ciphers', older)
  tryCiphers('ciphersuites', newest)
  return `${newest}:${older}`
}

function tryCiphers(what: 'ciphers' | 'ciphersuites', list: string): void {
  try {
    createSecureContext({ ciphers: list })
  } catch {
    throw new Unusable(`Failed to configure ${what}: ${list}`)
  }
}
