/** Users are read and made as the store has them. */
import { expect, test } from 'vitest'
import { setUserCommand, usersOf, verdictOf, verdictsOf } from '../../../console/server/users.ts'
import { startStore } from '../store.ts'

const FORM = {
  name: 'é',
  isOn: true,
  needsNoPassword: false,
  password: 'p',
  commands: 'get +@read -keys',
  keys: 'a:* %R~b:* notes:*',
  channels: '',
}

test('a form makes a user, and makes it anew', async () => {
  const { rest } = startStore()
  await rest.run(...setUserCommand(FORM))
  const user = (await usersOf(rest)).find(({ name }) => name !== 'default')!
  expect(user).toMatchObject({
    isOn: true,
    needsNoPassword: false,
    passwords: 1,
    keys: '~a:* %R~b:* ~notes:*',
    channels: '',
    selectors: 0,
  })
  expect(user.commands).toMatch(/^-@all .*\+@read -keys/)
  await rest.run(
    ...setUserCommand({ ...FORM, isOn: false, password: '', commands: '', keys: 'allkeys', channels: 'news' }),
  )
  const [again] = (await usersOf(rest)).filter(({ name }) => name !== 'default')
  expect(again).toMatchObject({ isOn: false, passwords: 1, commands: '-@all', keys: '~*', channels: '&news' })
})

test('what a user may do is told without doing it', async () => {
  const { rest } = startStore()
  await rest.run('ACL', 'SETUSER', 'reader', 'on', 'nopass', '~a:*', '+@read')
  const verdicts = await verdictsOf(rest, 'reader', 'a:1')
  expect(verdicts.filter(({ isAllowed }) => isAllowed).map(({ command }) => command)).toContain('GET a:1')
  expect(verdicts.find(({ command }) => command === 'FLUSHALL')).toMatchObject({
    isAllowed: false,
    reason: expect.stringContaining('flushall'),
  })
  expect((await verdictsOf(rest, 'reader', 'b')).find(({ command }) => command === 'GET b')!.isAllowed).toBe(false)
  expect(await verdictOf(rest, 'reader', 'set a:1 "x y"')).toMatchObject({ isAllowed: false })
  expect(await verdictOf(rest, 'reader', 'nothing')).toMatchObject({
    isAllowed: false,
    reason: expect.stringContaining('not found'),
  })
  await expect(verdictOf(rest, 'reader', 'get "a')).rejects.toThrow('no command')
  expect(await rest.run('DBSIZE')).toBe(0)
})
