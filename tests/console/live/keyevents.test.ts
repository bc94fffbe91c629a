/** notify-keyspace-events is set while one watches, and put back. */
import { expect, test } from 'vitest'
import {
  type Changed,
  keyEventOf,
  keyEventText,
  notifiedEvents,
  tellEvents,
  tellsEvents,
  untellEvents,
} from '../../../console/live/keyevents.ts'
import { startStore } from '../store.ts'

test('what is told already stays told, and what was before comes back', async () => {
  const { rest } = startStore()
  await rest.run('CONFIG', 'SET', 'notify-keyspace-events', 'Km')
  expect(tellsEvents((await notifiedEvents(rest))!)).toBe(false)
  const begun: Changed[] = []
  const changed = await tellEvents(rest, (each) => begun.push(each))
  expect(begun).toEqual([{ before: changed.before, set: undefined }])
  expect(tellsEvents(changed.set)).toBe(true)
  expect(changed.set).toContain('m')
  await untellEvents(rest, changed)
  expect(await notifiedEvents(rest)).toBe(changed.before)
})

test('what somebody else has set meanwhile stays', async () => {
  const { rest } = startStore()
  const begun: Changed[] = []
  const changed = await tellEvents(rest, (each) => begun.push(each))
  expect(begun).toEqual([{ before: changed.before, set: undefined }])
  await rest.run('CONFIG', 'SET', 'notify-keyspace-events', 'Ex')
  await untellEvents(rest, changed)
  expect(await notifiedEvents(rest)).toBe('xE')
})

test.each([
  ['', false],
  ['K', false],
  ['E', false],
  ['AK', false],
  ['xE', true],
])('flags %s tell of events by their names: %s', (flags, tells) => expect(tellsEvents(flags)).toBe(tells))

test('a message is an event of a key, whatever is in its name', () => {
  expect(keyEventOf('pmessage,__keyevent@*__:*,__keyevent@3__:set,a,b\nc')).toEqual({
    db: 3,
    event: 'set',
    key: 'a,b\nc',
  })
  expect(keyEventText('pmessage,__keyevent@*__:*,__keyevent@3__:set,a,b\nc')).toBe('set in 3 a,b\\nc')
  expect(keyEventOf('psubscribe,__keyevent@*__:*,1')).toBe(undefined)
})
