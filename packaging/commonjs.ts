/**
 * The code of the package, once: as CommonJS, which alone Jest can load and which alone can load a file in the middle of a
 * function. What a store consists of is one file, lib/core.js; entries and lazy files take what they need of it. See
 * docs/adr/0017-the-code-once-as-commonjs.md.
 */
import { addPackages, bundle, external, pathInDist } from './bundle.ts'
import { COMMAND, COMMONJS_ENTRIES, LAZY, sourceOf } from './entries.ts'
import { type Binding, toCommonJs } from './linking.ts'

const MINIFIED = { minifyIdentifiers: true, minifySyntax: true } as const

/** In the place of a path: a module of the core, a lazy file. */
const CORE = 'core:'
const LAZY_FILE = 'lazy:'

const FOLDER = 'lib'
export const CORE_FILE = `${FOLDER}/core.js`

/** The files by their paths in dist/. Adds to `packages` what they import. */
export async function buildCommonJs(packages: Set<string>): Promise<Map<string, string>> {
  const entries = [...COMMONJS_ENTRIES, COMMAND]
  const { core, lazy } = await partition(entries.map(sourceOf))
  const lazyName = (source: string) => (lazy.has(source) ? LAZY_FILE + fileOf(source) : undefined)
  const ofEntries = new Map(entries.map((name) => [sourceOf(name), `./${name}.js`]))
  const parts = await bundle({
    ...MINIFIED,
    entryPoints: [
      ...entries.map((name) => ({ in: sourceOf(name), out: name })),
      ...[...lazy].map((source) => ({ in: source, out: fileOf(source).slice(0, -'.js'.length) })),
    ],
    chunkNames: `${FOLDER}/[name]-[hash]`,
    plugins: [
      external((source) => ofEntries.get(source) ?? lazyName(source) ?? (core.has(source) ? CORE + source : undefined)),
    ],
  })
  const exported = new CoreExports()
  const files = new Map<string, string>()
  for (const { path, text } of parts.outputFiles)
    files.set(pathInDist(path), await linked(pathInDist(path), text, exported))
  const whole = await bundle({
    ...MINIFIED,
    stdin: { contents: exported.statements, resolveDir: '.', loader: 'ts' },
    plugins: [external(lazyName)],
  })
  files.set(CORE_FILE, await linked(CORE_FILE, whole.outputFiles[0].text, exported))
  for (const one of [parts, whole]) addPackages(packages, one)
  return files
}

/** Which sources are lazy, and which are loaded with a store. */
async function partition(entryPoints: string[]): Promise<{ core: Set<string>; lazy: Set<string> }> {
  const { inputs } = (await bundle({ entryPoints })).metafile
  const lazy = new Set(LAZY.filter((source) => inputs[source] !== undefined))
  const awaited = Object.values(inputs).flatMap(({ imports }) =>
    imports.filter(({ kind }) => kind === 'dynamic-import'),
  )
  for (const { path, external } of awaited) if (!external) lazy.add(path)
  const core = new Set<string>()
  const addImportsOf = (source: string): void => {
    for (const { path, external } of inputs[source].imports) {
      if (external || core.has(path) || lazy.has(path)) continue
      core.add(path)
      addImportsOf(path)
    }
  }
  addImportsOf(sourceOf('server'))
  return { core, lazy }
}

function fileOf(source: string): string {
  return `${FOLDER}/${source.replace(/^lib\/|\.ts$/g, '').replaceAll('/', '-')}.js`
}

/** What others take of the core, each under a name of its own. */
class CoreExports {
  readonly #names = new Map<string, string>()
  readonly #taken = new Set<string>()

  nameOf(source: string, name: string): string {
    const key = `${source} ${name}`
    let given = this.#names.get(key)
    if (given === undefined) {
      given = name
      for (let i = 2; this.#taken.has(given); i++) given = `${name}${i}`
      this.#taken.add(given)
      this.#names.set(key, given)
    }
    return given
  }

  get statements(): string {
    const statements = [...this.#names].map(([key, given]) => {
      const [source, name] = key.split(' ')
      return `export { ${name} as ${given} } from './${source}'`
    })
    return statements.join('\n')
  }
}

function linked(file: string, text: string, exported: CoreExports): Promise<string> {
  const up = file.startsWith(`${FOLDER}/`) ? '.' : `./${FOLDER}`
  const inFolder = (path: string) => `${up}${path.slice(FOLDER.length)}`
  const bindingOf = (path: string): Binding => {
    if (path.startsWith(CORE)) {
      const source = path.slice(CORE.length)
      return { kind: 'constants', path: inFolder(CORE_FILE), nameOf: (name) => exported.nameOf(source, name) }
    }
    if (path.startsWith('.')) return { kind: 'constants', path, nameOf: (name) => name }
    if (path.startsWith('node:')) return { kind: 'lazy', load: `process.getBuiltinModule("${path}")` }
    if (path.startsWith(LAZY_FILE)) return { kind: 'lazy', load: `require("${path}")` }
    return undefined
  }
  const pathOf = (path: string) => (path.startsWith(LAZY_FILE) ? inFolder(path.slice(LAZY_FILE.length)) : path)
  return toCommonJs(text, bindingOf, pathOf)
}
