/**
 * What loading costs beside redis-server: the processor time of a server that starts with a file, less that of one that starts
 * without. Both load files that a redis-server has written: a million keys of 50 bytes, as a snapshot and as an append-only log that
 * begins with one or consists of commands, and snapshots of values of a million elements.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectClient, sendMany } from './client.ts'
import { ask, pause, startRedis, until } from './process.ts'
import { atMost, type Row, type Section } from './report.ts'
import { interleaved, medianRow, type Side, startSide } from './rounds.ts'

const ELEMENTS = 1_000_000
const VALUE = 'x'.repeat(50)

const pad = (i: number): string => `${i}`.padStart(12, '0')

interface Content {
  /** Adds one of a million. */
  readonly command: (i: number) => string[]
  /** For servers that write and load it. */
  readonly flags?: readonly string[]
  /** What is asked last, and what INFO says until all is written; '' where it is when that is answered. */
  readonly save?: readonly [command: string, underWay: string]
  readonly aim?: number
}

const AIM = 1.2
const APPENDING = ['--appendonly', 'yes', '--auto-aof-rewrite-percentage', '0']
const REWRITE = ['BGREWRITEAOF', 'aof_rewrite_in_progress:1'] as const

const set = (i: number): string[] => ['SET', `key:${pad(i)}`, VALUE]

const COLLECTIONS: Readonly<Record<string, (i: number) => string[]>> = {
  'a hash of 1M fields': (i) => ['HSET', 'hash', `field:${pad(i)}`, VALUE],
  'a set of 1M members': (i) => ['SADD', 'set', `member:${pad(i)}`],
  'a sorted set of 1M members': (i) => ['ZADD', 'zset', `${(i * 7919) % ELEMENTS}`, `member:${pad(i)}`],
  'a list of 1M elements': () => ['RPUSH', 'list', VALUE],
  'a stream of 1M entries': (i) => ['XADD', 'stream', `${i + 1}-0`, 'field', VALUE],
}

const CONTENTS: Readonly<Record<string, Content>> = {
  '1M keys of 50 bytes': { command: set, aim: AIM },
  'the same, a log that begins with a snapshot': { command: set, flags: APPENDING, save: REWRITE, aim: AIM },
  'the same, a log of commands': { command: set, flags: APPENDING, save: ['DBSIZE', ''], aim: AIM },
  ...Object.fromEntries(Object.entries(COLLECTIONS).map(([name, command]) => [name, { command }])),
}

async function write(dir: string, { command, flags = [], save = ['SAVE', ''] }: Content): Promise<void> {
  const server = await startRedis('--dir', dir, ...flags)
  try {
    const client = await connectClient(server.port)
    await sendMany(client, ELEMENTS, command)
    const [finish, underWay] = save
    await client.all([finish.split(' ')])
    if (underWay !== '')
      await until(async () => !(await ask(server.port, 'INFO', 'persistence')).includes(underWay), 20)
    client.close()
  } finally {
    await server.stop()
  }
}

/** What a start with the files of a folder takes of the processor. Unit: ms. */
async function started(side: Side, dir: string, flags: readonly string[]): Promise<number> {
  const server = await startSide(side, '--dir', dir, ...flags)
  try {
    await until(async () => (await ask(server.port, 'INFO', 'persistence')).includes('\nloading:0'), 20)
    await pause(100)
    return 1000 * server.processorSeconds()
  } finally {
    await server.stop()
  }
}

export async function loadingSection(rounds: number): Promise<Section> {
  const rows: Row[] = []
  for (const [name, content] of Object.entries(CONTENTS)) {
    const dir = mkdtempSync(join(tmpdir(), 'bench-'))
    const empty = mkdtempSync(join(tmpdir(), 'bench-'))
    try {
      await write(dir, content)
      const { flags = [], aim } = content
      const measure = async (side: Side): Promise<number> => {
        return (await started(side, dir, flags)) - (await started(side, empty, flags))
      }
      const row = medianRow(await interleaved(rounds, measure, 0), name, 'ms', (each) => each)
      rows.push(aim === undefined ? row : { ...row, aim: atMost(aim) })
    } finally {
      for (const folder of [dir, empty]) rmSync(folder, { recursive: true, force: true })
    }
  }
  return { title: 'loading, processor time', reference: 'redis-server', rows }
}
