/**
 * The package's own package.json. It depends on what its code in fact imports, so that an application which installs zerodis
 * does not get a second Next with it; the rest is taken from the one of this folder.
 */
import { COMMAND, COMMONJS_ENTRIES, ENTRIES } from './entries.ts'

/** The package.json at the root, as far as it matters here. */
export interface RootManifest {
  readonly name: string
  readonly version: string
  readonly dependencies: Readonly<Record<string, string>>
  readonly peerDependencies: Readonly<Record<string, string>>
  readonly [field: string]: unknown
}

const TAKEN_OVER = [
  'name',
  'version',
  'description',
  'keywords',
  'license',
  'homepage',
  'repository',
  'bugs',
  'engines',
]

export function packageManifest(root: RootManifest, used: ReadonlySet<string>): object {
  const { dependencies, peerDependencies, peerDependenciesMeta } = root
  return {
    ...Object.fromEntries(TAKEN_OVER.map((field) => [field, root[field]])),
    type: 'commonjs',
    sideEffects: false,
    main: './index.js',
    types: './types/index.d.ts',
    typesVersions: { '*': olderTypes() },
    exports: {
      ...Object.fromEntries(ENTRIES.map((name) => [name === 'index' ? '.' : `./${name}`, conditions(name)])),
      './package.json': './package.json',
    },
    bin: { zerodis: `./${COMMAND}.js` },
    dependencies: Object.fromEntries(Object.entries(dependencies).filter(([name]) => used.has(name))),
    peerDependencies,
    peerDependenciesMeta,
  }
}

/** Where a TypeScript that knows no `exports` finds types: `moduleResolution: node`, what TypeScript 5 takes by itself for CommonJS. */
function olderTypes(): object {
  const named = COMMONJS_ENTRIES.filter((name) => name !== 'index')
  return Object.fromEntries(named.map((name) => [name, [`./types/${name}.d.ts`]]))
}

/** The types come first: TypeScript takes the first condition that fits. */
function conditions(name: string): object {
  const imported = { types: `./types/${name}.d.mts`, default: `./${name}.mjs` }
  if (!COMMONJS_ENTRIES.includes(name)) return imported
  return { import: imported, require: { types: `./types/${name}.d.ts`, default: `./${name}.js` } }
}
