/** Programs of the tests' own, each ended by the test that started it. */
import { type ChildProcess, spawn } from 'node:child_process'

export class Program {
  readonly #child: ChildProcess
  readonly #ended: Promise<number | null>
  /** What it has written so far. */
  output = ''

  constructor(args: readonly string[], environment: Record<string, string> = {}) {
    const env: NodeJS.ProcessEnv = { ...process.env, ...environment }
    // What Vitest sets for itself would mislead Next.
    if (environment.NODE_ENV === undefined) Reflect.deleteProperty(env, 'NODE_ENV')
    this.#child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [this.#child.stdout!, this.#child.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.output += text
      })
    }
    this.#ended = new Promise((resolve) => this.#child.once('close', resolve))
  }

  get pid(): number {
    return this.#child.pid!
  }

  /** Its exit code; null if a signal ended it. */
  get ended(): Promise<number | null> {
    return this.#ended
  }

  /** Settles when the condition holds; rejects with the output if the program ends before, or takes too long. */
  async until(condition: () => boolean | Promise<boolean>, timeoutMs = 60_000): Promise<void> {
    let over = false
    void this.#ended.then(() => {
      over = true
    })
    const deadline = Date.now() + timeoutMs
    while (!(await condition())) {
      if (over || Date.now() > deadline) throw new Error(`${over ? 'ended' : 'not ready'}:\n${this.output}`)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    this.#child.kill(signal)
    return this.#ended
  }
}

/** True once a GET of this URL is answered at all. */
export async function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    () => true,
    () => false,
  )
}
