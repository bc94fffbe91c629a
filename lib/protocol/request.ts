/** A command as the bytes that a Redis is sent: an array of bulk strings. */
import type { Bytes } from '../base/bytes.ts'

export function requestBytes(argv: readonly Bytes[]): Bytes {
  let bytes = `*${argv.length}\r\n`
  for (const argument of argv) bytes += `$${argument.length}\r\n${argument}\r\n`
  return bytes
}
