/** The commands of connections. The handlers of CLIENT are loaded with the first call. */
import type { Bytes } from '../../base/bytes.ts'
import { type Command, lazyCommand } from '../command.ts'
import { container } from '../container.ts'
import {
  getname,
  id,
  info,
  kill,
  list,
  noEvict,
  noTouch,
  pause,
  reply,
  setinfo,
  setname,
  unblock,
  unpause,
} from './client.ts'
import { connectionCommands } from './connection.ts'
import { clientHelp } from './help.ts'
import { caching, getredir, tracking, trackinginfo } from './tracking.ts'

/** In broadcast mode its client is told of keys that it has never named. */
function broadcasts(argv: readonly Bytes[]): boolean {
  return argv.some((word, i) => i > 2 && word.toUpperCase() === 'BCAST')
}

const words = 'noscript loading stale'
const adminWords = 'admin noscript loading stale'

const trackingSubcommands = [
  lazyCommand('caching', 'connection', 3, words, [], () => caching, { ownConnection: 'state' }),
  lazyCommand('getredir', 'connection', 2, words, [], () => getredir),
  lazyCommand('tracking', 'connection', -3, words, [], () => tracking, {
    ownConnection: 'state',
    tellsKeys: broadcasts,
  }),
  lazyCommand('trackinginfo', 'connection', 2, words, [], () => trackinginfo),
]

const clientSubcommands = [
  lazyCommand('getname', 'connection', 2, words, [], () => getname),
  lazyCommand('id', 'connection', 2, words, [], () => id),
  lazyCommand('info', 'connection', 2, words, [], () => info),
  lazyCommand('kill', 'connection', -3, adminWords, [], () => kill),
  lazyCommand('list', 'connection', -2, adminWords, [], () => list),
  lazyCommand('no-evict', 'connection', 3, adminWords, [], () => noEvict, { ownConnection: 'scope' }),
  lazyCommand('no-touch', 'connection', 3, words, [], () => noTouch, { ownConnection: 'scope' }),
  lazyCommand('pause', 'connection', -3, adminWords, [], () => pause),
  lazyCommand('reply', 'connection', 3, words, [], () => reply, { ownConnection: 'state' }),
  lazyCommand('setinfo', 'connection', 4, words, [], () => setinfo, { ownConnection: 'scope' }),
  lazyCommand('setname', 'connection', 3, words, [], () => setname, { ownConnection: 'scope' }),
  lazyCommand('unblock', 'connection', -3, adminWords, [], () => unblock),
  lazyCommand('unpause', 'connection', 2, adminWords, [], () => unpause),
  ...trackingSubcommands,
]

export const connectionGroup: readonly Command[] = [
  ...connectionCommands,
  container('client', 'connection', '@-connection', clientSubcommands, () => clientHelp),
]
