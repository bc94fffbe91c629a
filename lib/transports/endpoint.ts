/** Addresses of the ends of a connection, as CLIENT LIST prints them. */
import { type Bytes, fromText } from '../base/bytes.ts'

/** `127.0.0.1:6379`, `[::1]:6379`. */
export function endpoint(address: string | undefined, port: number | undefined): Bytes {
  const plain = (address ?? '').replace(/^::ffff:/, '')
  return plain.includes(':') ? `[${plain}]:${port}` : `${plain}:${port}`
}

export function isLoopback(address: string | undefined): boolean {
  if (address === undefined) return false
  const plain = address.replace(/^::ffff:/, '')
  return plain === '::1' || plain.startsWith('127.')
}

/** Of a Request: who a proxy says that it has it from, without a port; '' where none says so. */
export function forwardedAddress({ headers }: Request): Bytes {
  const forwarded = headers.get('x-forwarded-for')?.split(',')[0].trim()
  if (forwarded === undefined) return ''
  return `${fromText(forwarded.includes(':') && !forwarded.startsWith('[') ? `[${forwarded}]` : forwarded)}:0`
}
