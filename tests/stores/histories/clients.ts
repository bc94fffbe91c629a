/** Clients whose operations make a history: over RESP, where a connection is a session, and over REST, where a token is. */

import type { RespClient } from '../../clients/resp.ts'
import type { Random } from '../../differential/random.ts'
import { type Running, TOKEN } from '../processes.ts'
import type { Operation } from './history.ts'

const COMPARE_AND_SET =
  "local v = redis.call('GET', KEYS[1]) or '0' if v ~= ARGV[1] then return -1 end " +
  "redis.call('SET', KEYS[1], ARGV[1] + 1) return ARGV[1] + 1"

type Argv = readonly string[]

export interface HistorySession {
  readonly id: number
  /** True if commands one by one are of one connection: WATCH. */
  readonly watches: boolean
  /** Sends commands as one pipeline; what each is answered. They reject where nobody knows what became of them. */
  send(commands: readonly Argv[]): readonly Promise<unknown>[]
  close(): void
}

export class RespSession implements HistorySession {
  readonly id: number
  readonly watches = true
  readonly #client: RespClient

  constructor(id: number, client: RespClient) {
    this.id = id
    this.#client = client
  }

  send(commands: readonly Argv[]): readonly Promise<unknown>[] {
    return commands.map((argv) => this.#client.send(argv).then(orThrow))
  }

  close(): void {
    this.#client.close()
  }
}

/** An error tells nothing of whether it happened. */
export function orThrow(reply: unknown): unknown {
  if (typeof reply !== 'object' || reply === null || Array.isArray(reply)) return reply
  const { kind, text } = reply as { kind: string; text: string }
  if (kind === 'error') throw new Error(text)
  return kind === 'nilArray' ? null : kind === 'status' ? text : reply
}

/** Asks now this process, now that one, and hands on its token. */
export class RestSession implements HistorySession {
  readonly id: number
  readonly watches = false
  readonly #pick: () => Promise<Running>
  #token = ''

  constructor(id: number, pick: () => Promise<Running>) {
    this.id = id
    this.#pick = pick
  }

  send(commands: readonly Argv[]): readonly Promise<unknown>[] {
    const answers = this.#send(commands)
    return commands.map(async (_, i) => {
      const answer = (await answers)[i]
      if (answer.error !== undefined) throw new Error(answer.error)
      return answer.result
    })
  }

  async #send(commands: readonly Argv[]): Promise<{ result?: unknown; error?: string }[]> {
    const { httpPort } = await this.#pick()
    const response = await fetch(`http://127.0.0.1:${httpPort}/pipeline`, {
      method: 'POST',
      headers: { authorization: `Bearer ${TOKEN}`, 'upstash-sync-token': this.#token },
      body: JSON.stringify(commands),
    })
    const answers = (await response.json()) as { result?: unknown; error?: string }[]
    this.#token = response.headers.get('upstash-sync-token')!
    return answers
  }

  close(): void {}
}

export interface HistoryParts {
  readonly random: Random
  readonly history: Operation[]
  /** What was never answered. */
  readonly stuck: Operation[]
  /** Of each kind. */
  readonly keys: number
  readonly isOver: () => boolean
  /** Who has no answer by then gets none. */
  readonly answerMs: number
}

let values = 0

export class HistoryClient {
  readonly #session: HistorySession
  readonly #parts: HistoryParts

  constructor(session: HistorySession, parts: HistoryParts) {
    this.#session = session
    this.#parts = parts
  }

  /** @throws Error when the connection has gone */
  async run(): Promise<void> {
    const { random, isOver } = this.#parts
    try {
      while (!isOver()) {
        const kind = random.next()
        if (kind < 0.06) await this.#compareAndSet(`cas:${random.integer(1, this.#parts.keys)}`)
        else if (kind < 0.12 && this.#session.watches) await this.#watched(`cas:${random.integer(1, this.#parts.keys)}`)
        else await this.#pipeline(random.chance(0.7) ? 1 : random.integer(2, 7))
      }
    } finally {
      this.#session.close()
    }
  }

  async #pipeline(count: number): Promise<void> {
    const operations = Array.from({ length: count }, () => this.#begin(this.#draw()))
    const answers = this.#session.send(operations.map(argvOf))
    await this.#within(
      operations,
      operations.map(async (operation, i) => {
        operation.answer = await answers[i]
        operation.to = performance.now()
      }),
    )
  }

  #draw(): Pick<Operation, 'kind' | 'key' | 'value'> {
    const { random, keys } = this.#parts
    const key = random.integer(1, keys)
    const value = `v${++values}`
    return random.weighted<Pick<Operation, 'kind' | 'key' | 'value'>>([
      [25, { kind: 'incr', key: `counter:${key}`, value }],
      [18, { kind: 'push', key: `list:${key}`, value }],
      [15, { kind: 'set', key: `register:${key}`, value }],
      [25, { kind: 'get', key: `register:${key}`, value }],
      [13, { kind: 'count', key: `counter:${key}`, value }],
      [2, { kind: 'list', key: `list:${key}`, value }],
      [2, { kind: 'claim', key: `name:${Math.floor(values / 50)}`, value }],
    ])
  }

  /** Adds one to what it has read, if that is still so, by a script. */
  async #compareAndSet(key: string): Promise<void> {
    const seen = await this.#count(key)
    const operation = this.#begin({ kind: 'incr', key, value: '' })
    const [reply] = this.#session.send([['EVAL', COMPARE_AND_SET, '1', key, seen]])
    await this.#within([operation], [this.#settle(operation, reply, (answer) => answer as number)])
  }

  /** The same by WATCH. */
  async #watched(key: string): Promise<void> {
    const [watched] = this.#session.send([['WATCH', key]])
    await this.#within([], [watched])
    const next = Number(await this.#count(key)) + 1
    const operation = this.#begin({ kind: 'incr', key, value: '' })
    const replies = this.#session.send([['MULTI'], ['SET', key, `${next}`], ['EXEC']])
    const settled = this.#settle(operation, replies[2], (answer) => (answer === null ? -1 : next))
    await this.#within([operation], [replies[0], replies[1], settled])
  }

  /** -1 says that nothing has happened. */
  async #settle(operation: Operation, reply: Promise<unknown>, progressOf: (answer: unknown) => number): Promise<void> {
    const answer = progressOf(await reply)
    if (answer === -1) this.#parts.history.splice(this.#parts.history.lastIndexOf(operation), 1)
    else {
      operation.answer = answer
      operation.to = performance.now()
    }
  }

  async #count(key: string): Promise<string> {
    const operation = this.#begin({ kind: 'count', key, value: '' })
    const [reply] = this.#session.send([argvOf(operation)])
    await this.#within([operation], [reply])
    operation.answer = await reply
    operation.to = performance.now()
    return String(operation.answer ?? 0)
  }

  #begin({ kind, key, value }: Pick<Operation, 'kind' | 'key' | 'value'>): Operation {
    const operation = {
      kind,
      key,
      value,
      session: this.#session.id,
      from: performance.now(),
      to: Infinity,
      answer: undefined,
    }
    this.#parts.history.push(operation)
    return operation
  }

  /** @throws Error where something was lost, or never came */
  async #within(operations: readonly Operation[], answers: readonly Promise<unknown>[]): Promise<void> {
    let cancel = (): void => {}
    const late = new Promise<never>((_, reject) => {
      const timer = setTimeout(() => {
        this.#parts.stuck.push(...operations.filter(({ to }) => to === Infinity))
        reject(new Error('no answer came'))
      }, this.#parts.answerMs)
      cancel = () => clearTimeout(timer)
    })
    const all = Promise.allSettled(answers).then((settled) => {
      for (const one of settled) if (one.status === 'rejected') throw one.reason
    })
    try {
      await Promise.race([all, late])
    } finally {
      cancel()
    }
  }
}

function argvOf({ kind, key, value }: Pick<Operation, 'kind' | 'key' | 'value'>): string[] {
  switch (kind) {
    case 'incr':
      return ['INCR', key]
    case 'push':
      return ['RPUSH', key, value]
    case 'set':
      return ['SET', key, value]
    case 'claim':
      return ['SETNX', key, value]
    case 'list':
      return ['LRANGE', key, '0', '-1']
    default:
      return ['GET', key]
  }
}
