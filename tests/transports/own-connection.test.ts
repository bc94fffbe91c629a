/** Commands that have no sense without a connection of their client's own are refused where there is none, not forgotten. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Command, type OwnConnection, ownConnectionOf } from '../../lib/commands/command.ts'
import { createCommandTable } from '../../lib/commands/index.ts'
import { httpRest, type RestServer, webRest } from '../clients/rest.ts'

/** What each needs a connection for; the gate below fails where the table and this list differ. */
const NEEDS: Readonly<Record<OwnConnection, readonly string[]>> = {
  transaction: ['multi', 'exec', 'discard', 'watch', 'unwatch'],
  messages: ['subscribe', 'psubscribe', 'ssubscribe', 'unsubscribe', 'punsubscribe', 'sunsubscribe', 'monitor'],
  state: ['hello', 'quit', 'reset', 'client|reply', 'client|tracking', 'client|caching', 'replconf', 'psync', 'sync'],
  scope: [
    'select',
    'asking',
    'auth',
    'client|setname',
    'client|setinfo',
    'client|no-evict',
    'client|no-touch',
    'himport|prepare',
    'himport|set',
    'readonly',
    'readwrite',
    'himport|discard',
    'himport|discardall',
  ],
}

const table = createCommandTable()

/** As many arguments as it needs, or as make it need a connection. */
function argvOf({ fullName, arity }: Command): string[] {
  const argv = fullName.split('|')
  while (argv.length < Math.abs(arity)) argv.push('1')
  return fullName === 'hello' ? ['HELLO', '3'] : argv
}

const commands = (need: OwnConnection): string[][] =>
  NEEDS[need].map((name) => argvOf(table.all.find(({ fullName }) => fullName === name)!))

test('the table says of each command what it needs a connection for', () => {
  const found: Record<string, string[]> = { transaction: [], messages: [], state: [], scope: [] }
  for (const command of table.all) {
    const need = ownConnectionOf(command, argvOf(command))
    if (need !== undefined) found[need].push(command.fullName)
  }
  for (const [need, names] of Object.entries(NEEDS)) expect(found[need].sort(), need).toEqual([...names].sort())
})

test('every command of the group "connection" either has sense in a request or says what it needs', () => {
  const SENSIBLE =
    /^(echo|ping|client\|(getname|getredir|id|info|kill|list|pause|unpause|unblock|trackinginfo|help)|client|readonly|readwrite|asking)$/
  const rest = table.all.filter(({ group, ownConnection }) => group === 'connection' && ownConnection === undefined)
  for (const { fullName } of rest) expect(fullName).toMatch(SENSIBLE)
})

describe.each([
  ['node:http', httpRest],
  ['Request and Response', webRest],
])('over REST on %s', (_, start) => {
  let rest: RestServer
  beforeEach(async () => {
    rest = await start()
  })
  afterEach(() => rest.close())

  const post = async (path: string, body: unknown) => {
    const { status, json } = await rest.call('POST', path, { body })
    return [status, json]
  }

  test.each([
    ['transaction', '/multi-exec'],
    ['messages', '/subscribe'],
    ['state', 'a WebSocket'],
    ['scope', '/pipeline'],
  ] as const)('what needs one for %s is refused by itself, and told of %s', async (need, way) => {
    for (const argv of commands(need)) {
      const name = table.resolve(argv) as Command
      const error = expect.stringMatching(
        new RegExp(`^ERR '${name.fullName.replace('|', '\\|')}' needs a connection that stays, .*${way}`),
      )
      expect(await post('/', argv)).toEqual([400, { error }])
      if (need === 'messages' && ['subscribe', 'psubscribe', 'monitor'].includes(name.fullName)) continue
      expect((await rest.call('GET', `/${argv.join('/')}`)).json).toEqual({ error })
    }
  })

  test('what needs one is refused within a pipeline, and what follows runs', async () => {
    for (const argv of (['transaction', 'messages', 'state'] as const).flatMap(commands)) {
      const [status, json] = await post('/pipeline', [argv, ['SET', 'k', argv[0]], ['GET', 'k']])
      expect([status, json]).toEqual([
        200,
        [{ error: expect.stringContaining('needs a connection') }, { result: 'OK' }, { result: argv[0] }],
      ])
    }
    expect(await post('/pipeline', [['MULTI'], ['INCR', 'n'], ['EXEC'], ['INCR', 'n'], ['DISCARD']])).toEqual([
      200,
      [
        { error: expect.stringContaining('/multi-exec') },
        { result: 1 },
        { error: expect.stringMatching(/^ERR 'exec'/) },
        { result: 2 },
        { error: expect.stringContaining('/multi-exec') },
      ],
    ])
  })

  test('a transaction that holds one is discarded as a whole', async () => {
    for (const argv of (['transaction', 'messages', 'state'] as const).flatMap(commands)) {
      expect(await post('/multi-exec', [['SET', 'k', 'v'], argv, ['SET', 'k', 'w']])).toEqual([
        400,
        { error: 'EXECABORT Transaction discarded because of previous errors.' },
      ])
    }
    expect(await post('/', ['EXISTS', 'k'])).toEqual([200, { result: 0 }])
  })

  test('SELECT holds for its pipeline or transaction alone', async () => {
    const [, json] = await post('/pipeline', [
      ['SELECT', 3],
      ['SET', 'k', 'v'],
      ['CLIENT', 'SETNAME', 'x'],
      ['CLIENT', 'GETNAME'],
    ])
    expect(json).toEqual([{ result: 'OK' }, { result: 'OK' }, { result: 'OK' }, { result: 'x' }])
    expect(await post('/', ['EXISTS', 'k'])).toEqual([200, { result: 0 }])
    expect(
      (
        await post('/pipeline', [
          ['SELECT', 3],
          ['EXISTS', 'k'],
        ])
      )[1],
    ).toEqual([{ result: 'OK' }, { result: 1 }])
    expect(
      await post('/multi-exec', [
        ['SELECT', 3],
        ['GET', 'k'],
      ]),
    ).toEqual([200, [{ result: 'OK' }, { result: 'v' }]])
    expect(await post('/', ['CLIENT', 'GETNAME'])).toEqual([200, { result: null }])
  })

  test('HELLO that asks for nothing tells of the server', async () => {
    const [status, json] = await post('/', ['HELLO'])
    expect([status, json]).toEqual([200, { result: expect.arrayContaining(['server', 'redis']) }])
  })

  test('what is refused counts as refused, and permissions come first', async () => {
    const door = rest.server.inProcess()
    door.execute('CONFIG', 'RESETSTAT')
    await post('/', ['MULTI'])
    expect(door.execute('INFO', 'commandstats')).toMatch(/cmdstat_multi:calls=0,.*rejected_calls=1,failed_calls=0/)
    expect(door.execute('INFO', 'errorstats')).toContain('errorstat_ERR:count=1')
    door.execute('ACL', 'SETUSER', 'default', '-multi')
    expect(await post('/', ['MULTI'])).toEqual([
      400,
      { error: "NOPERM User default has no permissions to run the 'multi' command" },
    ])
  })
})
