/**
 * Projects of examples/ whose tests use `zerodis/testing` under a runner of their own: `npm test` must pass there, and
 * `npm run check` where there is one.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '../runtimes/application.ts'

export const TESTING: readonly string[] = [
  'testing-jest',
  'testing-ts-jest',
  'testing-vitest',
  'testing-node',
  'testing-playwright',
]

/** Runs what the package.json of an installed project offers. @throws with all that was printed where it fails */
export function tryTesting(folder: string, environment: NodeJS.ProcessEnv, passed: (what: string) => void): void {
  const { scripts } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    readonly scripts: Readonly<Record<string, string>>
  }
  for (const name of ['check', 'test']) {
    if (!(name in scripts)) continue
    run('npm', ['run', name], folder, environment)
    passed(name)
  }
}
