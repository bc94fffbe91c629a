/**
 * `npm run test:redis-cluster`: the units of Redis's own suite that are about clusters, against nodes of one process (nodes.ts). Those of
 * 7.0.15 that want elections, the bus, links or a restart from nodes.conf are not among them.
 *
 *   npm run test:redis-cluster -- [unit …] [--source PATH] [--summary FILE]
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { suiteSource } from './source.ts'
import { runUnit } from './unit.ts'

/** Of tests/cluster, which start twenty nodes each, and of tests/unit. */
const UNITS: readonly string[] = [
  'cluster/15-cluster-slots',
  'cluster/16-transactions-on-replica',
  'cluster/19-cluster-nodes-slots',
  'cluster/23-multiple-slot-operations',
  'cluster/25-pubsubshard-slot-migration',
  'cluster/26-pubsubshard',
  'cluster/27-endpoints',
  'cluster/29-slot-migration-response',
  'unit/cluster',
  'unit/cluster-scripting',
  'unit/cluster/announced-endpoints',
  'unit/cluster/misc',
]

/** Tests that are not run, by their names, and why. */
const LEFT_OUT: ReadonlyMap<string, string> = new Map([
  ['Kill a cluster node and wait for fail state', 'it stops the process of a node, which here is not where it runs'],
  ['Verify command got unblocked after cluster failure', 'it is about the node that was stopped'],
  [
    'Verify the nodes configured with prefer hostname only show hostname for new nodes',
    'it has nodes lose packets of the bus, of which there is none',
  ],
])

const LIMIT_SECONDS = 300

const root = join(import.meta.dirname, '../..')
const cache = join(root, '.cache/redis-suite')
const runFolder = join(cache, `cluster-${process.pid}`)
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { source: { type: 'string' }, port: { type: 'string', default: '7500' }, summary: { type: 'string' } },
})
mkdirSync(join(cache, 'output'), { recursive: true })
mkdirSync(runFolder, { recursive: true })
process.once('exit', () => rmSync(runFolder, { recursive: true, force: true }))
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
const source = suiteSource(options.source, cache)
const program = builtNodes()
const failures: string[] = []
let passed = 0
for (const unit of positionals.length > 0 ? positionals : UNITS) await run(unit)
if (options.summary !== undefined) {
  writeFileSync(options.summary, JSON.stringify({ passed, failed: failures.length, skipped: LEFT_OUT.size, failures }))
}
process.exitCode = failures.length === 0 ? 0 : 1

function builtNodes(): string {
  const folder = join(runFolder, 'nodes')
  const flags = ['--config', 'false', '--format', 'esm', '--target', 'node20', '--out-dir', folder]
  execFileSync(join(root, 'node_modules/.bin/tsup'), ['tests/redis-suite/nodes.ts', ...flags], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  return join(folder, 'nodes.js')
}

async function run(unit: string): Promise<void> {
  const host = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] })
  try {
    const port = await portOf(host)
    const stub = `tclsh ${join(import.meta.dirname, 'stub.tcl')} ${port}`
    const result = unit.startsWith('cluster/') ? await runInstances(unit, stub) : await runSingle(unit, stub)
    console.log(`${unit}: ${result.passed} passed, ${result.failed.length} failed`)
    for (const name of result.failed) console.log(`  FAILED ${name}`)
    if (result.brokeOff !== undefined) console.log(`  broke off: ${result.brokeOff}`)
    passed += result.passed
    for (const name of result.failed) failures.push(`${unit}: ${name}`)
    if (result.brokeOff !== undefined) failures.push(`${unit} broke off: ${result.brokeOff}`)
  } finally {
    host.stdin.end()
  }
}

function portOf(host: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    host.once('exit', () => reject(new Error('the nodes did not start')))
    host.stdout!.once('data', (text) => resolve(Number(text)))
  })
}

interface Result {
  readonly passed: number
  readonly failed: readonly string[]
  readonly brokeOff: string | undefined
}

async function runSingle(unit: string, server: string): Promise<Result> {
  const { passed, failed, brokeOff } = await runUnit(unit, {
    source,
    workFolder: join(runFolder, 'work'),
    outputFile: join(cache, 'output', `${unit.replaceAll('/', '-')}.txt`),
    server,
    basePort: Number(options.port),
    limitSeconds: LIMIT_SECONDS,
    leaveOut: [...LEFT_OUT.keys()],
    certificates: undefined,
  })
  return { passed: passed.length, failed: failed.map(({ name, detail }) => `${name}\n${detail}`), brokeOff }
}

/** A unit of tests/cluster, in the suite's other mode: it starts twenty nodes and speaks to all of them. */
async function runInstances(unit: string, server: string): Promise<Result> {
  const work = join(runFolder, 'work')
  const name = unit.slice('cluster/'.length)
  layOut(work, server, name)
  const child = spawn('tclsh', ['tests/cluster/run.tcl', '--single', name], {
    cwd: work,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TERM: 'dumb' },
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('latin1').on('data', (text: string) => {
      output += text
    })
  }
  const timer = setTimeout(() => process.kill(-child.pid!, 'SIGKILL'), LIMIT_SECONDS * 1000)
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve))
  clearTimeout(timer)
  writeFileSync(join(cache, 'output', `${unit.replaceAll('/', '-')}.txt`), output)
  const text = output.replace(/\x1b\[[\d;]*m/g, '')
  const ofTests = text.split(/^\d\d:\d\d:\d\d> /m).slice(1)
  const failed = ofTests.filter((words) => !/(^|: )OK$/m.test(words))
  return {
    passed: ofTests.length - failed.length,
    failed,
    brokeOff: code === 0 || failed.length > 0 ? undefined : text.slice(-1000),
  }
}

/** The suite's folders as links, but for those in which it writes. */
function layOut(work: string, server: string, unit: string): void {
  rmSync(work, { recursive: true, force: true })
  for (const folder of ['src', 'tests/cluster/tmp']) mkdirSync(join(work, folder), { recursive: true })
  linkAll(join(source, 'tests'), join(work, 'tests'), ['cluster', 'tmp'])
  linkAll(join(source, 'tests/cluster'), join(work, 'tests/cluster'), ['tmp', 'tests'])
  const units = join(work, 'tests/cluster/tests')
  mkdirSync(units)
  linkAll(join(source, 'tests/cluster/tests'), units, [`${unit}.tcl`])
  writeFileSync(
    join(units, `${unit}.tcl`),
    withoutLeftOut(readFileSync(join(source, 'tests/cluster/tests', `${unit}.tcl`), 'utf8')),
  )
  const wrapper = join(work, 'src/redis-server')
  writeFileSync(wrapper, `#!/bin/sh\nexec ${server} "$@"\n`)
  chmodSync(wrapper, 0o755)
  for (const tool of ['redis-cli', 'redis-benchmark']) symlinkSync(`/usr/bin/${tool}`, join(work, 'src', tool))
}

/** This mode of the suite has no way to leave a test out, and ends with the first that fails. */
function withoutLeftOut(text: string): string {
  let left = text
  for (const name of LEFT_OUT.keys()) {
    const start = left.indexOf(`test "${name}" {`)
    if (start === -1) continue
    const end = left.indexOf('\n}\n', start)
    left = left.slice(0, start) + left.slice(end + 3)
  }
  return left
}

function linkAll(from: string, to: string, except: readonly string[]): void {
  for (const name of readdirSync(from)) if (!except.includes(name)) symlinkSync(join(from, name), join(to, name))
}
