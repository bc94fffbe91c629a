/** A server that is asked all the while by a client in a process of its own: see prober.ts. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { ProberOrder, ProberReport } from './prober.ts'
import { type Running, root } from './process.ts'

export class Probing {
  readonly #prober: ChildProcess

  /** `key` is asked for, and must be there. */
  constructor(server: Running, key: string) {
    this.#prober = fork(join(root, 'bench/prober.ts'), [`${server.port}`, key, `${server.pid}`], {
      // Its own collector is to run seldom.
      execArgv: ['--import', 'tsx', '--max-semi-space-size=64'],
      serialization: 'advanced',
    })
  }

  /** Asks for so long, and tells how long each answer took; 0: for a moment, to warm up. */
  async probe(ms: number): Promise<ProberReport> {
    const reported = once(this.#prober, 'message') as Promise<[ProberReport]>
    this.#prober.send({ ms } satisfies ProberOrder)
    return (await reported)[0]
  }

  close(): void {
    this.#prober.kill('SIGKILL')
  }
}
