/** Two processes that want the lock of one database all the time have it in turns. ZERODIS_TEST_ALL has them do so for 10 s. */
import { expect, test } from 'vitest'
import { writeTogether } from './writers.ts'

const seconds = process.env['ZERODIS_TEST_ALL'] === undefined ? 1.5 : 10

test.each([1, 16])(
  'with pipelines of %i: nobody waits in vain, and each has at least a quarter',
  async (pipeline) => {
    const { written, errors } = await writeTogether({ seconds, clients: 50, pipeline })
    expect(errors).toEqual([])
    const sum = written.reduce((a, b) => a + b)
    for (const each of written) expect(each / sum).toBeGreaterThanOrEqual(0.25)
  },
  60_000,
)
