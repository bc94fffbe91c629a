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

/** The folder of all that is CommonJS: a package.json of its own says so to Node and to TypeScript. */
export const COMMONJS = 'cjs'
