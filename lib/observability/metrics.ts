/**
 * The page of metrics, in the format that Prometheus reads, printed by prom-client, which is loaded when somebody asks. With
 * the store's figures come those of the process (event loop, garbage collection, heap), which are watched from the first
 * question on.
 */
import type { Registry } from 'prom-client'
import { type Bytes, fromText } from '../base/bytes.ts'
import type { Engine } from '../engine/engine.ts'
import { loadPeer } from '../peers/peer.ts'
import { type Family, familiesOf } from './families.ts'
import type { Info } from './info.ts'

type Driver = typeof import('prom-client')
type Metric = Parameters<Registry['registerMetric']>[0]

/** Those of the process, whoever has a store in it. */
let ofProcess: Registry | undefined

/** Undefined if prom-client is not there. */
export async function expose(
  engine: Engine,
  info: Info,
  loadDriver: () => Driver | undefined = () => loadPeer('prom-client'),
): Promise<{ readonly contentType: string; readonly body: Bytes } | undefined> {
  const driver = loadDriver()
  if (driver === undefined) return undefined
  const process = (ofProcess ??= processRegistry(driver))
  const store = new driver.Registry()
  for (const family of familiesOf(engine, info.all())) store.registerMetric(asMetric(family))
  return { contentType: store.contentType, body: fromText(`${await store.metrics()}\n${await process.metrics()}`) }
}

function processRegistry({ collectDefaultMetrics, Registry }: Driver): Registry {
  const register = new Registry()
  collectDefaultMetrics({ register })
  return register
}

/** A family in the shape in which a registry asks its metrics for what they have. */
function asMetric({ name, help, type, samples }: Family): Metric {
  const values = samples.map(({ labels, value, suffix = '' }) => ({ labels, value, metricName: name + suffix }))
  const whole = { name, help, type, values, aggregator: 'sum' }
  return { ...whole, get: () => Promise.resolve(whole) } as unknown as Metric
}
