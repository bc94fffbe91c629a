/**
 * Limiters of Bottleneck: what its processes share in the store is which jobs run, how many wait in each process, and how many may still
 * begin. The jobs themselves are in the processes, so none can be run again from here. What is done here, Bottleneck does itself: a
 * place that is given back is one whose time is over, and a pause is a reservoir of 0.
 */
import type { Bytes } from '../wire/bytes.ts'
import type { Reply } from '../wire/resp.ts'
import type { Rest } from '../wire/rest.ts'

export interface RunningJob {
  readonly id: Bytes
  readonly weight: number
  /** The process that runs it. */
  readonly client: Bytes
  /** Unix ms at which its place is given back by itself; -1 for never. */
  readonly endsAt: number
}

export interface Limiter {
  /** '' for no bound, as for the others. */
  readonly maxConcurrent: Bytes
  readonly minTime: Bytes
  readonly reservoir: Bytes
  /** A reservoir that is filled up by itself ends a pause. */
  readonly refills: boolean
  readonly isPaused: boolean
  readonly jobs: readonly RunningJob[]
}

const JOBS = 200
/** In the settings, where Bottleneck looks for other names: what the reservoir was before the pause. */
const PAUSED = 'zerodisReservoir'

export async function limiterCounts(rest: Rest, prefix: Bytes): Promise<ReadonlyMap<string, number>> {
  const [settings, queued, clients] = await rest.pipeline([
    ['HMGET', `${prefix}settings`, 'running', 'done'],
    ['HVALS', `${prefix}client_num_queued`],
    ['ZCARD', `${prefix}client_running`],
  ])
  const [running, done] = listOf(settings)
  return new Map([
    ['running', Number(running ?? 0)],
    ['waiting', listOf(queued).reduce<number>((sum, count) => sum + Number(count), 0)],
    ['done', Number(done ?? 0)],
    ['clients', Number(clients ?? 0)],
  ])
}

/** @throws RestError */
export async function limiterOf(rest: Rest, prefix: Bytes): Promise<Limiter> {
  const fields = [
    'maxConcurrent',
    'minTime',
    'reservoir',
    'reservoirRefreshInterval',
    'reservoirIncreaseInterval',
    PAUSED,
  ]
  const [settings, [, weights]] = (await Promise.all([
    rest.run('HMGET', `${prefix}settings`, ...fields),
    rest.run('HSCAN', `${prefix}job_weights`, 0, 'COUNT', JOBS),
  ])) as unknown as [(Bytes | null)[], [Bytes, Bytes[]]]
  const [maxConcurrent, minTime, reservoir, refresh, increase, paused] = settings
  const ids = weights.filter((_, i) => i % 2 === 0)
  const [clients, ends] = await rest.pipeline([
    ['HMGET', `${prefix}job_clients`, ...idsOrNone(ids)],
    ['ZMSCORE', `${prefix}job_expirations`, ...idsOrNone(ids)],
  ])
  return {
    maxConcurrent: maxConcurrent ?? '',
    minTime: minTime ?? '',
    reservoir: reservoir ?? '',
    refills: Boolean(refresh) || Boolean(increase),
    isPaused: paused !== null,
    jobs: ids.map((id, i) => ({
      id,
      weight: Number(weights[i * 2 + 1]),
      client: String(listOf(clients)[i] ?? ''),
      endsAt: Number(listOf(ends)[i] ?? -1),
    })),
  }
}

const GIVE_BACK = `if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0 then return redis.error_reply('ERR this job runs no longer') end
redis.call('ZADD', KEYS[2], 0, ARGV[1])
redis.call('PUBLISH', ARGV[2], 'capacity:')
return 1`

/** Gives back the place of a job whose process is gone; one that still runs is not ended by that. @throws RestError */
export async function giveBack(rest: Rest, prefix: Bytes, id: Bytes): Promise<void> {
  await rest.run('EVAL', GIVE_BACK, 2, `${prefix}job_weights`, `${prefix}job_expirations`, id, channelOf(prefix))
}

const PAUSE = `if redis.call('EXISTS', KEYS[1]) == 0 then return redis.error_reply('ERR the limiter is not there any more') end
local before = redis.call('HGET', KEYS[1], '${PAUSED}')
if ARGV[1] == '1' and not before then
  redis.call('HSET', KEYS[1], '${PAUSED}', redis.call('HGET', KEYS[1], 'reservoir') or '', 'reservoir', 0)
elseif ARGV[1] == '0' and before then
  redis.call('HSET', KEYS[1], 'reservoir', before)
  redis.call('HDEL', KEYS[1], '${PAUSED}')
  redis.call('PUBLISH', ARGV[2], 'capacity:')
end
return 1`

/** A limiter that is paused begins no more jobs. @throws RestError */
export async function pauseLimiter(rest: Rest, prefix: Bytes, pauses: boolean): Promise<void> {
  await rest.run('EVAL', PAUSE, 1, `${prefix}settings`, pauses ? 1 : 0, channelOf(prefix))
}

/** `b_api` of `b_api_`: where all processes of a limiter listen. */
function channelOf(prefix: Bytes): Bytes {
  return prefix.slice(0, -1)
}

/** A command wants one; this is none. */
function idsOrNone(ids: readonly Bytes[]): readonly Bytes[] {
  return ids.length === 0 ? [''] : ids
}

function listOf(reply: Reply): readonly Reply[] {
  return Array.isArray(reply) ? reply : []
}
