/**
 * `npm run test:install`: the package as a new user gets it, in fresh folders: installed from its tarball by each package
 * manager, and from a registry on 127.0.0.1 with `npm install`, `npx`, `bunx` and `deno run`. Package managers, registry and
 * runtimes come from npm once, into .cache. What cannot be had is skipped, and said to be.
 *
 *   npm run test:install -- [name …] [--summary FILE]
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { ZERODIS_VERSION } from '../../lib/base/version.ts'
import { freePort } from '../clients/ports.ts'
import { packPackage, run } from '../runtimes/application.ts'
import { binaryOf, installed } from '../runtimes/binary.ts'
import { RUNTIMES } from '../runtimes/runtimes.ts'
import { Registry } from './registry.ts'

/** The tool cannot be had here. */
class Unavailable extends Error {}

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { summary: { type: 'string' } },
})
const home = mkdtempSync(join(tmpdir(), 'install-'))
const tarball = packPackage(home)
let registry: Registry | undefined

/** No cache but ours: an older build of the same version must not be found. */
const environment: NodeJS.ProcessEnv = {
  ...process.env,
  npm_config_cache: join(home, 'npm'),
  npm_config_store_dir: join(home, 'pnpm'),
  YARN_CACHE_FOLDER: join(home, 'yarn'),
  YARN_GLOBAL_FOLDER: join(home, 'yarn4'),
  YARN_ENABLE_TELEMETRY: '0',
  BUN_INSTALL_CACHE_DIR: join(home, 'bun'),
  DENO_DIR: join(home, 'deno'),
}
// What npm tells the scripts that it runs would be taken for settings.
for (const name of Object.keys(environment)) {
  if (/^npm_(package|lifecycle|command|execpath|config_(local_)?prefix)/.test(name)) delete environment[name]
}

/** An empty project. */
function project(name: string): string {
  const folder = join(home, name.replace(/\W+/g, '-'))
  mkdirSync(folder)
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'app', version: '1.0.0', private: true }))
  return folder
}

/** What each project does with the package. */
function use(folder: string, node: readonly string[]): void {
  writeFileSync(
    join(folder, 'app.mjs'),
    `import { createRedis, execute } from 'zerodis'
     import { createServer } from 'zerodis/server'
     await createRedis().set('k', { a: 1 })
     console.log(execute('GET', 'k'), typeof createServer)`,
  )
  writeFileSync(join(folder, 'app.cjs'), "console.log(require('zerodis').execute('EVAL', 'return 7', 0))")
  const [command, ...args] = node
  expectText(run(command, [...args, 'app.mjs'], folder, environment), '{"a":1} function\n')
  expectText(run(command, [...args, 'app.cjs'], folder, environment), '7\n')
}

function expectText(found: string, wanted: string): void {
  if (!found.includes(wanted)) throw new Error(`expected ${JSON.stringify(wanted)} in:\n${found}`)
}

/** A tool that has to be fetched. */
function tool<T>(get: () => T): T {
  try {
    return get()
  } catch (error) {
    throw new Unavailable(error instanceof Error ? error.message : `${error}`)
  }
}

function runtime(name: string): { program: string; path: string } {
  const found = RUNTIMES.find((one) => one.name.startsWith(name))!
  const program = tool(() => binaryOf(found))
  return { program, path: `${dirname(program)}:${environment['PATH']}` }
}

async function registryOf(): Promise<Registry> {
  if (registry !== undefined) return registry
  try {
    registry = await Registry.start(join(home, 'registry'))
  } catch (error) {
    throw new Unavailable(error instanceof Error ? error.message : `${error}`)
  }
  registry.publish(tarball, home)
  return registry
}

/** Starts the command, sends it a PING and ends it; nothing may be left of it. */
async function serve(
  command: string,
  args: readonly string[],
  folder: string,
  env: NodeJS.ProcessEnv,
  signal: NodeJS.Signals = 'SIGTERM',
): Promise<void> {
  const port = await freePort()
  const all = [...args, '--port', `${port}`, '--http-port', '0', '--save', '']
  const child = spawn(command, all, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  const read = (text: Buffer): void => {
    output += text
  }
  child.stdout.on('data', read)
  child.stderr.on('data', read)
  try {
    const reply = await within(60_000, async () => {
      if (child.exitCode !== null) throw new Error(`ended with ${child.exitCode}:\n${output}`)
      return ping(port)
    })
    expectText(reply ?? `no reply:\n${output}`, '+PONG')
  } finally {
    await end(child, signal)
  }
  if ((await within(20_000, async () => ((await ping(port)) === undefined ? true : undefined))) === undefined)
    throw new Error(`still there after ${signal}:\n${output}`)
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const over = new Promise((resolve) => child.once('exit', resolve))
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill(signal)
  const timer = setTimeout(() => child.kill('SIGKILL'), 20_000)
  await over
  clearTimeout(timer)
}

/** Asks until there is an answer; undefined if there is none in time. */
async function within<T>(limitMs: number, ask: () => Promise<T | undefined>): Promise<T | undefined> {
  const until = Date.now() + limitMs
  for (;;) {
    const answer = await ask()
    if (answer !== undefined || Date.now() > until) return answer
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** The reply, or undefined where nobody listens. */
function ping(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'))
    socket.once('data', (reply) => {
      socket.destroy()
      resolve(reply.toString())
    })
    socket.once('error', () => resolve(undefined))
    socket.once('close', () => resolve(undefined))
  })
}

const NODE = [process.execPath]
const version = `zerodis-${ZERODIS_VERSION}`

const TRIALS: Readonly<Record<string, () => void | Promise<void>>> = {
  'npm, tarball'() {
    const folder = project('npm')
    run('npm', ['install', '--no-audit', '--no-fund', tarball], folder, environment)
    use(folder, NODE)
    expectText(run('npx', ['--no-install', 'zerodis', '--version'], folder, environment), version)
  },
  'pnpm, tarball'() {
    const pnpm = tool(() => installed('tools/pnpm', 'pnpm', '10.34.8', 'bin/pnpm.cjs'))
    const folder = project('pnpm')
    run(process.execPath, [pnpm, 'add', tarball], folder, environment)
    use(folder, NODE)
    expectText(run(process.execPath, [pnpm, 'exec', 'zerodis', '--version'], folder, environment), version)
  },
  'yarn 1, tarball'() {
    const yarn = tool(() => installed('tools/yarn', 'yarn', '1.22.22', 'bin/yarn.js'))
    const folder = project('yarn')
    run(process.execPath, [yarn, 'add', `file:${tarball}`], folder, environment)
    use(folder, NODE)
    expectText(run(process.execPath, [yarn, '--silent', 'zerodis', '--version'], folder, environment), version)
  },
  'yarn 4 without node_modules, tarball'() {
    const yarn = tool(() => installed('tools/yarn4', '@yarnpkg/cli-dist', '4.18.1', 'bin/yarn.js'))
    const folder = project('yarn4')
    writeFileSync(join(folder, 'yarn.lock'), '')
    run(process.execPath, [yarn, 'add', tarball], folder, environment)
    use(folder, [process.execPath, yarn, 'node'])
    expectText(run(process.execPath, [yarn, 'zerodis', '--version'], folder, environment), version)
  },
  'Jest in a CommonJS project'() {
    const folder = project('jest')
    run(
      'npm',
      ['install', '--no-audit', '--no-fund', tarball, 'jest@30', 'jest-environment-node@30'],
      folder,
      environment,
    )
    writeFileSync(
      join(folder, 'store.test.js'),
      `const { createTestServer, workerServer } = require('zerodis/testing')
       const { execute } = require('zerodis')
       test('a store for each file', async () => {
         expect(store.execute('SET', 'k', 'v')).toBe('OK')
         expect(process.env.REDIS_URL).toBe(store.url)
       })
       test('is empty before each test', () => expect(store.execute('DBSIZE')).toBe(0))
       test('a server of its own, and the store of the process', async () => {
         const server = await createTestServer()
         expect(server.execute('EVAL', 'return 7', 0)).toBe(7)
         expect(await server.execute('COMMAND', 'DOCS', 'get')).toHaveLength(2)
         await server.close()
         expect(execute('PING')).toBe('PONG')
         expect(workerServer().url).toMatch(/^redis:/)
       })`,
    )
    writeFileSync(
      join(folder, 'jest.config.js'),
      "module.exports = { testEnvironment: 'zerodis/jest', globalSetup: 'zerodis/global-setup' }",
    )
    run('npx', ['--no-install', 'jest', '--ci'], folder, environment)
  },
  Vitest() {
    const folder = project('vitest')
    run('npm', ['install', '--no-audit', '--no-fund', tarball, 'vitest@4'], folder, environment)
    writeFileSync(
      join(folder, 'store.test.mjs'),
      `import { expect } from 'vitest'
       import { test } from 'zerodis/vitest'
       test('a store for each test', ({ store }) => expect(store.execute('PING')).toBe('PONG'))`,
    )
    run('npx', ['--no-install', 'vitest', 'run'], folder, environment)
  },
  async 'npm, registry'() {
    const { url } = await registryOf()
    const folder = project('npm-registry')
    const env = { ...environment, npm_config_registry: url }
    run('npm', ['install', '--no-audit', '--no-fund', 'zerodis'], folder, env)
    use(folder, NODE)
  },
  async npx() {
    const { url } = await registryOf()
    const folder = project('npx')
    const env = { ...environment, npm_config_registry: url }
    expectText(run('npx', ['--yes', 'zerodis', '--version'], folder, env), version)
    await serve('npx', ['--yes', 'zerodis'], folder, env)
    await serve('npx', ['--yes', 'zerodis'], folder, env, 'SIGKILL')
  },
  async bunx() {
    const { program, path } = runtime('bun')
    const { url } = await registryOf()
    const folder = project('bunx')
    const env = { ...environment, npm_config_registry: url, PATH: path }
    expectText(run(program, ['x', 'zerodis', '--version'], folder, env), version)
    await serve(program, ['x', '--bun', 'zerodis'], folder, env)
  },
  async 'deno run'() {
    const { program } = runtime('deno')
    const { url } = await registryOf()
    const folder = join(home, 'deno-run') // no project: the command alone
    mkdirSync(folder)
    const env = { ...environment, NPM_CONFIG_REGISTRY: url, npm_config_registry: url }
    // By itself Deno takes no package that was published today.
    const args = ['run', '--quiet', '--minimum-dependency-age=0', '--allow-all', 'npm:zerodis']
    expectText(run(program, [...args, '--version'], folder, env), version)
    await serve(program, args, folder, env)
  },
}

const names = Object.keys(TRIALS).filter(
  (name) => positionals.length === 0 || positionals.some((one) => name.includes(one)),
)
if (names.length === 0) throw new Error(`no such trial; there are ${Object.keys(TRIALS).join('; ')}`)
let [passed, skipped] = [0, 0]
const failures: string[] = []
try {
  for (const name of names) {
    try {
      await TRIALS[name]()
      passed++
      console.log(`passed   ${name}`)
    } catch (error) {
      const message = error instanceof Error ? error.message : `${error}`
      if (error instanceof Unavailable) {
        skipped++
        console.log(`SKIPPED  ${name}: ${message}`)
      } else {
        failures.push(`${name}\n${message}`)
        console.log(`FAILED   ${name}: ${message}`)
      }
    }
  }
} finally {
  await registry?.stop()
  rmSync(home, { recursive: true, force: true })
}
console.log(`\n${passed} passed, ${failures.length} failed, ${skipped} skipped`)
if (options.summary !== undefined) {
  writeFileSync(options.summary, JSON.stringify({ passed, failed: failures.length, skipped, failures }))
}
process.exitCode = failures.length === 0 ? 0 : 1
