/**
 * Lua's modules of WebAssembly, each compiled once a process. A host that may not compile bytes imports them instead: the build
 * for Cloudflare has another module in the place of this one (packaging/worker.ts).
 */
import { brotliDecompressSync } from 'node:zlib'
import { CJSON_BINARY } from './libraries/cjson-binary.ts'
import { LUA_BINARY } from './luabinary.ts'
import { WRAPPER_BINARY } from './wrapperbinary.ts'

let lua: WebAssembly.Module | undefined
let cjson: WebAssembly.Module | undefined
let wrapper: WebAssembly.Module | undefined

/** Lua itself. Takes 5 ms at first. */
export function luaModule(): WebAssembly.Module {
  return (lua ??= new WebAssembly.Module(brotliDecompressSync(Buffer.from(LUA_BINARY, 'base64'))))
}

/** The kernel of cjson. */
export function cjsonModule(): WebAssembly.Module {
  return (cjson ??= new WebAssembly.Module(Buffer.from(CJSON_BINARY, 'base64')))
}

/** What makes a JavaScript function one of Lua's table. */
export function wrapperModule(): WebAssembly.Module {
  return (wrapper ??= new WebAssembly.Module(WRAPPER_BINARY))
}
