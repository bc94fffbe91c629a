import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fromArray } from '../../../console/wire/bytes.ts'
import { sha1 } from '../../../console/wire/sha1.ts'

test("SHA-1 is Node's, at every length around a block", () => {
  const own = (bytes: string): string => createHash('sha1').update(bytes, 'latin1').digest('hex')
  for (let length = 0; length < 200; length++) expect(sha1('\xa7'.repeat(length))).toBe(own('\xa7'.repeat(length)))
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 5000 }).map(fromArray), (bytes) => {
      expect(sha1(bytes)).toBe(own(bytes))
    }),
  )
})
