/** The commands of connections. All handlers but that of PING are loaded with the first call. */
import type { Bytes } from '../../base/bytes.ts'
import { type Command, command, lazyCommand } from '../command.ts'
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
import { auth, echo, hello, quit, reset, select } from './connection.ts'
import { clientHelp } from './help.ts'
import { ping, placedPing } from './ping.ts'
import { caching, getredir, tracking, trackinginfo } from './tracking.ts'

const REDACTED = '(redacted)'

function redactAuth(argv: readonly Bytes[]): readonly Bytes[] {
  return argv.map((argument, i) => (i === 0 ? argument : REDACTED))
}

/** User and password behind AUTH. */
function redactHello(argv: readonly Bytes[]): readonly Bytes[] {
  const at = argv.findIndex((argument, i) => i >= 2 && argument.toUpperCase() === 'AUTH')
  return at === -1 ? argv : argv.map((argument, i) => (i === at + 1 || i === at + 2 ? REDACTED : argument))
}

/** In broadcast mode its client is told of keys that it has never named. */
function broadcasts(argv: readonly Bytes[]): boolean {
  return argv.some((word, i) => i > 2 && word.toUpperCase() === 'BCAST')
}

const words = 'noscript loading stale'
const beforeAuth = `${words} fast no_auth allow_busy`
const atAnyTime = `${beforeAuth} subscriber now leaves_multi`
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
  lazyCommand('auth', 'connection', -2, beforeAuth, [], () => auth, { ownConnection: 'scope', redact: redactAuth }),
  lazyCommand('echo', 'connection', 2, 'loading stale fast', [], () => echo),
  lazyCommand('hello', 'connection', -1, beforeAuth, [], () => hello, {
    ownConnection: (argv) => (argv.length > 1 ? 'state' : undefined),
    redact: redactHello,
  }),
  command('ping', 'connection', -1, 'fast subscriber shows_disk', [], ping, { placed: placedPing }),
  lazyCommand('quit', 'connection', -1, atAnyTime, [], () => quit, { ownConnection: 'state' }),
  lazyCommand('reset', 'connection', 1, atAnyTime, [], () => reset, { ownConnection: 'state' }),
  lazyCommand('select', 'connection', 2, 'loading stale fast', [], () => select, { ownConnection: 'scope' }),
  container('client', 'connection', '@-connection', clientSubcommands, () => clientHelp),
]
