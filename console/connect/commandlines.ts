/**
 * Keys as the commands that make them, a line each, as redis-cli reads them: `redis-cli < file`. What no plain command can say (a stream with its
 * groups, JSON, times of fields, what is large) is a RESTORE of what DUMP gives.
 */
import type { Bytes } from '../wire/bytes.ts'
import { Failure, type Reply, Status } from '../wire/resp.ts'
import type { Rest } from '../wire/rest.ts'
import { quoted, wordsOf } from '../wire/words.ts'
import { keysOf } from './transfer.ts'

/** A value up to this weight is written out. Unit: bytes. */
const WHOLE_MAX = 1024 * 1024
/** Elements in one line. */
const ELEMENTS = 100

interface Shape {
  readonly read: (key: Bytes) => readonly Bytes[]
  /** The command that takes what was read. */
  readonly write: string
  /** Words that make one element. */
  readonly width: number
}

const SHAPES: ReadonlyMap<string, Shape> = new Map([
  ['string', { read: (key) => ['GET', key], write: 'SET', width: 1 }],
  ['list', { read: (key) => ['LRANGE', key, '0', '-1'], write: 'RPUSH', width: 1 }],
  ['set', { read: (key) => ['SMEMBERS', key], write: 'SADD', width: 1 }],
  ['hash', { read: (key) => ['HGETALL', key], write: 'HSET', width: 2 }],
  ['zset', { read: (key) => ['ZRANGE', key, '0', '-1', 'WITHSCORES'], write: 'ZADD', width: 2 }],
])

/** @throws RestError */
export async function* commandLines(rest: Rest, typed: string): AsyncGenerator<string> {
  for await (const keys of keysOf(rest, typed)) {
    const facts = await rest.pipeline(
      keys.flatMap((key) => [
        ['TYPE', key],
        ['MEMORY', 'USAGE', key],
        ['PEXPIRETIME', key],
      ]),
    )
    for (const [i, key] of keys.entries()) {
      const [type, size, endsAt] = facts.slice(i * 3, i * 3 + 3)
      const shape = Number(size ?? 0) <= WHOLE_MAX ? SHAPES.get(nameOf(type)) : undefined
      yield* shape === undefined ? restored(rest, key) : written(rest, key, shape, Number(endsAt))
    }
  }
}

async function* written(rest: Rest, key: Bytes, { read, write, width }: Shape, endsAt: number): AsyncGenerator<string> {
  const reply = await rest.run(...read(key))
  if (reply === null) return
  const words = Array.isArray(reply) ? reply.map(String) : [String(reply)]
  if (write === 'HSET' && (await hasTimes(rest, key, words))) return yield* restored(rest, key)
  // Of a sorted set the score stands before its member.
  if (write === 'ZADD') for (let i = 0; i < words.length; i += 2) [words[i], words[i + 1]] = [words[i + 1], words[i]]
  for (let i = 0; i < words.length; i += ELEMENTS * width)
    yield line([write, key, ...words.slice(i, i + ELEMENTS * width)])
  if (endsAt > 0) yield line(['PEXPIREAT', key, `${endsAt}`])
}

async function* restored(rest: Rest, key: Bytes): AsyncGenerator<string> {
  const [ttl, dump] = await rest.pipeline([
    ['PTTL', key],
    ['DUMP', key],
  ])
  if (dump instanceof Failure) throw new Error(dump.text)
  if (typeof dump === 'string') yield line(['RESTORE', key, `${Math.max(0, Number(ttl))}`, dump])
}

async function hasTimes(rest: Rest, key: Bytes, words: readonly Bytes[]): Promise<boolean> {
  const fields = words.filter((_, i) => i % 2 === 0)
  const ttls = await rest.run('HPTTL', key, 'FIELDS', fields.length, ...fields).catch(() => [])
  return Array.isArray(ttls) && ttls.some((ttl) => Number(ttl) >= 0)
}

function line([name, ...words]: readonly Bytes[]): string {
  return `${[name, ...words.map(quoted)].join(' ')}\n`
}

function nameOf(type: Reply): string {
  return type instanceof Status ? type.text : String(type)
}

/** Commands as they stand in a file, with the lines that they stand in. */
export interface CommandFile {
  readonly commands: readonly { readonly line: number; readonly words: readonly Bytes[] }[]
  /** How often each command is in it. */
  readonly counts: ReadonlyMap<string, number>
}

/** @throws Error with the number of the line where one is wrong */
export function readCommands(text: string): CommandFile {
  const commands: { line: number; words: readonly Bytes[] }[] = []
  const counts = new Map<string, number>()
  for (const [i, each] of text.split('\n').entries()) {
    if (each.trim() === '' || each.startsWith('#')) continue
    const words = wordsOf(each)
    if (words === undefined) throw new Error(`Line ${i + 1} is no command: a quote is not closed.`)
    commands.push({ line: i + 1, words })
    const name = words[0].toUpperCase()
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return { commands, counts }
}

const BATCH = 100

/** Runs them in their order, a hundred in a request, and none behind the request in which one fails. @throws Error with the number of its line */
export async function runCommands(rest: Rest, { commands }: CommandFile): Promise<void> {
  for (let i = 0; i < commands.length; i += BATCH) {
    const batch = commands.slice(i, i + BATCH)
    const replies = await rest.ordered(batch.map(({ words }) => words))
    const failed = replies.findIndex((reply) => reply instanceof Failure)
    if (failed >= 0) throw new Error(`Line ${batch[failed].line}: ${(replies[failed] as Failure).text}`)
  }
}
