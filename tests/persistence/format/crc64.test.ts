import { expect, test } from 'vitest'
import { Crc64 } from '../../../lib/persistence/format/crc64.ts'

const hex = (crc: Crc64): string => Buffer.from(crc.sum.toReversed()).toString('hex')

test('the checksum of 123456789 is the one that Redis tests for', () => {
  const crc = new Crc64()
  crc.add(Buffer.from('123456789'))
  expect(hex(crc)).toBe('e9c6d914c4b8d9ca')
})

test('it is the same in whatever pieces the bytes come', () => {
  const bytes = Uint8Array.from({ length: 300 }, (_, i) => (i * 37 + 11) & 255)
  const alone = new Crc64()
  for (let i = 0; i < bytes.length; i++) alone.add(bytes, i, i + 1)
  for (const size of [2, 7, 8, 9, 64, 300]) {
    const crc = new Crc64()
    for (let i = 0; i < bytes.length; i += size) crc.add(bytes, i, Math.min(i + size, bytes.length))
    expect(hex(crc)).toBe(hex(alone))
  }
})
