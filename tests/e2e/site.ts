/** This folder's app as a production build, made once for all tests that serve it and again when a source is newer. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { isFresh } from '../../packaging/freshness.ts'
import { Program } from '../clients/process.ts'
import { root } from './child.ts'

const NEXT = join(root, 'node_modules/next/dist/bin/next')
const BUILD = join(root, '.next/BUILD_ID')
const SOURCES = ['app', 'lib', 'instrumentation.ts', 'next.config.mjs', 'package-lock.json', 'tsconfig.json'].map(
  (path) => join(root, path),
)

/** @throws Error with what the build printed */
export function buildSite(): void {
  if (isFresh(BUILD, SOURCES)) return
  const { NODE_ENV: _, ...env } = process.env
  const build = spawnSync(process.execPath, [NEXT, 'build'], {
    encoding: 'utf8',
    env: env as NodeJS.ProcessEnv,
    cwd: root,
  })
  if (build.status !== 0) throw new Error(build.stdout + build.stderr)
}

/** `next start` on a port, without the custom server. */
export function startSite(port: number, environment: Record<string, string>): Program {
  return new Program([NEXT, 'start', '-p', String(port), '-H', '127.0.0.1'], environment)
}
