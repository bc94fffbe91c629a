/** Addresses of the ends of a connection, as CLIENT LIST prints them. */
import type { Bytes } from '../base/bytes.ts'

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

/**
 * Of a Request: who a proxy says that it has it from, without a port; '' where none says so, or says what is no address.
 * Each proxy on the way adds to the list; the first is the client.
 */
export function forwardedAddress({ headers }: Request): Bytes {
  const first = firstOf(headers.get('x-forwarded-for'))
  const bare = first.replace(/^\[([^\]]*)\](?::\d+)?$/, '$1').replace(/^([\d.]+):\d+$/, '$1')
  if (/^\d{1,3}(?:\.\d{1,3}){3}$/.test(bare)) return `${bare}:0`
  return /^[\da-f:.]*:[\da-f:.]*$/i.test(bare) && URL.canParse(`http://[${bare}]`) ? `[${bare}]:0` : ''
}

/** The first entry of a header that may be a list; ''. */
function firstOf(header: string | null): string {
  return (
    header
      ?.split(',')
      .find((entry) => entry.trim() !== '')
      ?.trim() ?? ''
  )
}

/** What Node keeps behind a socket; not documented. */
interface Descriptor {
  readonly _handle?: { readonly fd?: number } | null
}

/** The number of a socket's descriptor, as CLIENT LIST prints it; -1 where it has none or the runtime does not tell. */
export function descriptorOf(socket: object): number {
  return (socket as Descriptor)._handle?.fd ?? -1
}
