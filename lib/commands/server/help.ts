/** What HELP of ACL, BACKUP, COMMAND, CONFIG, HOTKEYS, LATENCY, MEMORY, MODULE and SLOWLOG says. */
import type { Help } from '../container.ts'

export const aclHelp: Help = [
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

export const commandHelp: Help = [
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

export const latencyHelp: Help = [
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

/** HELP is in it twice, as in Redis. */
export const backupHelp: Help = [
  ['START', "Start a new backup into the configured 'backupdirname'."],
  ['SEAL', 'Freeze the current backup (BASE + INCR + manifest).'],
  ['ABORT', 'Cancel a backup that has not been sealed yet.'],
  ['CLEANUP', "Remove a sealed backup's files and return to idle."],
  ['STATUS', 'Report the current backup state.'],
  ['LIST', 'List the immutable files pinned so far.'],
  ['HELP', 'Return this help.'],
]

export const configHelp: Help = [
  ['GET <pattern>', 'Return parameters matching the glob-like <pattern> and their values.'],
  ['SET <directive> <value>', 'Set the configuration <directive> to <value>.'],
  ['RESETSTAT', 'Reset statistics reported by the INFO command.'],
  ['REWRITE', 'Rewrite the configuration file.'],
]

export const hotKeysHelp: Help = [
  [
    'START <METRICS count [CPU] [NET]> [COUNT k] [DURATION duration] [SAMPLE ratio] [SLOTS count slot...]',
    'Starts hotkeys tracking with specified metrics.',
    '* METRICS count [CPU] [NET]',
    '    Specify count of metrics and choose amongst:',
    '    - CPU: Track hotkeys by CPU time percentage',
    '    - NET: Track hotkeys by network bytes percentage',
    '* COUNT k',
    '    Specifies the value of K for the top-K hotkeys tracking. Default: 10',
    '* DURATION duration',
    '    Specifies tracking duration in seconds. 0 means tracking will continue until manually stopped. Default: 0',
    '* SAMPLE ratio',
    '    Keys are tracked with probability 1/ratio. Default: 1 (tracks every key)',
    '* SLOTS count slot...',
    '    Specify which slots to track keys from. Only available in cluster mode. Default: empty (track all slots)',
  ],
  ['STOP', 'Stop hotkeys tracking. Results are still available via GET'],
  ['GET', 'Get results from hotkeys tracking.'],
  [
    'RESET',
    'Reset memory used for hotkeys tracking. Tracking must have been stopped.',
    'Results will no longer be available after this command.',
  ],
]

export const memoryHelp: Help = [
  ['DOCTOR', 'Return memory problems reports.'],
  ['MALLOC-STATS', 'Return internal statistics report from the memory allocator.'],
  ['PURGE', 'Attempt to purge dirty pages for reclamation by the allocator.'],
  ['STATS', 'Return information about the memory usage of the server.'],
  [
    'USAGE <key> [SAMPLES <count>]',
    'Return memory in bytes used by <key> and its value. Nested values are',
    'sampled up to <count> times (default: 5, 0 means sample all).',
  ],
]

export const moduleHelp: Help = [
  ['LIST', 'Return a list of loaded modules.'],
  ['LOAD <path> [<arg> ...]', 'Load a module library from <path>, passing to it any optional arguments.'],
  [
    'LOADEX <path> [[CONFIG NAME VALUE] [CONFIG NAME VALUE]] [ARGS ...]',
    'Load a module library from <path>, while passing it module configurations and optional arguments.',
  ],
  ['UNLOAD <name>', 'Unload a module.'],
]

export const slowlogHelp: Help = [
  [
    'GET [<count>]',
    'Return top <count> entries from the slowlog (default: 10, -1 mean all).',
    'Entries are made of:',
    'id, timestamp, time in microseconds, arguments array, client IP and port,',
    'client name',
  ],
  ['LEN', 'Return the length of the slowlog.'],
  ['RESET', 'Reset the slowlog.'],
]
