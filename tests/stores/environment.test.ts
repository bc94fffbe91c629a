/** Where the environment says that the keys are. */
import { expect, test } from 'vitest'
import { configOf, type Environment } from '../../lib/config/environment.ts'

const POSTGRES = 'postgres://user:secret@db.example.com/app'

const storeOf = (environment: Environment): string => configOf(environment).values.store

test('a database that a platform has set up is used only when auto is asked for', () => {
  expect(storeOf({ POSTGRES_URL: POSTGRES, DATABASE_URL: POSTGRES })).toBe('memory')
  expect(storeOf({ ZERODIS_STORE: 'sqlite:keys.db', POSTGRES_URL: POSTGRES })).toBe('sqlite:keys.db')
  expect(storeOf({ ZERODIS_STORE: 'auto', POSTGRES_URL: POSTGRES })).toBe(POSTGRES)
  expect(storeOf({ ZERODIS_STORE: 'auto', DATABASE_URL: 'postgresql://db/app' })).toBe('postgresql://db/app')
  expect(storeOf({ ZERODIS_STORE: 'auto', POSTGRES_URL: POSTGRES, DATABASE_URL: 'postgresql://db/app' })).toBe(POSTGRES)
})

test('a database of Turso is used, with its token, where there is no PostgreSQL', () => {
  const turso = { TURSO_DATABASE_URL: 'libsql://app-me.turso.io', TURSO_AUTH_TOKEN: 'a+b' }
  expect(storeOf(turso)).toBe('memory')
  expect(storeOf({ ZERODIS_STORE: 'auto', ...turso })).toBe('libsql://app-me.turso.io?authToken=a%2Bb')
  expect(storeOf({ ZERODIS_STORE: 'auto', ...turso, POSTGRES_URL: POSTGRES })).toBe(POSTGRES)
  expect(storeOf({ ZERODIS_STORE: 'auto', TURSO_DATABASE_URL: 'http://127.0.0.1:8080' })).toBe('http://127.0.0.1:8080')
  const config = configOf({ ZERODIS_STORE: 'auto', ...turso })
  expect(config.text('store')).toBe('libsql://app-me.turso.io?authToken=(redacted)')
})

test('auto is memory where there is neither', () => {
  expect(storeOf({ ZERODIS_STORE: 'auto' })).toBe('memory')
  expect(storeOf({ ZERODIS_STORE: 'auto', DATABASE_URL: 'mysql://db/app', POSTGRES_URL: '' })).toBe('memory')
  expect(() => storeOf({ ZERODIS_STORE: 'mysql://db' })).toThrow(
    /ZERODIS_STORE: .*must be memory, sqlite:PATH, postgres/,
  )
})

test('CONFIG GET tells no password', () => {
  const config = configOf({ ZERODIS_STORE: 'postgres://user:p@ss@db/app?password=x&sslmode=require' })
  expect(config.text('store')).toBe('postgres://user:(redacted)@db/app?password=(redacted)&sslmode=require')
})
