/** A store in this process that the console's client of REST reaches by the browser's fetch. */
import { onTestFinished, vi } from 'vitest'
import { Rest } from '../../console/wire/rest.ts'
import { createServer, type Server } from '../../lib/server.ts'

export function startStore(settings: Record<string, string> = {}): { server: Server; rest: Rest } {
  const server = createServer({ 'rest-token': 't', ...settings })
  vi.stubGlobal('fetch', (url: string, init?: RequestInit) =>
    server.fetch(new Request(url, { ...init, credentials: undefined } as RequestInit), ''),
  )
  onTestFinished(async () => {
    vi.unstubAllGlobals()
    await server.close()
  })
  return { server, rest: new Rest('http://store.test', 't') }
}
