import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { REDIS_VERSION, ZERODIS_VERSION } from '../../lib/base/version.ts'

test('the version is that of the package', () => {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  expect(ZERODIS_VERSION).toBe(version)
})

test('the version of Redis is one that clients can parse', () => {
  expect(REDIS_VERSION).toMatch(/^\d+\.\d+\.\d+$/)
})
