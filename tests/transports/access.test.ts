/** Tokens: whom they let in, at every door of HTTP, and when they no longer do. */
import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { secrets } from '../../lib/server/secrets.ts'
import type { ServerOptions } from '../../lib/server.ts'
import { httpRest, type RestServer, TOKEN } from '../clients/rest.ts'
import { EventReader } from '../clients/sse.ts'
import { RespSocket, TextSocket } from '../clients/websocket.ts'

let rest: RestServer

async function start(options: ServerOptions = {}): Promise<void> {
  await rest?.close()
  rest = await httpRest({ 'auth-throttle-max-delay': 0, ...options })
}

beforeEach(async () => {
  await start()
  execute(
    'ACL',
    'SETUSER',
    'alice',
    'on',
    '>pw',
    '~a*',
    '&a*',
    '+get',
    '+set',
    '+publish',
    '+subscribe',
    '+multi',
    '+exec',
  )
})
afterEach(() => rest.close())

const execute = (...argv: string[]) => rest.server.inProcess().execute(...argv)
const tokenOf = (user: string, password: string) => execute('ACL', 'RESTTOKEN', user, password) as string
const statusOf = async (token: string, path = '/get/a') => (await rest.call('GET', path, { token })).status

describe('the token of a user', () => {
  test('lets him in, and holds him to his rules', async () => {
    const token = tokenOf('alice', 'pw')
    const call = async (path: string, body: unknown) => (await rest.call('POST', path, { token, body })).json
    expect(await call('/', ['SET', 'a', '1'])).toEqual({ result: 'OK' })
    expect(await call('/', ['SET', 'b', '1'])).toEqual({
      error: 'NOPERM No permissions to access a key',
    })
    expect(
      await call('/pipeline', [
        ['GET', 'a'],
        ['DEL', 'a'],
      ]),
    ).toEqual([{ result: '1' }, { error: "NOPERM User alice has no permissions to run the 'del' command" }])
    expect(
      await call('/multi-exec', [
        ['SET', 'a', '2'],
        ['GET', 'a'],
      ]),
    ).toEqual([{ result: 'OK' }, { result: '2' }])
    expect(
      await call('/multi-exec', [
        ['SET', 'a', '3'],
        ['GET', 'b'],
      ]),
    ).toEqual({
      error: 'EXECABORT Transaction discarded because of previous errors.',
    })
    expect(execute('GET', 'a')).toBe('2')
    execute('ACL', 'SETUSER', 'alice', '-multi')
    expect(await call('/multi-exec', [['GET', 'a']])).toEqual({
      error: "NOPERM User alice has no permissions to run the 'multi' command",
    })
  })

  test('opens streams of his channels', async () => {
    const headers = { authorization: `Bearer ${tokenOf('alice', 'pw')}` }
    const response = await fetch(`${rest.url}/subscribe/a1`, { headers })
    const reader = new EventReader(response.body!)
    expect(await reader.next()).toBe('subscribe,a1,1')
    expect((await fetch(`${rest.url}/subscribe/b1`, { headers })).status).toBe(400)
    expect((await fetch(`${rest.url}/monitor`, { headers })).status).toBe(400)
    // The rules of a live stream change with its user.
    execute('ACL', 'SETUSER', 'alice', 'resetchannels')
    await reader.ended
  })

  test('opens WebSockets', async () => {
    const base = `ws${rest.url.slice(4)}`
    const token = tokenOf('alice', 'pw')
    const resp = new RespSocket(`${base}/ws?token=${token}`)
    expect(await resp.ask('SET', 'a', '1')).toMatchObject({ text: 'OK' })
    expect(await resp.ask('SET', 'b', '1')).toMatchObject({ text: expect.stringMatching(/^NOPERM/) })
    const json = new TextSocket(`${base}/ws?format=json`, ['zerodis', token])
    expect(await json.ask('GET', 'a')).toEqual({ result: '1' })
    expect(await json.ask('GET', 'b')).toEqual({ error: expect.stringMatching(/^NOPERM/) })
    execute('ACL', 'DELUSER', 'alice')
    await Promise.all([resp.ended, json.ended])
  })

  test.each([
    ['he is deleted', ['ACL', 'DELUSER', 'alice']],
    ['he is off', ['ACL', 'SETUSER', 'alice', 'off']],
    ['his password is another', ['ACL', 'SETUSER', 'alice', 'resetpass', '>new']],
    ['he needs no password any more', ['ACL', 'SETUSER', 'alice', 'nopass']],
    ['he is another under the same name', ['ACL', 'SETUSER', 'alice', 'reset', 'on', '>other', '+@all', '~*']],
    ['the configured token is another', ['CONFIG', 'SET', 'rest-token', 'other']],
    ['no token is configured any more', ['CONFIG', 'SET', 'rest-token', '']],
  ])('no longer lets in when %s, also on a connection that it has opened', async (_, change) => {
    const token = tokenOf('alice', 'pw')
    // The same agent keeps the connection, which knows the header by now.
    expect([await statusOf(token), await statusOf(token)]).toEqual([200, 200])
    execute(...change)
    expect(await statusOf(token)).toBe(401)
  })

  test('goes on while other passwords come and go, and after he was off', async () => {
    const token = tokenOf('alice', 'pw')
    execute('ACL', 'SETUSER', 'alice', '>second')
    const second = tokenOf('alice', 'second')
    expect(second).not.toBe(token)
    expect([await statusOf(token), await statusOf(second)]).toEqual([200, 200])
    execute('ACL', 'SETUSER', 'alice', '<second', 'off')
    execute('ACL', 'SETUSER', 'alice', 'on')
    expect([await statusOf(token), await statusOf(second)]).toEqual([200, 401])
  })

  test('holds on every instance with the same configured token, and after a restart', async () => {
    const token = tokenOf('alice', 'pw')
    await start()
    expect(await statusOf(token)).toBe(401)
    execute('ACL', 'SETUSER', 'alice', 'on', '>pw', 'allkeys', '+@all')
    expect(await statusOf(token)).toBe(200)
    await start({ 'rest-token': 'another' })
    execute('ACL', 'SETUSER', 'alice', 'on', '>pw', 'allkeys', '+@all')
    expect(await statusOf(token)).toBe(401)
  })

  test('is not to be made without the configured token, from a name or another user’s', async () => {
    const token = tokenOf('alice', 'pw')
    execute('ACL', 'SETUSER', 'admin', 'on', '>pw', '+@all', 'allkeys')
    const bytes = Buffer.from(token, 'base64url')
    const mac = bytes.subarray(-32)
    const forged = [
      Buffer.concat([Buffer.from('admin\0'), mac]),
      Buffer.concat([Buffer.from('alice\0'), createHmac('sha256', '').update('alice\0').digest()]),
      Buffer.concat([Buffer.from('alice\0'), createHmac('sha256', 'full-token').update('alice').digest()]),
      Buffer.concat([Buffer.from('alice\0'), mac.subarray(1)]),
      Buffer.concat([Buffer.from('alice'), mac]),
      Buffer.from('alice\0'),
      mac,
    ].map((each) => each.toString('base64url'))
    for (let bit = 0; bit < bytes.length * 8; bit += 7) {
      const changed = Buffer.from(bytes)
      changed[bit >> 3] ^= 1 << (bit & 7)
      forged.push(changed.toString('base64url'))
    }
    for (const each of [
      ...forged,
      token + 'A',
      token.slice(0, -1),
      `${token}==`,
      ` ${token}x`,
      'alice',
      'pw',
      '-',
      '',
    ]) {
      expect(await statusOf(each), each).toBe(401)
    }
    expect(await statusOf(token)).toBe(200)
  })

  test('says nothing about his password, and is the same each time', () => {
    const token = tokenOf('alice', 'pw')
    expect(tokenOf('alice', 'pw')).toBe(token)
    const text = Buffer.from(token, 'base64url').toString('latin1')
    expect(text.startsWith('alice\0')).toBe(true)
    expect(text).not.toContain(Buffer.from(secrets.sha256('pw'), 'hex').toString('latin1'))
    expect(text).not.toContain('pw')
  })

  test('is not given for a wrong password, nor where no token is configured', async () => {
    expect(() => tokenOf('alice', 'no')).toThrow('WRONGPASS')
    execute('CONFIG', 'SET', 'rest-token', '')
    expect(() => tokenOf('alice', 'pw')).toThrow('ERR no REST token is configured')
    expect(() => execute('ACL', 'GENTOKEN', 'alice')).toThrow('ERR no REST token is configured')
    expect(await statusOf(execute('ACL', 'WHOAMI') as string)).toBe(401)
  })
})

describe('a generated token', () => {
  test('becomes the password of a user and lets him in by itself', async () => {
    const token = execute('ACL', 'GENTOKEN', 'bob') as string
    expect(execute('ACL', 'GENTOKEN', 'bob')).not.toBe(token)
    expect(await statusOf(token)).toBe(401)
    execute('ACL', 'SETUSER', 'bob', 'on', `>${token}`, 'allkeys', '+get')
    expect(await statusOf(token)).toBe(200)
    expect(await statusOf(tokenOf('bob', token))).toBe(200)
    expect(rest.server.inProcess().execute('AUTH', 'bob', token)).toBe('OK')
    execute('ACL', 'SETUSER', 'bob', `<${token}`)
    expect(await statusOf(token)).toBe(401)
  })

  test('wraps a password, which RESTTOKEN takes in its place', async () => {
    const token = execute('ACL', 'GENTOKEN', 'bob', 'pw') as string
    execute('ACL', 'SETUSER', 'bob', 'on', `>${token}`, 'allkeys', '+get')
    expect(await statusOf(token)).toBe(200)
    expect(tokenOf('bob', 'pw')).toBe(token)
    expect(() => tokenOf('bob', 'no')).toThrow('WRONGPASS')
  })

  test('of one user is of no use as the password of another', async () => {
    const token = execute('ACL', 'GENTOKEN', 'bob') as string
    execute('ACL', 'SETUSER', 'eve', 'on', `>${token}`, 'allkeys', '+get')
    expect(await statusOf(token)).toBe(401)
  })
})

test('the full token is the default user with his rights, whatever password he has', async () => {
  execute('CONFIG', 'SET', 'requirepass', 'secret')
  expect(await statusOf(TOKEN)).toBe(200)
  execute('ACL', 'SETUSER', 'default', '-get')
  expect(await statusOf(TOKEN)).toBe(400)
})

test('secrets are compared by timingSafeEqual, as digests of one length', () => {
  const source = (path: string): string => readFileSync(join(import.meta.dirname, '../../lib', path), 'utf8')
  expect(source('server/secrets.ts')).toMatch(/sameDigest: \(a, b\) => timingSafeEqual\(toArray\(a\), toArray\(b\)\)/)
  // Of unequal lengths it throws: nothing but digests gets there.
  expect(() => secrets.sameDigest('a', 'ab')).toThrow()
  const access = source('transports/access.ts')
  expect(access.match(/sameDigest\([^\n]*/g)).toEqual([
    expect.stringContaining('this.#mac(parts.name, hash), parts.mac'),
    expect.stringContaining('sha256(token), sha256(configured)'),
  ])
  expect(access).not.toMatch(/token === |=== token|passwords\.includes/)
  expect(source('session/acl-user.ts')).toMatch(/sameDigest\(digest, each\)/)
})
