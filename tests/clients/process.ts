/** Programs of the tests' own, each ended by the test that started it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createServer } from 'node:net'

/**
 * Ports that tests choose are below those that the kernel gives to whoever asks for any: of what it has given back, it may
 * make another's at once.
 */
const LOWEST_PORT = 10_000
const PORTS = 20_000

/** A port of 127.0.0.1 that somebody listens on, until it is freed. */
export interface TakenPort {
  readonly port: number
  /** Settles when nobody listens there any more. */
  free(): Promise<void>
}

export async function takePort(): Promise<TakenPort> {
  for (;;) {
    const port = LOWEST_PORT + Math.floor(Math.random() * PORTS)
    const server = createServer()
    const listens = await new Promise<boolean>((resolve, reject) => {
      server.once('error', (error: NodeJS.ErrnoException) =>
        error.code === 'EADDRINUSE' ? resolve(false) : reject(error),
      )
      server.listen(port, '127.0.0.1', () => resolve(true))
    })
    if (listens) return { port, free: () => new Promise((resolve) => server.close(() => resolve())) }
  }
}

/** A port that is free now. */
export async function freePort(): Promise<number> {
  const { port, free } = await takePort()
  await free()
  return port
}

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
