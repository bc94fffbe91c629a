/**
 * Keys out of a store and into one; as lines of JSON: a key each, with its name, what is left of its time, and what DUMP gives, all of it
 * whole. What is brought in never takes the place of a key that is there.
 */

import { patternOf } from '../model/glob.ts'
import { type Bytes, brief, toBase64, toText } from '../wire/bytes.ts'
import { Failure } from '../wire/resp.ts'
import type { Rest } from '../wire/rest.ts'
import type { Snapshot } from './rdbreader.ts'

interface Line {
  /** Text, or `{"base64": …}` where it is none. */
  readonly key: string | { readonly base64: string }
  /** Unit: ms; absent for a key without an expiry. */
  readonly ttl?: number
  /** Base64. */
  readonly dump: string
}

const BATCH = 100

/** A key as DUMP gives it. */
export interface Dumped {
  readonly key: Bytes
  /** Unit: ms; -1 for a key without an expiry. */
  readonly ttl: number
  readonly dump: Bytes
}

/** All keys that fit, as SCAN finds them. @throws RestError */
export async function* dumped(rest: Rest, typed: string): AsyncGenerator<Dumped> {
  for await (const keys of keysOf(rest, typed)) {
    const replies = await rest.pipeline(
      keys.flatMap((key) => [
        ['PTTL', key],
        ['DUMP', key],
      ]),
    )
    for (const [i, key] of keys.entries()) {
      const [ttl, dump] = replies.slice(i * 2, i * 2 + 2)
      if (dump instanceof Failure) throw new Error(dump.text)
      if (typeof dump === 'string') yield { key, ttl: Number(ttl), dump }
    }
  }
}

/** The names of all keys that fit, each once, some at a time. @throws RestError */
export async function* keysOf(rest: Rest, typed: string): AsyncGenerator<readonly Bytes[]> {
  const seen = new Set<Bytes>()
  let cursor = '0'
  do {
    const [next, keys] = (await rest.run('SCAN', cursor, 'MATCH', patternOf(typed), 'COUNT', BATCH)) as [Bytes, Bytes[]]
    const fresh = keys.filter((key) => !seen.has(key))
    for (const key of fresh) seen.add(key)
    if (fresh.length > 0) yield fresh
    cursor = next
  } while (cursor !== '0')
}

/** The lines of all keys that fit, as they come. @throws RestError */
export async function* exported(rest: Rest, typed: string): AsyncGenerator<string> {
  for await (const each of dumped(rest, typed)) yield `${JSON.stringify(lineOf(each))}\n`
}

export interface Imported {
  readonly added: number
  /** What was there already. */
  readonly kept: number
}

/** @throws Error with the number of the line where one is wrong, and the field; those before it are in */
export async function imported(rest: Rest, text: string): Promise<Imported> {
  const { importLine } = await import('./importline.ts')
  let [added, kept] = [0, 0]
  for (const [i, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue
    try {
      const { key, ttl, dump } = importLine(line)
      await rest.run('RESTORE', key, ttl, dump)
      added++
    } catch (error) {
      const { message } = error as Error
      if (!message.startsWith('BUSYKEY')) throw new Error(`Line ${i + 1}: ${message}`)
      kept++
    }
  }
  return { added, kept }
}

/**
 * Brings in the keys of a snapshot, each into its database, and its functions.
 * @throws Error with the name of the key that is refused; those before it are in
 */
export async function importedSnapshot(rest: Rest, { keys, libraries }: Snapshot): Promise<Imported> {
  let [added, kept] = [0, 0]
  const put = async (work: Promise<unknown>, name: Bytes, isThere: RegExp): Promise<void> => {
    try {
      await work
      added++
    } catch (error) {
      const { message } = error as Error
      if (!isThere.test(message)) throw new Error(`${brief(name, 60)}: ${message}`)
      kept++
    }
  }
  for (const code of libraries) await put(rest.run('FUNCTION', 'LOAD', code), code, /already exists/)
  for (const { db, key, endsAt, dump } of keys) {
    const ttl = endsAt < 0 ? 0 : endsAt - Date.now()
    // What has ended meanwhile is no key any more.
    if (endsAt < 0 || ttl > 0) await put(rest.inDatabase(db).run('RESTORE', key, ttl, dump), key, /^BUSYKEY/)
  }
  return { added, kept }
}

function lineOf({ key, ttl, dump }: Dumped): Line {
  const name = toText(key) ?? { base64: toBase64(key) }
  return ttl < 0 ? { key: name, dump: toBase64(dump) } : { key: name, ttl, dump: toBase64(dump) }
}

/** Some keys of every type to look at. @throws RestError */
export async function addSamples(rest: Rest): Promise<void> {
  const replies = await rest.pipeline([
    ['SET', 'sample:greeting', 'hello', 'EX', '3600', 'NX'],
    ['SET', 'sample:settings', '{"theme":"dark","items":[1,2,3]}', 'NX'],
    ['HSET', 'sample:user:1', 'name', 'Ada', 'plan', 'pro'],
    ['HSET', 'sample:user:2', 'name', 'Grace', 'plan', 'free'],
    ['RPUSH', 'sample:jobs', 'first', 'second', 'third'],
    ['SADD', 'sample:tags', 'redis', 'cache', 'queue'],
    ['ZADD', 'sample:scores', '10', 'ada', '7.5', 'grace'],
    ['GEOADD', 'sample:places', '13.361389', '38.115556', 'Palermo', '15.087269', '37.502669', 'Catania'],
    ['XADD', 'sample:events', '*', 'kind', 'signup', 'user', '1'],
    ['PFADD', 'sample:visitors', 'a', 'b', 'c'],
    ['JSON.SET', 'sample:document', '$', '{"name":"shop","open":true,"owner":null}'],
  ])
  // A store without JSON still has the others.
  const failed = replies.slice(0, -1).find((reply) => reply instanceof Failure)
  if (failed instanceof Failure) throw new Error(failed.text)
}
