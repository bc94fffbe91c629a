/** What can be imported: the exports of the CommonJS twin under their names, or the code itself for MODULES. */
import { addPackages, bundle, external, pathInDist } from './bundle.ts'
import { ENTRIES, MODULES, sourceOf, WORKER } from './entries.ts'

const SUFFIX = '.mjs'

/** The files by their paths in dist/. Adds to `packages` what they import. */
export async function buildModules(packages: Set<string>): Promise<Map<string, string>> {
  const files = new Map<string, string>()
  const twins = ENTRIES.filter((name) => !MODULES.includes(name) && name !== WORKER)
  const { metafile } = await bundle({ entryPoints: twins.map(sourceOf) })
  for (const { entryPoint, exports } of Object.values(metafile.outputs)) {
    const name = twins.find((twin) => sourceOf(twin) === entryPoint)
    if (name !== undefined) files.set(name + SUFFIX, handedOn(`./${name}.js`, exports))
  }
  const others = new Map(ENTRIES.map((name) => [sourceOf(name), `./${name}${SUFFIX}`]))
  const modules = await bundle({
    entryPoints: MODULES.map(sourceOf),
    outExtension: { '.js': SUFFIX },
    minify: true,
    plugins: [external((source) => others.get(source))],
  })
  for (const { path, text } of modules.outputFiles) files.set(pathInDist(path), text)
  addPackages(packages, modules)
  return files
}

/** Some take `exports` for the default export of a CommonJS module, others `exports.default`. */
function handedOn(path: string, names: readonly string[]): string {
  const named = names.filter((name) => name !== 'default')
  const lines = named.length > 0 ? [`export { ${named.join(', ')} } from '${path}'`] : []
  if (named.length < names.length) lines.push(`import entry from '${path}'`, 'export default entry.default ?? entry')
  return `${lines.join('\n')}\n`
}
