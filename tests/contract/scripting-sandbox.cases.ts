import { contract, error, nil, on, status } from './dsl.ts'
import { fails, runs } from './harness/script.ts'

const READONLY = 'Attempt to modify a readonly table'
const missing = (name: string): string =>
  `ERR user_script:1: Script attempted to access nonexistent global variable '${name}'`

export const cases = contract('scripting: the sandbox', {
  'a global that does not exist is an error': [
    fails('return x', missing('x')),
    fails('print(1)', missing('print')),
    fails('return loadfile', missing('loadfile')),
    fails('return dofile', missing('dofile')),
    fails('return io', missing('io')),
    fails('return require', missing('require')),
    fails('return debug', missing('debug')),
    fails('return getfenv', missing('getfenv')),
    fails('return newproxy', missing('newproxy')),
    runs('return rawget(_G, "x")', nil),
  ],
  'globals and libraries cannot be changed': [
    fails('x = 1', `ERR user_script:1: ${READONLY}`),
    fails('KEYS = 1', `ERR user_script:1: ${READONLY}`),
    fails('tostring = nil', `ERR user_script:1: ${READONLY}`),
    fails('redis.call = nil', `ERR user_script:1: ${READONLY}`),
    fails('redis.new = 1', `ERR user_script:1: ${READONLY}`),
    fails('string.upper = nil', `ERR user_script:1: ${READONLY}`),
    fails('cjson.encode = nil', `ERR user_script:1: ${READONLY}`),
    fails('rawset(_G, "x", 1)', `ERR ${READONLY}`),
    fails('setmetatable(_G, {})', `ERR ${READONLY}`),
    fails('setmetatable(redis, {})', `ERR ${READONLY}`),
    fails('getmetatable(_G).__index = nil', `ERR user_script:1: ${READONLY}`),
    fails('getmetatable("").__index = nil', `ERR user_script:1: ${READONLY}`),
    runs('local ok, e = pcall(function() x = 1 end) return e', `user_script:1: ${READONLY}`),
  ],
  'what a script looks at it finds': [
    runs('return tostring(_G == _G._G)', 'true'),
    runs('return tostring(getmetatable("").__index == string)', 'true'),
    runs('return tostring(getmetatable(redis))', 'nil'),
    runs('return type(getmetatable(_G).__index)', 'function'),
    runs('local n = 0 for k, v in pairs(string) do n = n + 1 end return n', 15),
    runs('return type(next(redis))', 'string'),
    runs("local found for k in pairs(_G) do if k == 'KEYS' then found = k end end return found", 'KEYS'),
    runs("return rawget(redis, 'LOG_NOTICE')", 2),
    runs('return ("x"):rep(3) .. ("%d"):format(5)', 'xxx5'),
    runs('return _VERSION', 'Lua 5.1'),
    runs('return redis.LOG_DEBUG .. redis.LOG_WARNING .. redis.REPL_NONE .. redis.REPL_AOF .. redis.REPL_ALL', '03013'),
    runs('return redis.sha1hex("")', 'da39a3ee5e6b4b0d3255bfef95601890afd80709'),
    runs('return redis.replicate_commands()', 1),
    runs('return redis.breakpoint()', nil),
  ],
  'os.clock is all of os': {
    skip: { genuine: 'since Redis 7.4' },
    steps: [runs('local n = 0 for k in pairs(os) do n = n + 1 end return n .. type(os.clock())', '1number')],
  },
  'server is another name of redis': {
    since: '7.2.5',
    steps: [
      runs("return server.call('PING')", status('PONG')),
      runs('return tostring(server == redis)', 'true'),
      runs("return server.sha1hex('') .. tostring(server.REPL_ALL)", 'da39a3ee5e6b4b0d3255bfef95601890afd807093'),
    ],
  },
  'server is another name of redis while a library is loaded': {
    since: '7.2.5',
    steps: [
      on(
        'default',
        [
          'FUNCTION',
          'LOAD',
          "#!lua name=l\nserver.register_function('f', function() return tostring(server == redis) end)",
        ],
        'l',
      ),
      on('default', 'FCALL f 0', 'true'),
    ],
  },
  'tables of the script are its own': [
    runs('KEYS[1] = 1 return KEYS[1]', 1),
    runs('return setmetatable({}, {__index = function(t, k) return k end}).abc', 'abc'),
    runs("return getmetatable(setmetatable({}, {__metatable = 'locked'}))", 'locked'),
    fails(
      "setmetatable(setmetatable({}, {__metatable = 'x'}), {})",
      'ERR user_script:1: cannot change a protected metatable',
    ),
    runs('local t = {1, 2, 3, a = 4} local n = 0 for k, v in pairs(t) do n = n + v end return n', 10),
    runs('return {next({})}', []),
    runs('local t = {} rawset(t, "a", 1) return rawget(t, "a")', 1),
    fails('rawset(1, 2, 3)', "ERR user_script:1: bad argument #1 to 'rawset' (table expected, got number)"),
    fails('setmetatable({}, 1)', "ERR user_script:1: bad argument #2 to 'setmetatable' (nil or table expected)"),
    fails('next({}, 1)', "ERR invalid key to 'next'"),
  ],
  'code that is compiled at run time sees the same, and compiled code is refused': [
    runs("return loadstring('return 1 + 1')()", 2),
    runs("local f, e = loadstring('x y') return e", "[string \"x y\"]:1: '=' expected near 'y'"),
    runs("local t, i = {'return ', '7'}, 0 return load(function() i = i + 1 return t[i] end)()", 7),
    runs('local f, e = loadstring(string.dump(function() end)) return tostring(f)', 'nil'),
  ],
  'errors keep their kind through pcall': [
    runs("local ok, e = pcall(redis.call, 'GET') return {type(e), e}", [
      'string',
      'ERR Wrong number of args calling Redis command from script',
    ]),
    runs('local ok, e = pcall(error, {a = 1}) return type(e)', 'table'),
    runs("local ok, e = xpcall(function() redis.call('GET') end, function(e) return e end) return type(e)", 'table'),
    runs('return {pcall(function() return 1, 2 end)}', [1, 1, 2]),
    runs(
      "local co = coroutine.create(function() redis.call('NOSUCH') end) local ok, e = coroutine.resume(co) return type(e)",
      'table',
    ),
    runs("return coroutine.wrap(function() return redis.call('PING') end)()", status('PONG')),
  ],
  'errors end a script as what they are': [
    fails("error('boo')", 'ERR user_script:1: boo'),
    fails("error({err = 'CODE boo'})", 'CODE boo'),
    fails('error()', 'ERR nil'),
    fails("return redis.call('NOSUCH')", 'ERR Unknown Redis command called from script'),
    fails("return redis.call('MULTI')", 'ERR This Redis command is not allowed from script'),
    fails('return redis.call()', 'ERR Please specify at least one argument for this redis lib call'),
    fails('return redis.call({})', 'ERR Lua redis lib command arguments must be strings or integers'),
    fails("\n\nreturn redis.call('GET')", 'ERR Wrong number of args calling Redis command from script', { line: 3 }),
    runs("return redis.pcall('GET')", error('ERR Wrong number of args calling Redis command from script')),
    fails('return redis.sha1hex()', 'ERR wrong number of arguments'),
    runs('return redis.error_reply(1)', error('ERR wrong number or type of arguments')),
    runs("return redis.error_reply('BARE')", error('ERR BARE')),
    runs("return redis.error_reply('-CODE text')", error('CODE text')),
    fails('redis.log(1)', 'ERR redis.log() requires two arguments or more.'),
    fails("redis.log('a', 'b')", 'ERR First argument must be a number (log level).'),
    fails("redis.log(9, 'b')", 'ERR Invalid debug level.'),
    fails('redis.set_repl(8)', 'ERR Invalid replication flags. Use REPL_AOF, REPL_REPLICA, REPL_ALL or REPL_NONE.'),
    fails("return redis.acl_check_cmd('NOSUCH')", 'ERR Invalid command passed to redis.acl_check_cmd()'),
  ],
  'math.random draws what its seed says': [
    runs(
      'math.randomseed(1) return {math.random(100), math.random(5, 6), math.floor(math.random() * 1000)}',
      [5, 5, 834],
    ),
    fails('math.random(0)', "ERR user_script:1: bad argument #1 to 'random' (interval is empty)"),
    fails('math.random(2, 1)', "ERR user_script:1: bad argument #2 to 'random' (interval is empty)"),
  ],
})
