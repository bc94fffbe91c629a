/** `npm run build:package`: leaves in dist/ exactly what `npm publish ./dist` would publish. */
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { COMMONJS, dist, root } from './entries.ts'
import { buildJavaScript } from './javascript.ts'
import { packageManifest, type RootManifest } from './manifest.ts'
import { buildTypes } from './types.ts'

const TEXTS = ['README.md', 'CHANGELOG.md', 'LICENSE']

rmSync(dist, { recursive: true, force: true })
mkdirSync(dist)
const used = await buildJavaScript()
buildTypes()
writeFileSync(join(dist, COMMONJS, 'package.json'), '{ "type": "commonjs" }\n')
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as RootManifest
writeFileSync(join(dist, 'package.json'), `${JSON.stringify(packageManifest(manifest, used), null, 2)}\n`)
for (const name of TEXTS) copyFileSync(join(root, name), join(dist, name))
