/** The tokens that a request may bring, in whichever of the ways of REST and WebSockets. */
import { type Bytes, fromText } from '../base/bytes.ts'

/** Subprotocols that are looked at. */
const OFFERED_MAX = 4

/** What is asked first comes first. */
export function tokensOf({ headers, url }: Request): readonly Bytes[] {
  const authorization = headers.get('authorization')
  if (authorization !== null && /^bearer /i.test(authorization)) return [authorization.slice(7).trim()]
  const { searchParams } = new URL(url)
  const token = searchParams.get('_token') ?? searchParams.get('token')
  if (token !== null) return [fromText(token)]
  const offered = headers.get('sec-websocket-protocol')?.split(',', OFFERED_MAX) ?? []
  return offered.map((entry) => entry.trim())
}
