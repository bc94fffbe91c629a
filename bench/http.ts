/**
 * The REST door beside a bare node:http server that does the same JSON work (parse the body, look up, answer) and sends the
 * same headers, and our Next route beside an empty one, both in `next start` of one production build. autocannon drives all of them.
 */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import autocannon from 'autocannon'
import { accepting, freePort, root, startZerodis, token } from './process.ts'
import { atLeast, median, type Section } from './report.ts'
import { interleaved, type Side } from './rounds.ts'

const SECONDS = 4
const CONNECTIONS = 32

/** Parses a command, answers it from a Map: what any REST store must at least do. The headers are those of our door. */
const BARE_SERVER = `
  import { createServer } from 'node:http'
  const values = new Map()
  const epoch = 'bare-'
  let answers = 0
  createServer((request, response) => {
    const chunks = []
    request.on('data', (chunk) => chunks.push(chunk))
    request.on('end', () => {
      const [name, key, value] = JSON.parse(Buffer.concat(chunks).toString())
      const result = name === 'SET' ? (values.set(key, value), 'OK') : values.get(key) ?? null
      const body = JSON.stringify({ result })
      response.writeHead(200, {
        'content-type': 'application/json',
        'access-control-allow-origin': '*',
        'access-control-expose-headers': 'upstash-sync-token',
        'upstash-sync-token': epoch + ++answers,
        'cache-control': 'no-store',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'content-length': Buffer.byteLength(body),
      })
      response.end(body)
    })
  }).listen(Number(process.argv[1]), '127.0.0.1')
`

async function requestsPerSecond(url: string, command: readonly string[]): Promise<number> {
  const result = await autocannon({
    url,
    method: 'POST',
    connections: CONNECTIONS,
    duration: SECONDS,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(command),
  })
  if (result.non2xx > 0 || result.errors > 0)
    throw new Error(`${url}: ${result.non2xx} refusals, ${result.errors} errors`)
  return result.requests.average
}

/** A round is long enough to warm up in. */
const WARM_UPS = 1

/** Medians of the rounds for two addresses. */
async function compare(
  urls: Readonly<Record<Side, string>>,
  command: readonly string[],
  rounds: number,
): Promise<Record<Side, number>> {
  const { ours, reference } = await interleaved(rounds, (side) => requestsPerSecond(urls[side], command), WARM_UPS)
  return { ours: median(ours), reference: median(reference) }
}

export async function restSection(rounds: number): Promise<Section> {
  const ours = await startZerodis()
  const barePort = await freePort()
  const bare = spawn(process.execPath, ['--input-type=module', '-e', BARE_SERVER, `${barePort}`], { stdio: 'inherit' })
  try {
    await accepting(barePort, bare)
    const urls = { ours: `http://127.0.0.1:${ours.httpPort}/`, reference: `http://127.0.0.1:${barePort}/` }
    const set = await compare(urls, ['SET', 'key', 'x'.repeat(32)], rounds)
    const get = await compare(urls, ['GET', 'key'], rounds)
    return {
      title: 'REST on the custom server',
      reference: 'bare node:http',
      rows: [
        { name: 'SET', unit: 'requests/s', ...set, aim: atLeast(0.9) },
        { name: 'GET', unit: 'requests/s', ...get, aim: atLeast(0.9) },
      ],
    }
  } finally {
    bare.kill()
    await ours.stop()
  }
}

/** Builds both: what is measured is what stands here. The empty route is `bench/next`, an application of its own with nothing else in it. */
export async function nextSection(rounds: number): Promise<Section> {
  const apps = [root, join(root, 'bench/next')]
  const next = join(root, 'node_modules/next/dist/bin/next')
  const started = []
  try {
    for (const app of apps) {
      await exited(spawn(process.execPath, [next, 'build'], { cwd: app, stdio: 'inherit' }))
      const port = await freePort()
      const env = { ...process.env, NODE_ENV: 'production' as const, KV_REST_API_TOKEN: token }
      const child = spawn(process.execPath, [next, 'start', '-p', `${port}`, '-H', '127.0.0.1'], {
        cwd: app,
        stdio: ['ignore', 'ignore', 'inherit'],
        env,
      })
      await accepting(port, child)
      started.push({ child, port })
    }
    const urls = {
      ours: `http://127.0.0.1:${started[0].port}/api/redis`,
      reference: `http://127.0.0.1:${started[1].port}/api/empty`,
    }
    const get = await compare(urls, ['GET', 'key'], rounds)
    return {
      title: 'REST in a Next route',
      reference: 'an empty route',
      rows: [{ name: 'GET', unit: 'requests/s', ...get, aim: atLeast(0.9) }],
    }
  } finally {
    for (const { child } of started) child.kill()
  }
}

function exited(child: ReturnType<typeof spawn>): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`${child.spawnargs.join(' ')} ended with code ${code}`)),
    )
  })
}
