/** A file that is larger than what is read or written at once, whole also than one string, both ways with a genuine redis-server. */
import { expect, test } from 'vitest'
import { genuineVersion, NO_GENUINE } from '../contract/harness/genuine.ts'
import { lengthOf } from '../length.ts'
import { roundTrip } from './roundtrip.ts'

const STRING_MB = 50
const STRINGS = lengthOf(3, 12)

const name = `a file of ${STRINGS * STRING_MB} MB is written and read by us and by a genuine server`

test.skipIf(genuineVersion === undefined)(
  genuineVersion === undefined ? `${name}: ${NO_GENUINE}` : name,
  {
    timeout: 120_000,
  },
  async () => {
    const { bytes, digests } = await roundTrip(STRINGS, STRING_MB * 2 ** 20)
    for (const size of bytes) expect(size).toBeGreaterThan(STRINGS * STRING_MB * 2 ** 20)
    expect(digests[0]).toMatch(/[0-9a-f]{40}/)
    expect(new Set(digests).size).toBe(1)
  },
)
