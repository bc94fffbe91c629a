/** What HELP of XINFO and XGROUP says. */
import type { Help } from '../container.ts'

export const xinfoHelp: Help = [
  ['CONSUMERS <key> <groupname>', 'Show consumers of <groupname>.'],
  ['GROUPS <key>', 'Show the stream consumer groups.'],
  ['STREAM <key> [FULL [COUNT <count>]', 'Show information about the stream.'],
]

export const xgroupHelp: Help = [
  [
    'CREATE <key> <groupname> <id|$> [option]',
    'Create a new consumer group. Options are:',
    '* MKSTREAM',
    '  Create the empty stream if it does not exist.',
    '* ENTRIESREAD entries_read',
    "  Set the group's entries_read counter (internal use).",
  ],
  ['CREATECONSUMER <key> <groupname> <consumer>', 'Create a new consumer in the specified group.'],
  ['DELCONSUMER <key> <groupname> <consumer>', 'Remove the specified consumer.'],
  ['DESTROY <key> <groupname>', 'Remove the specified group.'],
  ['SETID <key> <groupname> <id|$> [ENTRIESREAD entries_read]', 'Set the current group ID and entries_read counter.'],
]
