/**
 * The code of the package, once: as CommonJS, which alone Jest can load and which alone can load a file in the middle of a
 * function. What a store consists of is one file, lib/core.js; entries and lazy files take what they need of it. See
 * docs/adr/0017-the-code-once-as-commonjs.md.
 */
import type { Metafile, Plugin } from 'esbuild'
import { addPackages, bundle, external, pathInDist } from './bundle.ts'
import { COMMAND, COMMONJS_ENTRIES, LAZY, root, sourceOf } from './entries.ts'
import { type Binding, toCommonJs } from './linking.ts'

const MINIFIED = { minifyIdentifiers: true, minifySyntax: true } as const

/** In the place of a path: a module of the core, of a lazy file; and a lazy file as an entry point. */
const CORE = 'core:'
const LAZY_MODULE = 'lazy:'
const LAZY_FILE = 'lazyfile:'

/** What the same lazy files share has a file of its own, unless it is so little that it is soon read. As written. */
const LITTLE_BYTES = 4000

const FOLDER = 'lib'
export const CORE_FILE = `${FOLDER}/core.js`

/** The files by their paths in dist/. Adds to `packages` what they import. */
export async function buildCommonJs(packages: Set<string>): Promise<Map<string, string>> {
  const entries = [...COMMONJS_ENTRIES, COMMAND]
  const { core, lazy } = await partition(entries.map(sourceOf))
  const lazyName = (source: string, importer: string) => {
    const file = lazy.get(source)
    return file === undefined || file === lazy.get(importer) ? undefined : LAZY_MODULE + source
  }
  const ofEntries = new Map(entries.map((name) => [sourceOf(name), `./${name}.js`]))
  const lazyFiles = new Set(lazy.values())
  const parts = await bundle({
    ...MINIFIED,
    entryPoints: [
      ...entries.map((name) => ({ in: sourceOf(name), out: name })),
      ...[...lazyFiles].map(({ path }) => ({ in: LAZY_FILE + path, out: path.slice(0, -'.js'.length) })),
    ],
    chunkNames: `${FOLDER}/[name]-[hash]`,
    plugins: [
      entryPoints(lazyFiles),
      external(
        (source, importer) =>
          ofEntries.get(source) ?? lazyName(source, importer) ?? (core.has(source) ? CORE + source : undefined),
      ),
    ],
  })
  const ofCore = new Names()
  const files = new Map<string, string>()
  for (const { path, text } of parts.outputFiles)
    files.set(pathInDist(path), await linked(pathInDist(path), text, ofCore, lazy))
  const whole = await bundle({
    ...MINIFIED,
    stdin: { contents: ofCore.statements, resolveDir: '.', loader: 'ts' },
    plugins: [external(lazyName)],
  })
  files.set(CORE_FILE, await linked(CORE_FILE, whole.outputFiles[0].text, ofCore, lazy))
  for (const one of [parts, whole]) addPackages(packages, one)
  return files
}

/** A file that is loaded when something of it is first used, with what the modules in it export. */
interface LazyFile {
  readonly path: string
  readonly names: Names
}

/** Which sources are loaded with a store, and in which files stand those that are lazy. */
async function partition(entryPoints: string[]): Promise<{ core: Set<string>; lazy: Map<string, LazyFile> }> {
  const { inputs, outputs } = (await bundle({ entryPoints: [...entryPoints, ...Object.values(LAZY).flat()] })).metafile
  const lazy = new Map<string, LazyFile>()
  const add = (name: string, sources: readonly string[]): void => {
    const file: LazyFile = { path: `${FOLDER}/${name}.js`, names: new Names() }
    for (const source of sources) {
      lazy.set(source, file)
      for (const exported of exportsOf(source, outputs)) file.names.nameOf(source, exported)
    }
  }
  for (const [name, sources] of Object.entries(LAZY)) add(name, sources)
  const awaited = Object.values(inputs).flatMap(({ imports }) =>
    imports.filter(({ kind }) => kind === 'dynamic-import'),
  )
  for (const { path, external } of awaited) {
    if (external) continue
    if (!lazy.has(path)) add(path.replace(/^lib\/|\.ts$/g, '').replaceAll('/', '-'), [path])
    const { names } = lazy.get(path)!
    for (const name of exportsOf(path, outputs)) {
      if (names.nameOf(path, name) !== name)
        throw new Error(`${name} of ${path} is awaited, and would have another name`)
    }
  }
  const core = importsOf(sourceOf('server'), inputs, (path) => lazy.has(path))
  for (const sources of sharedByLazy(inputs, lazy, core)) {
    const brought = new Set(sources)
    for (const source of sources) importsOf(source, inputs, (path) => core.has(path) || lazy.has(path), brought)
    if ([...brought].reduce((sum, path) => sum + inputs[path].bytes, 0) > LITTLE_BYTES) continue
    for (const path of brought) core.add(path)
  }
  return { core, lazy }
}

/** What a source imports, directly or by way of others, but for what is left out. */
function importsOf(
  source: string,
  inputs: Metafile['inputs'],
  isLeftOut: (path: string) => boolean,
  found = new Set<string>(),
): Set<string> {
  for (const { path, external } of inputs[source].imports) {
    if (external || found.has(path) || isLeftOut(path)) continue
    found.add(path)
    importsOf(path, inputs, isLeftOut, found)
  }
  return found
}

/** The sources outside of the core that more than one lazy file needs, and none has for itself; those of the same files together. */
function sharedByLazy(
  inputs: Metafile['inputs'],
  lazy: ReadonlyMap<string, LazyFile>,
  core: ReadonlySet<string>,
): string[][] {
  const users = new Map<string, Set<LazyFile>>()
  for (const [source, file] of lazy) {
    for (const path of importsOf(source, inputs, (path) => core.has(path) || lazy.has(path))) {
      users.set(path, (users.get(path) ?? new Set()).add(file))
    }
  }
  const groups = new Map<string, string[]>()
  for (const [source, files] of users) {
    if (files.size === 1) continue
    const key = [...files]
      .map(({ path }) => path)
      .sort()
      .join(' ')
    groups.set(key, [...(groups.get(key) ?? []), source])
  }
  return [...groups.values()]
}

function exportsOf(source: string, outputs: Metafile['outputs']): readonly string[] {
  const output = Object.values(outputs).find(({ entryPoint }) => entryPoint === source)
  if (output === undefined) throw new Error(`${source} is not an entry point`)
  return output.exports
}

/** Lazy files as entry points: each exports what its modules do. */
function entryPoints(files: ReadonlySet<LazyFile>): Plugin {
  const contents = new Map([...files].map(({ path, names }) => [LAZY_FILE + path, names.statements]))
  return {
    name: 'lazy files',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: new RegExp(`^${LAZY_FILE}`) }, ({ path }) => ({ path, namespace: 'lazy' }))
      onLoad({ filter: /./, namespace: 'lazy' }, ({ path }) => ({
        contents: contents.get(path),
        resolveDir: root,
        loader: 'ts',
      }))
    },
  }
}

/** What others take of the modules in one file, each under a name of its own. */
class Names {
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

function linked(path: string, text: string, ofCore: Names, lazy: ReadonlyMap<string, LazyFile>): Promise<string> {
  const up = path.startsWith(`${FOLDER}/`) ? '.' : `./${FOLDER}`
  const inFolder = (file: string) => `${up}${file.slice(FOLDER.length)}`
  const bindingOf = (imported: string): Binding => {
    if (imported.startsWith(CORE)) {
      const source = imported.slice(CORE.length)
      return { kind: 'constants', path: inFolder(CORE_FILE), nameOf: (name) => ofCore.nameOf(source, name) }
    }
    if (imported.startsWith('.')) return { kind: 'constants', path: imported, nameOf: (name) => name }
    if (imported.startsWith('node:')) {
      return { kind: 'lazy', load: `process.getBuiltinModule("${imported}")`, nameOf: (name) => name }
    }
    if (imported.startsWith(LAZY_MODULE)) {
      const source = imported.slice(LAZY_MODULE.length)
      const { path: file, names } = lazy.get(source)!
      return { kind: 'lazy', load: `require("${inFolder(file)}")`, nameOf: (name) => names.nameOf(source, name) }
    }
    return undefined
  }
  const pathOf = (imported: string) =>
    imported.startsWith(LAZY_MODULE) ? inFolder(lazy.get(imported.slice(LAZY_MODULE.length))!.path) : imported
  return toCommonJs(text, bindingOf, pathOf)
}
