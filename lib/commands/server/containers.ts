/** The commands with subcommands, as the table has them. What runs them is loaded with the first call. */
import type { Bytes } from '../../base/bytes.ts'
import { always, type Command, keyAt, lazily, lazyCommand } from '../command.ts'
import { container } from '../container.ts'
import {
  cat as aclCat,
  deluser as aclDeluser,
  dryrun as aclDryrun,
  genpass as aclGenpass,
  gentoken as aclGentoken,
  getuser as aclGetuser,
  list as aclList,
  load as aclLoad,
  log as aclLog,
  resttoken as aclResttoken,
  save as aclSave,
  setuser as aclSetuser,
  users as aclUsers,
  whoami as aclWhoami,
} from './acl.ts'
import {
  abort as backupAbort,
  cleanup as backupCleanup,
  list as backupList,
  seal as backupSeal,
  start as backupStart,
  status as backupStatus,
} from './backup.ts'
import {
  get as configGet,
  redactSet as configRedactSet,
  resetstat as configResetstat,
  rewrite as configRewrite,
  set as configSet,
} from './config.ts'
import {
  aclHelp,
  backupHelp,
  commandHelp,
  configHelp,
  hotKeysHelp,
  latencyHelp,
  memoryHelp,
  moduleHelp,
  slowlogHelp,
} from './help.ts'
import { get as hotKeysGet, reset as hotKeysReset, start as hotKeysStart, stop as hotKeysStop } from './hotkeys.ts'
import {
  commandAll,
  count as commandCount,
  docs as commandDocs,
  getkeys as commandGetkeys,
  getkeysandflags as commandGetkeysandflags,
  info as commandInfo,
  list as commandList,
} from './introspection.ts'
import {
  doctor as latencyDoctor,
  graph as latencyGraph,
  histogram as latencyHistogram,
  history as latencyHistory,
  latest as latencyLatest,
  reset as latencyReset,
} from './latency.ts'
import {
  doctor as memoryDoctor,
  mallocStats as memoryMallocStats,
  purge as memoryPurge,
  stats as memoryStats,
  usage as memoryUsage,
} from './memory.ts'
import { list as moduleList, load as moduleLoad, unload as moduleUnload } from './module.ts'
import { get as slowlogGet, len as slowlogLen, reset as slowlogReset } from './slowlog.ts'

/** All behind the subcommand: who is on the list is nobody else's business either. */
function redactAll(argv: readonly Bytes[]): readonly Bytes[] {
  return argv.map((argument, i) => (i < 2 ? argument : '(redacted)'))
}

const aclWords = 'noscript loading stale'
const aclAdminWords = `admin ${aclWords}`
const secret = { redact: redactAll }

const aclSubcommands = [
  lazyCommand('cat', 'server', -2, aclWords, [], () => aclCat),
  lazyCommand('deluser', 'server', -3, aclAdminWords, [], () => aclDeluser, secret),
  lazyCommand('dryrun', 'server', -4, aclAdminWords, [], () => aclDryrun),
  lazyCommand('genpass', 'server', -2, aclWords, [], () => aclGenpass),
  lazyCommand('gentoken', 'server', -3, aclAdminWords, [], () => aclGentoken, secret),
  lazyCommand('getuser', 'server', 3, aclAdminWords, [], () => aclGetuser, secret),
  lazyCommand('list', 'server', 2, aclAdminWords, [], () => aclList),
  lazyCommand('load', 'server', 2, aclAdminWords, [], () => aclLoad),
  lazyCommand('log', 'server', -2, aclAdminWords, [], () => aclLog),
  lazyCommand('resttoken', 'server', 4, aclAdminWords, [], () => aclResttoken, secret),
  lazyCommand('save', 'server', 2, aclAdminWords, [], () => aclSave),
  lazyCommand('setuser', 'server', -3, aclAdminWords, [], () => aclSetuser, secret),
  lazyCommand('users', 'server', 2, aclAdminWords, [], () => aclUsers),
  lazyCommand('whoami', 'server', 2, aclWords, [], () => aclWhoami),
]

const acl = container('acl', 'server', '', aclSubcommands, () => aclHelp)

const commandWords = 'loading stale @connection'

const commandSubcommands = [
  lazyCommand('count', 'server', 2, commandWords, [], () => commandCount),
  lazyCommand('docs', 'server', -2, commandWords, [], () => commandDocs),
  lazyCommand('getkeys', 'server', -4, commandWords, [], () => commandGetkeys),
  lazyCommand('getkeysandflags', 'server', -4, commandWords, [], () => commandGetkeysandflags),
  lazyCommand('info', 'server', -2, commandWords, [], () => commandInfo),
  lazyCommand('list', 'server', -2, commandWords, [], () => commandList),
]

const commandContainer: Command = {
  ...container('command', 'server', commandWords, commandSubcommands, () => commandHelp, commandWords),
  arity: -1,
  run: lazily(() => commandAll),
}

const latencyWords = 'admin noscript loading stale'

const latencySubcommands = [
  lazyCommand('doctor', 'server', 2, latencyWords, [], () => latencyDoctor),
  lazyCommand('graph', 'server', 3, latencyWords, [], () => latencyGraph),
  lazyCommand('histogram', 'server', -2, latencyWords, [], () => latencyHistogram),
  lazyCommand('history', 'server', 3, latencyWords, [], () => latencyHistory),
  lazyCommand('latest', 'server', 2, latencyWords, [], () => latencyLatest),
  lazyCommand('reset', 'server', -2, latencyWords, [], () => latencyReset),
]

const latency = container('latency', 'server', '', latencySubcommands, () => latencyHelp)

const backupChanges = 'admin noscript'
const backupReads = 'admin stale'

/** HELP is in its own lines, too, as in Redis. */
const backup = container(
  'backup',
  'server',
  '',
  [
    lazyCommand('start', 'server', 2, backupChanges, [], () => backupStart),
    lazyCommand('seal', 'server', 2, backupChanges, [], () => backupSeal),
    lazyCommand('abort', 'server', 2, backupChanges, [], () => backupAbort),
    lazyCommand('cleanup', 'server', 2, backupChanges, [], () => backupCleanup),
    lazyCommand('status', 'server', 2, backupReads, [], () => backupStatus),
    lazyCommand('list', 'server', 2, backupReads, [], () => backupList),
  ],
  () => backupHelp,
)

const configWords = 'admin noscript loading stale'

const config = container(
  'config',
  'server',
  '',
  [
    lazyCommand('get', 'server', -3, configWords, [], () => configGet),
    lazyCommand('resetstat', 'server', 2, configWords, [], () => configResetstat),
    lazyCommand('rewrite', 'server', 2, configWords, [], () => configRewrite),
    lazyCommand('set', 'server', -4, configWords, [], () => configSet, { redact: (argv) => configRedactSet(argv) }),
  ],
  () => configHelp,
)

const hotKeysWords = 'admin noscript'

const hotKeys = container(
  'hotkeys',
  'server',
  '',
  [
    lazyCommand('start', 'server', -2, hotKeysWords, [], () => hotKeysStart),
    lazyCommand('stop', 'server', 2, hotKeysWords, [], () => hotKeysStop),
    lazyCommand('get', 'server', 2, hotKeysWords, [], () => hotKeysGet, { tellsKeys: always }),
    lazyCommand('reset', 'server', 2, hotKeysWords, [], () => hotKeysReset),
  ],
  () => hotKeysHelp,
)

const memory = container(
  'memory',
  'server',
  '',
  [
    lazyCommand('doctor', 'server', 2, '', [], () => memoryDoctor),
    lazyCommand('malloc-stats', 'server', 2, '', [], () => memoryMallocStats),
    lazyCommand('purge', 'server', 2, '', [], () => memoryPurge),
    lazyCommand('stats', 'server', 2, '', [], () => memoryStats),
    lazyCommand('usage', 'server', -3, 'readonly', [keyAt(2, 'RO')], () => memoryUsage),
  ],
  () => memoryHelp,
)

const moduleWords = 'admin noscript no_async_loading'

const module = container(
  'module',
  'server',
  '',
  [
    lazyCommand('list', 'server', 2, 'admin noscript', [], () => moduleList),
    lazyCommand('load', 'server', -3, moduleWords, [], () => moduleLoad),
    lazyCommand('loadex', 'server', -3, moduleWords, [], () => moduleLoad),
    lazyCommand('unload', 'server', 3, moduleWords, [], () => moduleUnload),
  ],
  () => moduleHelp,
)

const slowlogWords = 'admin loading stale'

const slowlog = container(
  'slowlog',
  'server',
  '',
  [
    lazyCommand('get', 'server', -2, slowlogWords, [], () => slowlogGet, { tellsKeys: always }),
    lazyCommand('len', 'server', 2, slowlogWords, [], () => slowlogLen),
    lazyCommand('reset', 'server', 2, slowlogWords, [], () => slowlogReset),
  ],
  () => slowlogHelp,
)

export const serverContainers: readonly Command[] = [
  acl,
  commandContainer,
  backup,
  config,
  hotKeys,
  latency,
  memory,
  module,
  slowlog,
]
