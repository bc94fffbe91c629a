/** The commands on JSON. The handlers are loaded with the first that runs. */
import { type Command, command, keyAt, keysFrom, lazyCommand } from '../command.ts'
import { arrappend, arrindex, arrinsert, arrlen, arrpop, arrtrim } from './array.ts'
import { debugMemory, get, mget, objkeys, objlen, resp, strlen, type } from './get.ts'
import { clear, del } from './removal.ts'
import { numincrby, nummultby, numpowby, strappend, toggle } from './scalar.ts'
import { jsonSet, merge, mset } from './set.ts'

const DEBUG_HELP = ['MEMORY <key> [path] - reports memory usage', 'HELP                - this message']

export const jsonGroup: readonly Command[] = [
  lazyCommand('json.set', 'json', -4, 'write denyoom module', [keyAt(1, 'RW update')], () => jsonSet),
  lazyCommand('json.mset', 'json', -4, 'write denyoom module', [keysFrom(1, 'RW update', -1, 3)], () => mset),
  lazyCommand('json.merge', 'json', -4, 'write denyoom module', [keyAt(1, 'RW update')], () => merge),
  lazyCommand('json.del', 'json', -2, 'write module', [keyAt(1, 'RW delete')], () => del),
  lazyCommand('json.forget', 'json', -2, 'write module', [keyAt(1, 'RW delete')], () => del),
  lazyCommand('json.clear', 'json', -2, 'write module', [keyAt(1, 'RW update')], () => clear),
  lazyCommand('json.get', 'json', -2, 'readonly module', [keyAt(1, 'RO access')], () => get),
  lazyCommand('json.mget', 'json', -3, 'readonly module', [keysFrom(1, 'RO access', -2)], () => mget),
  lazyCommand('json.type', 'json', -2, 'readonly module', [keyAt(1, 'RO access')], () => type),
  lazyCommand('json.strlen', 'json', -2, 'readonly module', [keyAt(1, 'RO access')], () => strlen),
  lazyCommand('json.objlen', 'json', -2, 'readonly module', [keyAt(1, 'RO access')], () => objlen),
  lazyCommand('json.objkeys', 'json', -2, 'readonly module', [keyAt(1, 'RO access')], () => objkeys),
  lazyCommand('json.resp', 'json', -2, 'readonly module', [keyAt(1, 'RO access')], () => resp),
  command('json.debug', 'json', -2, 'readonly module', [], unreachable, {
    subcommands: [
      lazyCommand('memory', 'json', -3, 'readonly module', [keyAt(2, 'RO access')], () => debugMemory),
      command('help', 'json', 2, 'loading stale module', [], () => DEBUG_HELP),
    ],
  }),
  lazyCommand('json.numincrby', 'json', 4, 'write module', [keyAt(1, 'RW update')], () => numincrby),
  lazyCommand('json.nummultby', 'json', 4, 'write module', [keyAt(1, 'RW update')], () => nummultby),
  lazyCommand('json.numpowby', 'json', 4, 'write module', [keyAt(1, 'RW update')], () => numpowby),
  lazyCommand('json.strappend', 'json', -3, 'write denyoom module', [keyAt(1, 'RW update')], () => strappend),
  lazyCommand('json.toggle', 'json', 3, 'write module', [keyAt(1, 'RW update')], () => toggle),
  lazyCommand('json.arrappend', 'json', -4, 'write denyoom module', [keyAt(1, 'RW update')], () => arrappend),
  lazyCommand('json.arrinsert', 'json', -5, 'write denyoom module', [keyAt(1, 'RW update')], () => arrinsert),
  lazyCommand('json.arrpop', 'json', -2, 'write module', [keyAt(1, 'RW delete')], () => arrpop),
  lazyCommand('json.arrtrim', 'json', 5, 'write module', [keyAt(1, 'RW delete')], () => arrtrim),
  lazyCommand('json.arrlen', 'json', -2, 'readonly module', [keyAt(1, 'RO access')], () => arrlen),
  lazyCommand('json.arrindex', 'json', -4, 'readonly module', [keyAt(1, 'RO access')], () => arrindex),
]

/** The engine resolves a container to its subcommand and refuses the bare name for its arity. */
function unreachable(): never {
  throw new Error('a container command was run')
}
