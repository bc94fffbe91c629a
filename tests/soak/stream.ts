/**
 * What the soak publishes, and what a reader of each kind must receive of it: fixed bytes, so that a reader compares what
 * comes with what should and notices whatever is lost, twice there, or out of order.
 */
export const CHANNEL = 'news'
const PAYLOAD_BYTES = 32

export type ReaderKind = 'resp2' | 'resp3' | 'sse'

/** The text of a message: its number, and letters that change with it. */
export function payload(i: number): string {
  return `${i}:`.padEnd(PAYLOAD_BYTES, String.fromCharCode(97 + (i % 26)))
}

export function frame(kind: ReaderKind, i: number): string {
  if (kind === 'sse') return `data: message,${CHANNEL},${payload(i)}\n\n`
  const lead = kind === 'resp2' ? '*' : '>'
  return `${lead}3\r\n$7\r\nmessage\r\n$${CHANNEL.length}\r\n${CHANNEL}\r\n$${PAYLOAD_BYTES}\r\n${payload(i)}\r\n`
}

/** All messages as a reader of this kind receives them. */
export function expectedStream(kind: ReaderKind, messages: number): Buffer {
  return Buffer.from(Array.from({ length: messages }, (_, i) => frame(kind, i)).join(''), 'latin1')
}
