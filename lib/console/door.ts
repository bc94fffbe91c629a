/** The console's page on node:http and on the web's Request and Response. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { ConsoleSite } from './site.ts'

/** One for all stores of the process: it knows none of them. */
const site = new ConsoleSite()

/** Answers a request for one of the console's paths, as it stands below that of REST. */
export function serveConsole(incoming: IncomingMessage, response: ServerResponse, path: string): void {
  const encoding = incoming.headers['accept-encoding']
  const { status, headers, body } = site.answer(
    incoming.method!,
    path,
    Array.isArray(encoding) ? encoding.join() : encoding,
  )
  response.on('error', () => {}) // whoever asked is gone
  for (let i = 0; i < headers.length; i += 2) response.setHeader(headers[i], headers[i + 1])
  response.writeHead(status)
  response.end(body)
}

/** As `serveConsole`. */
export function fetchConsole(request: Request, path: string): Response {
  const { status, headers, body } = site.answer(
    request.method,
    path,
    request.headers.get('accept-encoding') ?? undefined,
  )
  const pairs: [string, string][] = []
  for (let i = 0; i < headers.length; i += 2) pairs.push([headers[i], headers[i + 1]])
  return new Response(typeof body === 'string' ? body : new Uint8Array(body), { status, headers: pairs })
}
