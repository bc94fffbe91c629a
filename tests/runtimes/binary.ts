/** Programs that come from npm, each into a folder of .cache/ the first time that it is asked for. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './application.ts'
import type { Runtime } from './runtimes.ts'

const cache = join(import.meta.dirname, '../../.cache')

/** The path of a runtime's binary. @throws where it cannot be had */
export function binaryOf({ name, packages, version, binary }: Runtime): string {
  const machine = `${process.platform}-${process.arch}`
  const packageName = packages[machine]
  if (packageName === undefined) throw new Error(`${name} has no package for ${machine}`)
  const program = installed(`runtimes/${name.replace(' ', '-')}`, packageName, version, binary)
  run(program, ['--version'], cache)
  return program
}

/**
 * The path of a file of a package. `overrides` are versions of what it depends on that differ from those it asks for.
 * @throws where the package cannot be had
 */
export function installed(
  place: string,
  name: string,
  version: string,
  file: string,
  overrides: Readonly<Record<string, string>> = {},
): string {
  const folder = join(cache, place)
  const program = join(folder, 'node_modules', name, file)
  if (!existsSync(program)) {
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, overrides }))
    const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-save']
    run('npm', ['install', '--prefix', folder, ...flags, `${name}@${version}`], folder)
  }
  return program
}
