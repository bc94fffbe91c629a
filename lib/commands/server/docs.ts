/** Documentation of the server commands: see doc.ts for the shape. Facts and wording of Redis 7.0's COMMAND DOCS. */
import type { Docs } from '../doc.ts'

export const docs: Docs = {
  acl: {
    summary: 'A container for Access List Control commands ',
    since: '6.0.0',
    complexity: 'Depends on subcommand.',
  },
  'acl|cat': {
    summary: 'List the ACL categories or the commands inside a category',
    since: '6.0.0',
    complexity: 'O(1) since the categories and commands are a fixed set.',
    arguments: '?categoryname:string',
  },
  'acl|deluser': {
    summary: 'Remove the specified ACL users and the associated rules',
    since: '6.0.0',
    complexity: 'O(1) amortized time considering the typical user.',
    arguments: '*username:string',
  },
  'acl|dryrun': {
    summary: 'Returns whether the user can execute the given command without executing the command.',
    since: '7.0.0',
    complexity: 'O(1).',
    arguments: 'username:string command:string ?*arg:string',
  },
  'acl|genpass': {
    summary: 'Generate a pseudorandom secure password to use for ACL users',
    since: '6.0.0',
    complexity: 'O(1)',
    arguments: '?bits:integer',
  },
  'acl|gentoken': {
    summary: 'Generate a REST token for an ACL user, which may also become his password',
    since: '7.4.1',
    complexity: 'O(1)',
    arguments: 'username:string ?password:string',
  },
  'acl|getuser': {
    summary: 'Get the rules for a specific ACL user',
    since: '6.0.0',
    complexity: 'O(N). Where N is the number of password, command and pattern rules that the user has.',
    history: [
      ['6.2.0', 'Added Pub/Sub channel patterns.'],
      [
        '7.0.0',
        'Added selectors and changed the format of key and channel patterns from a list to their rule representation.',
      ],
    ],
    arguments: 'username:string',
  },
  'acl|help': {
    summary: 'Show helpful text about the different subcommands',
    since: '6.0.0',
    complexity: 'O(1)',
  },
  'acl|list': {
    summary: 'List the current ACL rules in ACL config file format',
    since: '6.0.0',
    complexity: 'O(N). Where N is the number of configured users.',
  },
  'acl|load': {
    summary: 'Reload the ACLs from the configured ACL file',
    since: '6.0.0',
    complexity: 'O(N). Where N is the number of configured users.',
  },
  'acl|log': {
    summary: 'List latest events denied because of ACLs in place',
    since: '6.0.0',
    complexity: 'O(N) with N being the number of entries shown.',
    arguments: '?operation:oneof(count:integer reset:pure-token=RESET)',
  },
  'acl|resttoken': {
    summary: 'Generate a REST token for an ACL user from his password',
    since: '7.4.1',
    complexity: 'O(N). Where N is the number of passwords that the user has.',
    arguments: 'username:string password:string',
  },
  'acl|save': {
    summary: 'Save the current ACL rules in the configured ACL file',
    since: '6.0.0',
    complexity: 'O(N). Where N is the number of configured users.',
  },
  'acl|setuser': {
    summary: 'Modify or create the rules for a specific ACL user',
    since: '6.0.0',
    complexity: 'O(N). Where N is the number of rules provided.',
    history: [
      ['6.2.0', 'Added Pub/Sub channel patterns.'],
      ['7.0.0', 'Added selectors and key based permissions.'],
    ],
    arguments: 'username:string ?*rule:string',
  },
  'acl|users': {
    summary: 'List the username of all the configured ACL rules',
    since: '6.0.0',
    complexity: 'O(N). Where N is the number of configured users.',
  },
  'acl|whoami': {
    summary: 'Return the name of the user associated to the current connection',
    since: '6.0.0',
    complexity: 'O(1)',
  },
  backup: {
    summary: 'A container for backup management commands.',
    since: '8.10.0',
    complexity: 'Depends on subcommand.',
  },
  'backup|abort': {
    summary: 'Cancel a backup that has not been sealed yet.',
    since: '8.10.0',
    complexity: 'O(1)',
  },
  'backup|cleanup': {
    summary: "Remove a sealed backup's files and return to idle.",
    since: '8.10.0',
    complexity: 'O(1)',
  },
  'backup|help': {
    summary: 'Return helpful text about BACKUP command parameters.',
    since: '8.10.0',
    complexity: 'O(1)',
  },
  'backup|list': {
    summary: 'List the immutable backup file paths pinned so far.',
    since: '8.10.0',
    complexity: 'O(1)',
  },
  'backup|seal': {
    summary: 'Freeze the current backup (BASE + INCR + manifest).',
    since: '8.10.0',
    complexity: 'O(1)',
  },
  'backup|start': {
    summary: "Start a new backup into the configured 'backupdirname'.",
    since: '8.10.0',
    complexity: 'O(1)',
  },
  'backup|status': {
    summary: 'Report the current backup state.',
    since: '8.10.0',
    complexity: 'O(1)',
  },
  bgrewriteaof: {
    summary: 'Asynchronously rewrite the append-only file',
    since: '1.0.0',
    complexity: 'O(1)',
  },
  bgsave: {
    summary: 'Asynchronously save the dataset to disk',
    since: '1.0.0',
    complexity: 'O(1)',
    history: [['3.2.2', 'Added the `SCHEDULE` option.']],
    arguments: '?schedule:pure-token^3.2.2=SCHEDULE',
  },
  command: {
    summary: 'Get array of Redis command details',
    since: '2.8.13',
    complexity: 'O(N) where N is the total number of Redis commands',
  },
  'command|count': {
    summary: 'Get total number of Redis commands',
    since: '2.8.13',
    complexity: 'O(1)',
  },
  'command|docs': {
    summary: 'Get array of specific Redis command documentation',
    since: '7.0.0',
    complexity: 'O(N) where N is the number of commands to look up',
    arguments: '?*command-name:string',
  },
  'command|getkeys': {
    summary: 'Extract keys given a full Redis command',
    since: '2.8.13',
    complexity: 'O(N) where N is the number of arguments to the command',
  },
  'command|getkeysandflags': {
    summary: 'Extract keys and access flags given a full Redis command',
    since: '7.0.0',
    complexity: 'O(N) where N is the number of arguments to the command',
  },
  'command|help': {
    summary: 'Show helpful text about the different subcommands',
    since: '5.0.0',
    complexity: 'O(1)',
  },
  'command|info': {
    summary: 'Get array of specific Redis command details, or all when no argument is given.',
    since: '2.8.13',
    complexity: 'O(N) where N is the number of commands to look up',
    history: [['7.0.0', 'Allowed to be called with no argument to get info on all commands.']],
    arguments: '?*command-name:string',
  },
  'command|list': {
    summary: 'Get an array of Redis command names',
    since: '7.0.0',
    complexity: 'O(N) where N is the total number of Redis commands',
    arguments: '?filterby:oneof=FILTERBY(module-name:string=MODULE category:string=ACLCAT pattern:pattern=PATTERN)',
  },
  config: {
    summary: 'A container for server configuration commands',
    since: '2.0.0',
    complexity: 'Depends on subcommand.',
  },
  'config|get': {
    summary: 'Get the values of configuration parameters',
    since: '2.0.0',
    complexity: 'O(N) when N is the number of configuration parameters provided',
    history: [['7.0.0', 'Added the ability to pass multiple pattern parameters in one call']],
    arguments: '*parameter:block(parameter:string)',
  },
  'config|help': {
    summary: 'Show helpful text about the different subcommands',
    since: '5.0.0',
    complexity: 'O(1)',
  },
  'config|resetstat': {
    summary: 'Reset the stats returned by INFO',
    since: '2.0.0',
    complexity: 'O(1)',
  },
  'config|rewrite': {
    summary: 'Rewrite the configuration file with the in memory configuration',
    since: '2.8.0',
    complexity: 'O(1)',
  },
  'config|set': {
    summary: 'Set configuration parameters to the given values',
    since: '2.0.0',
    complexity: 'O(N) when N is the number of configuration parameters provided',
    history: [['7.0.0', 'Added the ability to set multiple parameters in one call.']],
    arguments: '*parameter_value:block(parameter:string value:string)',
  },
  dbsize: {
    summary: 'Return the number of keys in the selected database',
    since: '1.0.0',
    complexity: 'O(1)',
  },
  debug: {
    summary: 'A container for debugging commands',
    since: '1.0.0',
    complexity: 'Depends on subcommand.',
    system: true,
  },
  failover: {
    summary: 'Start a coordinated failover between this server and one of its replicas.',
    since: '6.2.0',
    complexity: 'O(1)',
    arguments:
      '?target:block=TO(host:string port:integer ?force:pure-token=FORCE) ?abort:pure-token=ABORT ?milliseconds:integer=TIMEOUT',
  },
  flush: {
    summary: 'Remove all keys from the current database: another name of FLUSHDB, in zerodis only',
    since: '1.0.0',
    complexity: 'O(1)',
    arguments: '?flush-type:oneof(async:pure-token=ASYNC sync:pure-token=SYNC)',
  },
  flushall: {
    summary: 'Remove all keys from all databases',
    since: '1.0.0',
    complexity: 'O(N) where N is the total number of keys in all databases',
    history: [
      ['4.0.0', 'Added the `ASYNC` flushing mode modifier.'],
      ['6.2.0', 'Added the `SYNC` flushing mode modifier.'],
    ],
    arguments: '?async:oneof(async:pure-token^4.0.0=ASYNC sync:pure-token^6.2.0=SYNC)',
  },
  flushdb: {
    summary: 'Remove all keys from the current database',
    since: '1.0.0',
    complexity: 'O(N) where N is the number of keys in the selected database',
    history: [
      ['4.0.0', 'Added the `ASYNC` flushing mode modifier.'],
      ['6.2.0', 'Added the `SYNC` flushing mode modifier.'],
    ],
    arguments: '?async:oneof(async:pure-token^4.0.0=ASYNC sync:pure-token^6.2.0=SYNC)',
  },
  hotkeys: {
    summary: 'A container for hotkeys tracking commands.',
    since: '8.6.0',
    complexity: 'Depends on subcommand.',
  },
  'hotkeys|get': {
    summary: 'Returns lists of top K hotkeys depending on metrics chosen in HOTKEYS START command.',
    since: '8.6.0',
    complexity: 'O(K) where K is the number of hotkeys returned.',
  },
  'hotkeys|help': {
    summary: 'Show helpful text about the different subcommands',
    since: '8.6.0',
    complexity: 'O(1)',
  },
  'hotkeys|reset': {
    summary: 'Release the resources used for hotkey tracking.',
    since: '8.6.0',
    complexity: 'O(1)',
  },
  'hotkeys|start': {
    summary: 'Starts hotkeys tracking.',
    since: '8.6.0',
    complexity: 'O(1)',
    arguments:
      'metrics:block=METRICS(count:integer ?cpu:pure-token=CPU ?net:pure-token=NET) ?k:integer=COUNT ?seconds:integer=DURATION ?ratio:integer=SAMPLE ?slots:block=SLOTS(count:integer *slot:integer)',
  },
  'hotkeys|stop': {
    summary: 'Stops hotkeys tracking.',
    since: '8.6.0',
    complexity: 'O(1)',
  },
  info: {
    summary: 'Get information and statistics about the server',
    since: '1.0.0',
    complexity: 'O(1)',
    history: [['7.0.0', 'Added support for taking multiple section arguments.']],
    arguments: '?*section:string',
  },
  lastsave: {
    summary: 'Get the UNIX time stamp of the last successful save to disk',
    since: '1.0.0',
    complexity: 'O(1)',
  },
  latency: {
    summary: 'A container for latency diagnostics commands',
    since: '2.8.13',
    complexity: 'Depends on subcommand.',
  },
  'latency|doctor': {
    summary: 'Return a human readable latency analysis report.',
    since: '2.8.13',
    complexity: 'O(1)',
  },
  'latency|graph': {
    summary: 'Return a latency graph for the event.',
    since: '2.8.13',
    complexity: 'O(1)',
    arguments: 'event:string',
  },
  'latency|help': {
    summary: 'Show helpful text about the different subcommands.',
    since: '2.8.13',
    complexity: 'O(1)',
  },
  'latency|histogram': {
    summary: 'Return the cumulative distribution of latencies of a subset of commands or all.',
    since: '7.0.0',
    complexity: 'O(N) where N is the number of commands with latency information being retrieved.',
    arguments: '?*command:string',
  },
  'latency|history': {
    summary: 'Return timestamp-latency samples for the event.',
    since: '2.8.13',
    complexity: 'O(1)',
    arguments: 'event:string',
  },
  'latency|latest': {
    summary: 'Return the latest latency samples for all events.',
    since: '2.8.13',
    complexity: 'O(1)',
  },
  'latency|reset': {
    summary: 'Reset latency data for one or more events.',
    since: '2.8.13',
    complexity: 'O(1)',
    arguments: '?*event:string',
  },
  lolwut: {
    summary: 'Display some computer art and the Redis version',
    since: '5.0.0',
    arguments: '?version:integer=VERSION',
  },
  memory: {
    summary: 'A container for memory diagnostics commands',
    since: '4.0.0',
    complexity: 'Depends on subcommand.',
  },
  'memory|doctor': {
    summary: 'Outputs memory problems report',
    since: '4.0.0',
    complexity: 'O(1)',
  },
  'memory|help': {
    summary: 'Show helpful text about the different subcommands',
    since: '4.0.0',
    complexity: 'O(1)',
  },
  'memory|malloc-stats': {
    summary: 'Show allocator internal stats',
    since: '4.0.0',
    complexity: 'Depends on how much memory is allocated, could be slow',
  },
  'memory|purge': {
    summary: 'Ask the allocator to release memory',
    since: '4.0.0',
    complexity: 'Depends on how much memory is allocated, could be slow',
  },
  'memory|stats': {
    summary: 'Show memory usage details',
    since: '4.0.0',
    complexity: 'O(1)',
  },
  'memory|usage': {
    summary: 'Estimate the memory usage of a key',
    since: '4.0.0',
    complexity: 'O(N) where N is the number of samples.',
    arguments: 'key:key#0 ?count:integer=SAMPLES',
  },
  module: {
    summary: 'A container for module commands',
    since: '4.0.0',
    complexity: 'Depends on subcommand.',
  },
  'module|help': {
    summary: 'Show helpful text about the different subcommands',
    since: '5.0.0',
    complexity: 'O(1)',
  },
  'module|list': {
    summary: 'List all modules loaded by the server',
    since: '4.0.0',
    complexity: 'O(N) where N is the number of loaded modules.',
  },
  'module|load': {
    summary: 'Load a module',
    since: '4.0.0',
    complexity: 'O(1)',
    arguments: 'path:string ?*arg:string',
  },
  'module|loadex': {
    summary: 'Load a module with extended parameters',
    since: '7.0.0',
    complexity: 'O(1)',
    arguments: 'path:string ?*+configs:block=CONFIG(name:string value:string) ?*args:block=ARGS(arg:string)',
  },
  'module|unload': {
    summary: 'Unload a module',
    since: '4.0.0',
    complexity: 'O(1)',
    arguments: 'name:string',
  },
  monitor: {
    summary: 'Listen for all requests received by the server in real time',
    since: '1.0.0',
  },
  psync: {
    summary: 'Internal command used for replication',
    since: '2.8.0',
    arguments: 'replicationid:string offset:integer',
  },
  replconf: {
    summary: 'An internal command for configuring the replication stream',
    since: '3.0.0',
    complexity: 'O(1)',
    system: true,
  },
  replicaof: {
    summary: 'Make the server a replica of another instance, or promote it as master.',
    since: '5.0.0',
    complexity: 'O(1)',
    arguments:
      'args:oneof(host-port:block(host:string port:integer) no-one:block(no:pure-token=NO one:pure-token=ONE))',
  },
  'restore-asking': {
    summary: 'An internal command for migrating keys in a cluster',
    since: '3.0.0',
    complexity:
      'O(1) to create the new key and additional O(N*M) to reconstruct the serialized value, where N is the number of Redis objects composing the value and M their average size. For small string values the time complexity is thus O(1)+O(1*M) where M is small, so simply O(1). However for sorted set values the complexity is O(N*M*log(N)) because inserting values into sorted sets is O(log(N)).',
    system: true,
    history: [
      ['3.0.0', 'Added the `REPLACE` modifier.'],
      ['5.0.0', 'Added the `ABSTTL` modifier.'],
      ['5.0.0', 'Added the `IDLETIME` and `FREQ` options.'],
    ],
    arguments:
      'key:key#0 ttl:integer serialized-value:string ?replace:pure-token^3.0.0=REPLACE ?absttl:pure-token^5.0.0=ABSTTL ?seconds:integer^5.0.0=IDLETIME ?frequency:integer^5.0.0=FREQ',
  },
  role: {
    summary: 'Return the role of the instance in the context of replication',
    since: '2.8.12',
    complexity: 'O(1)',
  },
  save: {
    summary: 'Synchronously save the dataset to disk',
    since: '1.0.0',
    complexity: 'O(N) where N is the total number of keys in all databases',
  },
  shutdown: {
    summary: 'Synchronously save the dataset to disk and then shut down the server',
    since: '1.0.0',
    complexity:
      'O(N) when saving, where N is the total number of keys in all databases when saving data, otherwise O(1)',
    history: [['7.0.0', 'Added the `NOW`, `FORCE` and `ABORT` modifiers.']],
    arguments:
      '?nosave_save:oneof(nosave:pure-token=NOSAVE save:pure-token=SAVE) ?now:pure-token^7.0.0=NOW ?force:pure-token^7.0.0=FORCE ?abort:pure-token^7.0.0=ABORT',
  },
  slaveof: {
    summary: 'Make the server a replica of another instance, or promote it as master.',
    since: '1.0.0',
    complexity: 'O(1)',
    deprecatedSince: '5.0.0',
    replacedBy: '`REPLICAOF`',
    arguments:
      'args:oneof(host-port:block(host:string port:integer) no-one:block(no:pure-token=NO one:pure-token=ONE))',
  },
  slowlog: {
    summary: 'A container for slow log commands',
    since: '2.2.12',
    complexity: 'Depends on subcommand.',
  },
  'slowlog|get': {
    summary: "Get the slow log's entries",
    since: '2.2.12',
    complexity: 'O(N) where N is the number of entries returned',
    history: [
      ['4.0.0', 'Added client IP address, port and name to the reply.'],
      ['8.10.0', 'Added original command argument count to the reply.'],
    ],
    arguments: '?count:integer',
  },
  'slowlog|help': {
    summary: 'Show helpful text about the different subcommands',
    since: '6.2.0',
    complexity: 'O(1)',
  },
  'slowlog|len': {
    summary: "Get the slow log's length",
    since: '2.2.12',
    complexity: 'O(1)',
  },
  'slowlog|reset': {
    summary: 'Clear all entries from the slow log',
    since: '2.2.12',
    complexity: 'O(N) where N is the number of entries in the slowlog',
  },
  swapdb: {
    summary: 'Swaps two Redis databases',
    since: '4.0.0',
    complexity: 'O(N) where N is the count of clients watching or blocking on keys from both databases.',
    arguments: 'index1:integer index2:integer',
  },
  sync: {
    summary: 'Internal command used for replication',
    since: '1.0.0',
  },
  time: {
    summary: 'Return the current server time',
    since: '2.6.0',
    complexity: 'O(1)',
  },
}
