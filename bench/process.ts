/** Servers that the benchmarks start on free ports of 127.0.0.1 and end by themselves. */
import { type ChildProcess, execFile, execFileSync, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { isFresh } from '../packaging/freshness.ts'

export const root = fileURLToPath(new URL('..', import.meta.url))
export const cli = join(root, 'dist/cli.js')
export const token = 'bench-token'
const SOURCES = ['lib', 'packaging', 'package-lock.json'].map((path) => join(root, path))

/** Version of the redis-server installed here; undefined without one. */
export const redisVersion = spawnSync('redis-server', ['--version'], { encoding: 'utf8' }).stdout?.match(
  /v=([\d.]+)/,
)?.[1]

/** In which Linux counts the time of processes for programs. */
const TICKS_PER_SECOND = 100

const run = promisify(execFile)

export interface Running {
  readonly pid: number
  readonly port: number
  /** Resident memory in bytes, as the kernel counts it. */
  residentBytes(): number
  /** What all its threads have had of the processor. */
  processorSeconds(): number
  stop(): Promise<void>
}

/** Whatever still runs when this process ends, ends with it. */
const children = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL')
})

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}

/** Starts a program and waits until it accepts connections on the port. */
export async function start(program: string, args: readonly string[], port: number, env = {}): Promise<Running> {
  const cwd = mkdtempSync(join(tmpdir(), 'bench-'))
  const child: ChildProcess = spawn(program, args, {
    stdio: ['ignore', 'ignore', 'inherit'],
    cwd,
    env: { ...process.env, ...env },
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  children.add(child)
  void ended.then(() => children.delete(child))
  await accepting(port, child)
  const pid = child.pid!
  return {
    pid,
    port,
    residentBytes: () => 1024 * Number(readFileSync(`/proc/${pid}/status`, 'utf8').match(/VmRSS:\s+(\d+)/)![1]),
    processorSeconds() {
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')
      return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
    },
    stop() {
      child.kill('SIGKILL')
      return ended
    },
  }
}

/** Builds the package unless it is as new as its sources: what is measured is what stands here. */
export function buildPackage(): void {
  if (!isFresh(cli, SOURCES)) execFileSync('npm', ['run', 'build:package'], { cwd: root, stdio: 'inherit' })
}

/** Our server as it is published. */
export function startZerodis(...flags: string[]): Promise<Running & { httpPort: number }> {
  return startCli(cli, flags)
}

/** That of an earlier build, by ZERODIS_BENCH_REFERENCE, the path of its `dist/cli.js`; else the same. */
export function startReference(...flags: string[]): Promise<Running & { httpPort: number }> {
  return startCli(process.env.ZERODIS_BENCH_REFERENCE ?? cli, flags)
}

async function startCli(path: string, flags: readonly string[]): Promise<Running & { httpPort: number }> {
  const port = await freePort()
  const httpPort = await freePort()
  const args = [path, '--port', `${port}`, '--http-port', `${httpPort}`, '--rest-token', token, ...flags]
  return { ...(await start(process.execPath, args, port)), httpPort }
}

/** Genuine Redis without persistence. */
export async function startRedis(...flags: string[]): Promise<Running> {
  const port = await freePort()
  return start('redis-server', ['--port', `${port}`, '--save', '', '--appendonly', 'no', ...flags], port)
}

/** What a server answers, as redis-cli prints it. */
export async function ask(port: number, ...argv: string[]): Promise<string> {
  return (await run('redis-cli', ['-p', `${port}`, ...argv])).stdout
}

/** Requests a second that redis-benchmark has sent a server, with options of its own. */
export async function benchmarked(port: number, ...options: string[]): Promise<number> {
  const { stdout } = await run('redis-benchmark', ['-p', `${port}`, ...options, '--csv'])
  return Number(stdout.match(/^"SET","([\d.]+)"/m)![1])
}

/** Asks again and again until something holds. */
export async function until(holds: () => Promise<boolean>, everyMs = 5): Promise<void> {
  while (!(await holds())) await pause(everyMs)
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)))
}

/** Settles when something listens on the port. */
export async function accepting(port: number, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + 30_000
  while (!(await canConnect(port))) {
    if (child.exitCode !== null) throw new Error(`${child.spawnfile} ended with code ${child.exitCode}`)
    if (Date.now() > deadline) throw new Error(`${child.spawnfile} does not listen on ${port}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
