/**
 * Three processes of `next start` behind a proxy that asks one after the other, with one PostgreSQL: a limiter of Bottleneck in their
 * route never runs more than two jobs at once over all of them, while one is killed and another takes its place.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, request as httpRequest, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isFresh } from '../../packaging/freshness.ts'
import { freePort } from '../clients/ports.ts'
import { Program } from '../clients/process.ts'
import { lengthOf } from '../length.ts'
import { Cluster, NO_POSTGRES } from '../stores/postgres/cluster.ts'
import { root } from './child.ts'

/** All of it takes minutes. */
const JOBS = lengthOf(60, 2000)
/** Requests that are under way at a time. */
const AT_ONCE = 12

const NEXT = join(root, 'node_modules/next/dist/bin/next')
const APP = join(import.meta.dirname, 'limited')

function build(): void {
  const sources = [join(APP, 'app'), join(root, 'lib'), join(root, 'package-lock.json')]
  if (isFresh(join(APP, '.next/BUILD_ID'), sources)) return
  const { NODE_ENV: _, ...env } = process.env
  const { status, stdout, stderr } = spawnSync(process.execPath, [NEXT, 'build', APP], {
    encoding: 'utf8',
    env: env as NodeJS.ProcessEnv,
    cwd: root,
  })
  if (status !== 0) throw new Error(stdout + stderr)
}

interface Site {
  readonly program: Program
  readonly port: number
}

interface Span {
  readonly begin: bigint
  end: bigint | undefined
}

describe.skipIf(NO_POSTGRES !== undefined)('three processes of Next', () => {
  let cluster: Cluster
  let folder: string
  let proxy: Server
  const sites: Site[] = []

  async function startSite(): Promise<Site> {
    const port = await freePort()
    const program = new Program([NEXT, 'start', APP, '-p', `${port}`, '-H', '127.0.0.1'], {
      ZERODIS_STORE: cluster.url,
      JOB_LOG: join(folder, 'jobs'),
    })
    await program.until(() => program.output.includes('Ready in'))
    return { program, port }
  }

  /** Gives each request to the next of them; what breaks is answered 502. */
  function startProxy(): Promise<Server> {
    let turn = 0
    const server = createServer((request, response) => {
      const { port } = sites[turn++ % sites.length]
      const { method, url: path, headers } = request
      const asked = httpRequest({ port, host: '127.0.0.1', method, path, headers }, (answer) => {
        response.writeHead(answer.statusCode!, answer.headers)
        answer.pipe(response)
        answer.on('error', () => response.destroy())
      })
      asked.on('error', () => {
        if (response.headersSent) response.destroy()
        else response.writeHead(502).end()
      })
      request.pipe(asked)
    })
    return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)))
  }

  beforeAll(async () => {
    build()
    folder = mkdtempSync(join(tmpdir(), 'zerodis-limited-'))
    cluster = await Cluster.start()
    sites.push(...(await Promise.all([startSite(), startSite(), startSite()])))
    proxy = await startProxy()
  }, 240_000)

  afterAll(async () => {
    proxy?.closeAllConnections()
    proxy?.close()
    await Promise.all(sites.map(({ program }) => program.stop('SIGKILL')))
    await cluster?.close()
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
  })

  /** True if the job was done; what a killed process had under way may have been done or not. */
  async function ask(id: string, ms: number): Promise<boolean> {
    const { port } = proxy.address() as AddressInfo
    try {
      const response = await fetch(`http://127.0.0.1:${port}/api/job`, {
        method: 'POST',
        body: JSON.stringify({ id, ms }),
      })
      await response.text()
      return response.status === 200
    } catch {
      return false
    }
  }

  test(`never run more than two of ${JOBS} jobs at once, while one is killed`, async () => {
    let next = 0
    let done = 0
    let repeated = 0
    const client = async (): Promise<void> => {
      while (next < JOBS) {
        const job = next++
        for (let tries = 0; !(await ask(`${job}.${tries}`, 20 + (job % 4))); tries++) {
          if (tries > 50)
            throw new Error(`job ${job} is never done:\n${sites.map((site) => site.program.output).join('\n')}`)
          repeated++
          await new Promise((resolve) => setTimeout(resolve, 50))
        }
        done++
      }
    }
    const killed = { pid: 0, at: 0n }
    const killer = async (): Promise<void> => {
      while (done < JOBS / 3) await new Promise((resolve) => setTimeout(resolve, 5))
      const { program } = sites[1]
      killed.pid = program.pid
      await program.stop('SIGKILL')
      killed.at = process.hrtime.bigint()
      sites[1] = await startSite()
    }
    const from = performance.now()
    await Promise.all([killer(), ...Array.from({ length: AT_ONCE }, client)])
    const seconds = (performance.now() - from) / 1000

    const spans = new Map<string, Span>()
    const pids = new Set<string>()
    for (const line of readFileSync(join(folder, 'jobs'), 'utf8').trim().split('\n')) {
      const [what, id, pid, at] = line.split(' ')
      pids.add(pid)
      if (what === 'begin') {
        expect(spans.has(id), `${id} began twice`).toBe(false)
        spans.set(id, { begin: BigInt(at), end: pid === `${killed.pid}` ? killed.at : undefined })
      } else spans.get(id)!.end = BigInt(at)
    }
    console.log(`${JOBS} jobs in ${seconds.toFixed(1)} s, ${repeated} asked again`)
    expect(new Set([...spans.keys()].map((id) => id.split('.')[0])).size).toBe(JOBS)
    expect(pids.size).toBeGreaterThanOrEqual(3)
    expect(mostAtOnce([...spans.values()])).toBe(2)
  }, 1_500_000)
})

function mostAtOnce(spans: readonly Span[]): number {
  const moments = spans.flatMap(({ begin, end }) => [
    { at: begin, more: 1 },
    { at: end!, more: -1 },
  ])
  let running = 0
  let most = 0
  for (const { more } of moments.sort((a, b) => (a.at < b.at ? -1 : 1))) most = Math.max(most, (running += more))
  return most
}
