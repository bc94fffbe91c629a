import { expect, test } from 'vitest'
import { samePassword } from '../../lib/session/password.ts'

test('a password is the same only byte for byte', () => {
  expect(samePassword('secret', 'secret')).toBe(true)
  for (const offered of ['', 'secre', 'secrets', 'Secret', 'terces', 'secretsecret', 'secret\0']) {
    expect(samePassword(offered, 'secret'), JSON.stringify(offered)).toBe(false)
  }
})

test('nothing is the same as an empty secret but nothing', () => {
  expect(samePassword('', '')).toBe(true)
  expect(samePassword('\0', '')).toBe(false)
  expect(samePassword('x', '')).toBe(false)
})
