/** A zerodis of its own process, for whole applications; ended by whoever started it. */
import { freePort } from '../clients/ports.ts'
import { Program } from '../clients/process.ts'
import { cli } from '../clients/program.ts'

export interface Store {
  /** RESP. */
  readonly port: number
  /** REST. */
  readonly url: string
  readonly token: string
  /** Ends it at once, as a host does that takes an instance away. */
  kill(): Promise<unknown>
  /** A new process, empty, on the same ports. */
  restart(): Promise<void>
  stop(): Promise<unknown>
}

export interface StoreOptions {
  /** Flags of its command line. */
  readonly flags?: readonly string[]
  readonly env?: Record<string, string>
}

/** On free ports. */
export async function startStore({ flags = [], env = {} }: StoreOptions = {}): Promise<Store> {
  const [port, httpPort] = [await freePort(), await freePort()]
  const token = 'token-of-tests'
  const ports = ['--port', `${port}`, '--http-port', `${httpPort}`, '--rest-token', token]
  let program: Program
  const start = async (): Promise<void> => {
    program = new Program([cli(), ...ports, ...flags], env)
    await program.until(() => program.output.includes('Ready to accept connections http'))
  }
  await start()
  return {
    port,
    url: `http://127.0.0.1:${httpPort}`,
    token,
    kill: () => program.stop('SIGKILL'),
    restart: start,
    stop: () => program.stop(),
  }
}
