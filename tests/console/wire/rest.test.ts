/** The console's client of REST, on a store of this process. */
import { expect, test } from 'vitest'
import { fromText } from '../../../console/wire/bytes.ts'
import { Failure, Status } from '../../../console/wire/resp.ts'
import { Rest, RestError } from '../../../console/wire/rest.ts'
import { startStore } from '../store.ts'

const ALL_BYTES = Array.from({ length: 256 }, (_, i) => String.fromCharCode(i)).join('')

test('text and bytes go there and come back', async () => {
  const { rest } = startStore()
  for (const value of ['', 'plain', fromText('é\u202e'), ALL_BYTES, 'OK', '\xff'.repeat(100_000)]) {
    expect(await rest.run('SET', 'k', value)).toEqual(new Status('OK'))
    expect(await rest.run('GET', 'k')).toBe(value)
    await rest.run('HSET', `h${ALL_BYTES}`, `f${ALL_BYTES}`, value || ' ')
    expect(await rest.run('HGET', `h${ALL_BYTES}`, `f${ALL_BYTES}`)).toBe(value || ' ')
  }
})

test('a pipeline has an answer for each command, also where an argument is no text', async () => {
  const { rest } = startStore()
  for (const key of ['k', ALL_BYTES]) {
    const replies = await rest.pipeline([
      ['SET', key, '1'],
      ['INCR', key],
      ['LLEN', key],
      ['GET', 'none'],
    ])
    expect(replies).toEqual([new Status('OK'), 2, expect.any(Failure), null])
  }
  expect(await rest.pipeline([])).toEqual([])
})

test('a transaction is whole', async () => {
  const { rest } = startStore()
  expect(await rest.transaction([['SET', 'a', 'é'].map(fromText), ['GET', 'a'], ['LLEN', 'a']])).toEqual([
    'OK',
    fromText('é'),
    expect.any(Failure),
  ])
  await expect(rest.transaction([['NOSUCH']])).rejects.toThrow(/EXECABORT/)
})

test('errors are those of the store; a token that does not let in is told apart', async () => {
  const { rest } = startStore()
  await expect(rest.run('INCR')).rejects.toThrow('ERR wrong number of arguments')
  await expect(rest.run('INCR', '\xff')).resolves.toBe(1)
  const other = new Rest('http://store.test', 'wrong')
  let isOut = false
  other.onSignedOut = () => {
    isOut = true
  }
  const error = await other.run('PING').catch((reason) => reason)
  expect(error).toBeInstanceOf(RestError)
  expect([error.isSignedOut, isOut]).toEqual([true, true])
})

test('a stream tells what is published, until it is ended', async () => {
  const { rest, server } = startStore()
  const abort = new AbortController()
  const heard: string[] = []
  for await (const event of rest.events(['subscribe', 'c é'].map(fromText), abort.signal)) {
    heard.push(event)
    if (heard.length === 1) server.execute('PUBLISH', 'c é', 'one\ntwo')
    else break
  }
  expect(heard).toEqual([fromText('subscribe,c é,1'), fromText('message,c é,one\ntwo')])
})
