/**
 * lib/scripting/libraries/cjson-binary.ts is written by this: kernels/cjson as WebAssembly, as text.
 * `npx tsx tests/scripting/cjsonbinary.ts` writes it anew; cjsonbinary.test.ts compares. It needs what tests/memory/binary.ts needs.
 */
import { writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { compiled } from '../memory/binary.ts'

/** The memory is Lua's: there is no stack and no data of the kernel's in it. */
export function compiledCjson(): Buffer {
  return compiled('cjson/cjson', 0)
}

function render(): string {
  return `/**
 * The folder kernels/cjson as WebAssembly, in base64; lib/memory/binary.ts says why it stands in the source. Written by
 * tests/scripting/cjsonbinary.ts.
 */
export const CJSON_BINARY =
  '${compiledCjson().toString('base64')}'
`
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  writeFileSync('lib/scripting/libraries/cjson-binary.ts', render())
}
