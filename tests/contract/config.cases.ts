import { contract, error, map, nil, ok, on, where } from './dsl.ts'

const arity = (name: string) => error(`ERR wrong number of arguments for '${name}' command`)

export const cases = contract('config', {
  'CONFIG GET gives one value by name, in any case': [
    ['CONFIG GET hz', map(['hz', '10'])],
    ['config get HZ', where((flat) => flat.length === 2 && flat[1] === '10', 'one pair')],
    ['CONFIG GET nosuch', map([])],
    ['CONFIG GET', arity('config|get')],
  ],
  'CONFIG GET gives all that a pattern names': [
    [
      'CONFIG GET maxmemory*',
      where(
        (flat) => flat.includes('maxmemory') && flat.includes('maxmemory-policy') && flat.includes('maxmemory-samples'),
        'maxmemory and others',
      ),
    ],
    ['CONFIG GET maxmemory-p?licy', map(['maxmemory-policy', 'noeviction'])],
    ['CONFIG GET *MAXMEMORY-POL*', map(['maxmemory-policy', 'noeviction'])],
    ['CONFIG GET *', where((flat) => flat.length > 200, 'over a hundred pairs')],
  ],
  'CONFIG GET takes several names and patterns, and gives each once': [
    ['CONFIG GET hz timeout', map(['hz', '10', 'timeout', '0'])],
    ['CONFIG GET hz hz h[z]', map(['hz', '10'])],
    ['CONFIG GET nosuch timeout', map(['timeout', '0'])],
  ],
  'CONFIG GET knows the old names': [
    ['CONFIG GET slave-priority', map(['slave-priority', '100'])],
    ['CONFIG GET replica-priority slave-priority', map(['replica-priority', '100', 'slave-priority', '100'])],
  ],
  'CONFIG SET changes values': [
    ['CONFIG SET timeout 100', ok],
    ['CONFIG GET timeout', map(['timeout', '100'])],
    ['CONFIG SET TIMEOUT 0', ok],
    ['CONFIG GET timeout', map(['timeout', '0'])],
  ],
  'CONFIG SET reads units of memory': [
    ['CONFIG SET maxmemory 100mb', ok],
    ['CONFIG GET maxmemory', map(['maxmemory', '104857600'])],
    ['CONFIG SET maxmemory 1G', ok],
    ['CONFIG GET maxmemory', map(['maxmemory', '1000000000'])],
    ['CONFIG SET maxmemory 0', ok],
  ],
  'CONFIG SET changes several at once': [
    ['CONFIG SET timeout 5 maxmemory-samples 7', ok],
    ['CONFIG GET timeout maxmemory-samples', map(['timeout', '5', 'maxmemory-samples', '7'])],
    ['CONFIG SET timeout 0 maxmemory-samples 5', ok],
  ],
  'CONFIG SET changes nothing if one of several is wrong': [
    [
      'CONFIG SET timeout 5 maxmemory-samples x',
      error(
        "ERR CONFIG SET failed (possibly related to argument 'maxmemory-samples') - argument couldn't be parsed into an integer",
      ),
    ],
    ['CONFIG GET timeout maxmemory-samples', map(['timeout', '0', 'maxmemory-samples', '5'])],
    ['CONFIG SET timeout 5 nosuch 1', error("ERR Unknown option or number of arguments for CONFIG SET - 'nosuch'")],
    ['CONFIG GET timeout', map(['timeout', '0'])],
  ],
  'CONFIG SET refuses the same name twice': [
    [
      'CONFIG SET timeout 5 timeout 6',
      error("ERR CONFIG SET failed (possibly related to argument 'timeout') - duplicate parameter"),
    ],
    ['CONFIG GET timeout', map(['timeout', '0'])],
  ],
  'CONFIG SET refuses what may not be changed': [
    [
      'CONFIG SET databases 5',
      error("ERR CONFIG SET failed (possibly related to argument 'databases') - can't set immutable config"),
    ],
    [
      'CONFIG SET dir /tmp',
      error("ERR CONFIG SET failed (possibly related to argument 'dir') - can't set protected config"),
    ],
  ],
  'CONFIG SET refuses values out of bounds': [
    [
      'CONFIG SET maxmemory-policy nosuch',
      where(
        (text) =>
          text.startsWith("-ERR CONFIG SET failed (possibly related to argument 'maxmemory-policy') - argument"),
        'an error that lists the policies',
      ),
    ],
    [
      'CONFIG SET maxclients 0',
      where((text) => text.includes('argument must be between 1 and'), 'an error with the bounds'),
    ],
    [
      'CONFIG SET latency-tracking maybe',
      error("ERR CONFIG SET failed (possibly related to argument 'latency-tracking') - argument must be 'yes' or 'no'"),
    ],
  ],
  'CONFIG SET wants pairs': [
    ['CONFIG SET', arity('config|set')],
    ['CONFIG SET timeout', arity('config|set')],
    ['CONFIG SET timeout 1 hz', error('ERR syntax error')],
  ],
  'CONFIG SET works inside a transaction': [
    ['MULTI', ok],
    ['CONFIG SET timeout 5', where((reply) => reply === 'QUEUED', 'QUEUED')],
    ['EXEC', [ok]],
    ['CONFIG GET timeout', map(['timeout', '5'])],
    ['CONFIG SET timeout 0', ok],
  ],
  'CONFIG RESETSTAT clears the counters': [
    ['GET nothing', nil],
    ['CONFIG RESETSTAT', ok],
    ['INFO stats', where((text) => /keyspace_misses:0\r\n/.test(text), 'no misses')],
    ['INFO commandstats', where((text) => !/cmdstat_get:/.test(text), 'no GET')],
    ['INFO errorstats', where((text) => !/errorstat_/.test(text), 'no errors')],
    ['CONFIG RESETSTAT x', arity('config|resetstat')],
  ],
  'CONFIG REWRITE needs a file': [
    ['CONFIG REWRITE', error('ERR The server is running without a config file')],
    ['CONFIG REWRITE x', arity('config|rewrite')],
  ],
  'CONFIG refuses what it does not know': [
    ['CONFIG', arity('config')],
    ['CONFIG FOO', error("ERR unknown subcommand 'FOO'. Try CONFIG HELP.")],
  ],
  'CONFIG HELP lists the subcommands': [
    [
      'CONFIG HELP',
      where((lines) => lines.includes('GET <pattern>') && lines.includes('REWRITE') && lines.length === 11, '11 lines'),
    ],
  ],
  'a setting is seen by every connection': [
    ['CONFIG SET timeout 7', ok],
    on('other', 'CONFIG GET timeout', map(['timeout', '7'])),
    ['CONFIG SET timeout 0', ok],
  ],
})
