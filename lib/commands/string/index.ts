/** The commands on strings. Handlers that many stores never run are loaded with the first call. */
import { type Command, type KeySpec, keyAt, keysFrom, lazyCommand } from '../command.ts'
import { conditionCommands } from './condition.ts'
import { counterCommands } from './counter.ts'
import { increx } from './increx.ts'
import { lcs } from './lcs.ts'
import { mget, mset, msetex, msetnx } from './multistring.ts'
import { placedMget, placedMset } from './placed.ts'
import { stringCommands } from './string.ts'
import { append, getrange, setrange, strlen } from './substring.ts'

const READ = [keyAt(1, 'RO access')]

const NUMBERED_PAIRS: KeySpec = {
  flags: 'OW update',
  begin: { index: 1 },
  find: { keyNumIndex: 0, firstKey: 1, step: 2 },
}

export const stringGroup: readonly Command[] = [
  ...stringCommands,
  lazyCommand('append', 'string', 3, 'write denyoom fast', [keyAt(1, 'RW insert')], () => append),
  lazyCommand('getrange', 'string', 4, 'readonly', READ, () => getrange),
  lazyCommand('setrange', 'string', 4, 'write denyoom', [keyAt(1, 'RW update')], () => setrange),
  lazyCommand('strlen', 'string', 2, 'readonly fast', [keyAt(1, 'RO')], () => strlen),
  lazyCommand('substr', 'string', 4, 'readonly', READ, () => getrange),
  lazyCommand('mget', 'string', -2, 'readonly fast', [keysFrom(1, 'RO access')], () => mget, { placed: placedMget }),
  lazyCommand('mset', 'string', -3, 'write denyoom', [keysFrom(1, 'OW update', -1, 2)], () => mset, {
    placed: placedMset,
  }),
  lazyCommand('msetex', 'string', -4, 'write denyoom movablekeys', [NUMBERED_PAIRS], () => msetex),
  lazyCommand('msetnx', 'string', -3, 'write denyoom', [keysFrom(1, 'OW insert', -1, 2)], () => msetnx),
  ...counterCommands,
  lazyCommand('increx', 'string', -2, 'write denyoom fast', [keyAt(1, 'RW access update')], () => increx),
  ...conditionCommands,
  lazyCommand('lcs', 'string', -3, 'readonly', [keysFrom(1, 'RO access', 1)], () => lcs),
]
