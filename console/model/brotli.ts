/**
 * What brotli has packed, unpacked: by the browser where it knows how, else by the package `brotli`, a decoder in JavaScript of 60 KB with
 * its dictionary, which comes when the first value is to be unpacked.
 */
import { type Bytes, fromArray, toArray } from '../wire/bytes.ts'

/** Longer values are not tried: the page stands still meanwhile. */
const PACKED_MAX = 1024 * 1024

/** The window of brotli, which the package has for itself, with a little beside it. */
const WINDOW_BYTES = 2 ** 24 + 2 ** 16

export function isMaybeBrotli(bytes: Bytes): boolean {
  return bytes.length > 2 && bytes.length <= PACKED_MAX
}

/** Up to so many bytes; undefined for what brotli has not packed, and for more than that. */
export async function unpackBrotli(bytes: Bytes, maxBytes: number): Promise<Bytes | undefined> {
  const stream = nativeDecoder()
  if (stream !== undefined) return unpackedBy(stream, bytes, maxBytes)
  const { decompress } = await import('brotli/decompress')
  const packed = toArray(bytes)
  try {
    const out = withArraysUpTo(maxBytes, () => decompress(packed, maxBytes))
    // Noise may be read as nothing, packed.
    return out.length === 0 || out.length > maxBytes ? undefined : fromArray(out)
  } catch {
    return undefined
  }
}

/**
 * What a function returns, which may make no longer array, but for one, its window. The package takes no bound: it makes room for each part
 * of what comes out before it unpacks that, so a few bytes could become gigabytes. It gives nobody else a turn meanwhile, so nobody else
 * sees this.
 */
function withArraysUpTo<T>(maxLength: number, run: () => T): T {
  const { Uint8Array: all } = globalThis
  let hasWindow = false
  globalThis.Uint8Array = new Proxy(all, {
    construct(target, args) {
      if (args[0] > maxLength) {
        if (hasWindow || args[0] > WINDOW_BYTES) throw new RangeError('too much comes out')
        hasWindow = true
      }
      return Reflect.construct(target, args)
    },
  })
  try {
    return run()
  } finally {
    globalThis.Uint8Array = all
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
