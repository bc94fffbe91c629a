/**
 * This folder's app. As a production build it is made once for all tests that serve it, and again when a source is newer; `npm run dev`
 * keeps its own beside it.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Redis } from 'ioredis'
import { isFresh } from '../../packaging/freshness.ts'
import { Program } from '../clients/process.ts'
import { programOf } from '../clients/program.ts'
import { Child, root } from './child.ts'

const NEXT = join(root, 'node_modules/next/dist/bin/next')
/** There when a build is whole; a build removes what was there before. */
const STAMP = join(root, '.next/whole')
const SOURCES = ['app', 'console', 'lib', 'instrumentation.ts', 'next.config.mjs', 'proxy.ts']
  .concat('package-lock.json', 'tsconfig.json')
  .map((path) => join(root, path))

/** Whose it is, builds. */
const LOCK = join(root, 'node_modules/.cache/zerodis-site.lock')

/** Of several who ask at a time, one builds and the others wait. @throws Error with what the build printed */
export async function buildSite(): Promise<void> {
  while (!isFresh(STAMP, SOURCES)) {
    if (takeLock()) {
      try {
        if (!isFresh(STAMP, SOURCES)) build()
      } finally {
        rmSync(LOCK)
      }
    } else await pause(200)
  }
}

function build(): void {
  const beganAt = new Date()
  const { NODE_ENV: _, ...env } = process.env
  const { status, stdout, stderr } = spawnSync('npm', ['run', 'build'], {
    encoding: 'utf8',
    env: env as NodeJS.ProcessEnv,
    cwd: root,
  })
  if (status !== 0) throw new Error(stdout + stderr)
  writeFileSync(STAMP, '')
  utimesSync(STAMP, beganAt, beganAt)
}

/** False while another run, or thread, has it. */
function takeLock(): boolean {
  mkdirSync(dirname(LOCK), { recursive: true })
  try {
    writeFileSync(LOCK, `${process.pid}`, { flag: 'wx' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  try {
    process.kill(Number(readFileSync(LOCK, 'utf8')), 0)
  } catch {
    rmSync(LOCK, { force: true }) // it was killed, or has just ended
  }
  return false
}

/** `next start` on a port, without the custom server. */
export function startSite(port: number, environment: Record<string, string>): Program {
  return new Program([NEXT, 'start', '-p', String(port), '-H', '127.0.0.1'], environment)
}

/** What `npm run dev` and `npm start` run, built. */
export function startHost(mode: 'dev' | 'start', args: readonly string[], env: Record<string, string> = {}): Child {
  return new Child(process.execPath, [programOf('lib/host/nexthost.ts'), mode, ...args], { env })
}

/** Whether a route that Next has bundled works on the store that the doors serve: its limiter leaves keys. */
export async function routeSharesStore(url: string, resp: Redis): Promise<boolean> {
  const answer = await fetch(`${url}/api/example/limited`)
  return answer.ok && (await resp.keys('b_example_*')).length > 0
}
