/**
 * Bottleneck's own tests, as its package ships them, run by its own mocha in a process of their own. Many of them measure
 * time to some 10 ms, which a busy machine misses, on genuine Redis as well. So what fails is run again in slow motion, where
 * client and server have more of real time for each millisecond of theirs. What is broken fails at any speed.
 */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { root } from '../child.ts'

/** How many times slower than the world each further round goes. A few tests also want that some time has gone by. */
const SLOWNESS = [5, 1, 20, 1, 40]
const TIMEOUT_MS = 2_000
const cwd = join(root, 'node_modules/bottleneck')

export interface SuiteResult {
  readonly passing: number
  readonly pending: number
  /** Titles and errors of tests that failed in each round. */
  readonly failing: readonly string[]
}

/** What the tests run on. */
export interface Subject {
  /** The file of this folder that is loaded ahead of the tests. */
  readonly setup: 'adapter' | 'clients'
  readonly env: Record<string, string>
  stop(): Promise<unknown>
}

interface Report {
  readonly stats: { readonly passes: number; readonly pending: number }
  readonly failures: readonly { readonly fullTitle: string; readonly err: { readonly message?: string } }[]
}

/** `start` gives what to run on, a new one for each round, whose processes are given these variables. */
export async function runSuite(start: (env: Record<string, string>) => Promise<Subject>): Promise<SuiteResult> {
  let { stats, failures } = await round(start)
  const { pending } = stats
  let passing = stats.passes
  for (const slowness of SLOWNESS) {
    if (failures.length === 0) break
    const titles = failures.map(({ fullTitle }) => fullTitle.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    ;({ stats, failures } = await round(start, slowness, ['--grep', `^(${titles.join('|')})$`]))
    passing += stats.passes
  }
  return { passing, pending, failing: failures.map(({ fullTitle, err }) => `${fullTitle}: ${err.message}`) }
}

async function round(
  start: (env: Record<string, string>) => Promise<Subject>,
  slowness = 1,
  args: readonly string[] = [],
): Promise<Report> {
  const slow: Record<string, string> =
    slowness === 1
      ? {}
      : {
          NODE_OPTIONS: `--import ${join(root, 'tests/e2e/bottleneck/slowmotion.mjs')}`,
          SLOW_MOTION: `${slowness}`,
          SLOW_MOTION_FROM: `${Date.now()}`,
        }
  const { setup, env, stop } = await start(slow)
  try {
    return await mocha(setup, { ...env, ...slow }, ['--timeout', `${TIMEOUT_MS * slowness}`, ...args])
  } finally {
    await stop()
  }
}

function mocha(setup: string, env: Record<string, string>, args: readonly string[]): Promise<Report> {
  const argv = [
    ...['--import', 'tsx', '--unhandled-rejections=warn', join(root, 'node_modules/mocha/bin/_mocha')],
    ...['--exit', '--reporter', 'json', '--file', join(root, `tests/e2e/bottleneck/${setup}.ts`), ...args, 'test'],
  ]
  return new Promise((resolve, reject) => {
    const options = { cwd, env: { ...process.env, ...env }, maxBuffer: 2 ** 26 }
    execFile(process.execPath, argv, options, (_, stdout, stderr) => {
      const at = stdout.lastIndexOf('{\n  "stats":')
      if (at === -1) reject(new Error(stdout + stderr))
      else resolve(JSON.parse(stdout.slice(at)))
    })
  })
}
