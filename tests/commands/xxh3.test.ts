import { describe, expect, test } from 'vitest'
import { xxh3 } from '../../lib/commands/xxh3.ts'

/** Digests by the reference library (xxHash 0.8.1) of `length` bytes, the i-th being (131 i + 7 length + 17 ⌊i / 256⌋) mod 256. */
const VECTORS: readonly (readonly [number, string])[] = [
  [0, '2d06800538d394c2'],
  [1, '4c5cca45d0f4811f'],
  [2, 'cd32887c1142aecb'],
  [3, 'de31dc6f857de05c'],
  [4, '4096389f9b7508e9'],
  [5, '1d95cb3307be2209'],
  [7, '3dd7f3d3f46a7e9b'],
  [8, 'a2531ca9bc96d2f3'],
  [9, '5c524f921e1bf5c1'],
  [12, '681a7ed13c6a1e81'],
  [15, '690d3dd0b6067e2d'],
  [16, 'ee77c8a8ffd8a230'],
  [17, '52bed7fe433711c6'],
  [31, 'e7840c78b9aa9475'],
  [32, '924947473d17d6c9'],
  [33, 'eb60dc3465fa59b3'],
  [48, 'f58a4d80ea343f4a'],
  [63, '48cb27ee0a1cffb7'],
  [64, '84107b991359b565'],
  [65, 'a1d9f2fd06bc6080'],
  [95, '58c0c784b619db84'],
  [96, '3f3c540122056418'],
  [97, 'ce4dff711377fddd'],
  [112, 'e6b7c0e0649f486c'],
  [127, '78e5a167f9183a62'],
  [128, '9a2f37300d60586c'],
  [129, '948c53319c03562f'],
  [130, 'db41b1f394ab0b6e'],
  [143, '9a8ff01b4764718e'],
  [144, '72467e0b5dd44123'],
  [145, '3c8bdb3741038d01'],
  [160, '88ff1c83774cfafa'],
  [191, 'e3691c4b28450296'],
  [192, '02fb60b339c26a76'],
  [193, 'ad77c14c25fe505e'],
  [223, '8446f90d0a4bf128'],
  [224, '67d879fd689de271'],
  [239, '699756a2ce75550c'],
  [240, '6bc234dfc9ae5843'],
  [241, '4bddf45e258b6299'],
  [255, '45d73f5c0f940db1'],
  [256, '266a2c816cbb31c5'],
  [257, 'c6dea86d5afd33ae'],
  [320, '472f00a8e6bdc6af'],
  [511, 'de83bb03f9cd0778'],
  [512, '2f11dab1fc04b0b7'],
  [513, '7d7db387f492d57b'],
  [1023, '02c81db52e7e2ff6'],
  [1024, '7b3d0d5804231abc'],
  [1025, '0a6d2c17259fe4bb'],
  [1088, '5556ebcceb8541f5'],
  [1089, 'c0933daf41cbc3c3'],
  [2048, '0fe89a80845aba68'],
  [2049, 'e54b75096179fb9c'],
  [4096, 'f277e5ffd8719798'],
  [10000, '454264ebba87b987'],
  [65536, 'e84be5e1e6ba6253'],
  [100001, '2c644b590729aec0'],
]

function input(length: number): string {
  let bytes = ''
  for (let i = 0; i < length; i++) bytes += String.fromCharCode((i * 131 + length * 7 + (i >> 8) * 17) & 255)
  return bytes
}

describe('xxh3 equals the reference library', () => {
  test.each(VECTORS)('%i bytes', (length, digest) => {
    expect(xxh3(input(length))).toBe(digest)
  })
})
