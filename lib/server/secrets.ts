/** The hashes and the chance of Node, for the core that does not know it. */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { fromArray, toArray } from '../base/bytes.ts'
import type { Secrets } from '../session/secrets.ts'

export const secrets: Secrets = {
  sha256: (text) => createHash('sha256').update(text, 'latin1').digest('hex'),
  hmac: (key, text) => fromArray(createHmac('sha256', toArray(key)).update(text, 'latin1').digest()),
  sameDigest: (a, b) => timingSafeEqual(toArray(a), toArray(b)),
  random: (count) => fromArray(randomBytes(count)),
}
