/**
 * A store shared through a database, beside the store in memory of the same build, or of an earlier one (`startReference`). Through SQLite: reads and writes of one process, of two
 * that write at the same time beside one alone, a message from one process to the other, calls in process, and the start on a log of 100,000
 * keys. Through a PostgreSQL of its own on this machine, which forces each commit to disk: reads and writes of one process.
 */
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { Cluster, NO_POSTGRES } from '../tests/stores/postgres/cluster.ts'
import { connectClient } from './client.ts'
import { pause, type Running, root, startReference, startZerodis } from './process.ts'
import { atLeast, atMost, median, type Row, type Section } from './report.ts'
import { interleaved } from './rounds.ts'

const run = promisify(execFile)

const KEYS = 100_000
const MESSAGES = 400
const CALLS = 20_000

async function rate(port: number, test: 'set' | 'get', pipeline: number): Promise<number> {
  const load = ['-t', test, '-d', '32', '-r', `${KEYS}`, '-c', '50', '-P', `${pipeline}`]
  const { stdout } = await run('redis-benchmark', [
    '-p',
    `${port}`,
    ...load,
    '-n',
    pipeline === 1 ? '60000' : '400000',
    '--csv',
  ])
  return Number(/^"[SG]ET","([\d.]+)"/m.exec(stdout)![1])
}

interface Compared {
  readonly name: string
  readonly test: 'set' | 'get'
  readonly synchronous: 'normal' | 'full'
  readonly pipeline: number
  readonly aim: number
}

const COMPARED: readonly Compared[] = [
  { name: 'GET', test: 'get', synchronous: 'normal', pipeline: 1, aim: 0.95 },
  { name: 'GET', test: 'get', synchronous: 'normal', pipeline: 16, aim: 0.95 },
  { name: 'SET, normal', test: 'set', synchronous: 'normal', pipeline: 1, aim: 0.65 },
  { name: 'SET, normal', test: 'set', synchronous: 'normal', pipeline: 16, aim: 0.55 },
  { name: 'SET, full', test: 'set', synchronous: 'full', pipeline: 1, aim: 0.4 },
  { name: 'SET, full', test: 'set', synchronous: 'full', pipeline: 16, aim: 0.4 },
]

async function compared(store: string, rounds: number, each: Compared): Promise<Row> {
  const { name, test, synchronous, pipeline, aim } = each
  const [ours, reference] = [
    await startZerodis('--store', store, '--store-synchronous', synchronous),
    await startReference(),
  ]
  try {
    const figures = await interleaved(
      rounds,
      (side) => rate(side === 'ours' ? ours.port : reference.port, test, pipeline),
      1,
    )
    return {
      name: `${name}, pipeline ${pipeline}`,
      unit: 'requests/s',
      ours: median(figures.ours),
      reference: median(figures.reference),
      aim: atLeast(aim),
    }
  } finally {
    await Promise.all([ours.stop(), reference.stop()])
  }
}

/** Two that write at once, beside one alone. */
async function twoWriters(store: string, rounds: number, pipeline: number, aim: number): Promise<Row> {
  const both = [await startZerodis('--store', store), await startZerodis('--store', store)]
  try {
    const figures = await interleaved(
      rounds,
      async (side) => {
        if (side === 'reference') return rate(both[0].port, 'set', pipeline)
        const rates = await Promise.all(both.map(({ port }) => rate(port, 'set', pipeline)))
        return rates[0] + rates[1]
      },
      1,
    )
    return {
      name: `SET by two processes together, beside one, pipeline ${pipeline}`,
      unit: 'requests/s',
      ours: median(figures.ours),
      reference: median(figures.reference),
      aim: atLeast(aim),
    }
  } finally {
    await Promise.all(both.map((each) => each.stop()))
  }
}

async function messageMs(store: string): Promise<Row> {
  const both: Running[] = [await startZerodis('--store', store), await startZerodis('--store', store)]
  try {
    const publisher = await connectClient(both[0].port)
    const subscriber = connect(both[1].port, '127.0.0.1').setNoDelay(true)
    subscriber.write('SUBSCRIBE news\r\n')
    await once(subscriber, 'data')
    const delays: number[] = []
    for (let i = -MESSAGES; i < MESSAGES; i++) {
      const arrives = once(subscriber, 'data').then(() => performance.now())
      const from = performance.now()
      await publisher.all([['PUBLISH', 'news', 'x']])
      const delay = (await arrives) - from
      if (i >= 0) delays.push(delay) // what came before has warmed both up
      await pause(2)
    }
    publisher.close()
    subscriber.destroy()
    return {
      name: 'a message to another process, p50',
      unit: 'ms',
      ours: median(delays),
      reference: undefined,
      aim: atMost(1, 'ours'),
    }
  } finally {
    await Promise.all(both.map((each) => each.stop()))
  }
}

async function inProcess(store: string): Promise<Row[]> {
  const { createServer } = await import(pathToFileURL(join(root, 'dist/index.mjs')).href)
  const startedAt = performance.now()
  const server = createServer({ store, log: () => {} })
  const coldMs = performance.now() - startedAt
  const size = server.execute('DBSIZE')
  const door = server.inProcess()
  const us = (call: (i: number) => unknown): number => {
    for (let i = 0; i < CALLS / 4; i++) call(i)
    const from = performance.now()
    for (let i = 0; i < CALLS; i++) call(i)
    return ((performance.now() - from) * 1000) / CALLS
  }
  const get = us((i) => door.execute('GET', `key:${i}`))
  const set = us((i) => door.execute('SET', `key:${i}`, 'value'))
  await server.close()
  return [
    { name: 'execute GET', unit: 'us', ours: get, reference: undefined, aim: atMost(4, 'ours') },
    { name: 'execute SET', unit: 'us', ours: set, reference: undefined, aim: atMost(35, 'ours') },
    {
      name: `start on a log of ${size} keys`,
      unit: 'ms',
      ours: coldMs,
      reference: undefined,
      aim: atMost(250, 'ours'),
    },
  ]
}

export async function postgresSection(rounds: number): Promise<Section> {
  if (NO_POSTGRES !== undefined) throw new Error(NO_POSTGRES)
  const cluster = await Cluster.start({ settings: { fsync: 'on' } })
  const [ours, reference] = [await startZerodis('--store', cluster.url), await startReference()]
  try {
    const rows: Row[] = []
    for (const [test, pipeline, aim] of [
      ['set', 1, atLeast(10_000, 'ours')],
      ['set', 16, undefined],
      ['get', 1, undefined],
    ] as const) {
      const figures = await interleaved(
        rounds,
        (side) => rate(side === 'ours' ? ours.port : reference.port, test, pipeline),
        1,
      )
      rows.push({
        name: `${test.toUpperCase()}, pipeline ${pipeline}`,
        unit: 'requests/s',
        ours: median(figures.ours),
        reference: median(figures.reference),
        aim,
      })
    }
    return { title: 'shared through PostgreSQL', reference: 'memory', rows }
  } finally {
    await Promise.all([ours.stop(), reference.stop()])
    await cluster.close()
  }
}

export async function sharedSection(rounds: number): Promise<Section> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-shared-'))
  let number = 0
  const store = (): string => `sqlite:${join(folder, `${++number}.db`)}`
  try {
    const rows: Row[] = []
    for (const each of COMPARED) rows.push(await compared(store(), rounds, each))
    rows.push(await twoWriters(store(), rounds, 1, 1))
    rows.push(await twoWriters(store(), rounds, 16, 0.75))
    rows.push(await messageMs(store()))
    const filled = store()
    const filler = await startZerodis('--store', filled)
    await run('redis-benchmark', [
      '-p',
      `${filler.port}`,
      '-n',
      `${KEYS}`,
      '-P',
      '64',
      '-r',
      `${2 ** 31 - 1}`,
      'SET',
      'key:__rand_int__',
      'value',
    ])
    await filler.stop()
    rows.push(...(await inProcess(filled)))
    return { title: 'shared through SQLite', reference: 'memory', rows }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
