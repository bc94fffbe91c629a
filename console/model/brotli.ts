/**
 * What brotli has packed, unpacked: by the browser where it knows how, else by the package `brotli`, a decoder in JavaScript of 60 KB with
 * its dictionary, which comes when the first value is to be unpacked.
 */
import { type Bytes, fromArray, toArray } from '../wire/bytes.ts'

/**
 * Longer values are not tried: the page stands still meanwhile. The package has no bound for what comes out, so a value that was made to
 * become gigabytes can end the tab; nothing is unpacked before one asks for it.
 */
const PACKED_MAX = 1024 * 1024

export function isMaybeBrotli(bytes: Bytes): boolean {
  return bytes.length > 2 && bytes.length <= PACKED_MAX
}

/** Up to so many bytes; undefined for what brotli has not packed, and for more than that. */
export async function unpackBrotli(bytes: Bytes, maxBytes: number): Promise<Bytes | undefined> {
  const stream = nativeDecoder()
  if (stream !== undefined) return unpackedBy(stream, bytes, maxBytes)
  const { decompress } = await import('brotli/decompress')
  try {
    const out = decompress(toArray(bytes), maxBytes)
    // Noise may be read as nothing, packed.
    return out.length === 0 || out.length > maxBytes ? undefined : fromArray(out)
  } catch {
    return undefined
  }
}

/** Browsers that know brotli name it like gzip; the others refuse the name. */
function nativeDecoder(): DecompressionStream | undefined {
  try {
    return new DecompressionStream('brotli' as CompressionFormat)
  } catch {
    return undefined
  }
}

async function unpackedBy(stream: DecompressionStream, bytes: Bytes, maxBytes: number): Promise<Bytes | undefined> {
  const reader = new Blob([toArray(bytes)]).stream().pipeThrough(stream).getReader()
  let out = ''
  try {
    while (out.length <= maxBytes) {
      const { done, value } = await reader.read()
      if (done) return out
      out += fromArray(value)
    }
  } catch {
    return undefined // what cannot be unpacked was packed by something else
  }
  await reader.cancel().catch(() => {})
  return undefined
}
