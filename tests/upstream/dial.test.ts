/** What connects is somebody else's package, which may be missing. */
import { expect, test } from 'vitest'
import { UpstreamFault } from '../../lib/base/upstreamfault.ts'
import { parseAddress } from '../../lib/upstream/address.ts'
import { Dialer } from '../../lib/upstream/dial.ts'

test('without ioredis the error says what to install, and nothing of the password', async () => {
  const dialer = new Dialer(
    parseAddress('redis://:topsecret@127.0.0.1:1'),
    () => 100,
    () => undefined,
  )
  const text = 'ERR upstream redis://127.0.0.1:1 needs the package ioredis, version 5 or later: npm i ioredis'
  for (const attempt of [async () => dialer.load(), () => dialer.dial(0)]) {
    const error = await attempt().catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(UpstreamFault)
    expect((error as UpstreamFault).text).toBe(text)
  }
})
