/** The real Redis behind the doors, where `upstream` names one; its module is loaded only then. */
import { parseAddress } from '../upstream/address.ts'
import { Upstream } from '../upstream/upstream.ts'
import type { Sessions } from './sessions.ts'
import type { Store } from './store.ts'

/** Undefined where commands run on the store of this process. @throws Error if the address is none */
export function buildUpstream({ config, engine, clock, log }: Store, { pubsub }: Sessions): Upstream | undefined {
  const { values } = config
  if (values.upstream === '') return undefined
  const address = addressOf(values.upstream)
  if (address.db >= values.databases)
    throw new Error(`upstream: databases is ${values.databases}, and it names ${address.db}`)
  return new Upstream({ address, engine, pubsub, clock, log })
}

function addressOf(text: string): ReturnType<typeof parseAddress> {
  try {
    return parseAddress(text)
  } catch (error) {
    throw new Error(`upstream: ${(error as Error).message}`)
  }
}
