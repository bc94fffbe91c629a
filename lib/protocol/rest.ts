/**
 * Upstash's REST, without a network: a request (method, path, query, headers, body) becomes commands or a refusal, and
 * replies become a body. What the hosts of this protocol must do (collect the body, check the token, run the commands)
 * is in `transports/rest.ts`. Paths come without the base under which a host serves them.
 */
import { type Bytes, fromText } from '../base/bytes.ts'
import {
  EMPTY_COMMAND,
  REST_COMMAND,
  REST_EMPTY_PIPELINE,
  REST_METHOD,
  REST_PIPELINE,
  REST_PIPELINE_LENGTH,
  REST_RESP2_BASE64,
  REST_RESP2_TRANSACTION,
  REST_RESPONSE_FORMAT,
} from '../base/errors.ts'
import type { Reply, ReplyError } from '../base/reply.ts'
import { encode } from './encode.ts'
import { JsonEncoder, parseCommand, parseCommands, quoted } from './json.ts'
import { JsonReader } from './jsonreader.ts'
import { isLong } from './long.ts'
import { type Format, LongAnswer } from './longanswer.ts'

export type { Format } from './longanswer.ts'

export interface RestRequest {
  readonly method: string
  /** As it was sent, percent-encoded, from its first slash. */
  readonly path: string
  /** What stands behind the question mark, or ''. */
  readonly query: string
  /** A header's value by its name in lower case. */
  header(name: string): string | undefined
}

export type ShortCommands = readonly (readonly Bytes[])[]

/** The commands of a long body, made one at a time: what they take together would be many times the body. */
export interface LongCommands {
  readonly length: number
  /** Goes on making the next command. True once `command` is it; false for whoever is to let others have their turn. */
  advance(): boolean
  readonly command: readonly Bytes[]
  /** Bytes that are held of it. */
  readonly heldBytes: number
}

/** What a request asks for: one command, or several. `transaction` is all or nothing. */
export type RestCall =
  | { readonly kind: 'command'; readonly commands: ShortCommands; readonly format: Format }
  | {
      readonly kind: 'pipeline' | 'transaction'
      readonly commands: ShortCommands | LongCommands
      readonly format: Format
    }

/** A request with a long body, which is read in slices. */
export class LongBody {
  readonly #kind: RestCall['kind']
  readonly #format: Format
  readonly #maxPipeline: number
  readonly #reader: JsonReader

  constructor(kind: RestCall['kind'], body: Buffer, format: Format, maxPipeline: number) {
    this.#kind = kind
    this.#format = format
    this.#maxPipeline = maxPipeline
    this.#reader = new JsonReader(body, kind === 'command' ? 1 : 2)
  }

  /** Bytes of the body, and about what its commands take that are made of it. */
  get heldBytes(): number {
    return this.#reader.heldBytes
  }

  /** Reads the next slice. What the request asks for, at the end; undefined before, when others are to have their turn. */
  read(): RestCall | Refusal | undefined {
    const reader = this.#reader
    if (!reader.check()) return undefined
    if (this.#kind === 'command') return this.#command()
    if (!reader.isRight) return new Refusal(400, REST_PIPELINE)
    return (
      lengthRefusal(reader.length, this.#maxPipeline) ?? { kind: this.#kind, commands: reader, format: this.#format }
    )
  }

  #command(): RestCall | Refusal | undefined {
    const reader = this.#reader
    if (!reader.isRight) return new Refusal(400, REST_COMMAND)
    if (!reader.advance()) return undefined
    const { command } = reader
    if (command.length === 0) return new Refusal(400, EMPTY_COMMAND)
    return { kind: 'command', commands: [command], format: this.#format }
  }
}

/** A request for a stream of what one command pushes: SUBSCRIBE, PSUBSCRIBE or MONITOR. */
export interface RestStream {
  readonly kind: 'stream'
  readonly command: readonly Bytes[]
}

/** Where a stream goes. */
export interface StreamSink {
  /** Takes bytes. False when what it holds unsent is more than it likes. */
  write(part: Bytes): boolean
  /** Bytes taken and not yet sent. */
  readonly unsentBytes: number
  /** Sends what was taken, then ends the answer. */
  end(): void
  /** Ends the connection now. */
  destroy(): void
}

/** A body that comes as things happen. */
export interface StreamBody {
  start(sink: StreamSink): void
  /** Nobody reads it any more. */
  closed(): void
}

/** A request that is not carried out. */
export class Refusal {
  readonly status: number
  readonly error: ReplyError
  constructor(status: number, error: ReplyError) {
    this.status = status
    this.error = error
  }
}

export interface RestResponse {
  readonly status: number
  /** Name, value, name, value, …; without Content-Length. The host's to add to: no other answer shares them. */
  readonly headers: string[]
  /** Bytes: whole, or part by part as the client takes them, or as they come. */
  readonly body: Bytes | LongAnswer | StreamBody
  /** For how long it is not to be sent, nor anything more to be read. */
  readonly holdMs?: number
}

/** The token that a request brings, `Authorization: Bearer …` before `?_token=…`; undefined without one. */
export function tokenOf(request: RestRequest): Bytes | undefined {
  const authorization = request.header('authorization')
  if (authorization !== undefined) {
    return /^bearer /i.test(authorization) ? authorization.slice(7).trim() : undefined
  }
  if (!request.query.includes('_token=')) return undefined
  for (const [name, value] of parameters(request.query) ?? []) if (name === '_token') return value
  return undefined
}

/** True if a method is one that REST answers with more than a 405. */
export function isMethod(method: string): boolean {
  return method === 'POST' || method === 'GET' || method === 'PUT' || method === 'HEAD'
}

/** From so many bytes on, a body is long: it is given as it came, is read in slices, and belongs to whoever reads it. */
export const LONG_BODY_BYTES = 16 * 1024

/** What a request asks for. `body` is all that was sent, '' for nothing; `maxPipeline` 0 is without bound. */
export function parseRequest(request: RestRequest, body: Bytes, maxPipeline: number): RestCall | RestStream | Refusal
export function parseRequest(
  request: RestRequest,
  body: Bytes | Buffer,
  maxPipeline: number,
): RestCall | RestStream | Refusal | LongBody
export function parseRequest(
  request: RestRequest,
  body: Bytes | Buffer,
  maxPipeline: number,
): RestCall | RestStream | Refusal | LongBody {
  const path = request.path.length > 1 && request.path.endsWith('/') ? request.path.slice(0, -1) : request.path
  const isRoot = path === '/' || path === ''
  if (!isRoot && isStream(path)) return streamOf(path)
  const format = formatOf(request)
  if (format instanceof Refusal) return format
  if (isRoot) return commandOfBody(request.method, body, format)
  switch (path) {
    case '/pipeline':
      return pipelineOf(request.method, body, format, maxPipeline, 'pipeline')
    case '/multi-exec':
      if (format === 'resp2') return new Refusal(400, REST_RESP2_TRANSACTION)
      return pipelineOf(request.method, body, format, maxPipeline, 'transaction')
  }
  return commandOfPath(path, request.query, typeof body === 'string' ? body : body.latin1Slice(0, body.length), format)
}

/** Whether a request is for a pipeline that is answered in JSON: its body may be read by places (see PipelineScan). */
export function isPlainPipeline(request: RestRequest): boolean {
  const { path, method } = request
  if (path !== '/pipeline' && path !== '/pipeline/') return false
  return method !== 'GET' && method !== 'HEAD' && formatOf(request) === 'json'
}

function formatOf(request: RestRequest): Format | Refusal {
  const base64 = request.header('upstash-encoding')?.toLowerCase() === 'base64'
  const format = request.header('upstash-response-format')?.toLowerCase()
  if (format === undefined || format === 'json') return base64 ? 'base64' : 'json'
  if (format !== 'resp2') return new Refusal(400, REST_RESPONSE_FORMAT)
  return base64 ? new Refusal(400, REST_RESP2_BASE64) : 'resp2'
}

function commandOfBody(method: string, body: Bytes | Buffer, format: Format): RestCall | Refusal | LongBody {
  if (body === '') return new Refusal(400, EMPTY_COMMAND)
  if (method === 'GET' || method === 'HEAD') return new Refusal(405, REST_METHOD)
  if (typeof body !== 'string') return new LongBody('command', body, format, 0)
  const command = parseCommand(body)
  if (command === undefined) return new Refusal(400, REST_COMMAND)
  if (command.length === 0) return new Refusal(400, EMPTY_COMMAND)
  return { kind: 'command', commands: [command], format }
}

function pipelineOf(
  method: string,
  body: Bytes | Buffer,
  format: Format,
  maxPipeline: number,
  kind: 'pipeline' | 'transaction',
): RestCall | Refusal | LongBody {
  if (method === 'GET' || method === 'HEAD') return new Refusal(405, REST_METHOD)
  if (typeof body !== 'string') return new LongBody(kind, body, format, maxPipeline)
  const commands = parseCommands(body)
  if (commands === undefined) return new Refusal(400, REST_PIPELINE)
  return lengthRefusal(commands.length, maxPipeline) ?? { kind, commands, format }
}

function lengthRefusal(length: number, maxPipeline: number): Refusal | undefined {
  if (length === 0) return new Refusal(400, REST_EMPTY_PIPELINE)
  return maxPipeline !== 0 && length > maxPipeline ? new Refusal(400, REST_PIPELINE_LENGTH) : undefined
}

function isStream(path: string): boolean {
  return /^\/(?:subscribe|psubscribe|monitor)(?:\/|$)/i.test(path)
}

/** The channels of `/subscribe/a/b`; clients send them unencoded too. A body, `[]` from the SDK, is no channel. */
function streamOf(path: string): RestStream {
  return {
    kind: 'stream',
    command: path
      .slice(1)
      .split('/')
      .map((segment) => percentDecoded(segment) ?? segment),
  }
}

/** `/set/key?EX=100` with a body is SET key body EX 100. */
function commandOfPath(path: string, query: string, body: Bytes, format: Format): RestCall | Refusal {
  const argv: Bytes[] = []
  for (const segment of path.slice(1).split('/')) {
    const argument = percentDecoded(segment)
    if (argument === undefined) return new Refusal(400, REST_COMMAND)
    argv.push(argument)
  }
  if (body !== '') argv.push(body)
  if (query !== '') {
    const pairs = parameters(query)
    if (pairs === undefined) return new Refusal(400, REST_COMMAND)
    for (const [name, value] of pairs) {
      if (name === '_token') continue
      argv.push(name)
      if (value !== '') argv.push(value)
    }
  }
  return { kind: 'command', commands: [argv], format }
}

/** The parameters of a query in order, split at their first `=`; a value may be ''. Undefined if one is malformed. */
function parameters(query: string): [name: Bytes, value: Bytes][] | undefined {
  const pairs: [Bytes, Bytes][] = []
  for (const parameter of query.split('&')) {
    if (parameter === '') continue
    const equals = parameter.indexOf('=')
    const name = percentDecoded((equals === -1 ? parameter : parameter.slice(0, equals)).replaceAll('+', ' '))
    const value = equals === -1 ? '' : percentDecoded(parameter.slice(equals + 1).replaceAll('+', ' '))
    if (name === undefined || value === undefined) return undefined
    pairs.push([name, value])
  }
  return pairs
}

/** The bytes that `%XX` and the rest of a URL's part stand for; undefined where a `%` has not two digits behind it. */
function percentDecoded(part: string): Bytes | undefined {
  if (/%(?![\da-fA-F]{2})/.test(part)) return undefined
  const decoded = part.includes('%')
    ? part.replace(/%([\da-fA-F]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)))
    : part
  return /[^\x00-\xff]/.test(decoded) ? fromText(decoded) : decoded
}

/** The body of a refusal, and of a command that failed, in every format. */
export function errorBody(error: ReplyError): Bytes {
  return '{"error":' + quoted(error.text) + '}'
}

/** The body of one successful command. */
export function commandBody(reply: Reply, format: Format): Bytes | LongAnswer {
  if (isLong(reply)) return new LongAnswer([reply], format, false)
  if (format === 'resp2') return encode(reply, 2)
  const encoder = new JsonEncoder(format === 'base64')
  encoder.outcome(reply)
  return encoder.take()
}

/**
 * The body of a pipeline: a JSON array, or the replies one after another in RESP2. The array is ours from here on. `begun` is JSON of
 * the commands before, without the comma behind it.
 */
export function pipelineBody(replies: Reply[], format: Format, begun: Bytes = ''): Bytes | LongAnswer {
  const answer = new LongAnswer(replies, format, true, begun)
  if (isLong(replies)) return answer
  let whole = ''
  for (const part of answer) whole += part
  return whole
}
