/** Processes of the tests: started on free ports, read line by line, and ended with the test at the latest. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'vitest'
import { cli } from '../clients/program.ts'

export const root = join(import.meta.dirname, '..', '..')

const running = new Set<Child>()

afterEach(async () => {
  await Promise.all([...running].map((child) => child.discard()))
})

export interface ChildOptions {
  readonly cwd?: string
  /** Variables besides those that every process needs; none of ours are inherited. */
  readonly env?: Record<string, string>
  readonly stdin?: string
  /** Whoever started it writes to its standard input, and ends that. */
  readonly isTypedTo?: boolean
}

export class Child {
  readonly process: ChildProcess
  /** Everything that was printed so far. */
  output = ''
  /** Settles with the exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>
  #check: () => void = () => {}

  constructor(program: string, args: readonly string[], options: ChildOptions = {}) {
    // Next's types want NODE_ENV in every environment.
    const env = { PATH: process.env.PATH, HOME: process.env.HOME, ...options.env } as object as NodeJS.ProcessEnv
    this.process = spawn(program, args, { cwd: options.cwd ?? root, env, stdio: 'pipe' })
    running.add(this)
    const read = (text: Buffer): void => {
      this.output += text
      this.#check()
    }
    this.process.stdout!.on('data', read)
    this.process.stderr!.on('data', read)
    if (options.isTypedTo !== true) this.process.stdin!.end(options.stdin)
    this.ended = new Promise((resolve) =>
      this.process.once('close', (code, signal) => {
        running.delete(this)
        resolve(code ?? signal!)
        this.#check()
      }),
    )
  }

  /** Waits until the output matches; rejects if it never will. */
  async sees(pattern: RegExp, withinMs = 60_000): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const fail = (): void => reject(new Error(`no ${pattern} in:\n${this.output}`))
      const timer = setTimeout(fail, withinMs)
      void this.ended.then(() => setImmediate(fail))
      this.#check = () => {
        const match = pattern.exec(this.output)
        if (match === null) return
        clearTimeout(timer)
        resolve(match)
      }
      this.#check()
    })
  }

  /** Kills it, and waits for none of those that it has started, which may hold its output for longer. */
  async discard(): Promise<void> {
    this.process.stdout!.destroy()
    this.process.stderr!.destroy()
    await this.kill('SIGKILL')
  }

  async kill(signal: NodeJS.Signals): Promise<number | string> {
    this.process.kill(signal)
    return this.ended
  }
}

/** Where a server that is told of no other folder leaves its files. */
const elsewhere = mkdtempSync(join(tmpdir(), 'zerodis-'))
process.once('exit', () => rmSync(elsewhere, { recursive: true, force: true }))

/** The command `zerodis` on the sources, in a folder that is not this one. */
export function zerodis(args: readonly string[], options: ChildOptions = {}): Child {
  return new Child(process.execPath, [cli(), ...args], { cwd: elsewhere, ...options })
}
