/**
 * ACL, COMMAND and LATENCY as the table has them: their subcommands, and what HELP says of these. The handlers are loaded with
 * the first call.
 */
import type { Bytes } from '../../base/bytes.ts'
import { type Command, lazily, lazyCommand } from '../command.ts'
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

const aclHelp = [
  [
    'CAT [<category>]',
    'List all commands that belong to <category>, or all command categories',
    'when no category is specified.',
  ],
  ['DELUSER <username> [<username> ...]', 'Delete a list of users.'],
  [
    'DRYRUN <username> <command> [<arg> ...]',
    'Returns whether the user can execute the given command without executing the command.',
  ],
  ['GETUSER <username>', "Get the user's details."],
  [
    'GENPASS [<bits>]',
    'Generate a secure 256-bit user password. The optional `bits` argument can',
    'be used to specify a different size.',
  ],
  ['LIST', 'Show users details in config file format.'],
  ['LOAD', 'Reload users from the ACL file.'],
  ['LOG [<count> | RESET]', 'Show the ACL log entries.'],
  ['SAVE', 'Save the current config to the ACL file.'],
  ['SETUSER <username> <attribute> [<attribute> ...]', 'Create or modify a user with the specified attributes.'],
  ['USERS', 'List all the registered usernames.'],
  ['WHOAMI', 'Return the current connection username.'],
  ['RESTTOKEN <username> <password>', 'Return a token with which the user comes in over HTTP.'],
  ['GENTOKEN <username> [<password>]', 'Return such a token for a user who need not exist, also to be his password.'],
]

export const aclCommands: readonly Command[] = [container('acl', 'server', '', aclSubcommands, aclHelp)]

const commandWords = 'loading stale @connection'

const commandSubcommands = [
  lazyCommand('count', 'server', 2, commandWords, [], () => commandCount),
  lazyCommand('docs', 'server', -2, commandWords, [], () => commandDocs),
  lazyCommand('getkeys', 'server', -4, commandWords, [], () => commandGetkeys),
  lazyCommand('getkeysandflags', 'server', -4, commandWords, [], () => commandGetkeysandflags),
  lazyCommand('info', 'server', -2, commandWords, [], () => commandInfo),
  lazyCommand('list', 'server', -2, commandWords, [], () => commandList),
]

const commandHelp = [
  ['(no subcommand)', 'Return details about all Redis commands.'],
  ['COUNT', 'Return the total number of commands in this Redis server.'],
  ['LIST', 'Return a list of all commands in this Redis server.'],
  [
    'INFO [<command-name> ...]',
    'Return details about multiple Redis commands.',
    'If no command names are given, documentation details for all',
    'commands are returned.',
  ],
  [
    'DOCS [<command-name> ...]',
    'Return documentation details about multiple Redis commands.',
    'If no command names are given, documentation details for all',
    'commands are returned.',
  ],
  ['GETKEYS <full-command>', 'Return the keys from a full Redis command.'],
  ['GETKEYSANDFLAGS <full-command>', 'Return the keys and the access flags from a full Redis command.'],
]

export const introspectionCommands: readonly Command[] = [
  {
    ...container('command', 'server', commandWords, commandSubcommands, commandHelp, commandWords),
    arity: -1,
    run: lazily(() => commandAll),
  },
]

const latencyWords = 'admin noscript loading stale'

const latencySubcommands = [
  lazyCommand('doctor', 'server', 2, latencyWords, [], () => latencyDoctor),
  lazyCommand('graph', 'server', 3, latencyWords, [], () => latencyGraph),
  lazyCommand('histogram', 'server', -2, latencyWords, [], () => latencyHistogram),
  lazyCommand('history', 'server', 3, latencyWords, [], () => latencyHistory),
  lazyCommand('latest', 'server', 2, latencyWords, [], () => latencyLatest),
  lazyCommand('reset', 'server', -2, latencyWords, [], () => latencyReset),
]

const latencyHelp = [
  ['DOCTOR', 'Return a human readable latency analysis report.'],
  ['GRAPH <event>', 'Return an ASCII latency graph for the <event> class.'],
  ['HISTORY <event>', 'Return time-latency samples for the <event> class.'],
  ['LATEST', 'Return the latest latency samples for all events.'],
  [
    'RESET [<event> ...]',
    'Reset latency data of one or more <event> classes.',
    '(default: reset all data for all event classes)',
  ],
  [
    'HISTOGRAM [COMMAND ...]',
    'Return a cumulative distribution of latencies in the format of a histogram for the specified command names.',
    'If no commands are specified then all histograms are replied.',
  ],
]

export const latencyCommands: readonly Command[] = [container('latency', 'server', '', latencySubcommands, latencyHelp)]
