/** Processes of stores on one database, for tests that kill and stop them. They are built once: each starts in a moment. */
import { type ChildProcess, execFileSync, type SpawnOptions, spawn } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Settings } from '../../lib/config/config.ts'
import { RespClient } from '../clients/resp.ts'

export interface Running {
  readonly child: ChildProcess
  readonly port: number
  readonly httpPort: number
}

export const TOKEN = 'token-of-all'

const root = join(import.meta.dirname, '../..')
let built: string | undefined

/** Packages that are loaded as they are. */
const EXTERNAL = ['@next/env', 'bullmq', 'bottleneck', 'ioredis'].flatMap((name) => ['--external', name])

/** Path of process.ts as JavaScript; packages are found from there. */
function program(name: string): string {
  if (built === undefined) {
    const cache = join(root, '.cache')
    mkdirSync(cache, { recursive: true })
    const folder = mkdtempSync(join(cache, 'stores-'))
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
    chmodSync(folder, 0o755) // for whoever it is run as
    built = folder
  }
  const flags = ['--config', 'false', '--format', 'esm', '--target', 'node20', '--out-dir', built, '--no-splitting']
  execFileSync(join(root, 'node_modules/.bin/tsup'), [`tests/stores/${name}.ts`, ...flags, ...EXTERNAL], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  return join(built, `${name}.js`)
}

const programs = new Map<string, string>()

/** Starts a program of this folder; what it writes is `lines` of its caller. */
export function run(name: string, words: readonly string[], options: SpawnOptions = {}): ChildProcess {
  let path = programs.get(name)
  if (path === undefined) programs.set(name, (path = program(name)))
  return spawn(process.execPath, [path, ...words], { stdio: ['pipe', 'pipe', 'inherit'], ...options })
}

/** Starts a store with settings, which listens for RESP and HTTP. */
export function start(settings: Settings): Promise<Running> {
  const child = run('process', [JSON.stringify(settings)])
  return new Promise((resolve, reject) => {
    child.once('exit', (code, signal) => reject(new Error(`the process ended with ${code ?? signal}`)))
    child.stdout!.once('data', (data) => {
      const [port, httpPort] = String(data).split(' ').map(Number)
      resolve({ child, port, httpPort })
    })
  })
}

export function end({ child }: Running): void {
  child.removeAllListeners('exit')
  child.kill('SIGKILL')
}

export function connect({ port }: Running): Promise<RespClient> {
  return RespClient.connect({ port, host: '127.0.0.1' })
}
