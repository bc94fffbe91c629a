/** The ways in which bytes are shown and typed. Each says what it can show, and gives back the bytes of what was typed. */

import {
  type Bytes,
  fromArray,
  fromBase64,
  fromHex,
  fromText,
  toArray,
  toBase64,
  toHex,
  toText,
} from '../wire/bytes.ts'
import { quoted, wordsOf } from '../wire/words.ts'
import { isMaybeBrotli, unpackBrotli } from './brotli.ts'
import { compact, indented, isJson } from './jsontext.ts'
import { isMessagePack, unpack } from './messagepack.ts'

export type FormatName = 'text' | 'json' | 'escaped' | 'hex' | 'bits' | 'base64' | 'msgpack' | 'gzip' | 'brotli'

export interface Format {
  readonly name: FormatName
  readonly label: string
  /** Whether bytes can be shown so without loss. */
  readonly fits: (bytes: Bytes) => boolean
  readonly show: (bytes: Bytes) => string | Promise<string>
  /** The bytes of what was typed; undefined where it is none of this. A format without it is there to look at. */
  readonly read?: (text: string) => Bytes | undefined
  /** Said of a text that cannot be read. */
  readonly wrong?: string
}

/** A field for text makes line ends of its own, and keeps no other control characters. */
const PLAIN = /^[^\x00-\x08\x0b-\x1f\x7f]*$/

export const FORMATS: readonly Format[] = [
  {
    name: 'json',
    label: 'JSON',
    fits: (bytes) => /^\s*[[{]/.test(bytes) && isJson(toText(bytes) ?? ''),
    show: (bytes) => indented(toText(bytes)!),
    read: (text) => (isJson(text) ? fromText(compact(text)) : undefined),
    wrong: 'This is not JSON.',
  },
  {
    name: 'text',
    label: 'Text',
    fits: (bytes) => PLAIN.test(bytes) && toText(bytes) !== undefined,
    show: (bytes) => toText(bytes)!,
    read: fromText,
  },
  {
    name: 'msgpack',
    label: 'MessagePack',
    fits: isMessagePack,
    show: (bytes) =>
      JSON.stringify(unpack(bytes), (_, value) => (typeof value === 'bigint' ? String(value) : value), 2),
  },
  { name: 'gzip', label: 'Unpacked', fits: isPacked, show: unpacked },
  {
    name: 'escaped',
    label: 'Escaped',
    fits: () => true,
    show: quoted,
    read: (text) => {
      const words = wordsOf(text)
      return words?.length === 1 ? words[0] : undefined
    },
    wrong: 'This is not one string between quotes: "a\\nb\\xff".',
  },
  {
    name: 'hex',
    label: 'Hex',
    fits: () => true,
    show: hexLines,
    read: fromHex,
    wrong: 'These are not pairs of hexadecimal digits.',
  },
  {
    name: 'bits',
    label: 'Bits',
    fits: (bytes) => bytes.length <= BITS_MAX_BYTES,
    show: bitLines,
    read: fromBits,
    wrong: 'These are not eights of 0 and 1.',
  },
  {
    name: 'base64',
    label: 'Base64',
    fits: () => true,
    show: toBase64,
    read: fromBase64,
    wrong: 'This is not base64.',
  },
  { name: 'brotli', label: 'Brotli', fits: isBrotli, show: unbrotlied },
]

export function formatsOf(bytes: Bytes): readonly Format[] {
  return FORMATS.filter(({ fits }) => fits(bytes))
}

/** The one in which bytes are best read. */
export function bestFormat(bytes: Bytes): Format {
  return formatsOf(bytes)[0]
}

const HEX_LINE = 32

function hexLines(bytes: Bytes): string {
  const pairs = toHex(bytes).match(/../g) ?? []
  return pairs
    .map((pair, i) => pair + ((i + 1) % HEX_LINE === 0 ? '\n' : ' '))
    .join('')
    .trimEnd()
}

/** Longer bitmaps are looked at by their bytes. */
const BITS_MAX_BYTES = 16_384
const BITS_LINE_BYTES = 8

/** In the order in which SETBIT and GETBIT count them. */
function bitLines(bytes: Bytes): string {
  const eights = Array.from(bytes, (byte) => byte.charCodeAt(0).toString(2).padStart(8, '0'))
  return eights
    .map((eight, i) => eight + ((i + 1) % BITS_LINE_BYTES === 0 ? '\n' : ' '))
    .join('')
    .trimEnd()
}

function fromBits(text: string): Bytes | undefined {
  const bits = text.replace(/\s/g, '')
  if (!/^[01]*$/.test(bits) || bits.length % 8 !== 0) return undefined
  return (bits.match(/.{8}/g) ?? []).map((eight) => String.fromCharCode(Number.parseInt(eight, 2))).join('')
}

function packingOf(bytes: Bytes): CompressionFormat | undefined {
  if (bytes.startsWith('\x1f\x8b')) return 'gzip'
  return /^x[\x01\x5e\x9c\xda]/.test(bytes) ? 'deflate' : undefined
}

function isPacked(bytes: Bytes): boolean {
  return packingOf(bytes) !== undefined && typeof DecompressionStream === 'function'
}

/** What is unpacked of a value; little may become very much. */
const UNPACKED_MAX = 4 * 2 ** 20

async function unpacked(bytes: Bytes): Promise<string> {
  const reader = new Blob([toArray(bytes)])
    .stream()
    .pipeThrough(new DecompressionStream(packingOf(bytes)!))
    .getReader()
  let out = ''
  try {
    while (out.length <= UNPACKED_MAX) {
      const { done, value } = await reader.read()
      if (done) return readable(out)
      out += fromArray(value)
    }
  } catch {
    return 'It begins as something packed, and cannot be unpacked.'
  }
  await reader.cancel().catch(() => {})
  return `${readable(out.slice(0, UNPACKED_MAX))}\n… These are the first 4 MB of what comes out; the rest is not unpacked.`
}

/** Nothing tells what brotli has packed by its beginning, so it is offered for what is nothing else, and tried when it is asked for. */
function isBrotli(bytes: Bytes): boolean {
  return isMaybeBrotli(bytes) && toText(bytes) === undefined && !isMessagePack(bytes) && !isPacked(bytes)
}

async function unbrotlied(bytes: Bytes): Promise<string> {
  const out = await unpackBrotli(bytes, UNPACKED_MAX)
  return out === undefined ? 'This is nothing that brotli has packed, or more than 4 MB.' : readable(out)
}

function readable(bytes: Bytes): string {
  const text = toText(bytes) ?? quoted(bytes)
  return isJson(text) ? indented(text) : text
}
