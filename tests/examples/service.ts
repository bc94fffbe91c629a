/** A program that serves HTTP, in a group of processes of its own, so that nothing of it is left. */
import { type ChildProcess, spawn } from 'node:child_process'
import { isDeepStrictEqual } from 'node:util'

const START_MS = 120_000

export class Service {
  readonly #child: ChildProcess
  readonly #ended: Promise<unknown>
  #isOver = false
  output = ''

  constructor([program, ...args]: readonly string[], cwd: string, env: NodeJS.ProcessEnv) {
    this.#child = spawn(program, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
    const read = (text: Buffer): void => {
      this.output += text
    }
    this.#child.stdout!.on('data', read)
    this.#child.stderr!.on('data', read)
    const cut = (): void => this.#signal('SIGKILL')
    process.once('exit', cut)
    this.#ended = new Promise<void>((resolve) => {
      this.#child.once('close', () => resolve())
      this.#child.once('error', () => resolve())
    }).then(() => {
      this.#isOver = true
      process.off('exit', cut)
    })
  }

  /** Settles once this URL is answered with 200. */
  async answers(url: string): Promise<void> {
    const until = Date.now() + START_MS
    for (;;) {
      if (this.#isOver) throw new Error(`it ended:\n${this.output}`)
      const response = await fetch(url).catch(() => undefined)
      await response?.body?.cancel()
      if (response?.ok) return
      if (Date.now() > until) throw new Error(`${url}: ${response?.status ?? 'no answer'}`)
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }

  async within<T>(limitMs: number, work: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined
    const limit = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`took longer than ${limitMs} ms`)), limitMs)
    })
    return Promise.race([work, limit]).finally(() => clearTimeout(timer))
  }

  async stop(): Promise<void> {
    const timer = setTimeout(() => this.#signal('SIGKILL'), 10_000)
    this.#signal('SIGTERM')
    await this.#ended
    clearTimeout(timer)
  }

  #signal(signal: NodeJS.Signals): void {
    const { pid } = this.#child
    if (pid === undefined || this.#isOver) return
    try {
      process.kill(-pid, signal)
    } catch {
      // It has gone meanwhile.
    }
  }
}

export function expect(found: unknown, wanted: unknown): void {
  if (!isDeepStrictEqual(found, wanted)) {
    throw new Error(`expected ${JSON.stringify(wanted)}, not ${JSON.stringify(found)}`)
  }
}

/** Asks until it is so. @throws after a minute */
export async function until(isSo: () => Promise<boolean>, what: string): Promise<void> {
  const limit = Date.now() + 60_000
  while (!(await isSo())) {
    if (Date.now() > limit) throw new Error(`waited in vain until ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
