/** Ports of 127.0.0.1 for servers that tests start. */
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'

/**
 * Below those that the kernel gives to whoever asks for any: of what it has given back, it may make another's at once. A node of a
 * cluster takes the port that is 10,000 above, too.
 */
const LOWEST_PORT = 10_000
const PORTS = 10_000

/**
 * What holds the ports that this process has chosen, until it ends: the ports of UDP of the same numbers, which nothing here listens
 * on. So a server can be stopped and started at its port, whatever other tests choose meanwhile.
 */
const claims = new Map<number, Socket>()

async function claim(port: number): Promise<boolean> {
  if (claims.has(port)) return false
  const socket = createSocket('udp4')
  try {
    socket.bind({ port, address: '127.0.0.1', exclusive: true })
    await once(socket, 'listening')
  } catch {
    socket.close()
    return false
  }
  claims.set(port, socket.unref())
  return true
}

/** A port that somebody listens on, until it is freed. */
export interface TakenPort {
  readonly port: number
  /** Settles when nobody listens there any more. */
  free(): Promise<void>
}

export async function takePort(): Promise<TakenPort> {
  for (;;) {
    const taken = await take(LOWEST_PORT + Math.floor(Math.random() * PORTS))
    if (taken !== undefined) return taken
  }
}

async function take(port: number): Promise<TakenPort | undefined> {
  if (!(await claim(port))) return undefined
  const server = createServer()
  const listens = await new Promise<boolean>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(false) : reject(error),
    )
    server.listen(port, '127.0.0.1', () => resolve(true))
  })
  return listens ? { port, free: () => new Promise((resolve) => server.close(() => resolve())) } : undefined
}

/** A port that is free, and stays this process's own. */
export async function freePort(): Promise<number> {
  const { port, free } = await takePort()
  await free()
  return port
}

/** The first of `count` ports in a row that are free, and stay this process's own. */
export async function freePorts(count: number): Promise<number> {
  for (;;) {
    const taken = await takePort()
    const others: TakenPort[] = []
    for (let next = taken.port + 1; next < taken.port + count; next++) {
      const other = await take(next)
      if (other === undefined) break
      others.push(other)
    }
    for (const each of [taken, ...others]) await each.free()
    if (others.length === count - 1) return taken.port
  }
}
