/**
 * Redis's own suite in its external mode, against one server that keeps its keys in memory and one whose keys are shared through SQLite:
 * both are to pass the same tests. What differs is listed, with the reason where there is one.
 *
 *   node --import tsx tests/redis-suite/shared.ts [unit …] [--source PATH] [--limit SECONDS] [--port N]
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { leftOut } from './excused.ts'
import { suiteSource } from './source.ts'
import { runUnit, type UnitResult } from './unit.ts'

/** Units that can do with a server that is there. */
const EXTERNAL_UNITS =
  'type/zset type/list type/hash type/set type/string type/incr type/list-2 type/list-3 type/stream type/stream-cgroups keyspace ' +
  'expire scan sort bitops bitfield geo hyperloglog pubsub pubsubshard protocol querybuf info-command introspection-2 acl-v2 other ' +
  'multi tracking quit slowlog lazyfree latency-monitor dump scripting functions pause'

/** Tests that leave a transaction open where REPLICAOF is refused, so that all behind them fail. */
const LEFT_OUT = ['exec with read commands and stale replica state change']

/** What is answered where a command is refused, as DEBUG RELOAD is. */
const REFUSED = 'not possible where keys are shared with other processes'

const root = join(import.meta.dirname, '../..')
const cache = join(root, '.cache/redis-suite')
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    source: { type: 'string' },
    limit: { type: 'string', default: '300' },
    port: { type: 'string', default: '7600' },
  },
})
mkdirSync(join(cache, 'output'), { recursive: true })
const folder = mkdtempSync(join(cache, 'shared-'))
const servers: ChildProcess[] = []
process.once('exit', () => {
  for (const server of servers) server.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

const source = suiteSource(options.source, cache)
const flags = ['lib/cli.ts', '--config', 'false', '--format', 'esm', '--target', 'node20', '--out-dir', folder]
execFileSync(join(root, 'node_modules/.bin/tsup'), [...flags, '--external', '@next/env'], {
  cwd: root,
  stdio: ['ignore', 'ignore', 'inherit'],
})
writeFileSync(join(folder, 'package.json'), '{"type":"module"}')

async function served(port: number, store: string): Promise<ChildProcess> {
  const words = [
    '--port',
    `${port}`,
    '--http-port',
    '0',
    '--enable-debug-command',
    'yes',
    '--store',
    store,
    '--save',
    '',
  ]
  const child = spawn(process.execPath, [join(folder, 'cli.js'), ...words], { cwd: root, stdio: 'ignore' })
  servers.push(child)
  for (let tries = 0; ; tries++) {
    const isThere = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.destroy()
        resolve(true)
      }).once('error', () => resolve(false))
    })
    if (isThere) return child
    if (tries > 200) throw new Error(`no server came up on ${port}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

async function outcome(unit: string, port: number, store: string): Promise<UnitResult> {
  const server = await served(port, store)
  try {
    return await runUnit(unit, {
      source,
      workFolder: join(folder, 'work'),
      outputFile: join(cache, 'output', `shared-${store.slice(0, 6)}-${unit.replaceAll('/', '-')}.txt`),
      server: 'false',
      basePort: port,
      limitSeconds: Number(options.limit),
      leaveOut: [...leftOut(unit), ...LEFT_OUT],
      certificates: undefined,
      external: port,
    })
  } finally {
    server.kill('SIGKILL')
  }
}

const units = positionals.length > 0 ? positionals : EXTERNAL_UNITS.split(' ').map((unit) => `unit/${unit}`)
let port = Number(options.port)
let passed = 0
let unexplained = 0
for (const unit of units) {
  const memory = await outcome(unit, port++, 'memory')
  const shared = await outcome(unit, port++, `sqlite:${join(folder, `${port}.db`)}`)
  passed += shared.passed.length
  const ends = [memory, shared].map(({ brokeOff }) =>
    brokeOff === undefined ? '' : `, broke off: ${brokeOff.split('\n')[0]}`,
  )
  console.log(
    `${unit}: memory ${memory.passed.length} passed, ${memory.failed.length} failed${ends[0]}; ` +
      `sqlite ${shared.passed.length} passed, ${shared.failed.length} failed${ends[1]}`,
  )
  const known = new Set(memory.failed.map(({ name }) => name))
  for (const { name, detail } of shared.failed.filter((failure) => !known.has(failure.name))) {
    const isRefused = detail.includes(REFUSED)
    if (!isRefused) unexplained++
    console.log(`  ${name}: ${isRefused ? 'what it asks for is refused' : detail.trim().split('\n')[0]}`)
  }
}
console.log(`${passed} passed on sqlite, ${unexplained} differences without a reason`)
process.exit(unexplained === 0 ? 0 : 1)
