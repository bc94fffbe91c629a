/**
 * lib/scripting/luabinary.ts is written by this: the WebAssembly build of Lua 5.1 as the package wasmoon-lua5.1 has it, but
 * for one byte, compressed, as text; and allocator.wat, assembled. `npx tsx tests/scripting/luabinary.ts` writes it anew;
 * luabinary.test.ts compares.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { brotliCompressSync } from 'node:zlib'
import assembler from 'wabt'

const require = createRequire(import.meta.url)
const PACKAGE = 'wasmoon-lua5.1'

/** The binary as the package has it. */
function packagedBinary(): Buffer {
  return readFileSync(join(dirname(require.resolve(PACKAGE)), 'liblua5.1.wasm'))
}

/**
 * Where luaS_newlstr computes `step = (l >> 5) + 1`, so that of a string of 32 bytes or more only some are hashed. Redis
 * hashes all of them: strings cannot be made to collide, and the order of pairs is the one of Redis. Its `step = 1` is
 * had by shifting all bits out.
 */
const HASH_STEP = Buffer.from('200221042002200241057622054b', 'hex')
const SHIFT = Buffer.from('410576', 'hex')
const SHIFT_ALL = Buffer.from('411f76', 'hex')

/** The binary that Redis's hash function has been put into. */
export function binary(): Buffer {
  const bytes = packagedBinary()
  const at = bytes.indexOf(HASH_STEP)
  if (at === -1 || bytes.indexOf(HASH_STEP, at + 1) !== -1) throw new Error('luaS_newlstr is not where it was')
  SHIFT_ALL.copy(bytes, at + HASH_STEP.indexOf(SHIFT))
  return bytes
}

/** allocator.wat as WebAssembly. */
export async function allocator(): Promise<Buffer> {
  const source = readFileSync(new URL('../../lib/scripting/allocator.wat', import.meta.url), 'utf8')
  const module = (await assembler()).parseWat('allocator.wat', source, { bulk_memory: true })
  return Buffer.from(module.toBinary({}).buffer)
}

async function render(): Promise<string> {
  const { version } = require(`${PACKAGE}/package.json`)
  return `/**
 * Lua 5.1.5 as WebAssembly: the binary of ${PACKAGE} ${version} (MIT, https://github.com/X3ZvaWQ/wasmoon-lua5.1), with
 * Redis's hash of strings, compressed with brotli, in base64; and Lua's allocator, assembled from allocator.wat. They stand in
 * the source because files beside it would have to be found by Node, by bundlers and by hosts that trace files, each in its
 * own way (docs/adr/0011-lua-by-its-c-api.md). Written by tests/scripting/luabinary.ts.
 */
export const LUA_BINARY =
  '${brotliCompressSync(binary()).toString('base64')}'
export const ALLOCATOR_BINARY =
  '${(await allocator()).toString('base64')}'
`
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  writeFileSync('lib/scripting/luabinary.ts', await render())
}
