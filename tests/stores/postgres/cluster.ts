/**
 * A PostgreSQL of its own for tests, of Debian's packages: a cluster in a temporary folder, on a free port, run by a user who is not
 * root. `NO_POSTGRES` says why there can be none.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../clients/ports.ts'
import type { TestDatabase } from '../testdatabase.ts'

const VERSIONS = '/usr/lib/postgresql'
const POOLER = '/usr/sbin/pgbouncer'

function findBinaries(): string | undefined {
  if (!existsSync(VERSIONS)) return undefined
  const versions = readdirSync(VERSIONS).sort((a, b) => Number(b) - Number(a))
  return versions.map((version) => join(VERSIONS, version, 'bin')).find((bin) => existsSync(join(bin, 'initdb')))
}

const binaries = findBinaries()
const isRoot = process.getuid?.() === 0

/** Of the user `postgres`, as whom root runs the server, which refuses to run as root. */
function ownerOf(): { readonly uid: number; readonly gid: number } | undefined {
  if (!isRoot) return undefined
  const idOf = (which: string): number => Number(execFileSync('id', [which, 'postgres'], { encoding: 'utf8' }))
  return { uid: idOf('-u'), gid: idOf('-g') }
}

export const NO_POSTGRES = binaries === undefined ? 'there is no PostgreSQL: apt-get install postgresql' : undefined
export const NO_POOLER =
  NO_POSTGRES ?? (existsSync(POOLER) ? undefined : 'there is no pgbouncer: apt-get install pgbouncer')

export interface ClusterOptions {
  /** Lines of postgresql.conf besides those of a test: by default what is committed is not forced to disk. */
  readonly settings?: Readonly<Record<string, string>>
}

export class Cluster implements TestDatabase {
  readonly #folder: string
  readonly #owner = ownerOf()
  readonly port: number
  #server: ChildProcess | undefined
  #pooler: ChildProcess | undefined
  #roles = 0

  private constructor(folder: string, port: number) {
    this.#folder = folder
    this.port = port
  }

  static async start({ settings = {} }: ClusterOptions = {}): Promise<Cluster> {
    const folder = mkdtempSync(join(tmpdir(), 'zerodis-postgres-'))
    const cluster = new Cluster(folder, await freePort())
    cluster.#own(folder)
    const data = join(folder, 'data')
    cluster.#run(join(binaries!, 'initdb'), [
      '-D',
      data,
      '-A',
      'trust',
      '-U',
      'zerodis',
      '-E',
      'UTF8',
      '--locale=C',
      '-N',
    ])
    const all = { fsync: 'off', shared_buffers: '16MB', max_connections: '100', ...settings }
    const lines = Object.entries(all).map(([name, value]) => `${name} = '${value}'`)
    writeFileSync(join(data, 'postgresql.auto.conf'), lines.join('\n') + '\n')
    await cluster.up()
    return cluster
  }

  get url(): string {
    return `postgres://zerodis@127.0.0.1:${this.port}/postgres`
  }

  /** Starts it, and settles when it can be asked. */
  async up(): Promise<void> {
    const data = join(this.#folder, 'data')
    const words = ['-D', data, '-p', `${this.port}`, '-c', 'listen_addresses=127.0.0.1', '-k', this.#folder]
    this.#server = spawn(join(binaries!, 'postgres'), words, { ...this.#owner, stdio: 'ignore' })
    await until(() => this.ask('SELECT 1') === '1')
  }

  /** Ends it: `immediate` as a crash would, `fast` cuts all who are connected. */
  async down(how: 'fast' | 'immediate'): Promise<void> {
    await end(this.#server, how === 'fast' ? 'SIGINT' : 'SIGQUIT')
    this.#server = undefined
  }

  async restart(how: 'fast' | 'immediate'): Promise<void> {
    await this.down(how)
    await this.up()
  }

  /** What a statement gives, as text. @throws Error */
  ask(statement: string): string {
    const words = ['-h', '127.0.0.1', '-p', `${this.port}`, '-U', 'zerodis', '-d', 'postgres', '-XAtqc', statement]
    return execFileSync(join(binaries!, 'psql'), words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim()
  }

  readerUrl(): string {
    const role = `reader${++this.#roles}`
    this.ask(`CREATE ROLE ${role} LOGIN; GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${role}`)
    return this.url.replace('zerodis@', `${role}@`)
  }

  async refuseRows(table: string): Promise<() => unknown> {
    this.ask(
      `CREATE FUNCTION refuse_${table}() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no room''; END';
       CREATE TRIGGER refuse BEFORE INSERT ON ${table} EXECUTE FUNCTION refuse_${table}()`,
    )
    return () => this.ask(`DROP TRIGGER refuse ON ${table}`)
  }

  /** A pgbouncer in transaction mode in front of it; its URL. */
  async pooler(poolSize = 8): Promise<string> {
    const port = await freePort()
    const file = join(this.#folder, 'pgbouncer.ini')
    writeFileSync(
      file,
      `[databases]
postgres = host=127.0.0.1 port=${this.port} dbname=postgres user=zerodis
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = ${poolSize}
max_client_conn = 200
server_reset_query =
`,
    )
    this.#own(file)
    this.#pooler = spawn(POOLER, ['-q', file], { ...this.#owner, stdio: 'ignore' })
    const url = `postgres://zerodis@127.0.0.1:${port}/postgres`
    await until(() => this.#asks(port))
    return url
  }

  #asks(port: number): boolean {
    const words = ['-h', '127.0.0.1', '-p', `${port}`, '-U', 'zerodis', '-d', 'postgres', '-XAtqc', 'SELECT 1']
    execFileSync(join(binaries!, 'psql'), words, { stdio: 'ignore' })
    return true
  }

  async close(): Promise<void> {
    await end(this.#pooler, 'SIGKILL')
    await end(this.#server, 'SIGQUIT')
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #own(path: string): void {
    if (this.#owner !== undefined) chownSync(path, this.#owner.uid, this.#owner.gid)
  }

  #run(program: string, words: readonly string[]): void {
    execFileSync(program, words, { ...this.#owner, cwd: this.#folder, stdio: ['ignore', 'ignore', 'pipe'] })
  }
}

function end(child: ChildProcess | undefined, signal: NodeJS.Signals): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => {
    child.once('exit', () => resolve())
    child.kill(signal)
  })
}

/** Asks again until it is so. @throws Error where it never is */
async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      if (isSo()) return
    } catch (error) {
      if (tries === 300) throw error
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
