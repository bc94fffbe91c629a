/** What the headers of proxies say of a request: lists, garbage and nothing at all. */
import { describe, expect, it } from 'vitest'
import { forwardedAddress } from '../../lib/transports/endpoint.ts'

describe('the address of a client', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7:0'],
    ['203.0.113.7, 10.0.0.1', '203.0.113.7:0'],
    [' , 203.0.113.7', '203.0.113.7:0'],
    ['203.0.113.7:5000', '203.0.113.7:0'],
    ['2001:db8::1', '[2001:db8::1]:0'],
    ['[2001:db8::1]', '[2001:db8::1]:0'],
    ['[2001:db8::1]:5000, 10.0.0.1', '[2001:db8::1]:0'],
    ['unknown', ''],
    ['1.2.3.4 name=admin', ''],
    ['', ''],
  ])('%j is %j', (forwarded, address) => {
    expect(forwardedAddress(new Request('http://a.example', { headers: { 'x-forwarded-for': forwarded } }))).toBe(
      address,
    )
  })

  it('is unknown where no proxy names it', () => {
    expect(forwardedAddress(new Request('http://a.example'))).toBe('')
  })
})
