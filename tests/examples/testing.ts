/**
 * Projects of examples/ whose tests use `zerodis/testing` under a runner: each as it stands, in a folder of its own, with the
 * built package and what it asks for from npm; `npm test` there must pass, and `npm run check` where there is one.
 */
import { cpSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '../runtimes/application.ts'

const root = join(import.meta.dirname, '../..')

export const TESTING_EXAMPLES: readonly string[] = [
  'testing-jest',
  'testing-ts-jest',
  'testing-vitest',
  'testing-node',
  'testing-playwright',
]

export interface Application {
  readonly folder: string
  readonly environment: NodeJS.ProcessEnv
}

/** Copies a project below `home` and installs it. @throws where a package cannot be had */
export function installExample(
  name: string,
  tarball: string,
  home: string,
  given: NodeJS.ProcessEnv = process.env,
): Application {
  const folder = join(home, name)
  cpSync(join(root, 'examples', name), folder, {
    recursive: true,
    filter: (path) => !path.endsWith('node_modules'),
  })
  const environment = { ...given }
  // What this runner and npm tell their own children.
  for (const key of Object.keys(environment)) {
    if (
      /^(npm_(package|lifecycle|command|execpath|config_(local_)?prefix)|NODE_(ENV|OPTIONS)$|VITEST|JEST|ZERODIS_)/.test(
        key,
      )
    )
      delete environment[key]
  }
  const flags = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts', '--no-save']
  run('npm', ['install', ...flags, tarball], folder, environment)
  return { folder, environment }
}

/** Runs what a project's package.json offers. @throws with all that was printed where it fails */
export function runExample({ folder, environment }: Application, passed: (what: string) => void): void {
  const { scripts } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    readonly scripts: Readonly<Record<string, string>>
  }
  for (const name of ['check', 'test']) {
    if (!(name in scripts)) continue
    run('npm', ['run', name], folder, environment)
    passed(name)
  }
}
