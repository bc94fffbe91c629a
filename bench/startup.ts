/**
 * How long a fresh process takes: from its start to the first reply over RESP, beside redis-server and a bare server of Node, with compiled code that a
 * start before has kept and without; what importing an entry of the package adds to a cold function; and that with a store and its first command.
 */
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectClient } from './client.ts'
import { cli, freePort, redisVersion, root, token } from './process.ts'
import { atMost, median, type Section } from './report.ts'

const ROUNDS = 9

const IMPORTS = [
  { name: 'import of zerodis/server', entry: 'server', use: '', aimMs: 40 },
  { name: 'import of zerodis', entry: 'index', use: '', aimMs: 80 },
  { name: 'import, and a first command', entry: 'index', use: "entry.execute('SET', 'key', 'value')", aimMs: 90 },
]

/** What no program of Node's can be faster than. */
const BARE_SERVER =
  "require('node:net').createServer((s) => s.on('data', () => s.write('+PONG\\r\\n'))).listen(process.argv[1])"

const NOTHING_KEPT = { NODE_DISABLE_COMPILE_CACHE: '1' }

export async function startupSection(): Promise<Section> {
  const cache = mkdtempSync(join(tmpdir(), 'bench-'))
  try {
    await keepCode(cache)
    return await measured({ XDG_CACHE_HOME: cache })
  } finally {
    rmSync(cache, { recursive: true })
  }
}

const argsOfOurs = (port: number): string[] => [cli, '--port', `${port}`, '--http-port', '0', '--rest-token', token]

/** A start that lives until what was compiled is kept. */
async function keepCode(cache: string): Promise<void> {
  const kept = join(cache, 'zerodis')
  const port = await freePort()
  const child = spawn(process.execPath, argsOfOurs(port), {
    stdio: 'ignore',
    env: { ...process.env, XDG_CACHE_HOME: cache },
  })
  try {
    for (const startedAt = performance.now(); ; ) {
      if (existsSync(kept) && readdirSync(kept).some((name) => !/\.\d+$/.test(name))) return
      if (performance.now() - startedAt > 20_000) throw new Error('no compiled code was kept')
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  } finally {
    child.kill('SIGKILL')
  }
}

async function measured(keeping: Readonly<Record<string, string>>): Promise<Section> {
  const ours: number[] = []
  const first: number[] = []
  const theirs: number[] = []
  const bare: number[] = []
  const imports: Record<string, number[]> = Object.fromEntries(IMPORTS.map(({ name }) => [name, []]))
  for (let round = 0; round < ROUNDS; round++) {
    ours.push(await firstReply(process.execPath, argsOfOurs, keeping))
    first.push(await firstReply(process.execPath, argsOfOurs, NOTHING_KEPT))
    bare.push(await firstReply(process.execPath, (port) => ['-e', BARE_SERVER, `${port}`]))
    if (redisVersion !== undefined)
      theirs.push(await firstReply('redis-server', (port) => ['--port', `${port}`, '--save', '']))
  }
  // By themselves: a process that is being ended takes time from what comes behind it.
  for (const { name, entry, use } of IMPORTS) {
    importMs(entry, use)
    for (let round = 0; round < ROUNDS; round++) imports[name].push(importMs(entry, use))
  }
  return {
    title: 'start',
    reference: 'redis-server',
    rows: [
      {
        name: 'first reply',
        unit: 'ms',
        ours: median(ours),
        reference: theirs.length > 0 ? median(theirs) : undefined,
        aim: atMost(100, 'ours'),
      },
      { name: 'first reply of the first start', unit: 'ms', ours: median(first), reference: undefined },
      {
        name: 'first reply, beyond that of a bare server of Node',
        unit: 'ms',
        ours: median(ours) - median(bare),
        reference: undefined,
      },
      ...IMPORTS.map(({ name, aimMs }) => ({
        ...{ name, unit: 'ms', reference: undefined },
        ours: median(imports[name]),
        aim: atMost(aimMs, 'ours'),
      })),
    ],
  }
}

/** Ms from starting a server to its first reply. */
async function firstReply(program: string, args: (port: number) => string[], env = {}): Promise<number> {
  const port = await freePort()
  const startedAt = performance.now()
  const child = spawn(program, args(port), { stdio: 'ignore', env: { ...process.env, ...env } })
  try {
    for (;;) {
      try {
        const client = await connectClient(port)
        await client.all([['PING']])
        client.close()
        return performance.now() - startedAt
      } catch {
        if (child.exitCode !== null || performance.now() - startedAt > 20_000)
          throw new Error(`${program} does not answer`)
        await new Promise((resolve) => setTimeout(resolve, 1))
      }
    }
  } finally {
    child.kill('SIGKILL')
  }
}

/** Ms that an import and what is done with it take in a fresh process. */
function importMs(entry: string, use: string): number {
  const script = `
    const startedAt = performance.now()
    const entry = await import(${JSON.stringify(join(root, `dist/${entry}.mjs`))})
    ${use}
    process.stdout.write(String(performance.now() - startedAt))
    process.exit(0)
  `
  return Number(execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }))
}
