/**
 * `npm run test:runtimes`: the built package, installed into a fresh folder, on each runtime of runtimes.ts (smoke.mjs). Their
 * binaries come from npm once, into .cache/runtimes. One that cannot be had is skipped, and said to be.
 *
 *   npm run test:runtimes -- [name …] [--summary FILE]
 */
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Authority, type Certificate } from '../clients/certificates.ts'
import { installPackage } from './application.ts'
import { binaryOf } from './binary.ts'
import { RUNTIMES, type Runtime } from './runtimes.ts'

/** Longest time on one runtime. */
const LIMIT_MS = 180_000

interface Outcome {
  readonly passed: readonly string[]
  readonly failed: readonly { readonly name: string; readonly message: string }[]
  readonly skipped: readonly { readonly name: string; readonly message: string }[]
}

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { summary: { type: 'string' } },
})
const wanted = RUNTIMES.filter(({ name }) => positionals.length === 0 || positionals.some((one) => name.includes(one)))
if (wanted.length === 0) throw new Error(`no such runtime; there are ${RUNTIMES.map(({ name }) => name).join(', ')}`)

const app = mkdtempSync(join(tmpdir(), 'runtimes-'))
const authority = new Authority()
process.once('exit', () => {
  rmSync(app, { recursive: true, force: true })
  authority.remove()
})
installPackage(app)
copyFileSync(join(import.meta.dirname, 'smoke.mjs'), join(app, 'smoke.mjs'))
const certificate = authority.sign('server')

let [passed, skipped] = [0, 0]
const failures: string[] = []
for (const runtime of wanted) {
  const outcome = tryOut(runtime)
  passed += outcome.passed.length
  skipped += outcome.skipped.length
  console.log(
    `${runtime.name}: ${outcome.passed.length} passed, ${outcome.failed.length} failed, ${outcome.skipped.length} skipped`,
  )
  for (const { name, message } of outcome.skipped) console.log(`  SKIPPED ${name}: ${message}`)
  for (const { name, message } of outcome.failed) {
    console.log(`  FAILED ${name}: ${message}`)
    failures.push(`${runtime.name}: ${name}\n${message}`)
  }
}
console.log(`\n${passed} passed, ${failures.length} failed, ${skipped} skipped`)
if (options.summary !== undefined) {
  writeFileSync(options.summary, JSON.stringify({ passed, failed: failures.length, skipped, failures }))
}
process.exitCode = failures.length === 0 ? 0 : 1

function tryOut(runtime: Runtime): Outcome {
  let program: string
  try {
    program = binaryOf(runtime)
  } catch (error) {
    const message = error instanceof Error ? error.message : `${error}`
    return { passed: [], failed: [], skipped: [{ name: 'all of it', message }] }
  }
  return smoke(program, runtime.args, certificate)
}

function smoke(program: string, args: readonly string[], { cert, key }: Certificate): Outcome {
  const folder = mkdtempSync(join(app, 'data-'))
  const cli = join(app, 'node_modules/zerodis/cli.js')
  const settings = JSON.stringify({ cert, key, ca: authority.cert, folder, cli, args })
  const { PATH, HOME } = process.env
  // Next's types want NODE_ENV in every environment.
  const env = { PATH, HOME, SMOKE: settings } as object as NodeJS.ProcessEnv
  const { stdout, stderr, signal } = spawnSync(program, [...args, 'smoke.mjs'], {
    cwd: app,
    encoding: 'utf8',
    timeout: LIMIT_MS,
    env,
  })
  const last = stdout.trimEnd().split('\n').at(-1) ?? ''
  try {
    return JSON.parse(last)
  } catch {
    const message = `ended${signal === null ? '' : ` by ${signal}`} without a result:\n${stdout}${stderr}`
    return { passed: [], failed: [{ name: 'smoke.mjs', message }], skipped: [] }
  }
}
