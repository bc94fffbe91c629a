/**
 * How long a fresh process takes: from its start to the first reply over RESP, beside redis-server; and what importing
 * the store and making one adds to a cold function, as the difference to a process that imports nothing.
 */
import { execFileSync, spawn } from 'node:child_process'
import { join } from 'node:path'
import { connectClient } from './client.ts'
import { cli, freePort, redisVersion, root, token } from './process.ts'
import { atMost, median, type Section } from './report.ts'

const ROUNDS = 9

export async function startupSection(): Promise<Section> {
  const ours: number[] = []
  const theirs: number[] = []
  const imports: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    ours.push(
      await firstReply(process.execPath, (port) => [
        cli,
        '--port',
        `${port}`,
        '--http-port',
        '0',
        '--rest-token',
        token,
      ]),
    )
    if (redisVersion !== undefined)
      theirs.push(await firstReply('redis-server', (port) => ['--port', `${port}`, '--save', '']))
    imports.push(importMs())
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
      },
      { name: 'import of the store', unit: 'ms', ours: median(imports), reference: undefined, aim: atMost(60, 'ours') },
    ],
  }
}

/** Ms from starting a server to its first reply. */
async function firstReply(program: string, args: (port: number) => string[]): Promise<number> {
  const port = await freePort()
  const startedAt = performance.now()
  const child = spawn(program, args(port), { stdio: 'ignore' })
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

/** Ms that the import and a first command take in a fresh process. */
function importMs(): number {
  const script = `
    const startedAt = performance.now()
    const { createServer } = await import(${JSON.stringify(join(root, 'dist/index.js'))})
    createServer().inProcess().execute('SET', 'key', 'value')
    process.stdout.write(String(performance.now() - startedAt))
    process.exit(0)
  `
  return Number(execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }))
}
