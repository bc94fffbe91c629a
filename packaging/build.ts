/** `npm run build:package`: leaves in dist/ exactly what `npm publish ./dist` would publish. */
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { buildCommonJs, CORE_FILE } from './commonjs.ts'
import { buildConsole } from './console.ts'
import { dist, root } from './entries.ts'
import { packageManifest, type RootManifest } from './manifest.ts'
import { buildModules } from './modules.ts'
import { buildTypes } from './types.ts'
import { buildWorker } from './worker.ts'

const TEXTS = ['README.md', 'CHANGELOG.md', 'LICENSE']

rmSync(dist, { recursive: true, force: true })
mkdirSync(dist)
const used = new Set<string>()
for (const files of await Promise.all([buildCommonJs(used), buildModules(used), buildWorker()])) {
  for (const [path, content] of files) write(join(dist, path), content)
}
await buildConsole()
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as RootManifest
writeFileSync(join(dist, 'package.json'), `${JSON.stringify(packageManifest(manifest, used), null, 2)}\n`)
refuseEarlyLoads()
buildTypes()
for (const name of TEXTS) copyFileSync(join(root, name), join(dist, name))

/** What is lazy takes constants of the core, which are not there before that is loaded. */
function refuseEarlyLoads(): void {
  const script = `require(${JSON.stringify(join(dist, CORE_FILE))}); console.log(Object.keys(require.cache).slice(1).join(' '))`
  const early = execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' }).trim()
  if (early !== '') throw new Error(`lazy, but used while the core loads: ${early}`)
}

function write(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true })
  const isProgram = typeof content === 'string' && content.startsWith('#!')
  writeFileSync(path, content, { mode: isProgram ? 0o755 : 0o644 })
}
