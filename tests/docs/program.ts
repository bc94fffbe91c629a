/**
 * Runs the modules that are named on the command line, in this order, as a reader would who pastes them one after another. A `-`
 * between them is the end of a page: both stores, that of this process and the one behind the URL, are emptied. Prints one line of JSON
 * for each module: what went wrong, or nothing.
 */
import { isDeepStrictEqual } from 'node:util'
import { WebSocket } from 'ws'
import { getServer } from '../../lib/server.ts'

const checked: { line: string; actual: unknown; expected: unknown }[] = []
Object.assign(globalThis, {
  // Node 20 has none of its own.
  WebSocket: globalThis.WebSocket ?? WebSocket,
  check(actual: unknown, expected: unknown, line: string): void {
    checked.push({ line, actual, expected })
  },
  // What the pages leave to their reader.
  sendMail: async () => {},
  work: async () => {},
  userId: 'ada',
})

/** A route handler is called as its framework does it; whatever it exports must answer. */
async function callHandlers(module: Record<string, unknown>): Promise<string | undefined> {
  for (const method of ['GET', 'POST', 'DELETE']) {
    const handler = module[method] as ((request: Request, context: object) => Promise<Response>) | undefined
    if (handler === undefined) continue
    const headers = { authorization: `Bearer ${process.env['KV_REST_API_TOKEN']}` }
    const body = method === 'POST' ? '["PING"]' : undefined
    const path = method === 'POST' ? [] : ['ping']
    const request = new Request(`http://localhost/${['api', ...path].join('/')}`, { method, headers, body })
    const response = await handler(request, { params: Promise.resolve({ path }) })
    // A catch-all route answers methods that REST has no use for.
    const isAnswer = response.status === 200 || (response.status === 405 && method === 'DELETE')
    if (!isAnswer) return `${method} answers ${response.status}: ${await response.text()}`
    await response.json()
  }
  return undefined
}

async function empty(): Promise<void> {
  getServer().execute('FLUSHALL')
  const { KV_REST_API_URL: url, KV_REST_API_TOKEN: token } = process.env
  await fetch(`${url}/flushall`, { headers: { authorization: `Bearer ${token}` } })
}

for (const path of process.argv.slice(2)) {
  if (path === '-') {
    await empty()
    continue
  }
  checked.length = 0
  let failure: string | undefined
  let checks = 0
  try {
    const module = (await import(path)) as Record<string, unknown>
    for (const { line, actual, expected } of checked) {
      const value = await actual
      checks++
      if (!isDeepStrictEqual(value, expected)) failure ??= `${line}\nbut it is ${JSON.stringify(value)}`
    }
    failure ??= await callHandlers(module)
  } catch (error) {
    failure = error instanceof Error ? (error.stack ?? error.message) : String(error)
  }
  console.log(`\n${JSON.stringify({ path, checks, failure })}`)
}
process.exit(0)
