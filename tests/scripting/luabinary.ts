/**
 * lib/scripting/luabinary.ts is written by this: the WebAssembly build of Lua 5.1 as the package wasmoon-lua5.1 has it,
 * compressed, as text. `npx tsx tests/scripting/luabinary.ts` writes it anew; luabinary.test.ts compares.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { brotliCompressSync } from 'node:zlib'

const require = createRequire(import.meta.url)
const PACKAGE = 'wasmoon-lua5.1'

/** The binary as the package has it. */
export function packagedBinary(): Buffer {
  return readFileSync(join(dirname(require.resolve(PACKAGE)), 'liblua5.1.wasm'))
}

function render(): string {
  const { version } = require(`${PACKAGE}/package.json`)
  return `/**
 * Lua 5.1.5 as WebAssembly: the binary of ${PACKAGE} ${version} (MIT, https://github.com/X3ZvaWQ/wasmoon-lua5.1), compressed
 * with brotli, in base64. It stands in the source because a file beside it would have to be found by Node, by bundlers and
 * by hosts that trace files, each in its own way (docs/adr/0007-lua-by-its-c-api.md). Written by tests/scripting/luabinary.ts.
 */
export const LUA_BINARY =
  '${brotliCompressSync(packagedBinary()).toString('base64')}'
`
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) writeFileSync('lib/scripting/luabinary.ts', render())
