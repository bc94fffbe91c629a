/**
 * The words between a replica and its master before there is a snapshot or a stream: how it introduces itself, and what is
 * answered, line by line, in the order in which it was asked.
 */
import type { Bytes } from '../base/bytes.ts'
import type { Directives } from '../config/config.ts'
import { commandBytes } from '../journal/commandbytes.ts'

/** A line of an answer is never longer, or what answers is no Redis. */
const LINE_BYTES_MAX = 4096
const REDIS_VERSION_TOLD = '7.4.1'

export interface GreetingParts {
  readonly config: Directives
  /** Where we listen, as the master is to tell others. */
  readonly listeningPort: () => number
  readonly send: (bytes: Bytes) => void
  /** What was answered is no answer. */
  readonly failed: (reason: string) => void
  readonly log: (level: 'notice', message: string) => void
}

export class Greeting {
  readonly #parts: GreetingParts
  /** Who waits for the next lines. */
  readonly #expected: ((line: Bytes) => void)[] = []
  #line = ''

  constructor(parts: GreetingParts) {
    this.#parts = parts
  }

  /** Introduces this store, and calls back when the master knows it. */
  begin(then: () => void): void {
    const { log, failed } = this.#parts
    this.ask(['PING'], (line) => {
      const isAnswer = /^(\+|-NOAUTH|-NOPERM|-ERR operation not permitted)/.test(line)
      if (!isAnswer) {
        failed(`Error reply to PING from master: '${line}'`)
        return
      }
      log('notice', 'Master replied to PING, replication can continue...')
      this.#introduce(then)
    })
  }

  #introduce(then: () => void): void {
    const { config, listeningPort, failed } = this.#parts
    const { masterauth, masteruser, 'replica-announce-port': port, 'replica-announce-ip': ip } = config
    if (masterauth !== '') {
      const words = masteruser === '' ? ['AUTH', masterauth] : ['AUTH', masteruser, masterauth]
      this.ask(words, (line) => {
        if (line.startsWith('-')) failed(`Unable to AUTH to MASTER: ${line}`)
      })
    }
    this.#tell('listening-port', `${port || listeningPort()}`)
    if (ip !== '') this.#tell('ip-address', ip)
    this.ask(['REPLCONF', 'capa', 'eof', 'capa', 'psync2'], (line) => this.#noted('capa', line))
    this.ask(['REPLCONF', 'version', REDIS_VERSION_TOLD], then)
  }

  #tell(what: Bytes, value: Bytes): void {
    this.ask(['REPLCONF', what, value], (line) => this.#noted(what, line))
  }

  /** An old master knows less, which does not matter. */
  #noted(what: Bytes, line: Bytes): void {
    if (line.startsWith('-'))
      this.#parts.log('notice', `(Non critical) Master does not understand REPLCONF ${what}: ${line}`)
  }

  ask(words: readonly Bytes[], hear: (line: Bytes) => void): void {
    this.#expected.push(hear)
    this.#parts.send(commandBytes(words))
  }

  /** One more line follows what is expected so far. */
  expect(hear: (line: Bytes) => void): void {
    this.#expected.push(hear)
  }

  /** The next line belongs to the one that has just come. */
  expectNext(hear: (line: Bytes) => void): void {
    this.#expected.unshift(hear)
  }

  /** Takes what belongs to the next line, and returns what stands behind it. */
  take(chunk: Buffer): Buffer {
    const end = chunk.indexOf(10)
    this.#line += chunk.toString('latin1', 0, end === -1 ? chunk.length : end)
    if (this.#line.length > LINE_BYTES_MAX) this.#parts.failed('the master sent a line without an end')
    if (end === -1) return chunk.subarray(chunk.length)
    const line = this.#line.replace(/\r$/, '')
    this.#line = ''
    const hear = this.#expected.shift()
    if (hear === undefined) this.#parts.failed('the master sent what was not asked for')
    else hear(line)
    return chunk.subarray(end + 1)
  }
}
