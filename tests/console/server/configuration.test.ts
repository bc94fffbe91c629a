/** The configuration beside what is known of it. */
import { expect, test } from 'vitest'
import { settingsOf, settingsWith, settingText } from '../../../console/server/configuration.ts'
import { startStore } from '../store.ts'

test('directives are found by their names and by what they are for, and say whether they are set', async () => {
  const { rest } = startStore({ maxclients: '77' })
  const settings = await settingsOf(rest)
  expect(settings.filter(({ known }) => known === undefined).map(({ name }) => name)).toEqual(
    expect.arrayContaining(['slaveof']),
  )
  const names = (typed: string, which: 'all' | 'changed' | 'inert') =>
    settingsWith(settings, typed, which).map(({ name }) => name)
  expect(names('most clients CONNECTED', 'all')).toEqual(['maxclients'])
  expect(names('', 'changed')).toEqual(['dir', 'maxclients', 'rest-token'])
  expect(names('socket-mark', 'inert')).toEqual(['socket-mark-id'])
  expect(settingText(settings.find(({ name }) => name === 'rest-token')!)).toBe('••••••')
  expect(settings.find(({ name }) => name === 'maxclients')!.known).toMatchObject({ initial: '10000', isFixed: false })
})
