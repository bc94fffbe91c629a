/** What brotli has packed comes back, by the decoder of the package: Node's DecompressionStream knows no brotli. */
import { brotliCompressSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { unpackBrotli } from '../../../console/model/brotli.ts'
import { fromArray } from '../../../console/wire/bytes.ts'

const packed = (text: string) => fromArray(brotliCompressSync(text))

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
