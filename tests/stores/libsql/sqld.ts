/**
 * The server of libSQL (`sqld`, what Turso runs) of its own for tests, as the package `sqld` brings it along: on a free port, in a
 * temporary folder, with tokens that may write or only read. `NO_SQLD` says why there can be none.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { generateKeyPairSync, sign } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { freePort } from '../../clients/ports.ts'
import type { TestDatabase } from '../testdatabase.ts'

function findBinary(): string | undefined {
  try {
    const at = createRequire(import.meta.url).resolve(`@sqld/${process.platform}-${process.arch}/package.json`)
    return join(dirname(at), 'sqld')
  } catch {
    return undefined
  }
}

const binary = findBinary()

export const NO_SQLD = binary === undefined ? 'there is no sqld for this platform' : undefined

interface Answer {
  readonly results: readonly {
    readonly error?: { readonly message: string }
    readonly response?: { readonly result: { readonly rows: readonly (readonly { readonly value?: unknown }[])[] } }
  }[]
}

export class Sqld implements TestDatabase {
  readonly #folder = mkdtempSync(join(tmpdir(), 'zerodis-sqld-'))
  readonly #keys = generateKeyPairSync('ed25519')
  readonly port: number
  #server: ChildProcess | undefined

  private constructor(port: number) {
    this.port = port
  }

  static async start(): Promise<Sqld> {
    const sqld = new Sqld(await freePort())
    await sqld.up()
    return sqld
  }

  get url(): string {
    return this.#urlFor('rw')
  }

  readerUrl(): string {
    return this.#urlFor('ro')
  }

  #urlFor(access: 'rw' | 'ro'): string {
    return `http://127.0.0.1:${this.port}?authToken=${this.#token(access)}`
  }

  #token(access: 'rw' | 'ro'): string {
    const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
    const text = `${encode({ alg: 'EdDSA', typ: 'JWT' })}.${encode({ a: access })}`
    return `${text}.${sign(null, Buffer.from(text), this.#keys.privateKey).toString('base64url')}`
  }

  /** Starts it, and settles when it can be asked. */
  async up(): Promise<void> {
    const key = this.#keys.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64url')
    const words = [
      '--db-path',
      join(this.#folder, 'data'),
      '--http-listen-addr',
      `127.0.0.1:${this.port}`,
      '--no-welcome',
    ]
    this.#server = spawn(binary!, words, {
      cwd: this.#folder,
      stdio: 'ignore',
      env: { ...process.env, SQLD_AUTH_JWT_KEY: key, RUST_LOG: 'off' },
    })
    for (let tries = 0; ; tries++) {
      try {
        await this.ask('SELECT 1')
        return
      } catch (error) {
        if (tries === 300) throw error
      }
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  async down(how: 'fast' | 'immediate'): Promise<void> {
    const child = this.#server
    this.#server = undefined
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    await new Promise<void>((resolve) => {
      child.once('exit', () => resolve())
      child.kill(how === 'fast' ? 'SIGTERM' : 'SIGKILL')
    })
  }

  async restart(how: 'fast' | 'immediate'): Promise<void> {
    await this.down(how)
    await this.up()
  }

  async ask(statement: string): Promise<string> {
    const response = await fetch(`http://127.0.0.1:${this.port}/v2/pipeline`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.#token('rw')}` },
      body: JSON.stringify({ requests: [{ type: 'execute', stmt: { sql: statement } }, { type: 'close' }] }),
    })
    if (!response.ok) throw new Error(await response.text())
    const [{ error, response: told }] = ((await response.json()) as Answer).results
    if (error !== undefined) throw new Error(error.message)
    return told!.result.rows.map((row) => row.map(({ value }) => value).join('|')).join('\n')
  }

  async refuseRows(table: string): Promise<() => Promise<unknown>> {
    const refuse = "SELECT RAISE(ABORT, 'no room')"
    await this.ask(`CREATE TRIGGER refuse_${table} BEFORE INSERT ON ${table} BEGIN ${refuse}; END`)
    return () => this.ask(`DROP TRIGGER refuse_${table}`)
  }

  async close(): Promise<void> {
    await this.down('immediate')
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
