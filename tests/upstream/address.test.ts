/** What `upstream` may be, and that no error tells of a secret in it. */
import { describe, expect, test } from 'vitest'
import { BadAddress, parseAddress } from '../../lib/upstream/address.ts'

describe('an address', () => {
  test('of one server', () => {
    expect(parseAddress('redis://db.example')).toMatchObject({
      kind: 'single',
      places: [{ host: 'db.example', port: 6379 }],
      db: 0,
      tls: undefined,
      label: 'redis://db.example:6379',
    })
    expect(parseAddress('redis://us%40er:p%3Aw:x@[::1]:7000/3')).toMatchObject({
      places: [{ host: '::1', port: 7000 }],
      username: 'us@er',
      password: 'p:w:x',
      db: 3,
      label: 'redis://[::1]:7000',
    })
    expect(parseAddress('redis://:se@cret@h')).toMatchObject({ username: '', password: 'se@cret' })
  })

  test('over TLS', () => {
    expect(parseAddress('rediss://h?tls_verify=no&tls_servername=name')).toMatchObject({
      kind: 'single',
      tls: { rejectUnauthorized: false, servername: 'name' },
    })
    expect(parseAddress('rediss://h').tls).toEqual({ rejectUnauthorized: true })
  })

  test('of a Unix socket', () => {
    expect(parseAddress('unix:/run/redis.sock?db=2')).toMatchObject({ kind: 'unix', path: '/run/redis.sock', db: 2 })
    expect(parseAddress('unix://user:pw@/run/redis.sock')).toMatchObject({ username: 'user', password: 'pw' })
  })

  test('of Sentinels and of a Cluster', () => {
    expect(parseAddress('redis+sentinel://:pw@a,b:1/mymaster/4?sentinel_password=s')).toMatchObject({
      kind: 'sentinel',
      places: [
        { host: 'a', port: 26379 },
        { host: 'b', port: 1 },
      ],
      name: 'mymaster',
      db: 4,
      password: 'pw',
      sentinelPassword: 's',
      label: 'redis+sentinel://a:26379,b:1/mymaster',
    })
    expect(parseAddress('rediss+cluster://a:1,b:2')).toMatchObject({
      kind: 'cluster',
      tls: { rejectUnauthorized: true },
    })
  })

  test.each([
    'h:6379',
    'http://h',
    'redis:h',
    'redis://a,b',
    'redis://h:port',
    'redis://h:70000',
    'redis://h/x',
    'redis://h/1/2',
    'redis+sentinel://h',
    'redis+cluster://h/1',
    'unix:relative',
    'redis://h?tls-ca=x',
    'rediss://h?tls_verify=maybe',
    'rediss://h?tls_ca=/does/not/exist',
    'redis://%zz@h',
    'redis://h?tls_ca=/etc/ssl/ca.crt',
    'redis+sentinel://a,,b/name',
    'redis+cluster://a,',
    'redis://h%0d%0aX',
    'redis+sentinel://a/%0d',
    'redis://[::1',
    'redis://h:6379:1',
    'redis://h:6379#x',
    'redis://h/-1',
    'redis://h/1e3',
    'redis',
    '',
  ])('%s is refused, and the error holds nothing of it', (text) => {
    const secret = text.replace('://', '://user:topsecret@')
    for (const each of [text, secret]) {
      expect(() => parseAddress(each)).toThrow(BadAddress)
      try {
        parseAddress(each)
      } catch (error) {
        expect((error as Error).message).not.toContain('topsecret')
      }
    }
  })
})
