/**
 * The counters that INFO reads and CONFIG RESETSTAT clears. Per-command figures stand in arrays indexed by `Command.id`,
 * so that counting a call costs two additions.
 */
import type { Bytes } from '../base/bytes.ts'
import type { ReplyError } from '../base/reply.ts'
import { Latencies } from './latencies.ts'

/** Past this number of codes Redis 7.4 forgets them all and counts none, so that a script cannot fill memory with them. */
const MAX_ERROR_CODES = 128
const TOO_MANY_CODES = 'ERRORSTATS_DISABLED'
/** Longest code; a text without a space by then has none. */
const CODE_MAX = 30

/** Commands that the slow log took. */
export class SlowCalls {
  count = 0
  microseconds = 0
  longest = 0

  add(microseconds: number): void {
    this.count++
    this.microseconds += microseconds
    this.longest = Math.max(this.longest, microseconds)
  }
}

export class Stats {
  commands = 0
  connections = 0
  rejectedConnections = 0
  netInputBytes = 0
  netOutputBytes = 0
  /** Bytes received from a master. */
  replicationInputBytes = 0
  /** Bytes sent to replicas, which are among the former. */
  replicationOutputBytes = 0
  /** Reads from clients and writes to them, at all doors that have a wire: a request or an answer of REST is one. */
  reads = 0
  writes = 0
  errorReplies = 0
  peakClients = 0
  /** Status of REST to how often it was answered. */
  readonly restAnswers = new Map<number, number>()
  /** Commands refused for the clients' buffer limits: queries and replies. */
  queryBufferDisconnections = 0
  outputBufferDisconnections = 0
  /** Error code, as in WRONGTYPE, to how often it was answered. */
  readonly errorCodes = new Map<string, number>()
  #countsCodes = true
  /** Called with the codes that are forgotten because they have become too many. */
  onManyErrors: ((codes: readonly string[]) => void) | undefined
  readonly calls: Float64Array
  readonly rejected: Float64Array
  readonly failed: Float64Array
  readonly latencies: Latencies
  slow = new SlowCalls()
  /** By the ids of commands. */
  readonly slowById = new Map<number, SlowCalls>()

  constructor(commandCount: number) {
    this.calls = new Float64Array(commandCount)
    this.rejected = new Float64Array(commandCount)
    this.failed = new Float64Array(commandCount)
    this.latencies = new Latencies(commandCount)
  }

  /** A read from a client. */
  received(bytes: number): void {
    this.reads++
    this.netInputBytes += bytes
  }

  /** A write to a client. */
  sent(bytes: number): void {
    this.writes++
    this.netOutputBytes += bytes
  }

  /** REST has answered. */
  answered(status: number): void {
    this.restAnswers.set(status, (this.restAnswers.get(status) ?? 0) + 1)
  }

  /** Called with each error that a client is answered. */
  onError: ((error: ReplyError) => void) | undefined

  countError(error: ReplyError): void {
    this.errorReplies++
    this.onError?.(error)
    if (!this.#countsCodes) return
    const code = errorCode(error)
    const { errorCodes } = this
    const count = errorCodes.get(code)
    if (count !== undefined || errorCodes.size < MAX_ERROR_CODES) errorCodes.set(code, (count ?? 0) + 1)
    else this.#forgetErrors()
  }

  countSlow(commandId: number, microseconds: number): void {
    this.slow.add(microseconds)
    let calls = this.slowById.get(commandId)
    if (calls === undefined) this.slowById.set(commandId, (calls = new SlowCalls()))
    calls.add(microseconds)
  }

  #forgetErrors(): void {
    const { errorCodes } = this
    const codes = [...errorCodes.keys()].sort()
    errorCodes.clear()
    errorCodes.set(TOO_MANY_CODES, 1)
    this.#countsCodes = false
    this.onManyErrors?.(codes)
  }

  /** Counts a command, if there is one of that name, that is refused before it runs. */
  countRefused(error: ReplyError, commandId: number | undefined): void {
    this.commands++
    this.countError(error)
    if (commandId !== undefined) this.rejected[commandId]++
  }

  reset(): void {
    this.restAnswers.clear()
    this.commands = 0
    this.connections = 0
    this.rejectedConnections = 0
    this.netInputBytes = 0
    this.netOutputBytes = 0
    this.replicationInputBytes = 0
    this.replicationOutputBytes = 0
    this.reads = 0
    this.writes = 0
    this.errorReplies = 0
    this.peakClients = 0
    this.queryBufferDisconnections = 0
    this.outputBufferDisconnections = 0
    this.errorCodes.clear()
    this.#countsCodes = true
    this.latencies.reset()
    this.slow = new SlowCalls()
    this.slowById.clear()
    for (const figures of [this.calls, this.rejected, this.failed]) figures.fill(0)
  }
}

/** The first word of an error, by which clients tell one from another. */
export function errorCode({ text }: ReplyError): Bytes {
  const space = text.indexOf(' ')
  return space === -1 || space > CODE_MAX ? 'ERR' : text.slice(0, space)
}
