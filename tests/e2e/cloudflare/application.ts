/** A Worker on the built entry, bundled as wrangler does it: one ES module, and the modules of WebAssembly beside it. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { root } from '../../../packaging/entries.ts'
import { buildWorker } from '../../../packaging/worker.ts'

/** What a user's Worker consists of, and a few questions by RPC. */
const MAIN = `
import { createRedis, createWorker, RedisDurableObject } from './cloudflare.mjs'
export { RedisDurableObject }
const redis = createWorker()
const objects = (env, name) => env.REDIS.get(env.REDIS.idFromName(name))
const calls = {
  execute: async (stub, args) => stub.execute(...args),
  redis: async (stub, [name, ...args]) => stub.redis()[name](...args),
  sdk: async (stub, [name, ...args]) => createRedis(stub)[name](...args),
  multi: async (stub, [key]) => createRedis(stub).multi().incr(key).incr(key).exec(),
}
export default {
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url)
    if (!pathname.startsWith('/rpc/')) return redis.fetch(request, env)
    const run = calls[pathname.slice('/rpc/'.length)]
    try {
      const result = await run(objects(env, searchParams.get('object') ?? 'default'), await request.json())
      return Response.json({ result })
    } catch (error) {
      return Response.json({ error: error.message, name: error.name })
    }
  },
}
`

/** As Cloudflare counts them, compressed. Unit: bytes. */
export interface Sizes {
  readonly code: number
  readonly modules: number
}

/** Leaves it in a folder. */
export async function buildApplication(folder: string): Promise<Sizes> {
  const files = await buildWorker()
  for (const [path, content] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
  writeFileSync(join(folder, 'main.js'), MAIN)
  const { outputFiles } = await build({
    entryPoints: [join(folder, 'main.js')],
    bundle: true,
    format: 'esm',
    platform: 'browser',
    conditions: ['workerd', 'worker', 'browser'],
    minify: true,
    external: ['cloudflare:workers', 'node:*', '*.wasm'],
    nodePaths: [join(root, 'node_modules')],
    logLevel: 'error',
    write: false,
  })
  const code = outputFiles[0].contents
  writeFileSync(join(folder, 'index.mjs'), code)
  const modules = [...files].flatMap(([path, content]) => (path.endsWith('.wasm') ? [content] : []))
  const compressed = (content: string | Uint8Array): number => gzipSync(content, { level: 9 }).length
  return { code: compressed(code), modules: modules.reduce((sum, module) => sum + compressed(module), 0) }
}
