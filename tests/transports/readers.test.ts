/** The read-only token learns of keys only by naming them: each command that is open to its bearer, and why it is. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createCommandTable } from '../../lib/commands/index.ts'
import { denialOf } from '../../lib/commands/permission.ts'
import { httpRest, READ_ONLY_TOKEN, type RestServer } from '../clients/rest.ts'
import { RespSocket, TextSocket } from '../clients/websocket.ts'

/** Why a command tells nothing of keys that were not named. A new one that only reads belongs into one of these, or tells keys. */
const OPEN: Readonly<Record<string, string>> = {
  'it reads the keys that stand among its arguments': `
    arcount arget argetrange argrep arinfo arlastitems arlen armget arnext arop arscan
    bitcount bitfield_ro bitpos digest dump exists expiretime geodist geohash geopos georadius_ro georadiusbymember_ro geosearch
    json.arrindex json.arrlen json.debug|memory json.get json.mget json.objkeys json.objlen json.resp json.strlen json.type
    get getbit getrange hexists hexpiretime hget hgetall hkeys hlen hmget hpexpiretime hpttl hrandfield hscan hstrlen httl hvals
    lcs lindex llen lpos lrange mget memory|usage object|encoding object|freq object|idletime object|refcount pexpiretime pfcount
    pttl scard sdiff sdiffcard sinter sintercard sismember smembers smismember sort_ro srandmember sscan strlen substr sunion sunioncard touch ttl
    type xinfo|consumers xinfo|groups xinfo|stream xlen xpending xrange xread xrevrange zcard zcount zdiff zinter zintercard
    zlexcount zmscore zrandmember zrange zrangebylex zrangebyscore zrank zrevrange zrevrangebylex zrevrangebyscore zrevrank
    zscan zscore zunion`,
  'its script may run no more than its caller': 'eval_ro evalsha_ro fcall_ro',
  'it tells how many keys there are, or nothing of keys': 'dbsize lolwut',
  'it is about the connection of its bearer': `
    auth echo hello ping quit reset select client|caching client|getname client|getredir client|help client|id client|info
    client|no-touch client|reply client|setinfo client|setname client|tracking client|trackinginfo`,
  'a transaction may no more than its commands': 'multi exec discard',
}

/** With these arguments, they tell of other keys. */
const CLOSED: readonly string[][] = [
  ['KEYS', '*'],
  ['SCAN', '0'],
  ['RANDOMKEY'],
  ['SORT_RO', 'list', 'BY', 'w_*'],
  ['SORT_RO', 'list', 'LIMIT', '0', '1', 'GET', '#', 'GET', 'w_*'],
  ['SORT_RO', 'list', 'GET', 'h_*->f'],
  ['CLIENT', 'TRACKING', 'ON', 'BCAST'],
  ['client', 'tracking', 'on', 'prefix', 'sec', 'bcast', 'noloop'],
  ['MONITOR'],
  ['SUBSCRIBE', '__keyevent@0__:set'],
  ['PSUBSCRIBE', '__keyspace@*'],
  ['SLOWLOG', 'GET'],
  ['PUBSUB', 'CHANNELS'],
  ['CLIENT', 'LIST'],
  ['COMMAND', 'GETKEYS', 'GET', 'k'],
  ['DEBUG', 'LISTPACK', 'list'],
]

let rest: RestServer
beforeEach(async () => {
  rest = await httpRest({ 'auth-throttle-max-delay': 0, 'notify-keyspace-events': 'KEA' })
  rest.server.inProcess().execute('SET', 'secret-name', 'v')
  rest.server.inProcess().execute('RPUSH', 'list', '2', '1')
  rest.server.inProcess().execute('MSET', 'w_1', 'a', 'w_2', 'b')
})
afterEach(() => rest.close())

const url = () => `ws${rest.url.slice(4)}/ws?token=${READ_ONLY_TOKEN}`

test('each command that is open to it has a reason', () => {
  const { user } = rest.server.tokens.admit(READ_ONLY_TOKEN)!
  const table = createCommandTable()
  const open = table.all.filter(
    (command) => denialOf(user, command, [command.name, ...new Array(8).fill('x')])?.reason !== 'command',
  )
  const reasons = Object.values(OPEN).flatMap((names) => names.trim().split(/\s+/))
  expect(open.map(({ fullName }) => fullName).sort()).toEqual([...reasons].sort())
})

test('those that read named keys have places for them in the table', () => {
  const table = createCommandTable()
  for (const name of Object.values(OPEN)[0].trim().split(/\s+/)) {
    const { keys, keyPositions } = table.all.find(({ fullName }) => fullName === name)!
    expect(keys.length > 0 || keyPositions !== undefined, name).toBe(true)
  }
})

describe.each(CLOSED.map((argv) => [argv.join(' '), argv] as const))('%s', (_, argv) => {
  const denied = expect.stringMatching(/^NOPERM this user has no permissions to run the '.*' command$/)

  test('is closed to it over REST and WebSocket, also within a transaction', async () => {
    const call = (path: string, body: unknown) => rest.call('POST', path, { body, token: READ_ONLY_TOKEN })
    expect((await call('/', argv)).json).toEqual({ error: denied })
    expect((await call('/pipeline', [argv, ['GET', 'k']])).json).toEqual([{ error: denied }, { result: null }])
    expect((await call('/multi-exec', [argv])).json).toEqual({ error: expect.stringMatching(/^EXECABORT/) })
    const json = new TextSocket(`${url()}&format=json`)
    expect(await json.ask(...argv)).toEqual({ error: denied })
    await json.ask('MULTI')
    expect(await json.ask(...argv)).toEqual({ error: denied })
    json.socket.close()
  })

  test('is closed to its scripts', async () => {
    const script = 'return redis.call(unpack(ARGV))'
    const { json } = await rest.call('POST', '/', { body: ['EVAL_RO', script, 0, ...argv], token: READ_ONLY_TOKEN })
    expect(json).toEqual({
      error: expect.stringMatching(/^ERR (ACL failure in script: this user|This Redis command is not allowed)/),
    })
  })
})

test('what it may do with the same commands', async () => {
  const client = new RespSocket(url())
  await client.ask('HELLO', '3')
  expect(await client.ask('SORT_RO', 'list', 'GET', '#', 'BY', 'nosort')).toEqual(['2', '1'])
  expect(await client.ask('SORT_RO', 'list', 'LIMIT', '0', '1')).toEqual(['1'])
  expect(await client.ask('CLIENT', 'TRACKING', 'ON', 'NOLOOP')).toMatchObject({ text: 'OK' })
  expect(await client.ask('GET', 'secret-name')).toBe('v')
  client.socket.close()
  await client.ended
})
