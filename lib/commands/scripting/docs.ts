/** Documentation of the scripting commands: see doc.ts for the shape. Facts and wording of Redis 7.0's COMMAND DOCS. */
import type { Docs } from '../doc.ts'

export const docs: Docs = {
  eval: {
    summary: 'Execute a Lua script server side',
    since: '2.6.0',
    complexity: 'Depends on the script that is executed.',
    arguments: 'script:string numkeys:integer ?*key:key#0 ?*arg:string',
  },
  eval_ro: {
    summary: 'Execute a read-only Lua script server side',
    since: '7.0.0',
    complexity: 'Depends on the script that is executed.',
    arguments: 'script:string numkeys:integer ?*key:key#0 ?*arg:string',
  },
  evalsha: {
    summary: 'Execute a Lua script server side',
    since: '2.6.0',
    complexity: 'Depends on the script that is executed.',
    arguments: 'sha1:string numkeys:integer ?*key:key#0 ?*arg:string',
  },
  evalsha_ro: {
    summary: 'Execute a read-only Lua script server side',
    since: '7.0.0',
    complexity: 'Depends on the script that is executed.',
    arguments: 'sha1:string numkeys:integer ?*key:key#0 ?*arg:string',
  },
  fcall: {
    summary: 'Invoke a function',
    since: '7.0.0',
    complexity: 'Depends on the function that is executed.',
    arguments: 'function:string numkeys:integer ?*key:key#0 ?*arg:string',
  },
  fcall_ro: {
    summary: 'Invoke a read-only function',
    since: '7.0.0',
    complexity: 'Depends on the function that is executed.',
    arguments: 'function:string numkeys:integer ?*key:key#0 ?*arg:string',
  },
  function: {
    summary: 'A container for function commands',
    since: '7.0.0',
    complexity: 'Depends on subcommand.',
  },
  'function|delete': {
    summary: 'Delete a function by name',
    since: '7.0.0',
    complexity: 'O(1)',
    arguments: 'library-name:string',
  },
  'function|dump': {
    summary: 'Dump all functions into a serialized binary payload',
    since: '7.0.0',
    complexity: 'O(N) where N is the number of functions',
  },
  'function|flush': {
    summary: 'Deleting all functions',
    since: '7.0.0',
    complexity: 'O(N) where N is the number of functions deleted',
    arguments: '?async:oneof(async:pure-token=ASYNC sync:pure-token=SYNC)',
  },
  'function|help': {
    summary: 'Show helpful text about the different subcommands',
    since: '7.0.0',
    complexity: 'O(1)',
  },
  'function|kill': {
    summary: 'Kill the function currently in execution.',
    since: '7.0.0',
    complexity: 'O(1)',
  },
  'function|list': {
    summary: 'List information about all the functions',
    since: '7.0.0',
    complexity: 'O(N) where N is the number of functions',
    arguments: '?library-name-pattern:string=LIBRARYNAME ?withcode:pure-token=WITHCODE',
  },
  'function|load': {
    summary: 'Create a function with the given arguments (name, code, description)',
    since: '7.0.0',
    complexity: 'O(1) (considering compilation time is redundant)',
    arguments: '?replace:pure-token=REPLACE function-code:string',
  },
  'function|restore': {
    summary: 'Restore all the functions on the given payload',
    since: '7.0.0',
    complexity: 'O(N) where N is the number of functions on the payload',
    arguments:
      'serialized-value:string ?policy:oneof(flush:pure-token=FLUSH append:pure-token=APPEND replace:pure-token=REPLACE)',
  },
  'function|stats': {
    summary: 'Return information about the function currently running (name, description, duration)',
    since: '7.0.0',
    complexity: 'O(1)',
  },
  script: {
    summary: 'A container for Lua scripts management commands',
    since: '2.6.0',
    complexity: 'Depends on subcommand.',
  },
  'script|debug': {
    summary: 'Set the debug mode for executed scripts.',
    since: '3.2.0',
    complexity: 'O(1)',
    arguments: 'mode:oneof(yes:pure-token=YES sync:pure-token=SYNC no:pure-token=NO)',
  },
  'script|exists': {
    summary: 'Check existence of scripts in the script cache.',
    since: '2.6.0',
    complexity: 'O(N) with N being the number of scripts to check (so checking a single script is an O(1) operation).',
    arguments: '*sha1:string',
  },
  'script|flush': {
    summary: 'Remove all the scripts from the script cache.',
    since: '2.6.0',
    complexity: 'O(N) with N being the number of scripts in cache',
    history: [['6.2.0', 'Added the `ASYNC` and `SYNC` flushing mode modifiers.']],
    arguments: '?async:oneof^6.2.0(async:pure-token=ASYNC sync:pure-token=SYNC)',
  },
  'script|help': {
    summary: 'Show helpful text about the different subcommands',
    since: '5.0.0',
    complexity: 'O(1)',
  },
  'script|kill': {
    summary: 'Kill the script currently in execution.',
    since: '2.6.0',
    complexity: 'O(1)',
  },
  'script|load': {
    summary: 'Load the specified Lua script into the script cache.',
    since: '2.6.0',
    complexity: 'O(N) with N being the length in bytes of the script body.',
    arguments: 'script:string',
  },
  'script|show': {
    summary: 'The text of a script in the script cache, or of all of them',
    since: '8.0.0',
    complexity: 'O(1); O(N) with N being the number of scripts for all of them.',
    arguments: 'script:oneof(sha1:string all:pure-token=*)',
  },
}
