/** Processes of stores on one database, for tests that kill and stop them. */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import type { Settings } from '../../lib/config/config.ts'
import { programOf } from '../clients/program.ts'
import { RespClient } from '../clients/resp.ts'

export interface Running {
  readonly child: ChildProcess
  readonly port: number
  readonly httpPort: number
}

export const TOKEN = 'token-of-all'

/** Starts a program of this folder; what it writes is `lines` of its caller. */
export function run(name: string, words: readonly string[], options: SpawnOptions = {}): ChildProcess {
  const program = programOf(`tests/stores/${name}.ts`)
  return spawn(process.execPath, [program, ...words], { stdio: ['pipe', 'pipe', 'inherit'], ...options })
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
