/** The commands on hashes. Handlers that many stores never run are loaded with the first call. */
import { type Command, command, keyAt, lazilyPlaced, lazyCommand } from '../command.ts'
import {
  hexpire,
  hexpireat,
  hexpiretime,
  hgetdel,
  hgetex,
  hpersist,
  hpexpire,
  hpexpireat,
  hpexpiretime,
  hpttl,
  hsetex,
  httl,
} from './expiry.ts'
import {
  hdel,
  hexists,
  hget,
  hgetall,
  hincrby,
  hincrbyfloat,
  hkeys,
  hlen,
  hmget,
  hmset,
  hrandfield,
  hscan,
  hset,
  hsetnx,
  hstrlen,
  hvals,
} from './hash.ts'
import { discard, discardall, set as importFields, prepare } from './himport.ts'
import { placedHget, placedHgetall, placedHset } from './placed.ts'

/** A fieldset holds for the commands behind it. */
const scoped = { ownConnection: 'scope' } as const

export const hashGroup: readonly Command[] = [
  lazyCommand('hdel', 'hash', -3, 'write fast', [keyAt(1, 'RW delete')], () => hdel),
  lazyCommand('hexists', 'hash', 3, 'readonly fast', [keyAt(1, 'RO')], () => hexists),
  lazyCommand('hget', 'hash', 3, 'readonly fast', [keyAt(1, 'RO access')], () => hget, {
    placed: lazilyPlaced(() => placedHget),
  }),
  lazyCommand('hgetall', 'hash', 2, 'readonly', [keyAt(1, 'RO access')], () => hgetall, {
    placed: lazilyPlaced(() => placedHgetall),
  }),
  lazyCommand('hincrby', 'hash', 4, 'write denyoom fast', [keyAt(1, 'RW access update')], () => hincrby),
  lazyCommand('hincrbyfloat', 'hash', 4, 'write denyoom fast', [keyAt(1, 'RW access update')], () => hincrbyfloat),
  lazyCommand('hkeys', 'hash', 2, 'readonly', [keyAt(1, 'RO access')], () => hkeys),
  lazyCommand('hlen', 'hash', 2, 'readonly fast', [keyAt(1, 'RO')], () => hlen),
  lazyCommand('hmget', 'hash', -3, 'readonly fast', [keyAt(1, 'RO access')], () => hmget),
  lazyCommand('hmset', 'hash', -4, 'write denyoom fast', [keyAt(1, 'RW update')], () => hmset),
  lazyCommand('hrandfield', 'hash', -2, 'readonly', [keyAt(1, 'RO access')], () => hrandfield),
  lazyCommand('hscan', 'hash', -3, 'readonly', [keyAt(1, 'RO access')], () => hscan),
  lazyCommand('hset', 'hash', -4, 'write denyoom fast', [keyAt(1, 'RW update')], () => hset, {
    placed: lazilyPlaced(() => placedHset),
  }),
  lazyCommand('hsetnx', 'hash', 4, 'write denyoom fast', [keyAt(1, 'RW insert')], () => hsetnx),
  lazyCommand('hstrlen', 'hash', 3, 'readonly fast', [keyAt(1, 'RO')], () => hstrlen),
  lazyCommand('hvals', 'hash', 2, 'readonly', [keyAt(1, 'RO access')], () => hvals),
  lazyCommand('hexpire', 'hash', -6, 'write denyoom fast', [keyAt(1, 'RW update')], () => hexpire),
  lazyCommand('hpexpire', 'hash', -6, 'write denyoom fast', [keyAt(1, 'RW update')], () => hpexpire),
  lazyCommand('hexpireat', 'hash', -6, 'write denyoom fast', [keyAt(1, 'RW update')], () => hexpireat),
  lazyCommand('hpexpireat', 'hash', -6, 'write denyoom fast', [keyAt(1, 'RW update')], () => hpexpireat),
  lazyCommand('httl', 'hash', -5, 'readonly fast', [keyAt(1, 'RO access')], () => httl),
  lazyCommand('hpttl', 'hash', -5, 'readonly fast', [keyAt(1, 'RO access')], () => hpttl),
  lazyCommand('hexpiretime', 'hash', -5, 'readonly fast', [keyAt(1, 'RO access')], () => hexpiretime),
  lazyCommand('hpexpiretime', 'hash', -5, 'readonly fast', [keyAt(1, 'RO access')], () => hpexpiretime),
  lazyCommand('hpersist', 'hash', -5, 'write fast', [keyAt(1, 'RW update')], () => hpersist),
  lazyCommand('hgetdel', 'hash', -5, 'write fast', [keyAt(1, 'RW access delete')], () => hgetdel),
  lazyCommand('hgetex', 'hash', -5, 'write fast', [keyAt(1, 'RW access update')], () => hgetex),
  lazyCommand('hsetex', 'hash', -6, 'write denyoom fast', [keyAt(1, 'RW update')], () => hsetex),
  command('himport', 'hash', -2, '', [], unreachable, {
    subcommands: [
      lazyCommand('prepare', 'hash', -4, 'denyoom', [], () => prepare, scoped),
      lazyCommand('set', 'hash', -5, 'write denyoom', [keyAt(2, 'OW update')], () => importFields, scoped),
      lazyCommand('discard', 'hash', 3, '', [], () => discard, scoped),
      lazyCommand('discardall', 'hash', 2, '', [], () => discardall, scoped),
    ],
  }),
]

/** The engine resolves a container to its subcommand and refuses the bare name for its arity. */
function unreachable(): never {
  throw new Error('a container command was run')
}
