/** The commands of transactions. The handlers are loaded with the first that runs. */
import { type Command, keysFrom, lazyCommand } from '../command.ts'
import { discard, exec, multi, unwatch, watch } from './transactions.ts'

const ofTransaction = { ownConnection: 'transaction' } as const

export const transactionGroup: readonly Command[] = [
  lazyCommand('multi', 'transactions', 1, 'noscript loading stale fast allow_busy now', [], () => multi, ofTransaction),
  lazyCommand('exec', 'transactions', 1, 'noscript loading stale skip_slowlog now exec', [], () => exec, ofTransaction),
  lazyCommand(
    'discard',
    'transactions',
    1,
    'noscript loading stale fast allow_busy now leaves_multi',
    [],
    () => discard,
    ofTransaction,
  ),
  lazyCommand(
    'watch',
    'transactions',
    -2,
    'noscript loading stale fast allow_busy now',
    [keysFrom(1, 'RO', -1, 1)],
    () => watch,
    ofTransaction,
  ),
  lazyCommand('unwatch', 'transactions', 1, 'noscript loading stale fast allow_busy', [], () => unwatch, ofTransaction),
]
