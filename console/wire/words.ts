/** Arguments as redis-cli reads and writes them: cut at spaces, with "…" and its escapes, and '…'. */
import { type Bytes, fromText } from './bytes.ts'

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', a: '\x07' }

/** The arguments; undefined where a quote is not closed, or something stands right behind it. */
export function wordsOf(line: string): Bytes[] | undefined {
  const bytes = fromText(line)
  const words: Bytes[] = []
  let at = 0
  for (;;) {
    while (isSpace(bytes[at])) at++
    if (at >= bytes.length) return words
    let word = ''
    while (at < bytes.length && !isSpace(bytes[at])) {
      const quote = bytes[at]
      if (quote !== '"' && quote !== "'") {
        word += bytes[at++]
        continue
      }
      const end = quote === '"' ? doubleQuoted(bytes, at + 1) : singleQuoted(bytes, at + 1)
      if (end === undefined || (end.at < bytes.length && !isSpace(bytes[end.at]))) return undefined
      word += end.text
      at = end.at
    }
    words.push(word)
  }
}

interface Quoted {
  readonly text: Bytes
  /** Behind the closing quote. */
  readonly at: number
}

function doubleQuoted(bytes: Bytes, from: number): Quoted | undefined {
  let text = ''
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at]
    if (byte === '"') return { text, at: at + 1 }
    if (byte !== '\\' || at + 1 >= bytes.length) {
      text += byte
      continue
    }
    const hex = /^x[\da-fA-F]{2}/.exec(bytes.slice(at + 1, at + 4))
    if (hex !== null) {
      text += String.fromCharCode(Number.parseInt(hex[0].slice(1), 16))
      at += 3
    } else {
      const escaped = bytes[++at]
      text += Object.hasOwn(ESCAPES, escaped) ? ESCAPES[escaped] : escaped
    }
  }
  return undefined
}

function singleQuoted(bytes: Bytes, from: number): Quoted | undefined {
  let text = ''
  for (let at = from; at < bytes.length; at++) {
    if (bytes[at] === "'") return { text, at: at + 1 }
    if (bytes[at] === '\\' && bytes[at + 1] === "'") at++
    text += bytes[at]
  }
  return undefined
}

function isSpace(byte: string | undefined): boolean {
  return byte === ' ' || byte === '\t' || byte === '\n' || byte === '\r'
}

const NAMED: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '"': '\\"',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\x07': '\\a',
  '\b': '\\b',
}

/** A string between quotes, each byte that is no printable ASCII as an escape. */
export function quoted(bytes: Bytes): string {
  return `"${bytes.replace(/[^\x20\x21\x23-\x5b\x5d-\x7e]/g, (byte) => NAMED[byte] ?? `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`)}"`
}
