/** Cloudflare's own runtime in a process of its own (host.ts), as tests ask it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'

/** Of the Worker. */
export type Variables = Readonly<Record<string, string>> & { readonly KV_REST_API_TOKEN: string }

export class Host {
  readonly url: string
  readonly #process: ChildProcess
  readonly #workerd: number
  readonly #token: string

  private constructor(child: ChildProcess, url: string, workerd: number, token: string) {
    this.#process = child
    this.url = url
    this.#workerd = workerd
    this.#token = token
  }

  /** The application of a folder, which keeps what it has in another. */
  static async start(folder: string, storage: string, variables: Variables): Promise<Host> {
    const args = ['--import', 'tsx', join(import.meta.dirname, 'host.ts'), folder, storage, JSON.stringify(variables)]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    let output = ''
    for await (const text of child.stdout) {
      output += text
      const [, url, workerd] = /^ready (\S+) (\d+)$/m.exec(output) ?? []
      if (url !== undefined) return new Host(child, url, Number(workerd), variables.KV_REST_API_TOKEN)
    }
    throw new Error(`the runtime has not started: ${output}`)
  }

  /** Kills the runtime, and who has started it. */
  async kill(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once('close', resolve))
    process.kill(this.#workerd, 'SIGKILL')
    this.#process.kill('SIGKILL')
    await ended
  }

  async ask(command: readonly unknown[], { token = this.#token, path = '' } = {}): Promise<unknown> {
    const response = await fetch(this.url + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify(command),
    })
    const { result, error } = (await response.json()) as { result?: unknown; error?: string }
    return error === undefined ? result : error
  }

  async call(kind: string, ...args: unknown[]): Promise<unknown> {
    const response = await fetch(`${this.url}/rpc/${kind}`, { method: 'POST', body: JSON.stringify(args) })
    const { result, error } = (await response.json()) as { result?: unknown; error?: string }
    return error === undefined ? result : error
  }
}
