/**
 * Queues that BullMQ and Bull keep in the store, known by the names of their keys: how many jobs are in which state, the jobs, and what
 * their own libraries do to them. What is done is one script, so that no worker sees half of it. Limiters of Bottleneck are found here,
 * too; what they hold stands in limiters.ts.
 */
import { type Bytes, fromText } from '../wire/bytes.ts'
import type { Reply } from '../wire/resp.ts'
import type { Rest } from '../wire/rest.ts'
import { limiterCounts } from './limiters.ts'

export type QueueKind = 'BullMQ' | 'Bull' | 'Bottleneck'

export interface Queue {
  readonly kind: QueueKind
  /** What all of its keys begin with: `bull:mails:`, `b_api_`. */
  readonly prefix: Bytes
  readonly name: Bytes
}

export interface State {
  readonly name: string
  /** Type of the key that holds the ids. */
  readonly type: 'list' | 'zset'
}

/** States of a job of BullMQ, in the order in which it goes through them. */
const STATES: readonly State[] = [
  { name: 'wait', type: 'list' },
  { name: 'paused', type: 'list' },
  { name: 'prioritized', type: 'zset' },
  { name: 'delayed', type: 'zset' },
  { name: 'active', type: 'list' },
  { name: 'waiting-children', type: 'zset' },
  { name: 'completed', type: 'zset' },
  { name: 'failed', type: 'zset' },
]

/** Those that BullMQ has and Bull has not. */
const BULLMQ_ONLY = new Set(['prioritized', 'waiting-children'])

export function statesOf(kind: QueueKind): readonly State[] {
  return kind === 'Bull' ? STATES.filter(({ name }) => !BULLMQ_ONLY.has(name)) : STATES
}

export interface Job {
  readonly id: Bytes
  readonly fields: ReadonlyMap<Bytes, Bytes>
}

const STEP = 5000

/** Which key gives a queue away, and what its name is made of. */
const MARKS: readonly (readonly [QueueKind, Bytes, RegExp])[] = [
  ['BullMQ', '*:meta', /^((?:.+:)?(.+):)meta$/s],
  ['Bull', '*:id', /^((?:.+:)?(.+):)id$/s],
  ['Bottleneck', 'b_*_settings', /^(b_(.+)_)settings$/s],
]

/** @throws RestError */
export async function findQueues(rest: Rest): Promise<Queue[]> {
  const found = new Map<Bytes, Queue>()
  for (const [kind, pattern, shape] of MARKS) {
    let cursor = '0'
    do {
      const [next, keys] = (await rest.run('SCAN', cursor, 'MATCH', pattern, 'COUNT', STEP)) as [Bytes, Bytes[]]
      for (const key of keys) {
        const match = shape.exec(key)
        if (match !== null && !found.has(match[1])) found.set(match[1], { kind, prefix: match[1], name: match[2] })
      }
      cursor = next
    } while (cursor !== '0')
  }
  return (await told(rest, [...found.values()])).sort((a, b) => (a.prefix < b.prefix ? -1 : 1))
}

/** Bull writes the mark of a pause where BullMQ looks for it, so a key of that name alone is none of BullMQ. */
async function told(rest: Rest, queues: readonly Queue[]): Promise<Queue[]> {
  const asked = queues.filter(({ kind }) => kind === 'BullMQ')
  const replies = await rest.pipeline(
    asked.flatMap(({ prefix }) => [
      ['HEXISTS', `${prefix}meta`, 'opts.maxLenEvents'],
      ['HEXISTS', `${prefix}meta`, 'version'],
      ['EXISTS', `${prefix}id`],
    ]),
  )
  const isBull = (queue: Queue): boolean => {
    const at = asked.indexOf(queue) * 3
    return at >= 0 && replies[at] === 0 && replies[at + 1] === 0 && replies[at + 2] === 1
  }
  return queues.map((queue): Queue => (isBull(queue) ? { ...queue, kind: 'Bull' } : queue))
}

/** How many jobs are in each state. */
export async function countsOf(rest: Rest, { kind, prefix }: Queue): Promise<ReadonlyMap<string, number>> {
  if (kind === 'Bottleneck') return limiterCounts(rest, prefix)
  const states = statesOf(kind)
  const replies = await rest.pipeline(
    states.map(({ name, type }) => [type === 'list' ? 'LLEN' : 'ZCARD', `${prefix}${name}`]),
  )
  return new Map(states.map(({ name }, i) => [name, typeof replies[i] === 'number' ? replies[i] : 0]))
}

export async function isPaused(rest: Rest, { kind, prefix }: Queue): Promise<boolean> {
  if (kind === 'Bull') return (await rest.run('EXISTS', `${prefix}meta-paused`)) === 1
  return kind === 'BullMQ' && (await rest.run('HEXISTS', `${prefix}meta`, 'paused')) === 1
}

const JOBS = 50

/** The newest jobs of a state. @throws RestError */
export async function jobsOf(rest: Rest, { prefix }: Queue, { name, type }: State): Promise<Job[]> {
  const key = `${prefix}${name}`
  const ids = (await (type === 'list'
    ? rest.run('LRANGE', key, 0, JOBS - 1)
    : rest.run('ZRANGE', key, 0, JOBS - 1, 'REV'))) as Bytes[]
  const replies = await rest.pipeline(ids.map((id) => ['HGETALL', prefix + id]))
  return ids.map((id, i) => ({ id, fields: pairsOf(replies[i]) }))
}

/** KEYS: the list or the sorted set, the job, where it waits, what wakes workers. ARGV: the id, whether the queue is of BullMQ. */
const RETRY = `if redis.call('ZREM', KEYS[1], ARGV[1]) == 0 then return redis.error_reply('ERR the job is not there any more') end
redis.call('HDEL', KEYS[2], 'failedReason', 'finishedOn', 'processedOn', 'stacktrace', 'returnvalue')
redis.call('LPUSH', KEYS[3], ARGV[1])
if ARGV[2] == '1' then redis.call('ZADD', KEYS[4], 0, '0') end
return 1`

/** Brings a job that has failed, or is done, back among those that wait. @throws RestError */
export async function retryJob(rest: Rest, queue: Queue, state: State, { id }: Job): Promise<void> {
  const { prefix, kind } = queue
  const target = (await isPaused(rest, queue)) ? 'paused' : 'wait'
  const keys = [`${prefix}${state.name}`, prefix + id, `${prefix}${target}`, `${prefix}marker`]
  await rest.run('EVAL', RETRY, keys.length, ...keys, id, kind === 'BullMQ' ? 1 : 0)
}

const REMOVE = `if redis.call('EXISTS', KEYS[2] .. ':lock') == 1 then return redis.error_reply('ERR a worker has this job') end
if redis.call('HEXISTS', KEYS[2], 'parentKey') == 1 or redis.call('EXISTS', KEYS[2] .. ':dependencies') == 1 then
  return redis.error_reply('ERR this job belongs to a flow: remove it by its library') end
local found
if ARGV[2] == 'list' then found = redis.call('LREM', KEYS[1], 0, ARGV[1]) else found = redis.call('ZREM', KEYS[1], ARGV[1]) end
if found == 0 then return redis.error_reply('ERR the job is not there any more') end
if ARGV[3] == 'Bull' then redis.call('ZREM', KEYS[3], ARGV[1]) end
redis.call('DEL', KEYS[2], KEYS[2] .. ':logs')
return 1`

/** @throws RestError, also for a job that a worker has */
export async function removeJob(rest: Rest, { prefix, kind }: Queue, state: State, { id }: Job): Promise<void> {
  const keys = [`${prefix}${state.name}`, prefix + id, `${prefix}priority`]
  await rest.run('EVAL', REMOVE, keys.length, ...keys, id, state.type, kind)
}

/**
 * KEYS: from where jobs go, to where, the fields of the queue, what wakes workers of BullMQ, the mark of a pause of Bull, and the channel on
 * which Bull tells of it. ARGV: whether it pauses, whether BullMQ.
 */
const PAUSE = `if redis.call('EXISTS', KEYS[1]) == 1 then
  if redis.call('EXISTS', KEYS[2]) == 1 then
    while redis.call('LMOVE', KEYS[1], KEYS[2], 'RIGHT', 'LEFT') do end
  else redis.call('RENAME', KEYS[1], KEYS[2]) end
end
local pauses, isBullMq = ARGV[1] == '1', ARGV[2] == '1'
if pauses then redis.call('HSET', KEYS[3], 'paused', 1) else redis.call('HDEL', KEYS[3], 'paused') end
if isBullMq then
  if not pauses then redis.call('ZADD', KEYS[4], 0, '0') end
else
  if pauses then redis.call('SET', KEYS[5], 1) else redis.call('DEL', KEYS[5]) end
  redis.call('PUBLISH', KEYS[6], pauses and 'paused' or 'resumed')
end
return 1`

/** Workers take no more jobs from a queue that is paused. @throws RestError */
export async function pauseQueue(rest: Rest, { prefix, kind }: Queue, pauses: boolean): Promise<void> {
  const [from, to] = pauses ? ['wait', 'paused'] : ['paused', 'wait']
  const told = pauses ? 'paused' : 'resumed'
  const keys = [from, to, 'meta', 'marker', 'meta-paused', told].map((name) => `${prefix}${name}`)
  await rest.run('EVAL', PAUSE, keys.length, ...keys, pauses ? 1 : 0, kind === 'BullMQ' ? 1 : 0)
}

/** What a job is called in its list. */
export function jobName({ fields }: Job): Bytes {
  return fields.get('name') ?? fromText('—')
}

function pairsOf(reply: Reply): ReadonlyMap<Bytes, Bytes> {
  const pairs = new Map<Bytes, Bytes>()
  if (!Array.isArray(reply)) return pairs
  for (let i = 0; i + 1 < reply.length; i += 2) pairs.set(String(reply[i]), String(reply[i + 1]))
  return pairs
}
