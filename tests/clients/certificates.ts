/**
 * Certificates for tests, made when a test begins: an authority, and what it has signed. `openssl` makes them, since Node
 * can read certificates but make none; it is on every machine that runs the tests (.ci/run sees to it).
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Certificate {
  /** Paths. */
  readonly cert: string
  readonly key: string
}

export class Authority {
  readonly folder = mkdtempSync(join(tmpdir(), 'certificates-'))
  readonly cert: string

  constructor(name = 'Authority') {
    this.#openssl(`req -x509 ${NEW_KEY} -nodes -days 2 -subj /CN=${name} -keyout ca.key -out ca.crt`)
    this.cert = join(this.folder, 'ca.crt')
  }

  /** The authority itself, for clients that are to trust it. */
  get pem(): Buffer {
    return readFileSync(this.cert)
  }

  /** A certificate for this host. With a password the key is encrypted. */
  sign(name: string, password?: string): Certificate {
    const { folder } = this
    writeFileSync(join(folder, 'names'), 'subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1\n')
    const secrecy = password === undefined ? '-nodes' : `-passout pass:${password}`
    this.#openssl(`req -new ${NEW_KEY} ${secrecy} -subj /CN=${name} -keyout ${name}.key -out ${name}.csr`)
    this.#openssl(
      `x509 -req -in ${name}.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile names -out ${name}.crt`,
    )
    return { cert: join(folder, `${name}.crt`), key: join(folder, `${name}.key`) }
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

  #openssl(words: string): void {
    execFileSync('openssl', words.split(' '), { cwd: this.folder, stdio: ['ignore', 'ignore', 'pipe'] })
  }
}

const NEW_KEY = '-newkey ec -pkeyopt ec_paramgen_curve:prime256v1'
