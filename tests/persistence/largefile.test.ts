/** A file that is larger than one string, and than what is read or written at once, both ways with a genuine redis-server. */
import { expect, test } from 'vitest'
import { genuineVersion, NO_GENUINE } from '../contract/harness/genuine.ts'
import { roundTrip } from './roundtrip.ts'

const name = 'a file of 600 MB is written and read by us and by a genuine server'

test.skipIf(genuineVersion === undefined)(
  genuineVersion === undefined ? `${name}: ${NO_GENUINE}` : name,
  {
    timeout: 120_000,
  },
  async () => {
    const { bytes, digests } = await roundTrip(12, 50 * 2 ** 20)
    for (const size of bytes) expect(size).toBeGreaterThan(600 * 2 ** 20)
    expect(digests[0]).toMatch(/[0-9a-f]{40}/)
    expect(new Set(digests).size).toBe(1)
  },
)
