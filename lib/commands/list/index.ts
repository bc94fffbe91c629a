/** The commands on lists. Handlers that many stores never run are loaded with the first call. */
import { type Command, keyAt, keysFrom, lazilyPlaced, lazyCommand, numKeys } from '../command.ts'
import { blmove, blmpop, blpop, brpop, brpoplpush } from './blocking.ts'
import {
  lindex,
  linsert,
  llen,
  lmove,
  lmpop,
  lpop,
  lpos,
  lpush,
  lpushx,
  lrange,
  lrem,
  lset,
  ltrim,
  rpop,
  rpoplpush,
  rpush,
  rpushx,
} from './list.ts'
import { blmovem, lmovem } from './movem.ts'
import { placedLpop, placedLpush, placedLrange, placedRpop, placedRpush } from './placed.ts'

const MOVE_KEYS = [keyAt(1, 'RW access delete'), keyAt(2, 'RW insert')]

export const listGroup: readonly Command[] = [
  lazyCommand('lpush', 'list', -3, 'write denyoom fast', [keyAt(1, 'RW insert')], () => lpush, {
    placed: lazilyPlaced(() => placedLpush),
  }),
  lazyCommand('rpush', 'list', -3, 'write denyoom fast', [keyAt(1, 'RW insert')], () => rpush, {
    placed: lazilyPlaced(() => placedRpush),
  }),
  lazyCommand('lpushx', 'list', -3, 'write denyoom fast', [keyAt(1, 'RW insert')], () => lpushx),
  lazyCommand('rpushx', 'list', -3, 'write denyoom fast', [keyAt(1, 'RW insert')], () => rpushx),
  lazyCommand('lpop', 'list', -2, 'write fast', [keyAt(1, 'RW access delete')], () => lpop, {
    placed: lazilyPlaced(() => placedLpop),
  }),
  lazyCommand('rpop', 'list', -2, 'write fast', [keyAt(1, 'RW access delete')], () => rpop, {
    placed: lazilyPlaced(() => placedRpop),
  }),
  lazyCommand('lmpop', 'list', -4, 'write movablekeys', [numKeys(1, 'RW access delete')], () => lmpop),
  lazyCommand(
    'lmove',
    'list',
    5,
    'write denyoom brief',
    [keyAt(1, 'RW access delete'), keyAt(2, 'RW insert')],
    () => lmove,
  ),
  lazyCommand(
    'rpoplpush',
    'list',
    3,
    'write denyoom brief',
    [keyAt(1, 'RW access delete'), keyAt(2, 'RW insert')],
    () => rpoplpush,
  ),
  lazyCommand('llen', 'list', 2, 'readonly fast', [keyAt(1, 'RO')], () => llen),
  lazyCommand('lindex', 'list', 3, 'readonly', [keyAt(1, 'RO access')], () => lindex),
  lazyCommand('lset', 'list', 4, 'write denyoom', [keyAt(1, 'RW update')], () => lset),
  lazyCommand('lrange', 'list', 4, 'readonly', [keyAt(1, 'RO access')], () => lrange, {
    placed: lazilyPlaced(() => placedLrange),
  }),
  lazyCommand('ltrim', 'list', 4, 'write', [keyAt(1, 'RW delete')], () => ltrim),
  lazyCommand('linsert', 'list', 5, 'write denyoom', [keyAt(1, 'RW insert')], () => linsert),
  lazyCommand('lrem', 'list', 4, 'write', [keyAt(1, 'RW delete')], () => lrem),
  lazyCommand('lpos', 'list', -3, 'readonly', [keyAt(1, 'RO access')], () => lpos),
  lazyCommand('blpop', 'list', -3, 'write blocking', [keysFrom(1, 'RW access delete', -2)], () => blpop),
  lazyCommand('brpop', 'list', -3, 'write blocking', [keysFrom(1, 'RW access delete', -2)], () => brpop),
  lazyCommand('blmpop', 'list', -5, 'write blocking movablekeys', [numKeys(2, 'RW access delete')], () => blmpop),
  lazyCommand('blmove', 'list', 6, 'write denyoom blocking', MOVE_KEYS, () => blmove),
  lazyCommand('brpoplpush', 'list', 4, 'write denyoom blocking', MOVE_KEYS, () => brpoplpush),
  lazyCommand('lmovem', 'list', -5, 'write denyoom', MOVE_KEYS, () => lmovem),
  lazyCommand('blmovem', 'list', -6, 'write denyoom blocking', MOVE_KEYS, () => blmovem),
]
