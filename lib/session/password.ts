/**
 * Comparison of passwords in a time that says nothing about the secret: it depends on the length of what was offered,
 * which its sender knows, and neither on where the two differ nor on how long the secret is.
 */
import type { Bytes } from '../bytes.ts'

export function samePassword(offered: Bytes, secret: Bytes): boolean {
  let difference = offered.length ^ secret.length
  for (let i = 0; i < offered.length; i++) difference |= offered.charCodeAt(i) ^ secret.charCodeAt(i % secret.length)
  return difference === 0
}
