/**
 * A genuine redis-server of the tests' own: started on a unix socket in a fresh folder, so that it meets no other server
 * and no port, and ended with the process that started it.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { RespClient } from '../../clients/resp.ts'

/** The program to ask; another one, such as Valkey's, can be named. */
const PROGRAM = process.env.ZERODIS_GENUINE ?? 'redis-server'

/** Version of the genuine server installed here; undefined without one. */
export const genuineVersion = spawnSync(PROGRAM, ['--version'], { encoding: 'utf8' }).stdout?.match(/v=([\d.]+)/)?.[1]

export const NO_GENUINE = `no genuine Redis: '${PROGRAM}' is not installed (apt-get install redis-server, brew install redis)`

/**
 * Ends the server when its standard input does: however this process ends, no server is left behind. The server alone keeps
 * descriptor 3, so that its own end is seen there at once.
 */
const GUARD = 'trap "kill -9 \\$child; exit" TERM HUP; "$@" & child=$!; exec 3>&-; read _; kill -9 $child; wait'

export class Genuine {
  readonly path: string
  readonly #folder: string
  readonly #process: ChildProcess

  private constructor(folder: string, path: string, child: ChildProcess) {
    this.#folder = folder
    this.path = path
    this.#process = child
  }

  /** Starts a server; rejects if it does not answer within ten seconds. */
  static async start(...flags: string[]): Promise<Genuine> {
    const folder = mkdtempSync(join(tmpdir(), 'genuine-'))
    const path = join(folder, 'socket')
    const fixed = ['--port', '0', '--unixsocket', path, '--dir', folder, '--save', '', '--enable-debug-command', 'yes']
    const child = spawn('sh', ['-c', GUARD, 'sh', PROGRAM, ...fixed, ...flags], {
      stdio: ['pipe', 'pipe', 'ignore', 'pipe'],
    })
    const life = child.stdio[3] as Readable
    const genuine = new Genuine(folder, path, child)
    await new Promise<void>((resolve, reject) => {
      let log = ''
      const timer = setTimeout(() => reject(new Error(`${PROGRAM} did not start:\n${log}`)), 10_000)
      child.once('error', reject)
      life.resume().once('close', () => {
        clearTimeout(timer)
        child.stdin!.end()
        reject(new Error(`${PROGRAM} ended:\n${log}`))
      })
      child.stdout!.on('data', (text) => {
        log += text
        if (!/ready to accept connections/i.test(log)) return
        clearTimeout(timer)
        child.stdout!.removeAllListeners('data').resume()
        resolve()
      })
    })
    return genuine
  }

  connect(): Promise<RespClient> {
    return RespClient.connect({ path: this.path })
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once('exit', resolve))
    this.#process.stdin!.end()
    await ended
    // A child may still write there.
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 10 })
  }
}
