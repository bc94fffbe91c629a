/**
 * The entry for Cloudflare: one ES module with all of its code, beside the modules of WebAssembly that it imports, since nothing may be
 * compiled from bytes there. What an object never does (listen, read files, follow another server) is left out; and of what Node brings
 * along that is taken which the host has, so that one that lacks a module of it can load the rest.
 */
import { readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { relative, resolve } from 'node:path'
import { brotliDecompressSync } from 'node:zlib'
import { build, type Plugin } from 'esbuild'
import { KERNELS_BINARY } from '../lib/memory/binary.ts'
import { CJSON_BINARY } from '../lib/scripting/libraries/cjson-binary.ts'
import { LUA_BINARY } from '../lib/scripting/luabinary.ts'
import { WRAPPER_BINARY } from '../lib/scripting/wrapperbinary.ts'
import { root, sourceOf, WORKER } from './entries.ts'

/** Modules of WebAssembly, by their names. */
const BINARIES: Readonly<Record<string, () => Uint8Array>> = {
  lua: () => brotliDecompressSync(Buffer.from(LUA_BINARY, 'base64')),
  cjson: () => Buffer.from(CJSON_BINARY, 'base64'),
  wrapper: () => WRAPPER_BINARY,
  kernels: () => Buffer.from(KERNELS_BINARY, 'base64'),
}

/** Sources that are others here. */
const REPLACED: Readonly<Record<string, string>> = {
  'lib/scripting/modules.ts': `
    import lua from './lib/lua.wasm'
    import cjson from './lib/cjson.wasm'
    import wrapper from './lib/wrapper.wasm'
    export const luaModule = () => lua
    export const cjsonModule = () => cjson
    export const wrapperModule = () => wrapper`,
  'lib/memory/module.ts': `
    import kernels from './lib/kernels.wasm'
    export const kernelsModule = () => kernels`,
  // Packages that somebody may have installed cannot be looked for.
  'lib/peers/peer.ts': 'export const loadPeer = () => undefined',
  'lib/observability/metrics.ts': 'export const expose = async () => undefined',
  // Calls of a store that is shared can run as text: it takes no more room. So can pipelines of REST.
  'lib/transports/placedcalls.ts': 'export class PlacedCalls { run() {} }',
  'lib/transports/placedpipeline.ts': 'export class PlacedPipelines {}',
  'lib/protocol/pipelinescan.ts': 'export class PipelineScan { read() { return false } }',
}

/** Commands on collections run as text here, over WebSockets, too: it takes less code. */
const AS_TEXT: ReadonlySet<string> = new Set(
  ['hash', 'list', 'set', 'sorted-set', 'stream'].map((group) => `lib/commands/${group}/placed.ts`),
)

/** The same forms of commands, of which none ever suits. */
function formsAsText(path: string): string {
  const names = [...readFileSync(path, 'utf8').matchAll(/^export const (placed\w+)/gm)]
  return `const asText = { suits: () => false }\n${names.map(([, name]) => `export { asText as ${name} }`).join('\n')}`
}

/** Files and folders of which nothing is ever used here: what is imported of them is undefined. */
const ABSENT: readonly string[] = [
  'lib/cluster/bus.ts',
  'lib/cluster/member.ts',
  ...['nodes', 'slots', 'slotstats', 'topology'].map((name) => `lib/commands/cluster/${name}.ts`),
  'lib/console/door.ts',
  'lib/console/site.ts',
  'lib/engine/redirection.ts',
  'lib/journal/appendonly.ts',
  'lib/journal/backup.ts',
  'lib/journal/base.ts',
  'lib/journal/increment.ts',
  'lib/journal/loader.ts',
  'lib/journal/logfolder.ts',
  'lib/journal/manifest.ts',
  'lib/journal/preload.ts',
  'lib/observability/slotstats.ts',
  'lib/replication/failover.ts',
  'lib/replication/following.ts',
  'lib/replication/masterlink.ts',
  'lib/server/formation.ts',
  'lib/server/remote.ts',
  'lib/server/shared.ts',
  'lib/transports/handshakes.ts',
  'lib/transports/http.ts',
  'lib/transports/httpdoor.ts',
  'lib/transports/passthrough.ts',
  'lib/transports/remotereplies.ts',
  'lib/transports/tcp.ts',
  'lib/upstream/',
]

/** The files by their paths in dist/. */
export async function buildWorker(): Promise<Map<string, string | Uint8Array>> {
  const files = new Map<string, string | Uint8Array>()
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [sourceOf(WORKER)],
    bundle: true,
    format: 'esm',
    platform: 'neutral',
    target: 'es2022',
    minify: true,
    legalComments: 'none',
    external: ['cloudflare:workers', '@upstash/redis'],
    define: { 'import.meta.url': '"file:///zerodis"' },
    plugins: [replaced(), provided()],
    write: false,
  })
  files.set(`${WORKER}.mjs`, outputFiles[0].text)
  for (const [name, bytes] of Object.entries(BINARIES)) files.set(`lib/${name}.wasm`, bytes())
  return files
}

function replaced(): Plugin {
  return {
    name: 'replaced',
    setup({ onLoad, onResolve }) {
      onResolve({ filter: /\.wasm$/ }, ({ path }) => ({ path, external: true }))
      onResolve({ filter: /^\.+\/.*\.ts$/ }, ({ path, resolveDir }) => {
        const source = relative(root, resolve(resolveDir, path))
        return ABSENT.some((absent) => source.startsWith(absent)) ? { path: source, namespace: 'absent' } : undefined
      })
      onLoad({ filter: /./, namespace: 'absent' }, () => ({ contents: 'module.exports = {}', loader: 'js' }))
      onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const source = relative(root, path)
        const contents = AS_TEXT.has(source) ? formsAsText(path) : REPLACED[source]
        return contents === undefined ? undefined : { contents, loader: 'js' }
      })
    },
  }
}

/** Modules of Node's, as far as the host has them; packages are none. */
function provided(): Plugin {
  const names = new RegExp(`^(node:|(${builtinModules.join('|')}|ws)$)`)
  return {
    name: 'provided',
    setup({ onLoad, onResolve }) {
      onResolve({ filter: names }, ({ path }) => ({ path, namespace: 'provided' }))
      onLoad({ filter: /./, namespace: 'provided' }, ({ path }) => ({
        contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)})`,
        loader: 'js',
      }))
    },
  }
}
