/**
 * The npm package: one ES module per entry of `exports` and `bin`, with what they share in chunks, so that every entry of a
 * program looks at the same store. Into dist/ also goes the package's own package.json, whose dependencies are the ones
 * that the code in fact imports: an application that installs zerodis does not get a second Next with it.
 */
import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { defineConfig } from 'tsup'

interface Manifest {
  exports: Record<string, string | { types: string; default: string }>
  bin: Record<string, string>
  dependencies: Record<string, string>
  [field: string]: unknown
}

const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest
const built = [
  ...Object.values(manifest.exports).map((entry) => (typeof entry === 'string' ? entry : entry.default)),
  ...Object.values(manifest.bin),
].filter((path) => path.startsWith('./dist/'))

const METAFILE = 'dist/metafile-esm.json'

export default defineConfig({
  entry: built.map((path) => path.replace('./dist/', 'lib/').replace('.js', '.ts')),
  format: 'esm',
  target: 'node20',
  platform: 'node',
  splitting: true,
  // A cold function waits for V8 to read all of it, and half the text is half the wait.
  minify: true,
  clean: true,
  metafile: true,
  external: [/^[^./]/],
  async onSuccess() {
    writePackage(usedPackages())
    rmSync(METAFILE)
  },
})

/** Names of the packages that the output imports. */
function usedPackages(): Set<string> {
  const { outputs } = JSON.parse(readFileSync(METAFILE, 'utf8')) as {
    outputs: Record<string, { imports: { path: string; external?: boolean }[] }>
  }
  const used = new Set<string>()
  for (const { imports } of Object.values(outputs)) {
    for (const { path, external } of imports) {
      if (external) used.add(path.startsWith('@') ? path.split('/', 2).join('/') : path.split('/', 1)[0])
    }
  }
  return used
}

function writePackage(used: ReadonlySet<string>): void {
  const { name, version, description, license, type, engines, keywords, repository, exports, bin, dependencies } =
    manifest
  const { peerDependencies, peerDependenciesMeta } = manifest
  const inDist = JSON.parse(JSON.stringify({ exports, bin }).replaceAll('./dist/', './'))
  const own = {
    ...{ name, version, description, license, type, engines, keywords, repository },
    ...inDist,
    sideEffects: false,
    dependencies: Object.fromEntries(Object.entries(dependencies).filter(([dependency]) => used.has(dependency))),
    peerDependencies,
    peerDependenciesMeta,
  }
  writeFileSync('dist/package.json', JSON.stringify(own, null, 2) + '\n')
  for (const file of ['LICENSE', 'README.md']) if (existsSync(file)) copyFileSync(file, `dist/${file}`)
}
