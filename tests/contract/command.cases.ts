import { contract, error, map, nil, ok, status, unordered, where } from './dsl.ts'

const SYNTAX = error('ERR syntax error')
const INVALID = error('ERR Invalid command specified')
const NO_KEYS = error('ERR The command has no key arguments')
const BAD_ARITY = error('ERR Invalid number of arguments specified for command')
const BAD_ARGUMENTS = error('ERR Invalid arguments specified for command')
const arity = (name: string) => error(`ERR wrong number of arguments for '${name}' command`)

/** Those of each command sorted, since tips have no order. */
const TIPS = JSON.stringify([
  [],
  [],
  [],
  ['nondeterministic_output', 'request_policy:all_shards', 'response_policy:special'],
  ['nondeterministic_output', 'request_policy:special', 'response_policy:special'],
  ['request_policy:all_shards', 'response_policy:agg_min'],
])

export const cases = contract('command', {
  'COMMAND describes every command in ten fields': [
    [
      'COMMAND',
      where(
        (all: unknown[][]) =>
          all.length > 50 && all.every((one) => one.length === 10) && all.some(([name]) => name === 'get'),
        'commands of ten fields',
      ),
    ],
  ],
  'COMMAND COUNT counts them': [
    ['COMMAND COUNT', where((count) => count > 50, 'over fifty')],
    ['COMMAND COUNT x', arity('command|count')],
  ],
  'the tips are those of Redis 7.4': {
    since: '7.4',
    steps: [
      [
        'COMMAND INFO httl hpttl msetnx randomkey scan waitaof',
        where(
          (all: unknown[][]) => JSON.stringify(all.map((one) => [...(one[7] as string[])].sort())) === TIPS,
          'their tips',
        ),
      ],
    ],
  },
  'COMMAND INFO describes those that are named, and nil for others': [
    [
      'COMMAND INFO get nosuch',
      where(
        ([get, none]) =>
          none === null && get[0] === 'get' && get[1] === 2 && get[3] === 1 && get[4] === 1 && get[5] === 1,
        'GET, and nothing',
      ),
    ],
    ['COMMAND INFO nosuch config|nosuch', [nil, nil]],
    ['COMMAND INFO config|get', where(([get]) => get[0] === 'config|get' && get[1] === -3, 'config|get')],
    ['COMMAND INFO CONFIG', where(([config]) => config[0] === 'config' && config[9].length > 3, 'its subcommands')],
  ],
  'COMMAND LIST gives all names, those of subcommands too': [
    ['COMMAND LIST', where((names) => names.includes('get') && names.includes('config|get'), 'get and config|get')],
  ],
  'COMMAND LIST FILTERBY chooses': [
    ['COMMAND LIST FILTERBY PATTERN config|r*', unordered(['config|resetstat', 'config|rewrite'])],
    ['COMMAND LIST filterby pattern GETD*', ['getdel']],
    ['COMMAND LIST FILTERBY ACLCAT transaction', unordered(['exec', 'multi', 'discard', 'watch', 'unwatch'])],
    ['COMMAND LIST FILTERBY ACLCAT TRANSACTION', where((names) => names.length === 5, 'five names')],
    ['COMMAND LIST FILTERBY ACLCAT nosuch', []],
    ['COMMAND LIST FILTERBY MODULE nosuch', []],
  ],
  'COMMAND LIST refuses what it does not know': [
    ['COMMAND LIST x', SYNTAX],
    ['COMMAND LIST FILTERBY', SYNTAX],
    ['COMMAND LIST FILTERBY PATTERN', SYNTAX],
    ['COMMAND LIST FILTERBY FOO x', SYNTAX],
    ['COMMAND LIST FILTERBY PATTERN a b', SYNTAX],
  ],
  'COMMAND DOCS documents commands': [
    [
      'COMMAND DOCS get',
      where(
        ([name, doc]) => name === 'get' && doc[0] === 'summary' && doc[2] === 'since' && doc[3] === '1.0.0',
        'summary, since, …',
      ),
    ],
    ['COMMAND DOCS nosuch', map([])],
    ['COMMAND DOCS GET nosuch SET', where((flat) => flat.length === 4, 'two of three')],
    [
      'COMMAND DOCS config',
      where(([, doc]) => doc[doc.indexOf('subcommands') + 1].includes('config|get'), 'the subcommands of CONFIG'),
    ],
    ['COMMAND DOCS config|get', where(([name]) => name === 'config|get', 'config|get')],
    ['COMMAND DOCS', where((flat) => flat.length > 100, 'all commands')],
  ],
  'COMMAND GETKEYS finds the keys': [
    ['COMMAND GETKEYS GET k', ['k']],
    ['COMMAND GETKEYS MGET a b c', ['a', 'b', 'c']],
    ['COMMAND GETKEYS MSET a 1 b 2', ['a', 'b']],
    ['COMMAND GETKEYS MSET a 1 b', ['a', 'b']],
    ['COMMAND GETKEYS SINTERCARD 2 a b LIMIT 1', ['a', 'b']],
    ['COMMAND GETKEYS SDIFFSTORE d a b', ['d', 'a', 'b']],
    ['COMMAND GETKEYS BLPOP a b 0', ['a', 'b']],
    ['COMMAND GETKEYS LMPOP 2 a b LEFT', ['a', 'b']],
    ['COMMAND GETKEYS OBJECT ENCODING k', ['k']],
    ['COMMAND GETKEYS MEMORY USAGE k', ['k']],
    [['COMMAND', 'GETKEYS', 'GET', '\xff\0'], ['\xff\0']],
  ],
  'COMMAND GETKEYSANDFLAGS tells what is done with each key': [
    [
      'COMMAND GETKEYSANDFLAGS SET k v',
      where(([[key, flags]]) => key === 'k' && `${flags}` === 'OW,update', 'OW update'),
    ],
    [
      'COMMAND GETKEYSANDFLAGS SET k v GET',
      where(([[, flags]]) => [...flags].sort().join() === 'RW,access,update', 'RW access update'),
    ],
    [
      'COMMAND GETKEYSANDFLAGS SDIFFSTORE d a',
      where(
        ([[d, dFlags], [a, aFlags]]) =>
          d === 'd' && `${dFlags}` === 'OW,update' && a === 'a' && `${aFlags}` === 'RO,access',
        'OW update, RO access',
      ),
    ],
  ],
  'COMMAND GETKEYSANDFLAGS follows the arguments of BITFIELD': [
    ['COMMAND GETKEYSANDFLAGS BITFIELD k GET u8 0', where(([[, flags]]) => `${flags}` === 'RO,access', 'RO access')],
    [
      'COMMAND GETKEYSANDFLAGS BITFIELD k SET u8 0 1',
      where(([[, flags]]) => [...flags].sort().join() === 'RW,access,update', 'RW access update'),
    ],
  ],
  'COMMAND DOCS answers inside a transaction, too': [
    ['MULTI', ok],
    ['COMMAND DOCS get', status('QUEUED')],
    ['PING', status('QUEUED')],
    ['EXEC', where(([docs, pong]) => docs[0] === 'get' && pong === 'PONG', 'the document, and PONG')],
  ],
  'COMMAND GETKEYS refuses what has no keys': [
    ['COMMAND GETKEYS NOSUCH a b', INVALID],
    ['COMMAND GETKEYS CONFIG NOSUCH', INVALID],
    ['COMMAND GETKEYS CONFIG GET', NO_KEYS],
    ['COMMAND GETKEYS PING x', NO_KEYS],
    ['COMMAND GETKEYS SET k', BAD_ARITY],
    ['COMMAND GETKEYS GET a b', BAD_ARITY],
    ['COMMAND GETKEYS LMPOP 5 a LEFT', BAD_ARGUMENTS],
    ['COMMAND GETKEYS LMPOP x a LEFT', BAD_ARGUMENTS],
    ['COMMAND GETKEYS PING', arity('command|getkeys')],
    ['COMMAND GETKEYSANDFLAGS NOSUCH a b', INVALID],
  ],
  'COMMAND refuses what it does not know': [['COMMAND FOO', error("ERR unknown subcommand 'FOO'. Try COMMAND HELP.")]],
  'COMMAND HELP lists the subcommands': [
    [
      'COMMAND HELP',
      where((lines) => lines.includes('COUNT') && lines.includes('GETKEYS <full-command>'), 'the lines'),
    ],
  ],
})
