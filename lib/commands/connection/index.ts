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

const clientHelp = [
  ['CACHING (YES|NO)', 'Enable/disable tracking of the keys for next command in OPTIN/OPTOUT modes.'],
  ['GETREDIR', 'Return the client ID we are redirecting to when tracking is enabled.'],
  ['GETNAME', 'Return the name of the current connection.'],
  ['ID', 'Return the ID of the current connection.'],
  ['INFO', 'Return information about the current client connection.'],
  ['KILL <ip:port>', 'Kill connection made from <ip:port>.'],
  [
    'KILL <option> <value> [<option> <value> [...]]',
    'Kill connections. Options are:',
    '* ADDR (<ip:port>|<unixsocket>:0)',
    '  Kill connections made from the specified address',
    '* LADDR (<ip:port>|<unixsocket>:0)',
    '  Kill connections made to specified local address',
    '* TYPE (NORMAL|MASTER|REPLICA|PUBSUB)',
    '  Kill connections by type.',
    '* USER <username>',
    '  Kill connections authenticated by <username>.',
    '* SKIPME (YES|NO)',
    '  Skip killing current connection (default: yes).',
    '* ID <client-id>',
    '  Kill connections by client id.',
    '* MAXAGE <maxage>',
    '  Kill connections older than the specified age.',
  ],
  [
    'LIST [options ...]',
    'Return information about client connections. Options:',
    '* TYPE (NORMAL|MASTER|REPLICA|PUBSUB)',
    '  Return clients of specified type.',
  ],
  ['UNPAUSE', 'Stop the current client pause, resuming traffic.'],
  ['PAUSE <timeout> [WRITE|ALL]', 'Suspend all, or just write, clients for <timeout> milliseconds.'],
  ['REPLY (ON|OFF|SKIP)', 'Control the replies sent to the current connection.'],
  ['SETNAME <name>', 'Assign the name <name> to the current connection.'],
  [
    'SETINFO <option> <value>',
    'Set client meta attr. Options are:',
    '* LIB-NAME: the client lib name.',
    '* LIB-VER: the client lib version.',
  ],
  ['UNBLOCK <clientid> [TIMEOUT|ERROR]', 'Unblock the specified blocked client.'],
  [
    'TRACKING (ON|OFF) [REDIRECT <id>] [BCAST] [PREFIX <prefix> [...]]',
    '     [OPTIN] [OPTOUT] [NOLOOP]',
    'Control server assisted client side caching.',
  ],
  ['TRACKINGINFO', 'Report tracking status for the current connection.'],
  ['NO-EVICT (ON|OFF)', 'Protect current client connection from eviction.'],
  ['NO-TOUCH (ON|OFF)', 'Will not touch LRU/LFU stats when this mode is on.'],
]

export const connectionGroup: readonly Command[] = [
  ...connectionCommands,
  container('client', 'connection', '@-connection', clientSubcommands, clientHelp),
]
