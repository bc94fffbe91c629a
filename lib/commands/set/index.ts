/** The commands on sets. Handlers that many stores never run are loaded with the first call. */
import { type Command, keyAt, keysFrom, lazilyPlaced, lazyCommand, numKeys } from '../command.ts'
import { sdiff, sdiffstore, sinter, sinterstore, sunion, sunionstore } from './algebra.ts'
import { sdiffcard, sintercard, sunioncard } from './cardinality.ts'
import { placedSadd, placedSismember, placedSmembers, placedSpop } from './placed.ts'
import { sadd, scard, sismember, smembers, smismember, smove, spop, srandmember, srem, sscan } from './set.ts'

const sources = keysFrom(1, 'RO access')
const storeKeys = [keyAt(1, 'OW update'), keysFrom(2, 'RO access')]
const numbered = [numKeys(1, 'RO access')]

export const setGroup: readonly Command[] = [
  lazyCommand('sadd', 'set', -3, 'write denyoom fast', [keyAt(1, 'RW insert')], () => sadd, {
    placed: lazilyPlaced(() => placedSadd),
  }),
  lazyCommand('scard', 'set', 2, 'readonly fast', [keyAt(1, 'RO')], () => scard),
  lazyCommand('sismember', 'set', 3, 'readonly fast', [keyAt(1, 'RO')], () => sismember, {
    placed: lazilyPlaced(() => placedSismember),
  }),
  lazyCommand('smembers', 'set', 2, 'readonly', [keyAt(1, 'RO access')], () => smembers, {
    placed: lazilyPlaced(() => placedSmembers),
  }),
  lazyCommand('smismember', 'set', -3, 'readonly fast', [keyAt(1, 'RO access')], () => smismember),
  lazyCommand('smove', 'set', 4, 'write fast', [keyAt(1, 'RW access delete'), keyAt(2, 'RW insert')], () => smove),
  lazyCommand('spop', 'set', -2, 'write fast', [keyAt(1, 'RW access delete')], () => spop, {
    placed: lazilyPlaced(() => placedSpop),
  }),
  lazyCommand('srandmember', 'set', -2, 'readonly', [keyAt(1, 'RO access')], () => srandmember),
  lazyCommand('srem', 'set', -3, 'write fast', [keyAt(1, 'RW delete')], () => srem),
  lazyCommand('sscan', 'set', -3, 'readonly', [keyAt(1, 'RO access')], () => sscan),
  lazyCommand('sdiff', 'set', -2, 'readonly', [sources], () => sdiff),
  lazyCommand('sdiffstore', 'set', -3, 'write denyoom', storeKeys, () => sdiffstore),
  lazyCommand('sinter', 'set', -2, 'readonly', [sources], () => sinter),
  lazyCommand(
    'sinterstore',
    'set',
    -3,
    'write denyoom',
    [keyAt(1, 'RW update'), keysFrom(2, 'RO access')],
    () => sinterstore,
  ),
  lazyCommand('sunion', 'set', -2, 'readonly', [sources], () => sunion),
  lazyCommand('sunionstore', 'set', -3, 'write denyoom', storeKeys, () => sunionstore),
  lazyCommand('sdiffcard', 'set', -3, 'readonly movablekeys', numbered, () => sdiffcard),
  lazyCommand('sintercard', 'set', -3, 'readonly movablekeys', numbered, () => sintercard),
  lazyCommand('sunioncard', 'set', -3, 'readonly movablekeys', numbered, () => sunioncard),
]
