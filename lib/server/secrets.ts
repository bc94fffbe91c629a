/** The hashes and the chance of Node, for the core that does not know it. */
import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { fromArray, toArray } from '../base/bytes.ts'
import type { Secrets } from '../session/secrets.ts'

/** Keys of 32 bytes, as `hmac` makes them. */
const CIPHER = 'aes-256-gcm'
const NONCE_BYTES = 12
const TAG_BYTES = 16

export const secrets: Secrets = {
  sha256: (text) => createHash('sha256').update(text, 'latin1').digest('hex'),
  hmac: (key, text) => fromArray(createHmac('sha256', toArray(key)).update(text, 'latin1').digest()),
  sameDigest: (a, b) => timingSafeEqual(toArray(a), toArray(b)),
  seal(key, text) {
    const nonce = randomBytes(NONCE_BYTES)
    const cipher = createCipheriv(CIPHER, toArray(key), nonce)
    return fromArray(Buffer.concat([nonce, cipher.update(text, 'latin1'), cipher.final(), cipher.getAuthTag()]))
  },
  open(key, sealed) {
    const bytes = toArray(sealed)
    const end = bytes.length - TAG_BYTES
    if (end < NONCE_BYTES) return undefined
    const decipher = createDecipheriv(CIPHER, toArray(key), bytes.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    })
    decipher.setAuthTag(bytes.subarray(end))
    try {
      return fromArray(Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, end)), decipher.final()]))
    } catch {
      return undefined // it was made with another key, or was changed
    }
  },
  random: (count) => fromArray(randomBytes(count)),
}
