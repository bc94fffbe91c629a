/** REST servers of the tests' own, on a free port or without any network, and a client that takes bytes as they are. */
import { createServer, type Server, type ServerOptions } from '../../lib/server.ts'

export const TOKEN = 'full-token'
export const READ_ONLY_TOKEN = 'read-only-token'

export interface RestAnswer {
  readonly status: number
  readonly headers: Headers
  /** As latin1 text: one code unit is one byte. */
  readonly body: string
  /** The body as JSON; undefined if it is none. */
  readonly json: unknown
}

export interface RestOptions {
  readonly headers?: Record<string, string>
  /** Text is sent as UTF-8; anything that is neither text nor bytes as JSON. */
  readonly body?: unknown
  /** '' sends none. */
  readonly token?: string
}

export interface RestServer {
  readonly server: Server
  /** `http://host:port`, to which paths are appended. */
  readonly url: string
  call(method: string, path: string, options?: RestOptions): Promise<RestAnswer>
  close(): Promise<void>
}

const SETTINGS: ServerOptions = { port: 0, 'rest-token': TOKEN, 'rest-read-only-token': READ_ONLY_TOKEN, log: () => {} }

/** A server that listens for HTTP. */
export async function httpRest(options: ServerOptions = {}): Promise<RestServer> {
  const server = createServer({ ...SETTINGS, ...options })
  const { httpPort } = await server.listen({ httpPort: 0 })
  const url = `http://127.0.0.1:${httpPort}`
  return { server, url, call: (...args) => call(url, fetch, ...args), close: () => server.close() }
}

/** A server that is handed Request objects, below a base path. */
export async function webRest(options: ServerOptions = {}): Promise<RestServer> {
  const server = createServer({ ...SETTINGS, ...options })
  const url = 'http://store.test/api/redis'
  const send = (input: string, init: RequestInit) => server.fetch(new Request(input, init), '/api/redis')
  return { server, url, call: (...args) => call(url, send, ...args), close: () => server.close() }
}

async function call(
  url: string,
  send: (input: string, init: RequestInit) => Promise<Response>,
  method: string,
  path: string,
  { headers = {}, body, token = TOKEN }: RestOptions = {},
): Promise<RestAnswer> {
  const authorization: Record<string, string> = token === '' ? {} : { authorization: `Bearer ${token}` }
  const plain = body === undefined || typeof body === 'string' || body instanceof Uint8Array
  const response = await send(url + path, {
    method,
    headers: { ...authorization, ...headers },
    body: plain ? (body as BodyInit | undefined) : JSON.stringify(body),
  })
  const bytes = Buffer.from(await response.arrayBuffer())
  return {
    status: response.status,
    headers: response.headers,
    body: bytes.toString('latin1'),
    json: parse(bytes.toString('utf8')),
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
