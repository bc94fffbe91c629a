/**
 * Certificates for tests, made when a test begins: an authority, and what it has signed. Node can read certificates but
 * make none; node-forge can, and needs no program on the machine.
 */
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import forge from 'node-forge'

export interface Certificate {
  /** Paths. */
  readonly cert: string
  readonly key: string
}

const TWO_DAYS_MS = 2 * 24 * 3600 * 1000

export class Authority {
  readonly folder = mkdtempSync(join(tmpdir(), 'certificates-'))
  readonly cert: string
  readonly #name: string
  readonly #key = new Key()
  #signed = 0

  constructor(name = 'Authority') {
    this.#name = name
    this.cert = this.file(
      'ca.crt',
      this.#certify(name, this.#key, [{ name: 'basicConstraints', cA: true, critical: true }]),
    )
  }

  /** The authority itself, for clients that are to trust it. */
  get pem(): Buffer {
    return readFileSync(this.cert)
  }

  /** A certificate for this host. With a password the key is encrypted. */
  sign(name: string, password?: string): Certificate {
    const key = new Key()
    const names = [
      { type: 2, value: 'localhost' },
      { type: 7, ip: '127.0.0.1' },
      { type: 7, ip: '::1' },
    ]
    const cert = this.#certify(name, key, [{ name: 'subjectAltName', altNames: names }])
    return { cert: this.file(`${name}.crt`, cert), key: this.file(`${name}.key`, key.pem(password)) }
  }

  /** Puts a file into the folder and returns its path. */
  file(name: string, text: string | Buffer): string {
    const path = join(this.folder, name)
    writeFileSync(path, text)
    return path
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }

  #certify(name: string, key: Key, extensions: readonly object[]): string {
    const certificate = forge.pki.createCertificate()
    certificate.publicKey = key.public
    certificate.serialNumber = `0${++this.#signed}`
    certificate.validity.notBefore = new Date(Date.now() - TWO_DAYS_MS)
    certificate.validity.notAfter = new Date(Date.now() + TWO_DAYS_MS)
    certificate.setSubject([{ name: 'commonName', value: name }])
    certificate.setIssuer([{ name: 'commonName', value: this.#name }])
    certificate.setExtensions([...extensions])
    certificate.sign(this.#key.private, forge.md.sha256.create())
    return forge.pki.certificateToPem(certificate)
  }
}

/** An RSA key, which Node makes quicker. */
class Key {
  readonly #pair = generateKeyPairSync('rsa', { modulusLength: 2048 })

  get public(): forge.pki.rsa.PublicKey {
    return forge.pki.publicKeyFromPem(this.#pair.publicKey.export({ type: 'spki', format: 'pem' }) as string)
  }

  get private(): forge.pki.rsa.PrivateKey {
    return forge.pki.privateKeyFromPem(this.pem())
  }

  pem(passphrase?: string): string {
    const { privateKey } = this.#pair
    if (passphrase === undefined) return privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
    return privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase }) as string
  }
}
