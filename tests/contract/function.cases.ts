import { contract, error, map, nil, ok, on, resp, type Step, set, status, where } from './dsl.ts'

const library = (name: string, body: string): string => `#!lua name=${name}\n${body}`
const load = (code: string, ...options: string[]): readonly string[] => ['FUNCTION', 'LOAD', ...options, code]
const registers = (fn: string, body: string): string =>
  `redis.register_function('${fn}', function(keys, args) ${body} end)`

/** A library that is refused, with the text behind `Error registering functions: `. */
const refuses = (body: string, text: string): Step => [
  load(library('lib', body)),
  error(`ERR Error registering functions: ${text}`),
]

const MYLIB = library('mylib', registers('myfunc', 'return args[1]'))
const COUNTER = library('counter', `local n = 0\n${registers('count', 'n = n + 1 return n')}`)
const WRITER = library('writer', registers('write', "return redis.call('SET', keys[1], args[1])"))
const READER = library(
  'reader',
  "redis.register_function{function_name='read', callback=function(keys) return redis.call('GET', keys[1]) end, flags={'no-writes'}, description='reads'}",
)

export const cases = contract('functions', {
  'FUNCTION LOAD brings functions that FCALL calls': [
    ['FUNCTION FLUSH', ok],
    [load(MYLIB), 'mylib'],
    ['FCALL myfunc 0 hello', 'hello'],
    ['FCALL MyFunc 0 hello', 'hello'],
    ['FCALL myfunc 1 key hello', 'hello'],
    ['FCALL nosuch 0', error('ERR Function not found')],
    ['FCALL nosuch x', error('ERR Function not found')],
    ['FCALL myfunc x', error('ERR Bad number of keys provided')],
    ['FCALL myfunc 2 a', error("ERR Number of keys can't be greater than number of args")],
    ['FCALL myfunc -1', error("ERR Number of keys can't be negative")],
    ['FCALL myfunc', error("ERR wrong number of arguments for 'fcall' command")],
  ],
  'a library is there once, unless it is replaced': [
    ['FUNCTION FLUSH', ok],
    [load(MYLIB), 'mylib'],
    [load(MYLIB), error("ERR Library 'mylib' already exists")],
    [load(library('other', registers('myfunc', 'return 1'))), error('ERR Function myfunc already exists')],
    [load(library('other', registers('MYFUNC', 'return 1'))), error('ERR Function MYFUNC already exists')],
    [load(library('mylib', registers('second', 'return 2')), 'REPLACE'), 'mylib'],
    ['FCALL second 0', 2],
    ['FCALL myfunc 0 x', error('ERR Function not found')],
    [
      load(library('mylib', 'x y'), 'REPLACE'),
      where((text) => text.startsWith('-ERR Error compiling function'), 'error'),
    ],
    ['FCALL second 0', 2],
    [load(MYLIB, 'INSTEAD'), error('ERR Unknown option given: INSTEAD')],
  ],
  'the first line of a library names it and its engine': [
    ['FUNCTION FLUSH', ok],
    [load('return 1'), error('ERR Missing library metadata')],
    [load('#!lua name=a'), error('ERR Invalid library metadata')],
    [load('#!lua\nreturn 1'), error('ERR Library name was not given')],
    [load('#!js name=a\nreturn 1'), error("ERR Engine 'js' not found")],
    [load('#!lua name=a name=b\n'), error('ERR Invalid metadata value, name argument was given multiple times')],
    [load('#!lua name=a x=1\n'), error('ERR Invalid metadata value given: x=1')],
    [
      load('#!lua name=a-b\n'),
      error(
        'ERR Library names can only contain letters, numbers, or underscores(_) and must be at least one character long',
      ),
    ],
    [load('#!lua name=a\n'), error('ERR No functions registered')],
    [load(`#!LUA NAME=a\n${registers('f', 'return 1')}`), 'a'],
  ],
  'while it is loaded a library sees nothing but redis.register_function': [
    ['FUNCTION FLUSH', ok],
    refuses("redis.call('PING')", "ERR user_function:2: Script attempted to access nonexistent global variable 'call'"),
    refuses(
      'local a = tostring(1)',
      "ERR user_function:2: Script attempted to access nonexistent global variable 'tostring'",
    ),
    refuses('x = 1', 'ERR user_function:2: Attempt to modify a readonly table'),
    refuses('redis.x = 1', 'ERR user_function:2: Attempt to modify a readonly table'),
    [
      load(library('a', `redis.log(redis.LOG_DEBUG, redis.REDIS_VERSION)\n${registers('f', 'return type(tostring)')}`)),
      'a',
    ],
    ['FCALL f 0', 'function'],
  ],
  'redis.register_function looks at its arguments': [
    ['FUNCTION FLUSH', ok],
    refuses('redis.register_function()', 'ERR wrong number of arguments to redis.register_function'),
    refuses("redis.register_function('f', 1)", 'ERR second argument to redis.register_function must be a function'),
    refuses('redis.register_function({}, 1)', 'ERR first argument to redis.register_function must be a string'),
    refuses(
      "redis.register_function('a b', function() end)",
      'ERR Library names can only contain letters, numbers, or underscores(_) and must be at least one character long',
    ),
    refuses(
      'redis.register_function(1)',
      'ERR calling redis.register_function with a single argument is only applicable to Lua table (representing named arguments).',
    ),
    refuses('redis.register_function{}', 'ERR redis.register_function must get a function name argument'),
    refuses("redis.register_function{function_name='f'}", 'ERR redis.register_function must get a callback argument'),
    refuses(
      'redis.register_function{function_name={}}',
      'ERR function_name argument given to redis.register_function must be a string',
    ),
    refuses(
      'redis.register_function{callback=1}',
      'ERR callback argument given to redis.register_function must be a function',
    ),
    refuses(
      'redis.register_function{description={}}',
      'ERR description argument given to redis.register_function must be a string',
    ),
    refuses(
      'redis.register_function{flags=1}',
      'ERR flags argument to redis.register_function must be a table representing function flags',
    ),
    refuses("redis.register_function{flags={'no-such'}}", 'ERR unknown flag given'),
    refuses('redis.register_function{other=1}', 'ERR unknown argument given to redis.register_function'),
    refuses(`${registers('f', '')}\n${registers('f', '')}`, 'ERR Function already exists in the library'),
    ['FUNCTION LIST', []],
  ],
  'what a library keeps for itself lasts from call to call': [
    ['FUNCTION FLUSH', ok],
    [load(COUNTER), 'counter'],
    ['FCALL count 0', 1],
    on('other', 'FCALL count 0', 2),
    [load(COUNTER, 'REPLACE'), 'counter'],
    ['FCALL count 0', 1],
  ],
  'FCALL_RO and the flag no-writes keep a function from writing': [
    ['FUNCTION FLUSH', ok],
    ['SET a 1', ok],
    [load(WRITER), 'writer'],
    [load(READER), 'reader'],
    ['FCALL write 1 a 2', ok],
    ['FCALL_RO read 1 a', '2'],
    ['FCALL read 1 a', '2'],
    [
      load(
        library(
          'liar',
          "redis.register_function{function_name='lie', callback=function() redis.call('SET', 'a', '3') end, flags={'no-writes'}}",
        ),
      ),
      'liar',
    ],
    [
      'FCALL lie 0',
      error('ERR Write commands are not allowed from read-only scripts. script: lie, on @user_function:2.'),
    ],
    ['GET a', '2'],
  ],
  'FCALL_RO refuses a function that may write': {
    skip: { rest: 'Upstash looks at what a function does: see the next case' },
    steps: [
      ['FUNCTION FLUSH', ok],
      [load(WRITER), 'writer'],
      ['FCALL_RO write 1 a 2', error('ERR Can not execute a script with write flag using *_ro command.')],
    ],
  },
  'over REST, FCALL_RO runs a function as long as it does not write': {
    skip: {
      genuine: 'Upstash only',
      engine: 'Upstash only',
      resp2: 'Upstash only',
      resp3: 'Upstash only',
      inprocess: 'Upstash only',
    },
    steps: [
      ['FUNCTION FLUSH', ok],
      [load(MYLIB), 'mylib'],
      [load(WRITER), 'writer'],
      ['FCALL_RO myfunc 0 x', 'x'],
      [
        'FCALL_RO write 1 a 2',
        error('ERR Write commands are not allowed from read-only scripts. script: write, on @user_function:2.'),
      ],
    ],
  },
  'errors of a function name it and its line': [
    ['FUNCTION FLUSH', ok],
    [load(library('a', `\n${registers('f', "error('boo')")}\n${registers('g', "return redis.call('NOSUCH')")}`)), 'a'],
    ['FCALL f 0', error('ERR user_function:3: boo script: f, on @user_function:3.')],
    ['FCALL g 0', error('ERR Unknown Redis command called from script script: g, on @user_function:4.')],
    [load(library('b', registers('h', 'x = 1'))), 'b'],
    ['FCALL h 0', error('ERR user_function:2: Attempt to modify a readonly table script: h, on @user_function:2.')],
    [load(library('c', registers('k', 'return KEYS'))), 'c'],
    [
      'FCALL k 0',
      error(
        "ERR user_function:2: Script attempted to access nonexistent global variable 'KEYS' script: k, on @user_function:2.",
      ),
    ],
    [load(library('d', registers('m', 'return redis.register_function'))), 'd'],
    ['FCALL m 0', nil],
    [load(library('e', `local r = redis.register_function\n${registers('n', "r('x', function() end)")}`)), 'e'],
    [
      'FCALL n 0',
      error('ERR redis.register_function can only be called on FUNCTION LOAD command script: n, on @user_function:3.'),
    ],
  ],
  'FUNCTION LIST describes libraries': [
    ['FUNCTION FLUSH', ok],
    ['FUNCTION LIST', []],
    [load(READER), 'reader'],
    [
      'FUNCTION LIST',
      [
        map([
          ...['library_name', 'reader', 'engine', 'LUA', 'functions'],
          [map(['name', 'read', 'description', 'reads', 'flags', set([status('no-writes')])])],
        ]),
      ],
    ],
    [
      'FUNCTION LIST WITHCODE LIBRARYNAME READ*',
      [
        map([
          ...['library_name', 'reader', 'engine', 'LUA', 'functions'],
          [map(['name', 'read', 'description', 'reads', 'flags', set([status('no-writes')])])],
          ...['library_code', READER],
        ]),
      ],
    ],
    [load(MYLIB), 'mylib'],
    [
      'FUNCTION LIST LIBRARYNAME my?ib',
      [
        map([
          ...['library_name', 'mylib', 'engine', 'LUA', 'functions'],
          [map(['name', 'myfunc', 'description', nil, 'flags', set([])])],
        ]),
      ],
    ],
    ['FUNCTION LIST LIBRARYNAME nosuch', []],
    ['FUNCTION LIST LIBRARYNAME', error('ERR library name argument was not given')],
    ['FUNCTION LIST WITHCODE WITHCODE', error('ERR Unknown argument WITHCODE')],
    ['FUNCTION LIST EVERYTHING', error('ERR Unknown argument EVERYTHING')],
  ],
  'FUNCTION DELETE and FLUSH take libraries away': [
    ['FUNCTION FLUSH', ok],
    [load(MYLIB), 'mylib'],
    [load(COUNTER), 'counter'],
    ['FUNCTION DELETE mylib', ok],
    ['FUNCTION DELETE mylib', error('ERR Library not found')],
    ['FCALL myfunc 0 x', error('ERR Function not found')],
    ['FCALL count 0', 1],
    ['FUNCTION FLUSH SYNC', ok],
    ['FCALL count 0', error('ERR Function not found')],
    ['FUNCTION FLUSH ASYNC', ok],
    ['FUNCTION FLUSH NOW', error('ERR FUNCTION FLUSH only supports SYNC|ASYNC option')],
    [
      'FUNCTION FLUSH SYNC NOW',
      error("ERR unknown subcommand or wrong number of arguments for 'FLUSH'. Try FUNCTION HELP."),
    ],
  ],
  'FLUSHALL leaves functions': [
    ['FUNCTION FLUSH', ok],
    [load(MYLIB), 'mylib'],
    ['FLUSHALL', ok],
    ['FCALL myfunc 0 x', 'x'],
  ],
  'FUNCTION STATS, KILL and HELP': [
    ['FUNCTION FLUSH', ok],
    [load(MYLIB), 'mylib'],
    [
      'FUNCTION STATS',
      map(['running_script', nil, 'engines', map(['LUA', map(['libraries_count', 1, 'functions_count', 1])])]),
    ],
    ['FUNCTION KILL', error('NOTBUSY No scripts in execution right now.')],
    [
      'FUNCTION HELP',
      where((lines) => lines.length === 40 && lines[0].startsWith('FUNCTION <subcommand>'), 'the help'),
    ],
    ['FUNCTION NOSUCH', error("ERR unknown subcommand 'NOSUCH'. Try FUNCTION HELP.")],
  ],
  'FUNCTION RESTORE refuses what is no dump of functions': [
    ['FUNCTION RESTORE abc', error('ERR DUMP payload version or checksum are wrong')],
    [
      'FUNCTION RESTORE abc SOMEHOW',
      error('ERR Wrong restore policy given, value should be either FLUSH, APPEND or REPLACE.'),
    ],
    [
      'FUNCTION RESTORE a FLUSH b',
      error("ERR unknown subcommand or wrong number of arguments for 'RESTORE'. Try FUNCTION HELP."),
    ],
    ['FUNCTION DUMP', where((payload) => typeof payload === 'string' && payload.length >= 10, 'a payload')],
  ],
  'RESP3 kinds in what functions return': [
    ['FUNCTION FLUSH', ok],
    [
      load(
        library(
          'a',
          `${registers('f', "redis.setresp(3) return redis.call('HGETALL', keys[1])")}\n${registers('g', 'redis.setresp(3) return true')}`,
        ),
      ),
      'a',
    ],
    ['HSET h x y', 1],
    ['FCALL f 1 h', map(['x', 'y'])],
    [
      'FCALL g 0',
      resp(
        1,
        where((value) => value === true || value === 1, 'true'),
      ),
    ],
  ],
})
