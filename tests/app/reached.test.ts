/** What the page shows as its own address, whatever proxies say. */
import { describe, expect, it } from 'vitest'
import { reachedUrl } from '../../app/reached.ts'

describe('the address under which a client reached us', () => {
  it.each([
    [{ host: 'a.example' }, 'http://a.example'],
    [{ host: 'a.example:8079', 'x-forwarded-proto': 'https' }, 'https://a.example:8079'],
    [{ host: 'a.example', 'x-forwarded-proto': 'https,http' }, 'https://a.example'],
    [{ host: 'a.example', 'x-forwarded-proto': ' HTTPS , http' }, 'https://a.example'],
    [{ host: 'a.example', 'x-forwarded-host': 'b.example, c.example' }, 'http://b.example'],
    [{ host: 'a.example', 'x-forwarded-host': ',b.example' }, 'http://b.example'],
    [{ host: '127.0.0.1:80', 'x-forwarded-host': '[::1]:8079' }, 'http://[::1]:8079'],
    // What is no address is passed over.
    [{ host: 'a.example', 'x-forwarded-proto': 'javascript', 'x-forwarded-host': 'a b' }, 'http://a.example'],
    [{ host: 'a.example', 'x-forwarded-host': "b.example'/?x" }, 'http://a.example'],
    [{ host: 'a.example', 'x-forwarded-host': 'b.example:99999' }, 'http://a.example'],
    [{ host: ':' }, 'http://localhost'],
    [{}, 'http://localhost'],
  ])('%j is %s', (headers, origin) => {
    expect(reachedUrl(new Headers(headers as Record<string, string>)).origin).toBe(origin)
  })
})
