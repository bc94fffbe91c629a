/**
 * What no script may do: run for ever, take all memory, crash the process, leave something behind for the next. Each
 * test goes on with the same server, for it has to live.
 */
import { afterEach, describe, expect, test } from 'vitest'
import { createServer, type Server, type ServerOptions } from '../../lib/server.ts'
import { sha1 } from '../contract/harness/script.ts'
import { show } from '../contract/harness/seen.ts'
import { engineClient } from '../contract/harness/subjects.ts'

const servers: Server[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})

function open(options: ServerOptions = {}) {
  const lines: string[] = []
  const server = createServer({ log: (level, message) => lines.push(`${level}: ${message}`), ...options })
  servers.push(server)
  const client = engineClient(server)
  const tell = async (...argv: string[]): Promise<string> => show(await client.send(argv))
  return { server, lines, tell, run: (body: string, ...args: string[]) => tell('EVAL', body, '0', ...args) }
}

const ENDED = /^-ERR Script [0-9a-f]{40} was ended after 100 ms \(lua-hard-time-limit\): it had written nothing$/
const NO_MEMORY = /not enough memory/

describe('time', () => {
  const impatient = { 'lua-hard-time-limit': 100, 'busy-reply-threshold': 20 }

  test.each([
    ['an endless loop', 'while true do end'],
    ['an endless loop that catches all errors', 'while true do pcall(function() while true do end end) end'],
    ['an endless loop of caught errors on one line', 'local function f() error("x") end while true do pcall(f) end'],
    [
      'an endless loop with an error handler',
      'while true do xpcall(function() while true do end end, function(e) while true do end end) end',
    ],
    ['an endless coroutine', 'while true do coroutine.resume(coroutine.create(function() while true do end end)) end'],
    [
      'a metamethod without end',
      'local t = setmetatable({}, {__index = function() while true do end end}) return pcall(function() return t.x end)',
    ],
    ['a reader without end', 'while true do load(function() while true do end end) end'],
    ['endless redis.call', "while true do redis.call('GET', 'k') end"],
  ])('%s is ended', async (_, body) => {
    const { run, tell, lines } = open(impatient)
    expect(await run(body)).toMatch(ENDED)
    expect(await run('return 1')).toBe('1')
    expect(await tell('PING')).toBe('+PONG')
    expect(lines.filter((line) => line.startsWith('warning: Slow script detected'))).toHaveLength(1)
  })

  test('what a script wrote before it was ended stays, and the error says so', async () => {
    const { run, tell } = open(impatient)
    expect(await run("redis.call('SET', 'k', 'v') while true do end")).toMatch(
      /^-ERR Script [0-9a-f]{40} was ended after 100 ms \(lua-hard-time-limit\): it had written already, and what it wrote stays$/,
    )
    expect(await tell('GET', 'k')).toBe('"v"')
  })

  test('a script that was known before is known after', async () => {
    const { run, tell } = open(impatient)
    await run('return 7')
    await run('while true do end')
    expect(await tell('EVALSHA', sha1('return 7'), '0')).toBe('7')
  })

  test('libraries are loaded again after one of their functions was ended', async () => {
    const { tell } = open(impatient)
    await tell(
      'FUNCTION',
      'LOAD',
      "#!lua name=lib\nlocal n = 0\nredis.register_function('spin', function() while true do end end)\nredis.register_function('count', function() n = n + 1 return n end)",
    )
    expect(await tell('FCALL', 'count', '0')).toBe('1')
    expect(await tell('FCALL', 'spin', '0')).toMatch(/^-ERR Script spin was ended after 100 ms/)
    expect(await tell('FCALL', 'count', '0')).toBe('1')
  })

  test('loading a library may take half a second', async () => {
    const { tell } = open()
    expect(await tell('FUNCTION', 'LOAD', '#!lua name=lib\nwhile true do end')).toBe(
      '-ERR Error registering functions: ERR FUNCTION LOAD timeout',
    )
    expect(await tell('FUNCTION', 'LIST')).toBe('[]')
  })

  test('0 is no limit', async () => {
    const { run } = open({ 'lua-hard-time-limit': 0, 'busy-reply-threshold': 0 })
    expect(await run('for i = 1, 3e7 do end return 1')).toBe('1')
  })
})

describe('memory', () => {
  const small = { 'lua-memory-limit': '33mb', 'lua-hard-time-limit': 60_000 }

  test.each([
    ['a table that grows', 'local t = {} for i = 1, 1e9 do t[i] = i end'],
    ['tables that are kept', 'local t = {} while true do t = {t, {1, 2, 3}} end'],
    ['string.rep', "return #string.rep(string.rep('x', 1e4), 1e5)"],
    ['string.rep of string.rep', "local s = 'x' while true do s = s .. s end"],
    [
      'table.concat',
      "local t = {} for i = 1, 100 do t[i] = string.rep(string.rep('x', 1000), 1000) end return #table.concat(t)",
    ],
    [
      'string.format',
      "local s = string.rep(string.rep('x', 1e4), 1e3) return #string.format(string.rep('%s', 10), s, s, s, s, s, s, s, s, s, s)",
    ],
    ['string.gsub', "return #string.gsub(string.rep('x', 1e5), 'x', string.rep('y', 1000))"],
    [
      'a reply that is too large',
      "for i = 1, 100 do redis.call('RPUSH', 'l', string.rep(string.rep('x', 1000), 1000) .. i) end return #redis.call('LRANGE', 'l', 0, -1)",
    ],
    ['coroutines', 'local t = {} while true do t[#t + 1] = coroutine.create(function() end) end'],
    ['code', "return loadstring('return {' .. string.rep('1,', 1e7) .. '}')()"],
  ])('%s is an error', async (_, body) => {
    const { run, tell } = open(small)
    expect(await run(body)).toMatch(NO_MEMORY)
    expect(await run('return 1')).toBe('1')
    expect(await tell('PING')).toBe('+PONG')
  })

  test('memory that a script has let go is given back', async () => {
    const { server, run } = open({ 'lua-memory-limit': '256mb', 'lua-hard-time-limit': 60_000 })
    const rss = () => server.engine.ports.scripting.scripts.vmBytes
    await run("local t = {} for i = 1, 100 do t[i] = string.rep(string.rep('x', 1000), 1000) .. i end return #t")
    expect(rss()).toBeGreaterThan(64e6)
    for (let i = 0; i < 500; i++) await run('return 1')
    expect(rss()).toBeLessThan(4e6)
  })

  test('a collector that a script has stopped goes on after it', async () => {
    const { server, run } = open({ 'lua-memory-limit': '256mb' })
    await run("collectgarbage('stop')")
    for (let i = 0; i < 500; i++) await run('return #string.rep(ARGV[1], 10000)', `${i}`)
    expect(server.engine.ports.scripting.scripts.vmBytes).toBeLessThan(4e6)
  })

  test('arguments that are too large are refused', async () => {
    const { run } = open(small)
    expect(await run('return #ARGV[1]', 'x'.repeat(4e7))).toMatch(NO_MEMORY)
    expect(await run('return #ARGV[1]', 'x'.repeat(4e6))).toBe('4000000')
  })

  test('a script that is too large is refused', async () => {
    const { run } = open(small)
    expect(await run(`return '${'x'.repeat(4e7)}'`)).toMatch(NO_MEMORY)
    expect(await run('return 1')).toBe('1')
  })

  test('an error of memory can be caught, and the script goes on', async () => {
    const { run } = open(small)
    expect(await run("local ok, e = pcall(string.rep, string.rep('x', 1e4), 1e5) return e")).toBe('"not enough memory"')
  })
})

describe('depth', () => {
  test.each([
    ['recursion', 'local function f() return 1 + f() end return f()', /stack overflow/],
    [
      'recursion through pcall',
      'local function f() return pcall(f) end return tostring(f())',
      /^"true"$|C stack overflow|stack overflow/,
    ],
    [
      'recursion through metamethods',
      'local t = {} setmetatable(t, {__index = function(_, k) return t[k + 1] end}) return t[1]',
      /C stack overflow/,
    ],
    [
      'recursion through string.gsub',
      "local function f(s) return (s:gsub('.', f)) end return f('x')",
      /C stack overflow|stack overflow/,
    ],
    [
      'recursion through coroutines',
      'local function f() return coroutine.wrap(f)() end return f()',
      /C stack overflow/,
    ],
    [
      'recursion through load',
      'local function f() return load(f) end return tostring(f())',
      /function|nil|stack overflow/,
    ],
    [
      'recursion through sort',
      'local function f() table.sort({1, 2, 3}, f) end return f()',
      /C stack overflow|stack overflow/,
    ],
    [
      'code that is nested deeply',
      `return ${'('.repeat(10000)}1${')'.repeat(10000)}`,
      /chunk has too many syntax levels/,
    ],
    [
      'a pattern that is nested deeply',
      "return string.find(string.rep('a', 250000), string.rep('a?', 250000) .. 'b')",
      /pattern too complex|stack overflow|^nil$/,
    ],
    ['unpack of too much', 'return unpack({}, 1, 1e7)', /too many results to unpack/],
  ])('%s is an error or a value, and no crash', async (_, body, expected) => {
    const { run } = open({ 'lua-hard-time-limit': 5000 })
    expect(await run(body)).toMatch(expected)
    expect(await run('return 1')).toBe('1')
  })

  test('a table that holds itself ends in an error', async () => {
    const { run } = open()
    const reply = await run('local t = {} t[1] = t return t')
    expect(reply).toContain('-ERR reached lua stack limit')
    expect(await run('local a = {} for i = 1, 900 do a = {a} end return a')).not.toContain('-ERR')
  })
})

describe('a clean start', () => {
  test.each([
    ['a global', 'x = 1', 'return x'],
    ['a field of _G', 'rawset(_G, "x", 1)', 'return x'],
    ['table.insert into _G', 'table.insert(_G, 1)', 'return tostring(_G[1])'],
    ['table.insert into redis', 'table.insert(redis, 1)', 'return tostring(redis[1])'],
    ['the metatable of strings', 'getmetatable("").__index = nil', 'return ("x"):upper()'],
    ['the metatable of _G', 'getmetatable(_G).__index = nil', 'return tostring'],
    ['a function of the string library', 'string.upper = nil', 'return ("x"):upper()'],
    ['redis.call', 'redis.call = nil', 'return redis.call("PING")'],
    ['a method of a library', 'cjson.encode = nil', 'return cjson.encode(1)'],
    ['the environment through load', 'load("y = 1")()', 'return y'],
    ['KEYS', 'KEYS[1] = 1', 'return #KEYS'],
  ])('%s does not reach the next script', async (_, body, probe) => {
    const fresh = open()
    const expected = await fresh.run(probe)
    const { run } = open()
    await run(body)
    expect(await run(probe)).toBe(expected)
    await run(`pcall(function() ${body} end)`)
    expect(await run(probe)).toBe(expected)
  })

  test('writing past a read-only table is an error', async () => {
    const { run } = open()
    expect(await run('table.insert(redis, 1) return 1')).toMatch(/Attempt to modify a readonly table/)
  })
})

describe('errors of every kind', () => {
  test.each([
    ['a table without err', 'error({a = 1})', /^-ERR unknown error script: /],
    ['a function', 'error(print_nothing or tostring)', /.*/],
    ['nil', 'error(nil)', /^-ERR nil script: /],
    ['a boolean', 'error(true)', /^-ERR true script: /],
    ['a number', 'error(7)', /^-ERR 7 script: |^-ERR user_script:1: 7 script: /],
    [
      'a table with a metatable',
      'error(setmetatable({}, {__index = function() error("x") end}))',
      /^-ERR unknown error script: /,
    ],
  ])('%s', async (_, body, expected) => {
    const { run } = open()
    expect(await run(body)).toMatch(expected)
    expect(await run('return 1')).toBe('1')
  })
})
