/**
 * The whole command table as someone who must not: a stranger without a password or a token finds neither data nor a way to
 * change anything, and the bearer of the read-only token no way to write and no list of keys, by any door.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Command, Flag } from '../../lib/commands/command.ts'
import { createCommandTable } from '../../lib/commands/index.ts'
import { RespClient } from '../clients/resp.ts'
import { httpRest, READ_ONLY_TOKEN, type RestServer } from '../clients/rest.ts'
import { RespSocket, TextSocket } from '../clients/websocket.ts'
import { show } from '../contract/harness/seen.ts'

const SECRET = 'the-secret-value'
const KEY = 'a-secret-key'

const commands = createCommandTable().all.filter(({ subcommands }) => subcommands === undefined)

/** What a stranger may say: how he comes in, begins again, or goes. */
const BEFORE_AUTHENTICATION = ['auth', 'hello', 'quit', 'reset']

/** Besides reads, what concerns the reader's own connection, and transactions of reads. */
const FOR_READERS =
  /^(auth|hello|quit|reset|ping|echo|select|multi|exec|discard|client\|(getname|id|info|no-touch|reply|setinfo|setname|tracking|trackinginfo|caching|getredir|help))$/

/** Reads that list keys, or take what they find. */
const NOT_FOR_READERS = ['keys', 'randomkey', 'scan']

const mayRead = ({ fullName, flags }: Command): boolean =>
  FOR_READERS.test(fullName) || ((flags & Flag.ReadOnly) !== 0 && !NOT_FOR_READERS.includes(fullName))

/** A command with as many arguments as it needs: its keys the secret one, counts 1. */
function argvOf({ fullName, arity, keys }: Command): string[] {
  const argv = fullName.split('|')
  const counts = keys.flatMap(({ begin, find }) =>
    typeof begin === 'object' && 'index' in begin && typeof find === 'object' && 'keyNumIndex' in find
      ? [begin.index + find.keyNumIndex]
      : [],
  )
  while (argv.length < Math.abs(arity)) argv.push(counts.includes(argv.length) ? '1' : KEY)
  return argv
}

/** A function that takes what a reader may not, without saying so. */
const TAKES =
  "#!lua name=takes\nredis.register_function('takes', function(keys) return redis.call('GETDEL', keys[1]) end)"

/** Reads with an argument by which a command of the same family writes. */
const DISGUISED = [
  ['SORT_RO', KEY, 'STORE', 'd'],
  ['GEORADIUS_RO', 'geo', '0', '0', '1', 'm', 'STORE', 'd'],
  ['GEORADIUSBYMEMBER_RO', 'geo', 'm', '1', 'm', 'STOREDIST', 'd'],
  ['BITFIELD_RO', KEY, 'SET', 'u8', '0', '1'],
  ['XREAD', 'GROUP', 'g', 'c', 'STREAMS', 'stream', '>'],
  ['EVAL_RO', "return redis.call('SET', KEYS[1], 'x')", '1', KEY],
  ['EVAL_RO', "return redis.call('KEYS', '*')", '0'],
  ['EVAL_RO', '#!lua flags=\nredis.call("DEL", KEYS[1])', '1', KEY],
  ['FCALL_RO', 'takes', '1', KEY],
  ['FCALL', 'takes', '1', KEY],
  ['CLIENT', 'SETNAME', 'x'],
  ['ping'],
]

let rest: RestServer
let port: number

beforeAll(async () => {
  rest = await httpRest({ requirepass: 'password', 'enable-debug-command': 'yes', 'auth-throttle-max-delay': 0 })
  const { server } = rest
  port = (await server.listen({ port: 0, httpPort: false })).port
  const door = server.inProcess()
  door.execute('SET', KEY, SECRET)
  door.execute('FUNCTION', 'LOAD', TAKES)
  door.execute('XADD', 'stream', '1-1', 'f', SECRET)
  door.execute('GEOADD', 'geo', '0', '0', 'm')
})
afterAll(() => rest.close())

/** All that a command could have changed, but for what belongs to the connection that sends it. */
function state(): unknown {
  const door = rest.server.inProcess()
  const { engine, config } = rest.server
  const settings = config.get(['*'], () => true)
  return {
    dirty: engine.dirty,
    digest: door.execute('DEBUG', 'DIGEST'),
    size: door.execute('DBSIZE'),
    settings: [...settings],
    users: door.execute('ACL', 'LIST'),
    subscribers: rest.server.pubsub.channels.size + rest.server.pubsub.patterns.size,
    monitors: engine.monitors.size,
    paused: engine.pause.mode,
    fullSyncs: engine.ports.persistence.replication.fullSyncs,
    saves: engine.ports.persistence.saving.saves,
  }
}

/** Runs with nothing changed by it. */
async function changesNothing(run: () => Promise<void>): Promise<void> {
  const before = state()
  await run()
  expect(state()).toEqual(before)
}

describe('a stranger', () => {
  const NO_AUTH = /^-(EXECABORT Transaction discarded because of: )?NOAUTH Authentication required\.$/

  const holdsOut = async (ask: (argv: string[]) => Promise<string>): Promise<void> => {
    for (const command of commands) {
      if (command.name === 'quit' || command.name === 'reset') continue // a case of their own
      const reply = await ask(argvOf(command))
      expect(reply, command.fullName).toMatch(BEFORE_AUTHENTICATION.includes(command.fullName) ? /^-/ : NO_AUTH)
      expect(reply).not.toContain(SECRET)
    }
    expect(await ask(['RESET'])).toMatch(/RESET/)
    expect(await ask(['GET', KEY])).toMatch(/^-NOAUTH/)
    expect(await ask(['HELLO', '3'])).toMatch(/^-NOAUTH/)
    for (const argv of [
      ['AUTH', ''],
      ['AUTH', 'default', ''],
      ['AUTH', 'default_ro', READ_ONLY_TOKEN],
      ['AUTH', 'nobody', 'x'],
    ]) {
      expect(await ask(argv)).toMatch(/^-WRONGPASS/)
    }
    expect(await ask(['GET', KEY])).toMatch(/^-NOAUTH/)
  }

  test('on TCP is asked for a password, whatever he says', () =>
    changesNothing(async () => {
      const client = await RespClient.connect({ port, host: '127.0.0.1' })
      await holdsOut(async (argv) => show(await client.send(argv)))
      expect(show(await client.send(['QUIT']))).toBe('+OK')
      await client.closed
    }))

  test('on a WebSocket, too', () =>
    changesNothing(async () => {
      const client = new RespSocket(`ws${rest.url.slice(4)}/ws`)
      await holdsOut(async (argv) => show(await client.ask(...argv)))
      client.socket.close()
      await client.ended
    }))

  test('and on one that speaks JSON', () =>
    changesNothing(async () => {
      const client = new TextSocket(`ws${rest.url.slice(4)}/ws?format=json`)
      await holdsOut(async (argv) => {
        const { error, result } = (await client.ask(...argv)) as { error?: string; result?: unknown }
        return error === undefined ? String(result) : `-${error}`
      })
      client.socket.close()
      await client.ended
    }))

  test('over REST gets 401, for every command in every form', () =>
    changesNothing(async () => {
      const all = commands.map(argvOf)
      const requests: [method: string, path: string, body?: unknown][] = [
        ['POST', '/pipeline', all],
        ['POST', '/multi-exec', all],
        ['GET', `/subscribe/${KEY}`],
        ['POST', '/psubscribe/*', []],
        ['GET', '/monitor'],
        ['GET', `/get/${KEY}?_token=wrong`],
        ['HEAD', `/get/${KEY}`],
      ]
      for (const argv of all) requests.push(['POST', '/', argv], ['GET', `/${argv.map(encodeURIComponent).join('/')}`])
      for (const [method, path, body] of requests) {
        const answer = await rest.call(method, path, { token: '', body })
        expect(answer.status, path).toBe(401)
        expect(answer.body).not.toContain(SECRET)
      }
    }))

  test.each([
    ['a wrong token', 'Bearer wrong'],
    ['an empty one', 'Bearer '],
    ['the password', 'Bearer password'],
    ['another scheme', `Basic ${READ_ONLY_TOKEN}`],
    ['the name of a user', 'Bearer default'],
  ])('and so with %s', async (_, authorization) => {
    for (const [method, path] of [
      ['GET', `/get/${KEY}`],
      ['POST', '/pipeline'],
    ]) {
      const { status, body } = await rest.call(method, path, { token: '', headers: { authorization } })
      expect(status).toBe(401)
      expect(body).not.toContain(SECRET)
    }
  })
})

describe('the bearer of the read-only token', () => {
  const denied = ({ fullName }: Command) => `NOPERM this user has no permissions to run the '${fullName}' command`
  /** Whose reply is not for the one who asks, or ends the connection. */
  const APART = /^(quit|client\|reply|exec|multi)$/
  const walked = commands.filter(({ fullName }) => !APART.test(fullName))

  /** Asks each command, from the start of a connection; only reads get past the guards. */
  const readsOnly = async (ask: (argv: string[]) => Promise<string>): Promise<void> => {
    for (const command of walked) {
      await ask(['RESET'])
      const reply = await ask(argvOf(command))
      if (mayRead(command)) expect(reply, command.fullName).not.toContain('NOPERM')
      else expect(reply).toBe(`-${denied(command)}`)
    }
    for (const argv of DISGUISED) await ask(argv)
    expect(await ask(['EVAL_RO', "return redis.call('KEYS', '*')", '0'])).toMatch(
      /^-ERR ACL failure in script: this user has no/,
    )
    for (const argv of [['AUTH', 'default', 'x'], ['HELLO', '2', 'AUTH', 'default', 'x'], ['RESET'], ['AUTH', 'x']])
      await ask(argv)
    expect(await ask(['SET', KEY, 'x'])).toMatch(/^-NOPERM/)
    expect(await ask(['GET', KEY])).toContain(SECRET)
    await ask(['MULTI'])
    expect(await ask(['SET', KEY, 'x'])).toMatch(/^-NOPERM/)
    expect(await ask(['EXEC'])).toMatch(/^-EXECABORT/)
    await ask(['MULTI'])
    await ask(['GET', KEY])
    expect(await ask(['EXEC'])).toContain(SECRET)
  }

  test('on a WebSocket reads and does nothing else', () =>
    changesNothing(async () => {
      const client = new RespSocket(`ws${rest.url.slice(4)}/ws?token=${READ_ONLY_TOKEN}`)
      await readsOnly(async (argv) => show(await client.ask(...argv)))
      client.socket.close()
      await client.ended
    }))

  test('on one that speaks JSON, too', () =>
    changesNothing(async () => {
      const client = new TextSocket(`ws${rest.url.slice(4)}/ws?format=json&token=${READ_ONLY_TOKEN}`)
      await readsOnly(async (argv) => {
        const { error, result } = (await client.ask(...argv)) as { error?: string; result?: unknown }
        return error === undefined ? JSON.stringify(result) : `-${error}`
      })
      client.socket.close()
      await client.ended
    }))

  const call = async (method: string, path: string, body?: unknown) =>
    rest.call(method, path, { token: READ_ONLY_TOKEN, body })

  const verdict = (command: Command, { status, json }: { status: number; json: unknown }): void => {
    const { error = '' } = json as { error?: string }
    if (mayRead(command)) expect(error, command.fullName).not.toContain('NOPERM')
    else expect([status, error]).toEqual([400, denied(command)])
  }

  test('over REST, as a body and as a path', () =>
    changesNothing(async () => {
      for (const command of walked) {
        verdict(command, await call('POST', '/', argvOf(command)))
        verdict(command, await call('GET', `/${argvOf(command).map(encodeURIComponent).join('/')}`))
      }
      for (const argv of DISGUISED) await call('POST', '/', argv)
    }))

  test('in a pipeline, and in transactions, which a write spoils', () =>
    changesNothing(async () => {
      const { json } = await call(
        'POST',
        '/pipeline',
        walked.flatMap((command) => [['RESET'], argvOf(command)]),
      )
      const replies = json as { error?: string }[]
      for (const [i, command] of walked.entries()) verdict(command, { status: 400, json: replies[2 * i + 1] })
      for (const command of walked) {
        if (mayRead(command)) continue
        const { status, json: answer } = await call('POST', '/multi-exec', [['GET', KEY], argvOf(command)])
        expect([status, answer]).toEqual([
          400,
          { error: 'EXECABORT Transaction discarded because of previous errors.' },
        ])
      }
    }))

  test('opens no stream', () =>
    changesNothing(async () => {
      for (const path of [`/subscribe/${KEY}`, '/psubscribe/*', '/monitor']) {
        const { status, json } = await call('GET', path)
        expect([status, json]).toEqual([400, { error: expect.stringMatching(/^NOPERM/) }])
      }
    }))
})
