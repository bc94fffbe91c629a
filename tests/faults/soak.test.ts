/** The soak of `npm run soak`, with fewer messages. */
import { expect, test } from 'vitest'
import { lengthOf } from '../length.ts'
import { soak } from '../soak/soak.ts'

const MB = 1024 * 1024
const MESSAGES = lengthOf(1000, 2000)

test('1,000 readers over TCP and 500 over SSE get every message once and in order, whoever is killed, and leave nothing', async () => {
  const { receivers, deliveries, left, memory } = await soak({ tcp: 1000, sse: 500, messages: MESSAGES })
  expect(receivers).toEqual([1500, 750])
  expect(deliveries).toBeGreaterThanOrEqual((MESSAGES / 2) * (1500 + 750))
  expect(left).toEqual([1, 0])
  expect(memory[1] - memory[0]).toBeLessThan(8 * MB)
}, 90_000)
