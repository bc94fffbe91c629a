import { expect, test } from 'vitest'
import { CJSON_BINARY } from '../../lib/scripting/libraries/cjson-binary.ts'
import { canCompile } from '../memory/binary.ts'
import { compiledCjson } from './cjsonbinary.ts'

test.skipIf(!canCompile())('the cjson in the source is that of kernels/cjson (needs rustc 1.63 of Debian 12)', () => {
  // Otherwise: npx tsx tests/scripting/cjsonbinary.ts
  expect(Buffer.from(CJSON_BINARY, 'base64').equals(compiledCjson())).toBe(true)
})

test("it has no data and no stack, for the memory in which it works is Lua's", () => {
  const binary = Buffer.from(CJSON_BINARY, 'base64')
  const DATA = 11
  expect(sectionsOf(binary)).not.toContain(DATA)
  const imports = WebAssembly.Module.imports(new WebAssembly.Module(binary))
  expect(imports.filter(({ kind }) => kind === 'global')).toEqual([])
  // What uses a stack in memory reads its pointer, a global: `global.get 0`.
  expect(binary.includes(Buffer.from([0x23, 0x00]))).toBe(false)
})

/** The kinds of a module's sections. */
function sectionsOf(binary: Buffer): number[] {
  const kinds: number[] = []
  for (let at = 8; at < binary.length; ) {
    kinds.push(binary[at++])
    let length = 0
    for (let shift = 0, more = true; more; shift += 7) {
      length |= (binary[at] & 127) << shift
      more = binary[at++] > 127
    }
    at += length
  }
  return kinds
}
