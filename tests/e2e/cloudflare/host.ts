/**
 * `node --import tsx host.ts FOLDER STORAGE VARIABLES`: the application of a folder in workerd, Cloudflare's own runtime, by Miniflare. Prints
 * its URL and the number of the process in which it runs. VARIABLES are JSON.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Miniflare } from 'miniflare'

const [folder, storage, variables] = process.argv.slice(2)

const wasm = readdirSync(join(folder, 'lib')).filter((name) => name.endsWith('.wasm'))
const miniflare = new Miniflare({
  modulesRoot: folder,
  modules: [
    { type: 'ESModule', path: join(folder, 'index.mjs') },
    ...wasm.map((name) => ({ type: 'CompiledWasm' as const, path: join(folder, 'lib', name) })),
  ],
  compatibilityDate: '2026-04-01',
  compatibilityFlags: ['nodejs_compat'],
  durableObjects: { REDIS: { className: 'RedisDurableObject', useSQLite: true } },
  durableObjectsPersist: storage,
  bindings: JSON.parse(variables),
  host: '127.0.0.1',
  port: 0,
})
const url = await miniflare.ready
const children = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8').trim().split(' ')
const workerd = children.find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('workerd'))
console.log(`ready ${url.origin} ${workerd}`)
