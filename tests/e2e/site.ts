/** This folder's app as a production build, made once for all tests that serve it and again when a source is newer. */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Program } from '../clients/process.ts'
import { root } from './child.ts'

const NEXT = join(root, 'node_modules/next/dist/bin/next')
const BUILD = join(root, '.next/BUILD_ID')
const SOURCES = ['app', 'lib', 'instrumentation.ts', 'next.config.mjs', 'package-lock.json', 'tsconfig.json']

/** @throws Error with what the build printed */
export function buildSite(): void {
  if (existsSync(BUILD) && statSync(BUILD).mtimeMs > newest(SOURCES.map((path) => join(root, path)))) return
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

function newest(paths: readonly string[]): number {
  const times = paths.map((path) => {
    const stats = statSync(path)
    return stats.isDirectory() ? newest(readdirSync(path).map((name) => join(path, name))) : stats.mtimeMs
  })
  return Math.max(...times)
}
