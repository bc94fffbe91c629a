/** What comes ahead of Bottleneck's own tests: the stand-ins that they get when they `require`, and a limiter that warms up. */
import Module, { createRequire } from 'node:module'

type Load = (request: string, parent: { filename?: string } | undefined, isMain: boolean) => unknown

const standIns = new Map<string, unknown>()
const modules = Module as unknown as { _load: Load }
const load = modules._load
const require = createRequire(import.meta.url)

modules._load = (request, parent, isMain) => {
  const isTheirs = parent?.filename?.includes('node_modules/bottleneck/') === true
  return isTheirs && standIns.has(request) ? standIns.get(request) : load(request, parent, isMain)
}

export function standIn(request: string, exports: unknown): void {
  standIns.set(request, exports)
}

// A process that a test starts is to go at the speed of the world: the test gives it a second of that.
Reflect.deleteProperty(process.env, 'NODE_OPTIONS')

/** The first limiter waits for all that is loaded at first use, here and in the server. It is none of theirs. */
export function warmUp(): void {
  before('warm up', async function () {
    this.timeout(60_000)
    const Bottleneck = require('bottleneck')
    const clientOptions = { port: Number(process.env.REDIS_PORT) }
    const datastore = process.env.DATASTORE as 'redis' | 'ioredis'
    const limiter = new Bottleneck({ id: 'warm-up', datastore, clientOptions })
    await limiter.schedule(async () => {})
    await limiter.disconnect()
  })
}

declare function before(title: string, run: (this: { timeout(ms: number): void }) => Promise<void>): void
