/**
 * The Worker in front of the objects: says which of them a request is for. A token of `ZERODIS_TOKENS` leads to the object that it stands
 * for; else a path that begins with `/db/NAME` does, and all others to the object `default`. Who brings no token that is known comes no
 * further, so that nobody can have objects made by asking for them.
 *
 * An object knows the tokens of REST alone: who came by one that stands for an object is passed on with these.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import { REST_NO_TOKEN, REST_UNAUTHORIZED } from '../base/errors.ts'
import type { ReplyError } from '../base/reply.ts'
import { errorBody } from '../protocol/rest.ts'
import type { Bindings, ObjectNamespace } from './platform.ts'
import { tokensOf } from './token.ts'

export interface WorkerOptions {
  /** Name of the binding to the objects, in wrangler's configuration. Default `REDIS`. */
  readonly binding?: string
  /** Path below which all is served, as in `/redis`. Default: none. */
  readonly base?: string
  /** Object of a request that names none. Default `default`. */
  readonly defaultName?: string
  /**
   * False: whether a token lets in is asked of the object alone, which has users of its own (ACL); so who knows a name can have an object
   * made. Default true.
   */
  readonly checksTokens?: boolean
}

export interface Worker {
  fetch(request: Request, bindings: Bindings): Promise<Response>
}

/** The part of a path that names an object. No command of Redis is called so. */
const NAMED = /^\/db\/([^/]{1,256})(?=\/|$)/

/** Whoever probes whether it is up needs no token. */
const HEALTH = /^\/(?:healthz|readyz)$/

export function createWorker({
  binding = 'REDIS',
  base = '',
  defaultName = 'default',
  checksTokens = true,
}: WorkerOptions = {}): Worker {
  return {
    async fetch(request, bindings) {
      const namespace = bindings[binding] as ObjectNamespace | undefined
      if (namespace === undefined) throw new Error(`there is no binding ${binding} to the class RedisDurableObject`)
      const url = new URL(request.url)
      if (!isBelow(url.pathname, base)) return new Response(null, { status: 404 })
      url.pathname = url.pathname.slice(base.length) || '/'
      const entry = entryOf(request, bindings)
      if (typeof entry === 'string' && checksTokens && !HEALTH.test(url.pathname)) {
        return entry === 'none' ? refusal(503, REST_NO_TOKEN) : refusal(401, REST_UNAUTHORIZED)
      }
      const headers = new Headers(request.headers)
      headers.set('x-forwarded-for', request.headers.get('cf-connecting-ip') ?? '')
      let name = defaultName
      const [lead = '', named] = NAMED.exec(url.pathname) ?? []
      if (typeof entry === 'object' && entry.name !== undefined) {
        name = entry.name
        headers.set('authorization', `Bearer ${entry.token}`)
      } else if (named !== undefined) {
        name = decoded(named)
        url.pathname = url.pathname.slice(lead.length) || '/'
      }
      const object = namespace.get(namespace.idFromName(name))
      return object.fetch(new Request(url, new Request(request, { headers })))
    },
  }
}

/** How a request comes in: by the objects' own token, or by one that names an object. */
type Entry = { readonly name: string | undefined; readonly token: string } | 'wrong' | 'none'

function entryOf(request: Request, bindings: Bindings): Entry {
  const own = textOf(bindings['KV_REST_API_TOKEN']) || textOf(bindings['ZERODIS_REST_TOKEN'])
  const readOnly = textOf(bindings['KV_REST_API_READ_ONLY_TOKEN']) || textOf(bindings['ZERODIS_REST_READ_ONLY_TOKEN'])
  if (own === '' && readOnly === '') return 'none'
  const named = namesOf(textOf(bindings['ZERODIS_TOKENS']))
  for (const token of tokensOf(request)) {
    for (const [each, name] of named) if (isSame(token, each)) return { name, token: own || readOnly }
    for (const each of [own, readOnly]) if (each !== '' && isSame(token, each)) return { name: undefined, token }
  }
  return 'wrong'
}

/** Of `{"<token>": "<name>"}`. @throws Error for what is none */
function namesOf(text: string): readonly (readonly [token: string, name: string])[] {
  if (text === '') return []
  const parsed: unknown = JSON.parse(text)
  if (typeof parsed !== 'object' || parsed === null) throw new Error('ZERODIS_TOKENS must be {"<token>": "<name>"}')
  return Object.entries(parsed).map(([token, name]) => [token, String(name)])
}

/** A part of a path; one that is escaped wrongly is a name as it stands. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

function textOf(binding: unknown): string {
  return typeof binding === 'string' ? binding : ''
}

function isSame(a: string, b: string): boolean {
  return timingSafeEqual(digest(a), digest(b))
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

function isBelow(path: string, base: string): boolean {
  return path.startsWith(base) && (base === '' || path.length === base.length || path[base.length] === '/')
}

function refusal(status: number, error: ReplyError): Response {
  return new Response(errorBody(error), {
    status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
  })
}
