/**
 * The counters that INFO reads and CONFIG RESETSTAT clears. Per-command figures stand in arrays indexed by `Command.id`,
 * so that counting a call costs two additions.
 */
import type { ReplyError } from '../base/reply.ts'
import { Latencies } from './latencies.ts'

/** Redis stops telling error codes apart past this number, so that a hostile script cannot fill memory with them. */
const MAX_ERROR_CODES = 128

export class Stats {
  commands = 0
  connections = 0
  rejectedConnections = 0
  netInputBytes = 0
  netOutputBytes = 0
  /** Reads from clients and writes to them, at all doors that have a wire: a request or an answer of REST is one. */
  reads = 0
  writes = 0
  errorReplies = 0
  peakClients = 0
  /** Commands refused for the clients' buffer limits: queries and replies. */
  queryBufferDisconnections = 0
  outputBufferDisconnections = 0
  /** Error code, as in WRONGTYPE, to how often it was answered. */
  readonly errorCodes = new Map<string, number>()
  readonly calls: Float64Array
  readonly rejected: Float64Array
  readonly failed: Float64Array
  readonly latencies: Latencies

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

  countError(error: ReplyError): void {
    this.errorReplies++
    const space = error.text.indexOf(' ')
    const code = space === -1 ? error.text : error.text.slice(0, space)
    const count = this.errorCodes.get(code)
    if (count !== undefined || this.errorCodes.size < MAX_ERROR_CODES) this.errorCodes.set(code, (count ?? 0) + 1)
  }

  /** Counts a command, if there is one of that name, that is refused before it runs. */
  countRefused(error: ReplyError, commandId: number | undefined): void {
    this.commands++
    this.countError(error)
    if (commandId !== undefined) this.rejected[commandId]++
  }

  reset(): void {
    this.commands = 0
    this.connections = 0
    this.rejectedConnections = 0
    this.netInputBytes = 0
    this.netOutputBytes = 0
    this.reads = 0
    this.writes = 0
    this.errorReplies = 0
    this.peakClients = 0
    this.queryBufferDisconnections = 0
    this.outputBufferDisconnections = 0
    this.errorCodes.clear()
    this.latencies.reset()
    for (const figures of [this.calls, this.rejected, this.failed]) figures.fill(0)
  }
}
