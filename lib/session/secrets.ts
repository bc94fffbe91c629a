/** Hashes and chance, which the core leaves to the platform. `lib/server/secrets.ts` has them from Node. */
import type { Bytes } from '../base/bytes.ts'

export interface Secrets {
  /** SHA-256 as 64 lower-case hexadecimal digits. */
  sha256(text: Bytes): Bytes
  /** HMAC-SHA256 as 32 bytes. */
  hmac(key: Bytes, text: Bytes): Bytes
  /** Compares two digests of the same length in a time that does not tell where they differ. */
  sameDigest(a: Bytes, b: Bytes): boolean
  /** A text that only who has the key can read, and nobody change. */
  seal(key: Bytes, text: Bytes): Bytes
  /** What `seal` was given; undefined for what it has not made with this key. */
  open(key: Bytes, sealed: Bytes): Bytes | undefined
  /** Unpredictable bytes. */
  random(count: number): Bytes
}
