/**
 * Keys as lines of JSON, one a key, for `zerodis store export` and `import`:
 *
 *   {"db":0,"key":"k","type":"string","value":"v","expireAt":1767225600000}
 *
 * `value` is a text for strings, a list for lists and sets, an object for hashes, a list of [member, score] for sorted sets. What
 * JSON cannot say (bytes that are no UTF-8, streams, fields with a time of their own, other types) is `dump`, what DUMP answers, in base64;
 * a key that is no UTF-8 is {"base64":"…"}.
 */
import { isUtf8 } from 'node:buffer'
import type { InProcessDoor } from '../transports/inprocess.ts'

/** Keys that are asked for at a time. */
const SCANNED = '1000'

/** Where a key is, and what it has but its value. */
export interface FoundKey {
  readonly db: number
  readonly key: Buffer
  /** Unix ms; -1 for none. */
  readonly expireAt: number
}

/** All keys that a door reaches, with the door at their database. */
export async function* keysOf(door: InProcessDoor, databases: number): AsyncGenerator<FoundKey> {
  for (let db = 0; db < databases; db++) {
    await door.execute('SELECT', db)
    let cursor = '0'
    do {
      const [next, keys] = (await door.executeBuffer('SCAN', cursor, 'COUNT', SCANNED)) as [Buffer, Buffer[]]
      for (const key of keys) {
        const expireAt = Number(await door.execute('PEXPIRETIME', key))
        if (expireAt !== -2) yield { db, key, expireAt }
      }
      cursor = next.toString()
    } while (cursor !== '0')
  }
}

/** The line of a key; undefined for one that is gone. */
export async function lineOf(door: InProcessDoor, { db, key, expireAt }: FoundKey): Promise<string | undefined> {
  const named = isUtf8(key) ? key.toString() : { base64: key.toString('base64') }
  const time = expireAt === -1 ? {} : { expireAt }
  const type = String(await door.execute('TYPE', key))
  const value = await jsonOf(door, type, key)
  if (value !== undefined) return JSON.stringify({ db, key: named, type, value, ...time })
  const dump = (await door.executeBuffer('DUMP', key)) as Buffer | null
  return dump === null ? undefined : JSON.stringify({ db, key: named, dump: dump.toString('base64'), ...time })
}

/** A value as JSON has it; undefined where it has no such. */
async function jsonOf(door: InProcessDoor, type: string, key: Buffer): Promise<unknown> {
  switch (type) {
    case 'string':
      return textsOf([(await door.executeBuffer('GET', key)) as Buffer])?.[0]
    case 'list':
      return textsOf((await door.executeBuffer('LRANGE', key, '0', '-1')) as Buffer[])
    case 'set':
      return textsOf((await door.executeBuffer('SMEMBERS', key)) as Buffer[])
    case 'hash':
      return hashOf(door, key)
    case 'zset': {
      const texts = textsOf((await door.executeBuffer('ZRANGE', key, '0', '-1', 'WITHSCORES')) as Buffer[])
      return texts === undefined ? undefined : pairsOf(texts).map(([member, score]) => [member, scoreOf(score)])
    }
  }
}

async function hashOf(door: InProcessDoor, key: Buffer): Promise<unknown> {
  const texts = textsOf((await door.executeBuffer('HGETALL', key)) as Buffer[])
  if (texts === undefined) return undefined
  const pairs = pairsOf(texts)
  const fields = pairs.map(([field]) => field)
  const times = (await door.execute('HPEXPIRETIME', key, 'FIELDS', fields.length, ...fields)) as number[]
  return times.some((time) => time !== -1) ? undefined : Object.fromEntries(pairs)
}

/** Undefined where one of them is no text. */
function textsOf(values: readonly Buffer[]): readonly string[] | undefined {
  return values.every((value) => isUtf8(value)) ? values.map((value) => value.toString()) : undefined
}

function pairsOf(flat: readonly string[]): [string, string][] {
  return Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i], flat[2 * i + 1]])
}

/** Infinite ones and -0 have no number in JSON. */
function scoreOf(score: string): number | string {
  return String(Number(score)) === score ? Number(score) : score
}

/** The commands that make the key of a line, whatever is there. @throws Error where the line is none */
export function commandsOf(line: string): (readonly (string | Buffer)[])[] {
  const record = recordOf(JSON.parse(line))
  const [db, expireAt] = [record.get('db') ?? 0, record.get('expireAt') ?? -1]
  if (!Number.isInteger(db) || !Number.isInteger(expireAt)) throw new Error('db and expireAt are whole numbers')
  const key = keyOf(record.get('key'))
  const dump = record.get('dump')
  const select = ['SELECT', `${db}`]
  if (typeof dump === 'string') {
    const time = `${Math.max(0, Number(expireAt))}`
    return [select, ['RESTORE', key, time, Buffer.from(dump, 'base64'), 'REPLACE', 'ABSTTL']]
  }
  const commands = [select, ['DEL', key], ...commandsOfValue(key, record.get('type'), record.get('value'))]
  return expireAt === -1 ? commands : [...commands, ['PEXPIREAT', key, `${expireAt}`]]
}

function recordOf(line: unknown): ReadonlyMap<string, unknown> {
  if (typeof line !== 'object' || line === null || Array.isArray(line)) throw new Error('it is no object')
  return new Map(Object.entries(line))
}

function keyOf(named: unknown): string | Buffer {
  if (typeof named === 'string') return named
  const base64 = recordOf(named).get('base64')
  if (typeof base64 !== 'string') throw new Error('it names no key')
  return Buffer.from(base64, 'base64')
}

function commandsOfValue(key: string | Buffer, type: unknown, value: unknown): (readonly (string | Buffer)[])[] {
  switch (type) {
    case 'string':
      return [['SET', key, wordOf(value)]]
    case 'list':
      return [['RPUSH', key, ...listOf(value).map(wordOf)]]
    case 'set':
      return [['SADD', key, ...listOf(value).map(wordOf)]]
    case 'hash':
      return [['HSET', key, ...[...recordOf(value)].flatMap(([field, one]) => [field, wordOf(one)])]]
    case 'zset':
      return [
        [
          'ZADD',
          key,
          ...listOf(value)
            .map(listOf)
            .flatMap(([member, score]) => [wordOf(score), wordOf(member)]),
        ],
      ]
    default:
      throw new Error(`type ${type} is not known`)
  }
}

function listOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new Error('its value is no list')
  return value
}

function wordOf(value: unknown): string {
  if (typeof value !== 'string' && typeof value !== 'number') throw new Error('its value is no text')
  return String(value)
}
