/**
 * What ends when its time is over though no instruction of Lua runs: functions of C and JavaScript that a script keeps busy,
 * and what is done for a script before and after it. Processor time is measured, for others may use the machine.
 */
import { afterEach, describe, expect, test } from 'vitest'
import { createServer, type Server, type ServerOptions } from '../../lib/server.ts'
import { READ_ONLY_TOKEN, type RestServer, TOKEN, webRest } from '../clients/rest.ts'
import { threadTimeMs } from '../clients/threadtime.ts'
import { show } from '../contract/harness/seen.ts'
import { engineClient } from '../contract/harness/subjects.ts'

const servers: Server[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})

function open(options: ServerOptions = {}) {
  const server = createServer({ log: () => {}, ...options })
  servers.push(server)
  const client = engineClient(server)
  const tell = async (...argv: string[]): Promise<string> => show(await client.send(argv))
  return { server, tell }
}

/** Runs something, and returns what it answers and how much processor time it took. Unit: ms. */
async function timed<T>(run: () => Promise<T>): Promise<[T, number]> {
  const before = threadTimeMs()
  const answer = await run()
  return [answer, threadTimeMs() - before]
}

const LIMIT_MS = 50
const impatient = { 'lua-hard-time-limit': LIMIT_MS, 'busy-reply-threshold': 0 }
const ended = (ms: number, directive = 'lua-hard-time-limit') =>
  new RegExp(`^-ERR Script [0-9a-f]{40} was ended after ${ms} ms \\(${directive}\\): it had written `)

const LARGE = `local large = string.rep(string.rep('x', 1000), 20000)`
const WIDE = `local wide = {} for i = 1, 200000 do wide[i] = i end`
/** A table that holds another twice, and so on: as large as one likes, and in no memory. */
const FOLDED = `local folded = {1} for i = 1, 60 do folded = {folded, folded} end`

describe('is ended in time', () => {
  test.each([
    ['string.find by backtracking', "string.find(string.rep('a', 40), string.rep('a-', 40) .. 'b')"],
    ['string.match by backtracking', "string.match(string.rep('a', 40), string.rep('a*', 40) .. 'b')"],
    ['string.gsub with a lazy pattern', "string.gsub(string.rep('a', 400000), '.-b', '')"],
    ['string.gmatch', "for _ in string.gmatch(string.rep('a', 400000), '.-b') do end"],
    ['string.find with balances', "string.find(string.rep('(', 400000), '%b()')"],
    ['string.find with frontiers', "string.find(string.rep('a', 400000), '.-%f[b].-%f[c]')"],
    ['string.find of a plain text', `${LARGE} for i = 1, 99999 do large:find(('x'):rep(5000) .. 'y', 1, true) end`],
    ['string.rep', `${LARGE} while true do large:rep(5) end`],
    ['string.reverse, lower and upper', `${LARGE} while true do large:reverse() large:upper():lower() end`],
    ['string.byte and char', `${LARGE} while true do string.char(large:byte(1, 7000)) end`],
    ['joining large strings', `${LARGE} local s while true do s = large .. 'y' end`],
    ['comparing large strings', `${LARGE} local other = large .. 'y' while true do local is = large < other end`],
    ['a string that reads as a number', `local n = string.rep('1', 2e6) while true do local is = n + 1 end`],
    ['table.concat', `${WIDE} while true do table.concat(wide, 'x') end`],
    ['table.insert at the front', `${WIDE} while true do table.insert(wide, 1, 0) end`],
    ['table.remove at the front', `${WIDE} for i = 1, 199999 do table.remove(wide, 1) end`],
    [
      'table.sort with an order that never settles',
      `${WIDE} while true do pcall(table.sort, wide, function() return true end) end`,
    ],
    ['table.sort that goes by C', `${WIDE} while true do table.sort(wide, rawequal) end`],
    ['table.maxn', `${WIDE} while true do table.maxn(wide) end`],
    ['unpack', `${WIDE} while true do select('#', unpack(wide, 1, 7000)) end`],
    ['next over what was emptied', `${WIDE} for i = 1, 200000 do wide[i] = nil end while true do next(wide) end`],
    ['keys that fall on one place', 'local t = {} for i = 1, 1e6 do t[i * 2 ^ 53] = i end'],
    ['collectgarbage', `${WIDE} for i = 1, 200000 do wide[i] = {} end while true do collectgarbage() end`],
    ['coroutines, each short', 'while true do coroutine.wrap(function() for i = 1, 99000 do end end)() end'],
    [
      'functions of C that call functions of C',
      'local function f() return pcall(pcall, pcall, f) end while true do f() end',
    ],
    [
      'a metamethod of C',
      'local t = setmetatable({}, {__index = string.rep}) while true do local s = pcall(function() return t.x end) end',
    ],
    [
      'compilation',
      `local code = string.rep('local a = 1 ', 190) while true do loadstring(string.rep('do ' .. code .. ' end ', 100)) end`,
    ],
    ['load with a reader', `while true do load(function() return string.rep(' ', 1e6) end) end`],
    ['string.format', `${LARGE} while true do string.format('%s%s', large, large) end`],
    ['string.format with a long format', `while true do pcall(string.format, string.rep('%%', 2e6)) end`],
    ['string.format of quotes', `${LARGE} while true do string.format('%q', large) end`],
    ['tonumber', "local digits = string.rep('1', 2e6) while true do tonumber(digits, 3) end"],
    ['cjson.encode of a wide table', `${WIDE} while true do cjson.encode(wide) end`],
    ['cjson.encode of a folded table', `${FOLDED} cjson.encode_max_depth(7000) cjson.encode(folded)`],
    ['cjson.encode of a string of quotes', `local s = string.rep('"', 1e7) while true do cjson.encode(s) end`],
    ['cjson.decode', "local s = '[' .. string.rep('1,', 500000) .. '1]' while true do cjson.decode(s) end"],
    ['cjson.decode of blanks', "local s = string.rep(' ', 2e7) while true do pcall(cjson.decode, s) end"],
    ['cjson.decode of escapes', `local s = '"' .. string.rep('\\\\n', 5e6) .. '"' while true do cjson.decode(s) end`],
    ['cmsgpack.pack of a wide table', `${WIDE} while true do cmsgpack.pack(wide) end`],
    [
      'cmsgpack.pack of a folded table',
      `local f = {} for i = 1, 15 do local g = {} for j = 1, 50 do g[j] = f end f = g end cmsgpack.pack(f)`,
    ],
    ['cmsgpack.unpack', `${WIDE} local s = cmsgpack.pack(wide) while true do cmsgpack.unpack(s) end`],
    ['struct.pack of a long format', "local f = string.rep('x', 5e6) while true do struct.pack(f) end"],
    ['struct.unpack of a large string', `${LARGE} while true do struct.unpack('s', large) end`],
    ['redis.sha1hex', `${LARGE} while true do redis.sha1hex(large) end`],
    ['redis.log', `${LARGE} while true do redis.log(redis.LOG_DEBUG, large) end`],
    ['redis.error_reply', `${LARGE} while true do redis.error_reply(large) end`],
    ['large arguments of redis.call', `${LARGE} while true do redis.call('ECHO', large) end`],
    ['large replies of redis.call', "redis.call('SETRANGE', 'k', 2e7, 'x') while true do redis.call('GET', 'k') end"],
    [
      'wide replies of redis.call',
      "for i = 1, 20 do redis.call('RPUSH', 'l', unpack(redis.call('TIME'), 1, 2)) end for i = 1, 14 do redis.call('RPUSH', 'l', unpack(redis.call('LRANGE', 'l', 0, 3000))) end while true do redis.call('LRANGE', 'l', 0, -1) end",
    ],
    ['commands that take long', `${LARGE} redis.call('SET', 'k', large) while true do redis.call('BITCOUNT', 'k') end`],
    ['a reply that is folded', `${FOLDED} return folded`],
  ])('%s', async (_, body) => {
    const { tell } = open(impatient)
    const [answer, took] = await timed(() => tell('EVAL', body, '0'))
    expect(answer).toMatch(ended(LIMIT_MS))
    expect(took).toBeLessThan(LIMIT_MS + 1000)
    expect(await tell('EVAL', 'return 1', '0')).toBe('1')
  })
})

describe('bounds', () => {
  const LINE = `local line = string.rep(string.rep('x', 1000), 1000)`

  test.each([
    [
      'one string as many arguments',
      `${LINE} local t = {} for i = 1, 5000 do t[i] = line end redis.call('MSET', unpack(t))`,
    ],
    [
      'one string as many words of the log',
      `${LINE} local t = {} for i = 1, 5000 do t[i] = line end redis.log(1, unpack(t))`,
    ],
    ['one string many times in a reply', `${LINE} local t = {} for i = 1, 5000 do t[i] = line end return t`],
    [
      'a reader of code that goes on',
      `${LINE} local ok, reason = pcall(load, function() return line end) return reason`,
    ],
    ['a long format', "return pcall(string.format, string.rep('%d', 5e6))"],
  ])('%s takes no more memory than Lua may', async (_, body) => {
    const { tell } = open({ 'lua-hard-time-limit': 60_000, 'lua-memory-limit': '33mb' })
    expect(await tell('EVAL', body, '0')).toMatch(/not enough memory|null/)
    expect(await tell('EVAL', 'return 1', '0')).toBe('1')
  })
})

describe('libraries', () => {
  test('are loaded in half a second, whatever they call, and their functions ended in time', async () => {
    const { tell } = open(impatient)
    const spin = "('a'):rep(40):find(('a-'):rep(40) .. 'b')"
    expect(await open().tell('FUNCTION', 'LOAD', `#!lua name=l\nlocal at = ${spin}`)).toBe(
      '-ERR Error registering functions: ERR FUNCTION LOAD timeout',
    )
    await tell('FUNCTION', 'LOAD', `#!lua name=l\nredis.register_function('f', function() return ${spin} end)`)
    expect(await tell('FCALL', 'f', '0')).toMatch(/^-ERR Script f was ended after 50 ms/)
    expect(await tell('FCALL', 'f', '0')).toMatch(/^-ERR Script f was ended after 50 ms/)
  })
})

test('how long a script may run says nothing of how long libraries may take to be loaded', async () => {
  const { tell } = open({ 'lua-hard-time-limit': 1 })
  const functions = "for i = 1, 5000 do redis.register_function('f' .. i, function() end) end"
  expect(await tell('FUNCTION', 'LOAD', `#!lua name=l\n${functions}`)).toBe('"l"')
})

describe('with the defaults', () => {
  const FIND = "string.find(string.rep('a', 40), string.rep('a-', 40) .. 'b')"

  test('a script is ended after five seconds', { timeout: 30_000 }, async () => {
    const { tell } = open()
    const [answer, took] = await timed(() => tell('EVAL', FIND, '0'))
    expect(answer).toMatch(ended(5000))
    expect(took).toBeLessThan(15_000) // on a busy machine; by itself it does not end
  })

  test.each([
    ['EVAL_RO', (rest: RestServer, token: string) => ask(rest, token, ['EVAL_RO', FIND, '0'])],
    [
      'FCALL_RO',
      async (rest: RestServer, token: string) => {
        const library = `#!lua name=l\nredis.register_function{function_name='f', callback=function() return ${FIND} end, flags={'no-writes'}}`
        await ask(rest, TOKEN, ['FUNCTION', 'LOAD', library])
        return ask(rest, token, ['FCALL_RO', 'f', '0'])
      },
    ],
  ])('%s of the read-only token is ended after a quarter of a second', async (_, act) => {
    const rest = await webRest()
    servers.push(rest.server)
    const [answer, took] = await timed(() => act(rest, READ_ONLY_TOKEN))
    expect(answer).toMatch(/ was ended after 250 ms \(lua-read-only-time-limit\): it had written nothing/)
    expect(took).toBeLessThan(4000) // the other limit is five seconds
    expect(await ask(rest, READ_ONLY_TOKEN, ['EVAL_RO', 'return 1', '0'])).toBe('{"result":1}')
  })

  test('so is the compilation of its script', async () => {
    const rest = await webRest()
    servers.push(rest.server)
    const body = `local t = {${'{1,2,3,{},function() return 1 + 2 end},'.repeat(200_000)}} return 1`
    const [answer, took] = await timed(() => ask(rest, READ_ONLY_TOKEN, ['EVAL_RO', body, '0']))
    expect(answer).toContain('ERR The compilation of a script was ended after 250 ms (lua-read-only-time-limit)')
    expect(took).toBeLessThan(1500)
  })
})

describe('many scripts of one transaction', () => {
  const endless = (command: string, ...argv: string[]) => new Array(200).fill([command, ...argv])

  test('end with the first of them, and no instance is made for the others', async () => {
    const rest = await webRest()
    servers.push(rest.server)
    const ask = async () => {
      const body = endless('EVAL_RO', 'while true do end', '0')
      return (await rest.call('POST', '/multi-exec', { body, token: READ_ONLY_TOKEN })).json
    }
    const [answers, took] = await timed(ask)
    expect(answers).toHaveLength(200)
    for (const { error } of answers as { error: string }[]) expect(error).toContain('(lua-read-only-time-limit)')
    expect(took).toBeLessThan(10_000) // one by one they would take fifty seconds
  })

  test('nor are libraries loaded again', async () => {
    const rest = await webRest()
    servers.push(rest.server)
    const code = `#!lua name=l
local t = {} for i = 1, 100000 do t[i] = i end
redis.register_function{function_name = 'f', callback = function() while true do end end, flags = {'no-writes'}}`
    expect(await ask(rest, TOKEN, ['FUNCTION', 'LOAD', code])).toBe('{"result":"l"}')
    const [answers, took] = await timed(async () => {
      const body = endless('FCALL_RO', 'f', '0')
      return (await rest.call('POST', '/multi-exec', { body, token: READ_ONLY_TOKEN })).json
    })
    expect(answers).toHaveLength(200)
    for (const { error } of answers as { error: string }[]) expect(error).toContain('(lua-read-only-time-limit)')
    expect(took).toBeLessThan(10_000) // one by one they would take fifty seconds
  })
})

test('what the read-only token runs writes nothing to the log', async () => {
  const lines: string[] = []
  const rest = await webRest({ log: (_, message) => lines.push(message) })
  servers.push(rest.server)
  const body = "redis.log(redis.LOG_WARNING, 'by a script') return 1"
  expect(await ask(rest, READ_ONLY_TOKEN, ['EVAL_RO', body, '0'])).toBe('{"result":1}')
  expect(lines.filter((line) => line.includes('by a script'))).toEqual([])
  expect(await ask(rest, TOKEN, ['EVAL_RO', body, '0'])).toBe('{"result":1}')
  expect(lines.filter((line) => line.includes('by a script'))).toHaveLength(1)
})

async function ask(rest: RestServer, token: string, argv: readonly string[]): Promise<string> {
  return (await rest.call('POST', '/', { body: argv, token })).body
}
