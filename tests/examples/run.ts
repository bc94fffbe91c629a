/**
 * `npm run examples`: each project of examples/ in a folder of its own, with the built package and what it asks for from npm,
 * built, started, and asked whether REST arrives in it whole (examples/smoke.mjs, @upstash/redis). Next runs twice: in
 * development, and what `next build` has made. The image's steps (docker.ts), PM2 (pm2.ts) and projects with tests (testing.ts)
 * have trials of their own. What cannot be had is skipped, and said to be.
 *
 *   npm run examples -- [name …] [--summary FILE]
 */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Redis } from '@upstash/redis'
import { smoke } from '../../examples/smoke.mjs'
import { freePort } from '../clients/ports.ts'
import { RespClient } from '../clients/resp.ts'
import { packPackage, root, run } from '../runtimes/application.ts'
import { binaryOf } from '../runtimes/binary.ts'
import { RUNTIMES } from '../runtimes/runtimes.ts'
import { tryDocker } from './docker.ts'
import { pm2Program, tryPm2 } from './pm2.ts'
import { expect, Service } from './service.ts'
import { TESTING, tryTesting } from './testing.ts'

const TOKEN = 'token-of-examples'

interface Example {
  /** Path below which REST is served. */
  readonly base: string
  readonly build?: readonly string[]
  /** By name, how it is started; after `build`, but for the one called `dev`. */
  readonly starts: Readonly<Record<string, readonly string[]>>
  /** A runtime of runtimes.ts that takes the place of the first word. */
  readonly runtime?: string
  /** Its hook opens RESP where a port is named. */
  readonly hasResp?: boolean
  /** It is told its port and its token by words, and not by the environment. */
  readonly words?: (port: number) => readonly string[]
}

const NEXT = join('node_modules', 'next', 'dist', 'bin', 'next')
const next: Omit<Example, 'hasResp'> = {
  base: '/api/redis',
  build: ['node', NEXT, 'build'],
  starts: { dev: ['node', NEXT, 'dev'], start: ['node', NEXT, 'start'] },
}
const WRANGLER = join('node_modules', 'wrangler', 'bin', 'wrangler.js')
const server: Example = { base: '/redis', starts: { start: ['node', 'server.js'] } }

const EXAMPLES: Readonly<Record<string, Example>> = {
  next: { ...next, hasResp: true },
  pages: next,
  express: server,
  hono: server,
  fastify: server,
  koa: server,
  bun: { base: '/redis', starts: { start: ['server.js'] }, runtime: 'bun' },
  deno: { base: '/redis', starts: { start: ['server.js'] }, runtime: 'deno' },
  cloudflare: {
    base: '/redis',
    build: ['node', WRANGLER, 'deploy', '--dry-run', '--outdir', 'built'],
    starts: { dev: ['node', WRANGLER, 'dev', '--ip', '127.0.0.1'] },
    words: (port) => ['--port', `${port}`, '--var', `KV_REST_API_TOKEN:${TOKEN}`],
  },
}

/** A package or a program cannot be had here. */
class Unavailable extends Error {}

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { summary: { type: 'string' } },
})
const all = [...Object.keys(EXAMPLES), 'docker', 'pm2', ...TESTING]
const unknown = positionals.filter((name) => !all.includes(name))
if (unknown.length > 0) throw new Error(`no example ${unknown.join(', ')}; there are ${all.join(', ')}`)
const names = all.filter((name) => positionals.length === 0 || positionals.includes(name))

const home = mkdtempSync(join(tmpdir(), 'examples-'))
process.once('exit', () => rmSync(home, { recursive: true, force: true }))
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
const environment: NodeJS.ProcessEnv = {
  ...process.env,
  NEXT_TELEMETRY_DISABLED: '1',
  WRANGLER_SEND_METRICS: 'false',
  KV_REST_API_TOKEN: TOKEN,
}
// What npm tells the scripts that it runs, and what decides on how Next builds.
for (const name of Object.keys(environment)) {
  if (/^(npm_(package|lifecycle|command|execpath|config_(local_)?prefix)|NODE_ENV$|PORT$|ZERODIS_)/.test(name)) {
    delete environment[name]
  }
}

/** Nobody answers, or has it. What npm refuses for what a package.json says is a failure. */
const UNREACHABLE =
  /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENOTCACHED|E404|ETARGET)\b|has no package for/

function tool<T>(get: () => T): T {
  try {
    return get()
  } catch (error) {
    const message = error instanceof Error ? error.message : `${error}`
    throw UNREACHABLE.test(message) ? new Unavailable(message) : error
  }
}

/** Copies and installs an example; returns its folder and what stands before the words of its commands. */
function prepare(name: string, runtime?: string): { folder: string; program: readonly string[] } {
  const folder = join(home, name)
  cpSync(join(root, 'examples', name), folder, { recursive: true })
  const found = RUNTIMES.find((one) => one.name.startsWith(runtime ?? '-'))
  const program = found === undefined ? [process.execPath] : [tool(() => binaryOf(found)), ...found.args]
  const flags = ['--prefer-offline', '--no-audit', '--no-fund']
  tool(() => run('npm', ['install', ...flags, tarball], folder, environment))
  return { folder, program }
}

async function tryOut(name: string, passed: (what: string) => void): Promise<void> {
  if (name === 'docker') return tryDocker(home, environment, passed)
  if (name === 'pm2') return tryPm2(tool(pm2Program), tarball, home, environment, passed)
  if (TESTING.includes(name)) return tryTesting(prepare(name).folder, environment, passed)
  const example = EXAMPLES[name]
  const { folder, program } = prepare(name, example.runtime)
  const words = (command: readonly string[]): string[] => [
    ...program,
    ...(command[0] === 'node' ? command.slice(1) : command),
  ]
  for (const [mode, command] of Object.entries(example.starts)) {
    if ((mode !== 'dev' || example.starts['start'] === undefined) && example.build !== undefined) {
      const [file, ...args] = words(example.build)
      run(file, args, folder, environment)
      passed('build')
    }
    await check(words(command), folder, example)
    passed(mode)
  }
}

async function check(command: readonly string[], folder: string, { base, hasResp, words }: Example): Promise<void> {
  const [port, respPort] = [await freePort(), await freePort()]
  const env = { ...environment, PORT: `${port}`, ...(hasResp ? { ZERODIS_PORT: `${respPort}` } : {}) }
  const service = new Service([...command, ...(words?.(port) ?? [])], folder, env)
  const url = `http://127.0.0.1:${port}`
  try {
    await service.answers(`${url}${base}/healthz`)
    await service.within(60_000, smoke(`${url}${base}`, TOKEN))
    const redis = new Redis({ url: `${url}${base}`, token: TOKEN })
    await redis.set('sdk', { a: 'é' })
    expect(await redis.pipeline().get('sdk').incr('sdk:n').exec(), [{ a: 'é' }, 1])
    const page = await fetch(url)
    expect([page.status, (await page.text()).includes('A page')], [200, true])
    if (hasResp) {
      const resp = await RespClient.connect({ port: respPort, host: '127.0.0.1' })
      expect(await resp.send(['GET', 'sdk:n']), '1')
      resp.socket.destroy()
    }
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.stack : error}\nIt printed:\n${service.output.slice(-4000)}`)
  } finally {
    await service.stop()
  }
}

let [passed, skipped] = [0, 0]
const failures: string[] = []
const tarball = packPackage(home)
for (const name of names) {
  const since = performance.now()
  const done: string[] = []
  const seconds = (): string => `${((performance.now() - since) / 1000).toFixed(1)} s`
  try {
    await tryOut(name, (what) => done.push(what))
    passed += done.length
    console.log(`passed   ${name}: ${done.join(', ')} (${seconds()})`)
  } catch (error) {
    passed += done.length
    const message = error instanceof Error ? error.message : `${error}`
    if (error instanceof Unavailable) {
      skipped++
      console.log(`SKIPPED  ${name}: ${message}`)
    } else {
      failures.push(`examples/${name}, after ${done.join(', ') || 'nothing'}\n${message}`)
      console.log(`FAILED   ${name} (${seconds()}): ${message}`)
    }
  }
  rmSync(join(home, name), { recursive: true, force: true })
}
console.log(`\n${passed} passed, ${failures.length} failed, ${skipped} skipped`)
if (options.summary !== undefined) {
  writeFileSync(options.summary, JSON.stringify({ passed, failed: failures.length, skipped, failures }))
}
process.exitCode = failures.length === 0 ? 0 : 1
