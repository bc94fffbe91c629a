/**
 * Edits that overwrite only what was seen: a script compares inside the write, by the SHA-1 of the old value, so that what
 * somebody else has written meanwhile is not lost. `overwrite` writes whatever is there.
 */
import type { Bytes } from '../wire/bytes.ts'
import { Failure, type Reply } from '../wire/resp.ts'
import type { Argument, Rest } from '../wire/rest.ts'
import { sha1 } from '../wire/sha1.ts'

/** What stands there is not what was seen. */
export class Conflict extends Error {}

const CONFLICT = 'CONFLICT'

/** ARGV of each: the SHA-1 of what was seen ('' for nothing), then what the write takes; what is written stands last. */
const SCRIPTS = {
  string: guarded("redis.call('GET', KEYS[1])", "redis.call('SET', KEYS[1], ARGV[2], 'KEEPTTL')"),
  hash: guarded(
    "redis.call('HGET', KEYS[1], ARGV[2])",
    `local ttl = -1
     local ok, reply = pcall(redis.call, 'HPTTL', KEYS[1], 'FIELDS', 1, ARGV[2])
     if ok then ttl = reply[1] end
     redis.call('HSET', KEYS[1], ARGV[2], ARGV[3])
     if ttl > 0 then redis.call('HPEXPIRE', KEYS[1], ttl, 'FIELDS', 1, ARGV[2]) end`,
  ),
  list: guarded("redis.call('LINDEX', KEYS[1], ARGV[2])", "redis.call('LSET', KEYS[1], ARGV[2], ARGV[3])"),
  zset: guarded("redis.call('ZSCORE', KEYS[1], ARGV[3])", "redis.call('ZADD', KEYS[1], ARGV[2], ARGV[3])"),
  json: guarded("redis.call('JSON.GET', KEYS[1], ARGV[2])", "redis.call('JSON.SET', KEYS[1], ARGV[2], ARGV[3])"),
  array: guarded("redis.call('ARGET', KEYS[1], ARGV[2])", "redis.call('ARSET', KEYS[1], ARGV[2], ARGV[3])"),
  removal: guarded(
    "redis.call('LINDEX', KEYS[1], ARGV[2])",
    `redis.call('LSET', KEYS[1], ARGV[2], ARGV[3])
     redis.call('LREM', KEYS[1], 1, ARGV[3])`,
  ),
} as const

export type Edited = keyof typeof SCRIPTS

function guarded(seen: string, write: string): string {
  return `local now = ${seen}
if ARGV[1] ~= '*' and redis.sha1hex(now or '') ~= ARGV[1] then return redis.error_reply('${CONFLICT} it has changed') end
if ARGV[1] == '${sha1('')}' and now then return redis.error_reply('${CONFLICT} it has changed') end
${write}
return 'OK'`
}

/**
 * Writes to a key what is to stand in the place of `seen`; undefined for what was not there. `where` says which part of the
 * value it is: a field, an index, a score, a path.
 * @throws Conflict, RestError
 */
export async function edit(
  rest: Rest,
  kind: Edited,
  key: Bytes,
  seen: Bytes | undefined,
  where: readonly Argument[],
  value: Bytes,
): Promise<void> {
  await conflicting(rest.run('EVAL', SCRIPTS[kind], 1, key, sha1(seen ?? ''), ...where, value))
}

/** As `edit`, whatever stands there. @throws RestError */
export async function overwrite(
  rest: Rest,
  kind: Edited,
  key: Bytes,
  where: readonly Argument[],
  value: Bytes,
): Promise<void> {
  await rest.run('EVAL', SCRIPTS[kind], 1, key, '*', ...where, value)
}

/** Takes one element out of a list, by its index, if it is still the one that was seen. @throws Conflict, RestError */
export async function removeElement(rest: Rest, key: Bytes, index: number, seen: Bytes): Promise<void> {
  const mark = `zerodis:removed:${crypto.getRandomValues(new Uint32Array(4)).join('-')}`
  await edit(rest, 'removal', key, seen, [index], mark)
}

async function conflicting(reply: Promise<Reply>): Promise<void> {
  try {
    await reply
  } catch (error) {
    if (error instanceof Error && error.message.includes(CONFLICT))
      throw new Conflict('Somebody else has changed it meanwhile.')
    throw error
  }
}

/** Keys that were deleted, as DUMP gives them, for as long as the page is there. */
export interface Removed {
  readonly keys: readonly Bytes[]
  readonly payloads: readonly { readonly key: Bytes; readonly ttlMs: number; readonly dump: Bytes }[]
}

/** What is kept for an undo: keys and bytes. */
export const UNDO_KEYS = 500
const UNDO_BYTES = 32 * 2 ** 20
const BATCH = 100

/** Deletes keys; `keeps`: what was in them is kept where that is not too much. @throws RestError */
export async function remove(rest: Rest, keys: readonly Bytes[], keeps: boolean): Promise<Removed> {
  const payloads = keeps && keys.length <= UNDO_KEYS ? await dumps(rest, keys) : []
  for (let i = 0; i < keys.length; i += BATCH) {
    const replies = await rest.pipeline(keys.slice(i, i + BATCH).map((key) => ['UNLINK', key]))
    const failed = replies.find((reply) => reply instanceof Failure)
    if (failed instanceof Failure) throw new Error(failed.text)
  }
  return { keys, payloads }
}

/** Brings back what `remove` has kept; a key that somebody has written meanwhile stays as it is. @returns how many came back */
export async function restore(rest: Rest, { payloads }: Removed): Promise<number> {
  let count = 0
  for (const { key, ttlMs, dump } of payloads) {
    const isBack = await rest.run('RESTORE', key, Math.max(ttlMs, 0), dump).then(
      () => true,
      (error: Error) => {
        if (error.message.startsWith('BUSYKEY')) return false
        throw error
      },
    )
    if (isBack) count++
  }
  return count
}

async function dumps(rest: Rest, keys: readonly Bytes[]): Promise<Removed['payloads']> {
  const sizes = await rest.pipeline(keys.map((key) => ['MEMORY', 'USAGE', key]))
  const bytes = sizes.reduce<number>((sum, size) => sum + (typeof size === 'number' ? size : 0), 0)
  if (bytes > UNDO_BYTES) return []
  const payloads: { key: Bytes; ttlMs: number; dump: Bytes }[] = []
  const replies = await rest.pipeline(
    keys.flatMap((key) => [
      ['PTTL', key],
      ['DUMP', key],
    ]),
  )
  keys.forEach((key, i) => {
    const [ttl, dump] = replies.slice(i * 2, i * 2 + 2)
    if (typeof dump === 'string') payloads.push({ key, ttlMs: typeof ttl === 'number' ? ttl : -1, dump })
  })
  return payloads
}
