/** What the page of clients says of each: what it waits for, subscribes to, watches and tracks. */
import { describe, expect, test } from 'vitest'
import { clientsOf, stateOf } from '../../../console/live/clients.ts'
import { pairsOf } from '../../../console/model/info.ts'
import { type Rest, RestError } from '../../../console/wire/rest.ts'
import { startStore } from '../store.ts'

test('who waits is shown with the keys, whatever bytes they are', async () => {
  const { server, rest } = startStore()
  const popped = server.inProcess().execute('BLPOP', 'jobs', 'a,b c', Buffer.from([255, 10]), 0)
  const states = (await clientsOf(rest)).map((client) => stateOf(client).join('; '))
  expect(states).toContain('waits for jobs, a,b c, \\xff\\x0a, since 0s')
  server.execute('RPUSH', 'jobs', 'x')
  await popped
})

test('a store that does not tell keys is asked without, and an error is one', async () => {
  const asked: string[] = []
  const rest = (error: string): Rest =>
    ({
      run: async (...argv: string[]) => {
        asked.push(argv.join(' '))
        if (argv.length > 2) throw new RestError(error, 400)
        return 'id=1 name= flags=b idle=90\n'
      },
    }) as unknown as Rest
  const [client] = await clientsOf(rest('ERR syntax error'))
  expect(stateOf(client)).toEqual(['waits, since 1m 30s'])
  expect(asked).toEqual(['CLIENT LIST WITHKEYS', 'CLIENT LIST'])
  await expect(clientsOf(rest('NOPERM no'))).rejects.toThrow('NOPERM')
})

describe('a client', () => {
  test.each([
    ['flags=N sub=0 psub=0 ssub=0 multi=-1 watch=0 redir=-1', []],
    ['flags=P sub=1 psub=2 ssub=0', ['subscribes to 1 channel, 2 patterns']],
    ['flags=P sub=0 psub=0 ssub=3', ['subscribes to 3 shard channels']],
    ['flags=xd multi=2 watch=1', ['transaction of 2 commands', 'watches 1 key', 'a watched key has changed']],
    ['flags=t redir=-1', ['tracking']],
    ['flags=tB redir=7', ['tracking by prefix, for client 7']],
    ['flags=tR redir=7', ['tracking, for a client that is gone']],
    ['flags=b idle=0 keys=a%+', ['waits for a …, since 0s']],
    ['flags=O', ['monitor']],
  ])('%s', (line, said) => {
    expect(stateOf(pairsOf(line))).toEqual(said)
  })
})
