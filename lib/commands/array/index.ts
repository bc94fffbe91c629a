/** The commands on arrays. The handlers are loaded with the first that runs. */
import { type Command, keyAt, lazyCommand } from '../command.ts'
import { arop } from './aggregate.ts'
import { arcount, ardel, arget, arinfo, arlen, armget, armset, arset } from './array.ts'
import { arinsert, arlastitems, arnext, arring, arseek } from './cursor.ts'
import { argrep } from './grep.ts'
import { ardelrange, argetrange, arscan } from './range.ts'

export const arrayGroup: readonly Command[] = [
  lazyCommand('arset', 'array', -4, 'write denyoom fast', [keyAt(1, 'RW update')], () => arset),
  lazyCommand('armset', 'array', -4, 'write denyoom fast', [keyAt(1, 'RW update')], () => armset),
  lazyCommand('arget', 'array', 3, 'readonly fast', [keyAt(1, 'RO access')], () => arget),
  lazyCommand('armget', 'array', -3, 'readonly fast', [keyAt(1, 'RO access')], () => armget),
  lazyCommand('ardel', 'array', -3, 'write fast', [keyAt(1, 'RW delete')], () => ardel),
  lazyCommand('arlen', 'array', 2, 'readonly fast', [keyAt(1, 'RO access')], () => arlen),
  lazyCommand('arcount', 'array', 2, 'readonly fast', [keyAt(1, 'RO access')], () => arcount),
  lazyCommand('arinfo', 'array', -2, 'readonly', [keyAt(1, 'RO access')], () => arinfo),
  lazyCommand('arinsert', 'array', -3, 'write denyoom fast', [keyAt(1, 'RW update')], () => arinsert),
  lazyCommand('arring', 'array', -4, 'write denyoom', [keyAt(1, 'RW update')], () => arring),
  lazyCommand('arnext', 'array', 2, 'readonly fast', [keyAt(1, 'RO access')], () => arnext),
  lazyCommand('arseek', 'array', 3, 'write fast', [keyAt(1, 'RW update')], () => arseek),
  lazyCommand('arlastitems', 'array', -3, 'readonly', [keyAt(1, 'RO access')], () => arlastitems),
  lazyCommand('argetrange', 'array', 4, 'readonly', [keyAt(1, 'RO access')], () => argetrange),
  lazyCommand('arscan', 'array', -4, 'readonly', [keyAt(1, 'RO access')], () => arscan),
  lazyCommand('ardelrange', 'array', -4, 'write', [keyAt(1, 'RW delete')], () => ardelrange),
  lazyCommand('arop', 'array', -5, 'readonly', [keyAt(1, 'RO access')], () => arop),
  lazyCommand('argrep', 'array', -6, 'readonly', [keyAt(1, 'RO access')], () => argrep),
]
