/**
 * The REST door, under whichever host: who may come in, what is run, and what the answer looks like. A host (`http.ts`
 * for node:http, `web.ts` for Request and Response) first asks `admit`, before it takes the body in, then collects the
 * body and calls `serve`. A connection that has shown its token once (`Proof`) is known by the very header it brought:
 * what that one says is no secret to it any more.
 */
import type { Bytes } from '../base/bytes.ts'
import {
  MAX_CLIENTS,
  NO_PROM_CLIENT,
  REST_COMMAND,
  REST_METHOD,
  REST_NO_METRICS,
  REST_NO_TOKEN,
  REST_REQUEST_SIZE,
  REST_STREAMS,
  REST_UNAUTHORIZED,
} from '../base/errors.ts'
import { type Reply, ReplyError } from '../base/reply.ts'
import { immediately } from '../base/runtime.ts'
import { UpstreamFault } from '../base/upstreamfault.ts'
import { sharedTextOf } from '../keyspace/values/string.ts'
import { weightOf } from '../protocol/long.ts'
import type { LongAnswer } from '../protocol/longanswer.ts'
import { PipelineScan } from '../protocol/pipelinescan.ts'
import {
  commandBody,
  errorBody,
  isMethod,
  isPlainPipeline,
  LONG_BODY_BYTES,
  LongBody,
  parseRequest,
  pipelineBody,
  Refusal,
  type RestCall,
  type RestRequest,
  type RestResponse,
  type RestStream,
  tokenOf,
} from '../protocol/rest.ts'

import type { HoldsTexts } from '../session/longtexts.ts'
import type { Pass } from '../session/pass.ts'
import { seenBy, syncTokenOf } from '../stores/log/synctoken.ts'
import { type Caller, runCall, runScanned, type Scanned } from './calls.ts'
import type { Host } from './host.ts'
import { LOGIN_PATH, Logins } from './logins.ts'
import { MetricsPass } from './metrics.ts'
import { PlacedPipelines } from './placedpipeline.ts'
import { EventStream } from './sse.ts'

const ALLOWED_METHODS = 'GET, HEAD, POST, PUT, OPTIONS'
const ALLOWED_HEADERS =
  'authorization, content-type, upstash-encoding, upstash-response-format, upstash-sync-token, ' +
  'upstash-telemetry-platform, upstash-telemetry-retry, upstash-telemetry-runtime, upstash-telemetry-sdk'

/** An answer is data: nothing in it runs, and nobody frames it. */
const POLICY = "default-src 'none'; frame-ancestors 'none'"

/** Answered without a token, ahead of commands of that name: probes of hosts ask them. They tell nothing else. */
const READY_PATH = '/readyz'
const HEALTH_PATHS = ['/healthz', READY_PATH]

/** Answered to who may read the figures, ahead of a command of that name, too. */
const METRICS_PATH = '/metrics'

/** True for what REST answers on every host, whatever the request brings. */
export function isFixedPath(path: string): boolean {
  return path === METRICS_PATH || path === LOGIN_PATH || HEALTH_PATHS.includes(path)
}

const NO_SESSION = '{"result":null}'

/** The token was a good one when the request began. */
const LOST_PASS = new Refusal(401, REST_UNAUTHORIZED)

/** Nobody is there to read it. */
const GONE = new Refusal(400, REST_COMMAND)

/** What a connection has shown; a host keeps one per connection. */
export class Proof {
  /** The header as it came, and what it lets in by. */
  authorization: string | undefined
  pass: Pass | undefined
}

export class RestDoor {
  readonly #host: Host
  readonly #logins: Logins
  /** Sync tokens are told apart from those of another process by this part. */
  readonly #epoch = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 8)}-`
  #answers = 0
  #scan: PipelineScan | undefined
  #placed: PlacedPipelines | undefined

  constructor(host: Host) {
    this.#host = host
    const { config, clock, ports } = host.engine
    this.#logins = new Logins(host.tokens, ports.access.secrets, config, clock)
  }

  /** Longest body that is taken in. Unit: bytes. */
  get bodyMax(): number {
    return this.#host.engine.config['rest-max-request-size']
  }

  /**
   * Whom the request's token lets in; or the answer, where there is no need of a body. A wrong token from `addr` is counted,
   * and the answer says for how long it is to be held.
   */
  admit(request: RestRequest, addr: Bytes, proof?: Proof): Pass | RestResponse {
    if (request.method === 'OPTIONS') return this.#preflight(request)
    if (HEALTH_PATHS.includes(request.path)) return this.#health(request)
    if (request.path === METRICS_PATH) return this.#admitToMetrics(request, addr)
    if (request.path === LOGIN_PATH && this.#host.engine.config.console) return this.#login(request, addr)
    if (!isMethod(request.method)) return this.refuse(new Refusal(405, REST_METHOD))
    const { tokens } = this.#host
    const authorization = request.header('authorization')
    if (proof?.pass !== undefined && authorization !== undefined && proof.authorization === authorization) {
      if (proof.pass.holds) return proof.pass
    }
    if (!tokens.letsAnybodyIn) return this.refuse(new Refusal(503, REST_NO_TOKEN))
    const token = tokenOf(request)
    if (token === undefined) return this.#admitByCookie(request)
    const pass = tokens.admit(token)
    if (pass === undefined) return this.#refuseToken(addr)
    if (proof !== undefined) {
      proof.authorization = authorization
      proof.pass = pass
    }
    return pass
  }

  /** Runs an admitted request and answers it. Its body may have taken long: what it was admitted by is asked when it runs. */
  serve(pass: Pass, request: RestRequest, body: Bytes | Buffer, caller: Caller): RestResponse | Promise<RestResponse> {
    if (pass instanceof MetricsPass) return this.#metrics()
    const { config, stats } = this.#host.engine
    stats.received(body.length)
    const max = config['rest-max-pipeline-length']
    const scan = typeof body === 'string' ? undefined : this.#scanned(request, body, max)
    if (scan !== undefined) return this.#runScanned(pass, request, scan, caller)
    const isShort = typeof body !== 'string' && body.length < LONG_BODY_BYTES
    const call = parseRequest(request, isShort ? body.latin1Slice(0, body.length) : body, max)
    if (call instanceof LongBody) {
      const read = call.read()
      return read === undefined ? this.#read(pass, request, call, caller) : this.#run(pass, request, read, caller)
    }
    return this.#run(pass, request, call, caller)
  }

  /** Goes on reading a long body; what hangs up meanwhile has run nothing. */
  async #read(pass: Pass, request: RestRequest, body: LongBody, caller: Caller): Promise<RestResponse> {
    let isGone = false
    caller.whenGone(() => {
      isGone = true
    })
    for (;;) {
      caller.holds(body.heldBytes)
      await new Promise<void>(immediately)
      if (isGone) return this.refuse(GONE)
      const call = body.read()
      if (call !== undefined) return this.#run(pass, request, call, caller)
    }
  }

  #run(
    pass: Pass,
    request: RestRequest,
    call: RestCall | RestStream | Refusal,
    caller: Caller,
  ): RestResponse | Promise<RestResponse> {
    if (call instanceof Refusal) return this.refuse(call)
    if (call.kind === 'stream') return this.#stream(pass, caller, call.command)
    const replies = runCall(this.#host, 'rest', pass, caller, call, this.#seenBy(request))
    return replies instanceof Promise
      ? replies.then((late) => this.#answer(call, late as Reply, caller))
      : this.#answer(call, replies, caller)
  }

  /** The commands of a pipeline, by their places. */
  #scanned(request: RestRequest, body: Buffer, max: number): PipelineScan | undefined {
    if (!isPlainPipeline(request)) return undefined
    this.#scan ??= new PipelineScan()
    if (!this.#scan.read(body)) return undefined
    return max !== 0 && this.#scan.length > max ? undefined : this.#scan
  }

  #runScanned(
    pass: Pass,
    request: RestRequest,
    scan: PipelineScan,
    caller: Caller,
  ): RestResponse | Promise<RestResponse> {
    this.#placed ??= new PlacedPipelines(this.#host.engine)
    const body = runScanned(this.#host, pass, caller, scan, this.#placed, this.#seenBy(request))
    const answered = (late: Scanned) => (late instanceof ReplyError ? this.#failed(late) : this.#respond(200, late))
    return body instanceof Promise ? body.then(answered) : answered(body)
  }

  #seenBy(request: RestRequest): number {
    const { shared } = this.#host.engine
    return shared === undefined ? 0 : seenBy(request.header('upstash-sync-token'), shared)
  }

  /** 200 while commands are served, 503 while the store loads or closes, or is not ready because its upstream does not answer. */
  #health({ method, path }: RestRequest): RestResponse {
    if (method !== 'GET' && method !== 'HEAD') return this.refuse(new Refusal(405, REST_METHOD))
    const { health, engine } = this.#host
    const isServing = health.state === 'serving' && (path !== READY_PATH || engine.backend?.isUp !== false)
    const headers = ['content-type', 'text/plain', 'cache-control', 'no-store', 'x-content-type-options', 'nosniff']
    return { status: isServing ? 200 : 503, headers, body: isServing ? 'ok\n' : 'unavailable\n' }
  }

  #admitByCookie(request: RestRequest): Pass | RestResponse {
    const pass = this.#host.engine.config.console ? this.#logins.admit(request) : undefined
    return pass ?? this.refuse(new Refusal(401, REST_UNAUTHORIZED))
  }

  /** POST signs in, DELETE signs out. */
  #login(request: RestRequest, addr: Bytes): RestResponse {
    const { method } = request
    if (method === 'DELETE') return this.#respondLogin(this.#logins.leaving(request))
    if (method !== 'POST') return this.refuse(new Refusal(405, REST_METHOD))
    if (!this.#host.tokens.letsAnybodyIn) return this.refuse(new Refusal(503, REST_NO_TOKEN))
    const login = this.#logins.enter(request, addr)
    if (login !== undefined) return this.#respondLogin(login.cookie)
    // Who has not signed in yet has made no mistake, which a browser would tell of.
    return tokenOf(request) === undefined ? this.#respond(200, NO_SESSION) : this.#refuseToken(addr)
  }

  #respondLogin(cookie: string | undefined): RestResponse {
    const response = this.#respond(204, '')
    return cookie === undefined ? response : { ...response, headers: [...response.headers, 'set-cookie', cookie] }
  }

  #refuseToken(addr: Bytes): RestResponse {
    const holdMs = this.#host.engine.ports.access.authFailures.failedAt(addr)
    return { ...this.refuse(new Refusal(401, REST_UNAUTHORIZED)), holdMs }
  }

  /** The full token and the one for metrics let in, and everybody where the figures are open. */
  #admitToMetrics(request: RestRequest, addr: Bytes): Pass | RestResponse {
    const { method } = request
    if (method !== 'GET' && method !== 'HEAD') return this.refuse(new Refusal(405, REST_METHOD))
    const { tokens, engine } = this.#host
    if (engine.config['metrics-open']) return new MetricsPass(engine.ports.access.acl.default)
    if (!tokens.letsAnybodyIn && engine.config['metrics-token'] === '')
      return this.refuse(new Refusal(503, REST_NO_TOKEN))
    const token = tokenOf(request)
    if (token === undefined) return this.refuse(new Refusal(401, REST_UNAUTHORIZED))
    if (tokens.readsMetrics(token)) return new MetricsPass(engine.ports.access.acl.default)
    return tokens.admit(token) === undefined ? this.#refuseToken(addr) : this.refuse(new Refusal(403, REST_NO_METRICS))
  }

  async #metrics(): Promise<RestResponse> {
    const page = await this.#host.metrics.expose()
    if (page === undefined) return this.refuse(new Refusal(501, NO_PROM_CLIENT))
    return this.#respond(200, page.body, page.contentType)
  }

  /** The answer to a body longer than `bodyMax`. */
  tooLarge(): RestResponse {
    return this.refuse(new Refusal(413, REST_REQUEST_SIZE))
  }

  refuse({ status, error }: Refusal): RestResponse {
    const response = this.#respond(status, errorBody(error))
    return status === 405 ? { ...response, headers: [...response.headers, 'allow', ALLOWED_METHODS] } : response
  }

  #stream(pass: Pass, caller: Caller, command: readonly Bytes[]): RestResponse | Promise<RestResponse> {
    const stream = EventStream.open(this.#host, pass, caller, command)
    return stream instanceof Promise ? stream.then((late) => this.#streamed(late)) : this.#streamed(stream)
  }

  #streamed(stream: EventStream | ReplyError): RestResponse {
    if (stream === REST_UNAUTHORIZED) return this.refuse(LOST_PASS)
    if (stream === REST_STREAMS) return this.refuse(new Refusal(429, stream))
    if (stream === MAX_CLIENTS) return this.refuse(new Refusal(503, stream))
    if (stream instanceof UpstreamFault) return this.#respond(stream.status, errorBody(stream))
    if (stream instanceof ReplyError) return this.#respond(400, errorBody(stream))
    // What a proxy would gather or compress, it would keep back.
    const response = this.#respond(200, stream, 'text/event-stream', 'no-store, no-transform')
    return { ...response, headers: [...response.headers, 'x-accel-buffering', 'no'] }
  }

  #answer(call: RestCall, replies: Reply, caller: Caller): RestResponse {
    if (replies instanceof ReplyError) return this.#failed(replies)
    const { format } = call
    const body = call.kind === 'command' ? commandBody(replies, format) : pipelineBody(replies as Reply[], format)
    if (typeof body !== 'string') this.#hold(call, replies, body, caller)
    return this.#respond(200, body, format === 'resp2' ? 'application/octet-stream' : 'application/json')
  }

  #failed(error: ReplyError): RestResponse {
    if (error === REST_UNAUTHORIZED) return this.refuse(LOST_PASS)
    return this.#respond(error instanceof UpstreamFault ? error.status : 400, errorBody(error))
  }

  /** Of a long answer what it is made of is held until it is taken. What a pipeline's replies weigh is known already. */
  #hold(call: RestCall, replies: Reply, body: LongAnswer, caller: Caller): void {
    const [command] = call.kind === 'command' ? call.commands : []
    const key = typeof replies === 'string' && command !== undefined ? command[1] : undefined
    const [db] = this.#host.engine.keyspace.dbs
    const texts: HoldsTexts = {
      visitTexts: (visit) => body.visitTexts(visit, key === undefined ? undefined : sharedTextOf(db.storedValue(key))),
    }
    caller.holds(call.kind === 'pipeline' ? -1 : weightOf(replies), texts)
  }

  /** Another one in each answer. */
  #syncToken(): Bytes {
    const { shared } = this.#host.engine
    const nonce = this.#epoch + ++this.#answers
    return shared === undefined ? nonce : syncTokenOf(shared, nonce)
  }

  #respond(status: number, body: RestResponse['body'], type = 'application/json', keeping = 'no-store'): RestResponse {
    this.#host.engine.stats.answered(status)
    const headers = [
      'content-type',
      type,
      'access-control-allow-origin',
      '*',
      'access-control-expose-headers',
      'upstash-sync-token',
      'upstash-sync-token',
      this.#syncToken(),
      'cache-control',
      keeping,
      'content-security-policy',
      POLICY,
      'x-content-type-options',
      'nosniff',
      'referrer-policy',
      'no-referrer',
    ]
    return { status, headers, body }
  }

  /** Lets scripts of any origin call, with any of the headers that clients send; they still need the token. */
  #preflight(request: RestRequest): RestResponse {
    const asked = request.header('access-control-request-headers')?.split(',') ?? []
    const telemetry = asked.map((name) => name.trim().toLowerCase()).filter((name) => name.startsWith('upstash-'))
    const headers = [...new Set([...ALLOWED_HEADERS.split(', '), ...telemetry])].join(', ')
    const { status, headers: base } = this.#respond(204, '')
    return {
      status,
      headers: [
        ...base.slice(2),
        'access-control-allow-methods',
        ALLOWED_METHODS,
        'access-control-allow-headers',
        headers,
        'access-control-max-age',
        '86400',
      ],
      body: '',
    }
  }
}
