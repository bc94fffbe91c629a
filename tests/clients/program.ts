/**
 * Programs of the sources as JavaScript, for tests that start processes. Each is built when it is first asked for, and again when a
 * source is newer: a process then starts in a fifth of the time that it takes to transform the sources in it.
 */
import { mkdirSync, renameSync, utimesSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type BuildOptions, buildSync } from 'esbuild'
import { isFresh } from '../../packaging/freshness.ts'

const root = join(import.meta.dirname, '../..')
/** Below the root: packages are found from there, and what the console is made of. */
const FOLDER = join(root, '.cache/programs')
/** What every program is made of, besides its own folder. */
const SOURCES = ['lib', 'tests/clients', 'package-lock.json'].map((path) => join(root, path))

const OPTIONS: BuildOptions = {
  ...{ absWorkingDir: root, bundle: true, packages: 'external', platform: 'node' },
  ...{ format: 'esm', target: 'node20.19', logLevel: 'error' },
}

const built = new Map<string, string>()

/** The path of what a source has become, which is named from the root: `lib/cli.ts`. */
export function programOf(source: string): string {
  let path = built.get(source)
  if (path === undefined) built.set(source, (path = build(source)))
  return path
}

function build(source: string): string {
  const path = join(FOLDER, `${source.replaceAll('/', '-').replace(/\.ts$/, '')}.mjs`)
  const entry = join(root, source)
  if (isFresh(path, [...SOURCES, dirname(entry)])) return path
  const beganAt = new Date()
  mkdirSync(FOLDER, { recursive: true })
  // Others may build it, too, and run it meanwhile.
  const outfile = `${path}.${process.pid}.${Math.random()}`
  buildSync({ ...OPTIONS, entryPoints: [entry], outfile })
  utimesSync(outfile, beganAt, beganAt)
  renameSync(outfile, path)
  return path
}

/** The path of what a text has become that imports sources by their paths from the root: `./lib/server.ts`. The name is its own. */
export function programOfText(name: string, contents: string): string {
  mkdirSync(FOLDER, { recursive: true })
  const outfile = join(FOLDER, `${name}.mjs`)
  buildSync({ ...OPTIONS, stdin: { contents, resolveDir: root, loader: 'ts' }, outfile })
  return outfile
}

/** The command `zerodis`. */
export function cli(): string {
  return programOf('lib/cli.ts')
}
