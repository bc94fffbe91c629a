/** What the test runs in Next's edge runtime: Bottleneck and its connection, on a platform that has fetch and no Node. */
import Bottleneck from 'bottleneck'
import { RestConnection } from '../../../lib/bottleneck.ts'

const edge = globalThis as { run?: (url: string, token: string) => Promise<unknown> }

edge.run = async (url, token) => {
  const connection = new RestConnection({ url, token })
  const limiter = new Bottleneck({ id: 'edge', connection, maxConcurrent: 1 })
  const heard = new Promise((resolve) => limiter.on('message', resolve))
  const results = await Promise.all([1, 2, 3].map((i) => limiter.schedule(async () => i)))
  await limiter.publish('hello')
  const outcome = { results, heard: await heard, node: 'process' in globalThis || 'Buffer' in globalThis }
  await connection.disconnect()
  return outcome
}
