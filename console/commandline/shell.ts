/**
 * What a command line does with a line, and the log of it. REST keeps nothing between requests, so a transaction is gathered here
 * and sent whole; SUBSCRIBE, PSUBSCRIBE and MONITOR are streams that go on until they are ended.
 */
import { Observable } from '../model/observable.ts'
import { type Bytes, shown } from '../wire/bytes.ts'
import { Failure, type Reply, Status } from '../wire/resp.ts'
import type { Rest } from '../wire/rest.ts'
import { wordsOf } from '../wire/words.ts'
import { dangerOf } from './dangers.ts'
import type { CommandDoc } from './docs.ts'
import { printed } from './printed.ts'

export interface LogLine {
  readonly id: number
  readonly kind: 'typed' | 'reply' | 'error' | 'hint'
  readonly text: string
  /** For the table that is made of it. */
  readonly command?: string
  readonly reply?: Reply
}

/** Lines that are kept. */
const LINES = 2000

/** What a connection of one's own would be needed for. */
const STREAMS = new Set(['SUBSCRIBE', 'PSUBSCRIBE', 'MONITOR'])

export class Shell extends Observable {
  readonly #rest: Rest
  lines: readonly LogLine[] = []
  /** The commands between MULTI and EXEC; undefined outside. */
  queued: Bytes[][] | undefined
  /** Runs, or streams. */
  isBusy = false
  isStreaming = false
  /** A line that waits for being asked for once more. */
  asked: string | undefined
  #id = 0
  #abort: AbortController | undefined

  constructor(rest: Rest) {
    super()
    this.#rest = rest
  }

  /** Runs a line; one that is dangerous only when it comes a second time. */
  async enter(line: string, docs: ReadonlyMap<string, CommandDoc>): Promise<void> {
    const isAgain = this.asked === line
    this.asked = undefined
    const danger = dangerOf(line)
    if (danger !== undefined && !isAgain && this.queued === undefined) {
      this.asked = line
      this.#log(
        'hint',
        `${line.trim().split(/\s+/)[0].toUpperCase()} ${danger}. Press Enter once more to run it, Escape to leave it.`,
      )
      return
    }
    this.#log('typed', line)
    const words = wordsOf(line)
    if (words === undefined) return this.#log('error', 'Invalid argument(s)')
    if (words.length === 0) return
    const name = words[0].toUpperCase()
    if (name === 'CLEAR') return this.clear()
    if (name === 'HELP') return this.#help(words.slice(1).join(' ').toUpperCase(), docs)
    this.isBusy = true
    this.changed()
    try {
      if (STREAMS.has(name)) await this.#stream(words)
      else await this.#run(name, words)
    } catch (error) {
      this.#log('error', `(error) ${(error as Error).message}`)
    }
    this.isBusy = false
    this.isStreaming = false
    this.changed()
  }

  /** Ends a stream. */
  stop(): void {
    this.#abort?.abort()
  }

  clear(): void {
    this.lines = []
    this.changed()
  }

  /** The line that waits is not run. */
  leave(): void {
    if (this.asked === undefined) return
    this.asked = undefined
    this.#log('hint', 'Left.')
  }

  async #run(name: string, words: Bytes[]): Promise<void> {
    if (name === 'MULTI' && this.queued === undefined) {
      this.queued = []
      return this.#answer(name, new Status('OK'))
    }
    if (this.queued !== undefined) return this.#gather(name, words)
    if (name === 'SELECT') return this.#log('hint', 'The database is chosen at the top of the page.')
    this.#answer(name, await this.#rest.run(...words))
  }

  async #gather(name: string, words: Bytes[]): Promise<void> {
    const queued = this.queued!
    if (name === 'EXEC' || name === 'DISCARD') this.queued = undefined
    if (name === 'DISCARD') this.#answer(name, new Status('OK'))
    else if (name === 'EXEC') this.#answer(name, queued.length === 0 ? [] : await this.#rest.transaction(queued))
    else {
      queued.push(words)
      this.#answer(name, new Status('QUEUED'))
    }
  }

  async #stream(words: readonly Bytes[]): Promise<void> {
    this.#abort = new AbortController()
    this.isStreaming = true
    this.#log('hint', 'Listening. Escape ends it.')
    try {
      for await (const event of this.#rest.events([words[0].toLowerCase(), ...words.slice(1)], this.#abort.signal)) {
        this.#log('reply', shown(event))
      }
    } catch (error) {
      if (!this.#abort.signal.aborted) throw error
    }
    this.#log('hint', 'Ended.')
  }

  #help(name: string, docs: ReadonlyMap<string, CommandDoc>): void {
    const doc = docs.get(name)
    if (name === '') this.#log('hint', 'help COMMAND says what a command does. clear empties this log. Tab completes.')
    else if (doc === undefined) this.#log('error', `There is no help for ${shown(name)}.`)
    else
      this.#log('reply', `${doc.syntax}\n  ${doc.summary}\n  since ${doc.since}, group ${doc.group}, ${doc.complexity}`)
  }

  #answer(command: string, reply: Reply): void {
    this.#add({
      id: ++this.#id,
      kind: reply instanceof Failure ? 'error' : 'reply',
      text: printed(reply),
      command,
      reply,
    })
  }

  #log(kind: LogLine['kind'], text: string): void {
    this.#add({ id: ++this.#id, kind, text })
  }

  #add(line: LogLine): void {
    this.lines = [...this.lines, line].slice(-LINES)
    this.changed()
  }
}
