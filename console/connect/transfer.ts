/**
 * Keys out of a store and into one, as lines of JSON: a key each, with its name, what is left of its time, and what DUMP gives, all of it
 * whole. What is brought in never takes the place of a key that is there.
 */

import { patternOf } from '../model/glob.ts'
import { type Bytes, fromBase64, fromText, toBase64, toText } from '../wire/bytes.ts'
import { Failure } from '../wire/resp.ts'
import type { Rest } from '../wire/rest.ts'

interface Line {
  /** Text, or `{"base64": …}` where it is none. */
  readonly key: string | { readonly base64: string }
  /** Unit: ms; absent for a key without an expiry. */
  readonly ttl?: number
  /** Base64. */
  readonly dump: string
}

const BATCH = 100

/** The lines of all keys that fit, as they come. @throws RestError */
export async function* exported(rest: Rest, typed: string): AsyncGenerator<string> {
  const seen = new Set<Bytes>()
  let cursor = '0'
  do {
    const [next, keys] = (await rest.run('SCAN', cursor, 'MATCH', patternOf(typed), 'COUNT', BATCH)) as [Bytes, Bytes[]]
    const fresh = keys.filter((key) => !seen.has(key))
    for (const key of fresh) seen.add(key)
    const replies = await rest.pipeline(
      fresh.flatMap((key) => [
        ['PTTL', key],
        ['DUMP', key],
      ]),
    )
    for (const [i, key] of fresh.entries()) {
      const [ttl, dump] = replies.slice(i * 2, i * 2 + 2)
      if (dump instanceof Failure) throw new Error(dump.text)
      if (typeof dump === 'string') yield `${JSON.stringify(lineOf(key, Number(ttl), dump))}\n`
    }
    cursor = next
  } while (cursor !== '0')
}

export interface Imported {
  readonly added: number
  /** Keys that were there already. */
  readonly kept: number
}

/** @throws Error with the number of the line where one is wrong; those before it are in */
export async function imported(rest: Rest, text: string): Promise<Imported> {
  let [added, kept] = [0, 0]
  for (const [i, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue
    const read = readLine(line)
    if (read === undefined) throw new Error(`Line ${i + 1} is none that was exported.`)
    const { key, ttl, dump } = read
    try {
      await rest.run('RESTORE', key, ttl, dump)
      added++
    } catch (error) {
      if (!(error as Error).message.startsWith('BUSYKEY')) throw new Error(`Line ${i + 1}: ${(error as Error).message}`)
      kept++
    }
  }
  return { added, kept }
}

function lineOf(key: Bytes, ttl: number, dump: Bytes): Line {
  const name = toText(key) ?? { base64: toBase64(key) }
  return ttl < 0 ? { key: name, dump: toBase64(dump) } : { key: name, ttl, dump: toBase64(dump) }
}

function readLine(text: string): { key: Bytes; ttl: number; dump: Bytes } | undefined {
  let line: Partial<Line> | null
  try {
    line = JSON.parse(text) as Partial<Line> | null
  } catch {
    return undefined
  }
  const { key: name, ttl = 0, dump: packed } = line ?? {}
  const key =
    typeof name === 'string' ? fromText(name) : typeof name?.base64 === 'string' ? fromBase64(name.base64) : undefined
  const dump = typeof packed === 'string' ? fromBase64(packed) : undefined
  if (key === undefined || dump === undefined || !Number.isSafeInteger(ttl) || ttl < 0) return undefined
  return { key, ttl, dump }
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
