/** The commands on sorted sets. Handlers that many stores never run are loaded with the first call. */
import { type Command, keyAt, keysFrom, lazilyPlaced, lazyCommand, numKeys } from '../command.ts'
import {
  placedZadd,
  placedZincrby,
  placedZpopmax,
  placedZpopmin,
  placedZrange,
  placedZrangebyscore,
  placedZrank,
  placedZrem,
  placedZrevrange,
  placedZrevrangebyscore,
  placedZrevrank,
  placedZscore,
} from './placed.ts'
import { zcard, zmscore, zrandmember, zrank, zrevrank, zscan, zscore } from './sorted-set.ts'
import { zadd, zincrby, zrem } from './zadd.ts'
import { zdiff, zdiffstore, zinter, zintercard, zinterstore, zunion, zunionstore } from './zalgebra.ts'
import { bzmpop, bzpopmax, bzpopmin, zmpop, zpopmax, zpopmin } from './zpop.ts'
import {
  zcount,
  zlexcount,
  zrange,
  zrangebylex,
  zrangebyscore,
  zrangestore,
  zremrangebylex,
  zremrangebyrank,
  zremrangebyscore,
  zrevrange,
  zrevrangebylex,
  zrevrangebyscore,
} from './zrange.ts'

const SOURCES = [numKeys(1, 'RO access')]
const STORE = [keyAt(1, 'OW update'), numKeys(2, 'RO access')]

const READ = [keyAt(1, 'RO access')]

const KEYS_BUT_LAST = [keysFrom(1, 'RW access delete', -2)]
const ONE_KEY = [keyAt(1, 'RW access delete')]

const REMOVE = [keyAt(1, 'RW delete')]

export const sortedSetGroup: readonly Command[] = [
  lazyCommand('zcard', 'sorted_set', 2, 'readonly fast', [keyAt(1, 'RO')], () => zcard),
  lazyCommand('zmscore', 'sorted_set', -3, 'readonly fast', READ, () => zmscore),
  lazyCommand('zrandmember', 'sorted_set', -2, 'readonly', READ, () => zrandmember),
  // Arity -3 since WITHSCORE came in Redis 7.2.
  lazyCommand('zrank', 'sorted_set', -3, 'readonly fast', READ, () => zrank, {
    placed: lazilyPlaced(() => placedZrank),
  }),
  lazyCommand('zrevrank', 'sorted_set', -3, 'readonly fast', READ, () => zrevrank, {
    placed: lazilyPlaced(() => placedZrevrank),
  }),
  lazyCommand('zscan', 'sorted_set', -3, 'readonly', READ, () => zscan),
  lazyCommand('zscore', 'sorted_set', 3, 'readonly fast', READ, () => zscore, {
    placed: lazilyPlaced(() => placedZscore),
  }),
  lazyCommand('zadd', 'sorted_set', -4, 'write denyoom fast', [keyAt(1, 'RW update')], () => zadd, {
    placed: lazilyPlaced(() => placedZadd),
  }),
  lazyCommand('zincrby', 'sorted_set', 4, 'write denyoom fast', [keyAt(1, 'RW access update')], () => zincrby, {
    placed: lazilyPlaced(() => placedZincrby),
  }),
  lazyCommand('zrem', 'sorted_set', -3, 'write fast', [keyAt(1, 'RW delete')], () => zrem, {
    placed: lazilyPlaced(() => placedZrem),
  }),
  lazyCommand('zcount', 'sorted_set', 4, 'readonly fast', READ, () => zcount),
  lazyCommand('zlexcount', 'sorted_set', 4, 'readonly fast', READ, () => zlexcount),
  lazyCommand('zrange', 'sorted_set', -4, 'readonly', READ, () => zrange, {
    placed: lazilyPlaced(() => placedZrange),
  }),
  lazyCommand('zrangebylex', 'sorted_set', -4, 'readonly', READ, () => zrangebylex),
  lazyCommand('zrangebyscore', 'sorted_set', -4, 'readonly', READ, () => zrangebyscore, {
    placed: lazilyPlaced(() => placedZrangebyscore),
  }),
  lazyCommand(
    'zrangestore',
    'sorted_set',
    -5,
    'write denyoom',
    [keyAt(1, 'OW update'), keyAt(2, 'RO access')],
    () => zrangestore,
  ),
  lazyCommand('zremrangebylex', 'sorted_set', 4, 'write', REMOVE, () => zremrangebylex),
  lazyCommand('zremrangebyrank', 'sorted_set', 4, 'write', REMOVE, () => zremrangebyrank),
  lazyCommand('zremrangebyscore', 'sorted_set', 4, 'write', REMOVE, () => zremrangebyscore),
  lazyCommand('zrevrange', 'sorted_set', -4, 'readonly', READ, () => zrevrange, {
    placed: lazilyPlaced(() => placedZrevrange),
  }),
  lazyCommand('zrevrangebylex', 'sorted_set', -4, 'readonly', READ, () => zrevrangebylex),
  lazyCommand('zrevrangebyscore', 'sorted_set', -4, 'readonly', READ, () => zrevrangebyscore, {
    placed: lazilyPlaced(() => placedZrevrangebyscore),
  }),
  lazyCommand('bzmpop', 'sorted_set', -5, 'write blocking movablekeys', [numKeys(2, 'RW access delete')], () => bzmpop),
  lazyCommand('bzpopmax', 'sorted_set', -3, 'write blocking fast', KEYS_BUT_LAST, () => bzpopmax),
  lazyCommand('bzpopmin', 'sorted_set', -3, 'write blocking fast', KEYS_BUT_LAST, () => bzpopmin),
  lazyCommand('zmpop', 'sorted_set', -4, 'write movablekeys', [numKeys(1, 'RW access delete')], () => zmpop),
  lazyCommand('zpopmax', 'sorted_set', -2, 'write fast', ONE_KEY, () => zpopmax, {
    placed: lazilyPlaced(() => placedZpopmax),
  }),
  lazyCommand('zpopmin', 'sorted_set', -2, 'write fast', ONE_KEY, () => zpopmin, {
    placed: lazilyPlaced(() => placedZpopmin),
  }),
  lazyCommand('zdiff', 'sorted_set', -3, 'readonly movablekeys', SOURCES, () => zdiff),
  lazyCommand('zdiffstore', 'sorted_set', -4, 'write denyoom movablekeys', STORE, () => zdiffstore),
  lazyCommand('zinter', 'sorted_set', -3, 'readonly movablekeys', SOURCES, () => zinter),
  lazyCommand('zintercard', 'sorted_set', -3, 'readonly movablekeys', SOURCES, () => zintercard),
  lazyCommand('zinterstore', 'sorted_set', -4, 'write denyoom movablekeys', STORE, () => zinterstore),
  lazyCommand('zunion', 'sorted_set', -3, 'readonly movablekeys', SOURCES, () => zunion),
  lazyCommand('zunionstore', 'sorted_set', -4, 'write denyoom movablekeys', STORE, () => zunionstore),
]
