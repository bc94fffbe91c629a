/** What brotli has packed comes back, by the decoder of the package: Node's DecompressionStream knows no brotli. */
import { brotliCompressSync, constants, deflateSync, gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { unpackBrotli } from '../../../console/model/brotli.ts'
import { FORMATS } from '../../../console/model/formats.ts'
import { fromArray } from '../../../console/wire/bytes.ts'

/** Long ones would take seconds at the best quality. */
const params = { [constants.BROTLI_PARAM_QUALITY]: 5 }
const packed = (text: string) => fromArray(brotliCompressSync(text, { params }))

test('values of several blocks come back whole', async () => {
  for (const text of ['a', '{"a":1}', 'the quick brown fox '.repeat(10_000)]) {
    expect(await unpackBrotli(packed(text), 4 * 2 ** 20)).toBe(text)
  }
  const bytes = brotliCompressSync(Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * i) % 251)))
  expect((await unpackBrotli(fromArray(bytes), 4 * 2 ** 20))!.length).toBe(300_000)
})

test('what is too long, broken off or something else is nothing', async () => {
  expect(await unpackBrotli(packed('x'.repeat(10_000)), 1000)).toBe(undefined)
  expect(await unpackBrotli(packed('some text of this kind'.repeat(50)).slice(0, 20), 1000)).toBe(undefined)
  expect(await unpackBrotli('\xff\xfe\x00\x01\x02', 1000)).toBe(undefined)
})

const MAX = 4 * 2 ** 20

/** What this thread holds outside of V8's heap meanwhile, at its most. Unit: bytes. */
async function arraysDuring(run: () => Promise<void>): Promise<number> {
  const { Uint8Array: all } = globalThis
  let most = 0
  globalThis.Uint8Array = new Proxy(all, {
    construct(target, args) {
      if (typeof args[0] === 'number') most = Math.max(most, args[0])
      return Reflect.construct(target, args)
    },
  })
  try {
    await run()
  } finally {
    globalThis.Uint8Array = all
  }
  return most
}

test('of a bomb no more is unpacked than is shown', async () => {
  const one = brotliCompressSync(Buffer.alloc(2 ** 25), { params })
  expect(one.length).toBeLessThan(1000)
  const most = await arraysDuring(async () => {
    expect(await unpackBrotli(fromArray(one), MAX)).toBe(undefined)
  })
  expect(most).toBeLessThanOrEqual(2 ** 24 + 2 ** 16)
  expect(Uint8Array.name).toBe('Uint8Array') // as it was
  // A value that is as long as it may be comes whole.
  const whole = 'x'.repeat(MAX)
  expect((await unpackBrotli(packed(whole), MAX)) === whole).toBe(true)
  expect(await unpackBrotli(packed(`${whole}x`), MAX)).toBe(undefined)
})

test.each([
  ['gzip', gzipSync],
  ['deflate', deflateSync],
] as const)('of a bomb of %s the beginning is shown, and that there is more', async (_, pack) => {
  const { fits, show } = FORMATS.find(({ name }) => name === 'gzip')!
  const bomb = fromArray(pack(Buffer.alloc(2 ** 25, 'x')))
  expect(fits(bomb)).toBe(true)
  const text = await show(bomb)
  expect(text.length).toBeLessThan(MAX + 200)
  expect(text.slice(0, 10)).toBe('x'.repeat(10))
  expect(text).toMatch(/the first 4 MB of what comes out; the rest is not unpacked\.$/)
})
