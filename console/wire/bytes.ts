/**
 * Keys and values as they are in the store: bytes, kept as strings of one code unit a byte. What is shown of them is text where
 * they are UTF-8; whatever could change how the page around it reads is shown as an escape.
 */

export type Bytes = string

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

const CHUNK = 8192

export function fromArray(array: Uint8Array): Bytes {
  if (array.length <= CHUNK) return String.fromCharCode(...array)
  const parts: string[] = []
  for (let i = 0; i < array.length; i += CHUNK) parts.push(String.fromCharCode(...array.subarray(i, i + CHUNK)))
  return parts.join('')
}

export function toArray(bytes: Bytes): Uint8Array<ArrayBuffer> {
  const array = new Uint8Array(bytes.length)
  for (let i = 0; i < bytes.length; i++) array[i] = bytes.charCodeAt(i)
  return array
}

export function fromText(text: string): Bytes {
  return /^[\x00-\x7f]*$/.test(text) ? text : fromArray(encoder.encode(text))
}

/** The text that bytes are in UTF-8; undefined where they are none. */
export function toText(bytes: Bytes): string | undefined {
  if (/^[\x00-\x7f]*$/.test(bytes)) return bytes
  try {
    return decoder.decode(toArray(bytes))
  } catch {
    return undefined
  }
}

/** Control characters, and those that turn the direction of what stands beside them. */
const INVISIBLE = /[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\uffff]/g

/** Bytes as one line to look at; what cannot be seen stands as an escape. */
export function shown(bytes: Bytes): string {
  const text = toText(bytes)
  if (text === undefined) return bytes.replace(/[^\x20-\x7e]/g, byteEscape)
  return text.replace(INVISIBLE, escaped)
}

/** As `shown`, cut where it is long. */
export function brief(bytes: Bytes, length = 200): string {
  return bytes.length <= length ? shown(bytes) : `${shown(startOf(bytes, length))}…`
}

/** Up to so many bytes, without a part of a character at their end. */
function startOf(bytes: Bytes, length: number): Bytes {
  for (let end = length; end > length - 4; end--) {
    const start = bytes.slice(0, end)
    if (toText(start) !== undefined) return start
  }
  return bytes.slice(0, length)
}

function escaped(character: string): string {
  const code = character.charCodeAt(0)
  if (character === '\n') return '\\n'
  if (character === '\r') return '\\r'
  if (character === '\t') return '\\t'
  return code < 256 ? byteEscape(character) : `\\u${code.toString(16).padStart(4, '0')}`
}

function byteEscape(byte: string): string {
  return `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`
}

export function toHex(bytes: Bytes): string {
  let hex = ''
  for (let i = 0; i < bytes.length; i++) hex += bytes.charCodeAt(i).toString(16).padStart(2, '0')
  return hex
}

/** Bytes of hexadecimal digits, white space between them left out; undefined for what is none. */
export function fromHex(text: string): Bytes | undefined {
  const digits = text.replace(/\s+/g, '')
  if (!/^([\da-f]{2})*$/i.test(digits)) return undefined
  return digits.replace(/../g, (pair) => String.fromCharCode(Number.parseInt(pair, 16)))
}

export function toBase64(bytes: Bytes): string {
  return btoa(bytes)
}

export function fromBase64(text: string): Bytes | undefined {
  try {
    return atob(text.replace(/\s+/g, ''))
  } catch {
    return undefined
  }
}

/** Bytes as a part of an address. */
export function percentEncoded(bytes: Bytes): string {
  return bytes.replace(/[^\w.~-]/g, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)
}

export function percentDecoded(part: string): Bytes {
  const bytes = part.replace(/%([\da-f]{2})/gi, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)))
  return /[^\x00-\xff]/.test(bytes) ? fromText(bytes) : bytes
}
