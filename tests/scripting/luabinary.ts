/**
 * lib/scripting/luabinary.ts is written by this: the WebAssembly build of Lua 5.1 as the package wasmoon-lua5.1 has it, with
 * Redis's hash of strings, glibc's reading of "0x", the allocator of allocator.wat and the fuel of luafuel.ts, compressed, as text.
 * `npx tsx tests/scripting/luabinary.ts` writes it anew; luabinary.test.ts compares.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { brotliCompressSync } from 'node:zlib'
import assembler from 'wabt'
import { withFuel } from './luafuel.ts'

const require = createRequire(import.meta.url)
const PACKAGE = 'wasmoon-lua5.1'

/** The binary as the package has it. */
function packagedBinary(): Buffer {
  return readFileSync(join(dirname(require.resolve(PACKAGE)), 'liblua5.1.wasm'))
}

/** A few bytes of the binary that become others, found by what is around them; in hexadecimal. */
interface Patch {
  readonly what: string
  readonly around: string
  readonly from: string
  readonly to: string
}

const PATCHES: readonly Patch[] = [
  {
    // It computes `step = (l >> 5) + 1`, so that of a string of 32 bytes or more only some are hashed. Redis hashes all of
    // them: strings cannot be made to collide, and the order of pairs is the one of Redis. Its `step = 1` is had by shifting
    // all bits out.
    what: 'luaS_newlstr',
    around: '200221042002200241057622054b',
    from: '410576',
    to: '411f76',
  },
  {
    // Where strtod stops at an x, it goes on with strtoul. strtod reads hexadecimal itself, so the x has no digits, and
    // glibc's strtoul stops there too: "0x" is no number. This one's takes it for 0. What is compared with the x has bit 5
    // set, which an X has not: they never are the same.
    what: 'luaO_str2d',
    around: '2d0000220241207241f80046047f',
    from: '41f80046',
    to: '41d80046',
  },
]

function patched(bytes: Buffer): Buffer {
  for (const { what, around, from, to } of PATCHES) {
    const place = Buffer.from(around, 'hex')
    const at = bytes.indexOf(place)
    if (at === -1 || bytes.indexOf(place, at + 1) !== -1) throw new Error(`${what} is not where it was`)
    bytes.write(to, at + place.indexOf(Buffer.from(from, 'hex')), 'hex')
  }
  return bytes
}

/** luaM_realloc_ as wabt prints it, with the names that wabt gives to functions. */
const REALLOC = new RegExp(
  [
    '\\(func (?<name>\\$f\\d+) \\(type \\$t\\d+\\) \\(param \\$p0 i32\\) \\(param \\$p1 i32\\) \\(param \\$p2 i32\\)',
    '\\(param \\$p3 i32\\) \\(result i32\\) \\(local \\$l4 i32\\)',
    'local.get \\$p0 i32.load offset=16 local.tee \\$l4 i32.load offset=16 local.get \\$p1 local.get \\$p2 local.get \\$p3',
    'local.get \\$l4 i32.load offset=12 call_indirect \\$__indirect_function_table \\(type \\$t\\d+\\) local.set \\$p1',
    'block \\$B0 local.get \\$p3 i32.eqz br_if \\$B0 local.get \\$p1 br_if \\$B0',
    'local.get \\$p0 i32.const 4 call (?<raise>\\$f\\d+) end',
    'local.get \\$l4 local.get \\$l4 i32.load offset=68 local.get \\$p3 local.get \\$p2 i32.sub i32.add i32.store offset=68',
    'local.get \\$p1\\)',
  ]
    .join(' ')
    .replaceAll(' ', '\\s+'),
)

/** Puts the functions of allocator.wat into the binary, one of them in place of Lua's. */
async function withAllocator(bytes: Buffer): Promise<Buffer> {
  const wabt = await assembler()
  const features = { bulk_memory: true }
  const lua = wabt.readWasm(bytes, features)
  lua.generateNames()
  lua.applyNames()
  const text = lua.toText({})
  const { name, raise } = text.match(REALLOC)?.groups ?? {}
  if (name === undefined || raise === undefined) throw new Error('luaM_realloc_ is not what it was')
  const source = readFileSync(new URL('../../lib/scripting/allocator.wat', import.meta.url), 'utf8')
  const functions = source.replaceAll('$luaM_realloc_', name).replaceAll('$luaD_throw', raise)
  const whole = withFuel(
    text.replace(REALLOC, () => functions),
    raise,
  )
  return Buffer.from(wabt.parseWat('lua.wat', whole, features).toBinary({}).buffer)
}

/** The binary as it stands in the source. */
export function binary(): Promise<Buffer> {
  return withAllocator(patched(packagedBinary()))
}

async function render(): Promise<string> {
  const { version } = require(`${PACKAGE}/package.json`)
  return `/**
 * Lua 5.1.5 as WebAssembly: the binary of ${PACKAGE} ${version} (MIT, https://github.com/X3ZvaWQ/wasmoon-lua5.1), with
 * Redis's hash of strings, glibc's reading of "0x", the allocator of allocator.wat and fuel (docs/adr/0014-scripts-end-in-time.md),
 * compressed with brotli, in base64.
 * It stands in the source because a file beside it would have to be found by Node, by bundlers and by hosts that trace
 * files, each in its own way (docs/adr/0011-lua-by-its-c-api.md). Written by tests/scripting/luabinary.ts.
 */
export const LUA_BINARY =
  '${brotliCompressSync(await binary()).toString('base64')}'
`
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  writeFileSync('lib/scripting/luabinary.ts', await render())
}
