/**
 * What the package consists of: every file directly in lib/ is an entry (`zerodis/<name>`), but for the command line.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'

export const root = join(import.meta.dirname, '..')
export const dist = join(root, 'dist')

/** The command `zerodis`. */
export const COMMAND = 'cli'

/** Vitest cannot be required, so what extends it need not be. */
const MODULES_ONLY: readonly string[] = ['vitest']

/** Names of the entries, `index` among them. */
export const ENTRIES: readonly string[] = readdirSync(join(root, 'lib'))
  .filter((name) => name.endsWith('.ts'))
  .map((name) => name.slice(0, -'.ts'.length))
  .filter((name) => name !== COMMAND)
  .sort()

/** Those that can be required, too. */
export const COMMONJS_ENTRIES: readonly string[] = ENTRIES.filter((name) => !MODULES_ONLY.includes(name))

/**
 * Those whose code is an ES module, too. `index` stands on the SDK, which has classes of its own for whoever imports and for
 * whoever requires; `bottleneck` runs where nothing can be required; `jest` fails where Jest is not installed, which Node 20
 * lets nobody catch in a CommonJS module that is imported. All others hand on what their CommonJS twins export.
 */
export const MODULES: readonly string[] = ['bottleneck', 'index', 'jest', ...MODULES_ONLY]

/**
 * Modules that are loaded when something of them is first used, each as a file of its own; so is whatever the source itself
 * imports by `import()`. To be worth it, a module has some kilobytes, and many stores never use it. What is imported of it may
 * not be used while the importing module loads (in a table, behind `extends`): the build refuses that. One that is no longer there
 * is a fault of tests/architecture.test.ts.
 */
export const LAZY: readonly string[] = [
  'lib/commands/array/ere.ts',
  'lib/commands/json/path/path.ts',
  'lib/commands/xxh3.ts',
  'lib/keyspace/values/json-parse.ts',
  'lib/memory/load.ts',
  'lib/observability/memoryreport.ts',
  'lib/persistence/payload.ts',
  'lib/persistence/snapshot.ts',
  'lib/replication/masterlink.ts',
  'lib/scripting/libraryapi.ts',
  'lib/scripting/vm.ts',
  'lib/transports/passthrough.ts',
  'lib/transports/websocketjson.ts',
  'lib/upstream/address.ts',
  'lib/upstream/upstream.ts',
]

/** The path of an entry's source, as the bundler tells it. */
export function sourceOf(entry: string): string {
  return `lib/${entry}.ts`
}
