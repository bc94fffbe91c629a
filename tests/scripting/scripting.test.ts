import { afterEach, describe, expect, test } from 'vitest'
import { createServer, type Server, type ServerOptions } from '../../lib/server.ts'
import type { Link } from '../../lib/session/session.ts'
import { sha1 as sha } from '../contract/harness/script.ts'
import { show } from '../contract/harness/seen.ts'
import { engineClient } from '../contract/harness/subjects.ts'

const SILENT: Link = { push() {}, closeAfterReply() {}, close() {}, inputBytes: 0, outputBytes: 0 }

const servers: Server[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})

function open(options: ServerOptions = {}) {
  const server = createServer({ log() {}, ...options })
  servers.push(server)
  const client = engineClient(server)
  const tell = async (...argv: string[]): Promise<string> => show(await client.send(argv))
  return { server, tell, run: (body: string) => tell('EVAL', body, '0') }
}

describe('lua-bare-error-replies', () => {
  test('off, redis.error_reply gives a text of one word the code ERR, as Redis 7 does', async () => {
    const { run } = open()
    expect(await run("return redis.error_reply('SETTINGS_KEY_NOT_FOUND')")).toBe('-ERR SETTINGS_KEY_NOT_FOUND')
    expect(await run("return redis.error_reply('CODE text')")).toBe('-CODE text')
  })

  test('on, it leaves such a text as it is, and nothing else changes', async () => {
    const { run, tell } = open({ 'lua-bare-error-replies': true })
    expect(await run("return redis.error_reply('SETTINGS_KEY_NOT_FOUND')")).toBe('-SETTINGS_KEY_NOT_FOUND')
    expect(await run("return redis.error_reply('-BARE')")).toBe('-BARE')
    expect(await run("return redis.error_reply('CODE text')")).toBe('-CODE text')
    expect(await run('return redis.error_reply(1)')).toBe('-ERR wrong number or type of arguments')
    expect(await tell('CONFIG', 'SET', 'lua-bare-error-replies', 'no')).toBe('+OK')
    expect(await run("return redis.error_reply('BARE')")).toBe('-ERR BARE')
  })
})

describe('statistics', () => {
  const errors = async (tell: (...argv: string[]) => Promise<string>) =>
    /errorstat_ERR:count=(\d+)/.exec(await tell('INFO', 'errorstats'))?.[1]
  const stats = async (tell: (...argv: string[]) => Promise<string>, command: string) =>
    new RegExp(`cmdstat_${command}:calls=(\\d+),.*?rejected_calls=(\\d+),failed_calls=(\\d+)`)
      .exec(await tell('INFO', 'commandstats'))
      ?.slice(1)
      .map(Number)

  test('an error of a command that ends its script counts once', async () => {
    const { run, tell } = open()
    await tell('SET', 'k', 'text')
    await run("return redis.call('INCR', 'k')")
    expect(await errors(tell)).toBe('1')
    expect(await stats(tell, 'incr')).toEqual([1, 0, 1])
    expect(await stats(tell, 'eval')).toEqual([1, 0, 1])
  })

  test('a command that a script may not run counts as rejected', async () => {
    const { run, tell } = open()
    await run("return redis.pcall('GET')")
    expect(await errors(tell)).toBe('1')
    expect(await stats(tell, 'get')).toEqual([0, 1, 0])
  })

  test('the commands of a script count as calls', async () => {
    const { run, tell } = open()
    await run("for i = 1, 10 do redis.call('INCR', 'k') end")
    expect(await stats(tell, 'incr')).toEqual([10, 0, 0])
    expect(await tell('INFO', 'stats')).toContain('total_commands_processed:13')
  })
})

describe('the cache of scripts', () => {
  test('keeps the 500 that were last evaluated, and all that were loaded', async () => {
    const { tell, server } = open()
    const { scripts } = server.engine.ports.scripting
    const loaded = await tell('SCRIPT', 'LOAD', 'return 0')
    for (let i = 1; i <= 500; i++) await tell('EVAL', `return ${i}`, '0')
    await tell('EVAL', 'return 1', '0')
    await tell('EVAL', 'return 501', '0')
    expect(scripts.count).toBe(501)
    expect(await tell('INFO', 'stats')).toContain('evicted_scripts:1')
    expect(await tell('SCRIPT', 'EXISTS', JSON.parse(loaded))).toBe('[1]')
    const known = async (body: string) => (await tell('EVALSHA', sha(body), '0')).startsWith('-NOSCRIPT') === false
    expect([await known('return 1'), await known('return 2'), await known('return 3')]).toEqual([true, false, true])
  })

  test('keeps some megabytes of texts that were evaluated, and of them the last, however long', async () => {
    const { tell, server } = open()
    const { scripts } = server.engine.ports.scripting
    const long = (n: number, megabytes = 1): string => `return ${n} --${'-'.repeat(megabytes * 2 ** 20)}`
    await tell('SCRIPT', 'LOAD', long(0))
    for (let i = 1; i <= 40; i++) await tell('EVAL', long(i), '0')
    expect(scripts.count).toBe(1 + 31)
    expect(scripts.has(sha(long(9)))).toBe(false)
    expect(scripts.has(sha(long(10)))).toBe(true)
    await tell('EVAL', long(41, 40), '0')
    expect(scripts.count).toBe(1 + 1)
    expect(scripts.has(sha(long(41, 40)))).toBe(true)
    await tell('EVAL', 'return 1', '0')
    expect(scripts.bytes).toBeLessThan(2 * 2 ** 20)
    expect(scripts.has(sha('return 1'))).toBe(true)
  })

  test('a script of EVAL that is loaded later stays', async () => {
    const { tell, server } = open()
    await tell('EVAL', 'return 0', '0')
    await tell('SCRIPT', 'LOAD', 'return 0')
    for (let i = 1; i <= 600; i++) await tell('EVAL', `return ${i}`, '0')
    expect(server.engine.ports.scripting.scripts.has(sha('return 0'))).toBe(true)
  })
})

describe('a script inside of a script', () => {
  test('is refused, though DEBUG lets scripts run every command, and the outer one goes on', async () => {
    const { run, tell } = open({ 'enable-debug-command': 'yes' })
    await tell('DEBUG', 'SET-DISABLE-DENY-SCRIPTS', '1')
    const refused = 'ERR a script cannot run inside of another'
    expect(
      await run(
        "local e = redis.pcall('EVAL', 'return 1', 0).err redis.call('SELECT', 1) return {e, redis.call('DBSIZE')}",
      ),
    ).toBe(`["${refused}", 0]`)
    expect(await run("redis.setresp(3) redis.pcall('SCRIPT', 'LOAD', 'return 2') return 1")).toBe('1')
    expect(await run('return 3')).toBe('3')
    expect(await tell('PING')).toBe('+PONG')
  })

  test('nor can what hears of the log call one', async () => {
    const heard: string[] = []
    const { server, run } = open({
      log(_, message) {
        if (message !== 'hello') return
        const session = server.openSession('inprocess', SILENT, '', '')
        heard.push(JSON.stringify(server.engine.execute(session, ['EVAL', 'return 1', '0'])))
        server.closeSession(session)
      },
    })
    expect(await run("redis.log(redis.LOG_WARNING, 'hello') return 5")).toBe('5')
    expect(heard).toEqual([expect.stringContaining('ERR a script cannot run inside of another')])
  })
})
