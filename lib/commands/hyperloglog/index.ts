/** The commands on HyperLogLogs. The handlers are loaded with the first that runs. */
import { type Command, keyAt, keysFrom, lazyCommand } from '../command.ts'
import { pfadd, pfcount, pfdebug, pfmerge, pfselftest } from './hyperloglog.ts'

const PFCOUNT_WRITES = 'RW because it may change the internal representation of the key, and propagate to replicas'

export const hyperLogLogGroup: readonly Command[] = [
  lazyCommand('pfadd', 'hyperloglog', -2, 'write denyoom fast', [keyAt(1, 'RW insert')], () => pfadd),
  lazyCommand(
    'pfcount',
    'hyperloglog',
    -2,
    'readonly may_replicate',
    [{ ...keysFrom(1, 'RW access'), notes: PFCOUNT_WRITES }],
    () => pfcount,
  ),
  lazyCommand('pfdebug', 'hyperloglog', 3, 'write denyoom admin', [keyAt(2, 'RW access')], () => pfdebug),
  lazyCommand(
    'pfmerge',
    'hyperloglog',
    -2,
    'write denyoom',
    [keyAt(1, 'RW access insert'), keysFrom(2, 'RO access')],
    () => pfmerge,
  ),
  lazyCommand('pfselftest', 'hyperloglog', 1, 'admin', [], () => pfselftest),
]
