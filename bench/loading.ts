/**
 * What loading a snapshot costs beside redis-server: the processor time of a server that starts with a file, less that of one that
 * starts without. Both load files that a redis-server has written: a million keys of 50 bytes, and values of a million elements.
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

/** What a file holds: a million of what one command adds. */
const CONTENTS: Readonly<Record<string, (i: number) => string[]>> = {
  '1M keys of 50 bytes': (i) => ['SET', `key:${pad(i)}`, VALUE],
  'a hash of 1M fields': (i) => ['HSET', 'hash', `field:${pad(i)}`, VALUE],
  'a set of 1M members': (i) => ['SADD', 'set', `member:${pad(i)}`],
  'a sorted set of 1M members': (i) => ['ZADD', 'zset', `${(i * 7919) % ELEMENTS}`, `member:${pad(i)}`],
  'a list of 1M elements': () => ['RPUSH', 'list', VALUE],
  'a stream of 1M entries': (i) => ['XADD', 'stream', `${i + 1}-0`, 'field', VALUE],
}

async function write(dir: string, command: (i: number) => string[]): Promise<void> {
  const server = await startRedis('--dir', dir)
  try {
    const client = await connectClient(server.port)
    await sendMany(client, ELEMENTS, command)
    await client.all([['SAVE']])
    client.close()
  } finally {
    await server.stop()
  }
}

/** What a start with the file of a folder takes of the processor. Unit: ms. */
async function started(side: Side, dir: string): Promise<number> {
  const server = await startSide(side, '--dir', dir)
  try {
    await until(async () => (await ask(server.port, 'INFO', 'persistence')).includes('loading:0'), 20)
    await pause(100)
    return 1000 * server.processorSeconds()
  } finally {
    await server.stop()
  }
}

export async function loadingSection(rounds: number): Promise<Section> {
  const rows: Row[] = []
  const dir = mkdtempSync(join(tmpdir(), 'bench-'))
  const empty = mkdtempSync(join(tmpdir(), 'bench-'))
  try {
    for (const [name, command] of Object.entries(CONTENTS)) {
      await write(dir, command)
      const measure = async (side: Side): Promise<number> => (await started(side, dir)) - (await started(side, empty))
      const row = medianRow(await interleaved(rounds, measure, 0), name, 'ms', (each) => each)
      rows.push(rows.length === 0 ? { ...row, aim: atMost(1.2) } : row)
    }
  } finally {
    for (const folder of [dir, empty]) rmSync(folder, { recursive: true, force: true })
  }
  return { title: 'loading, processor time', reference: 'redis-server', rows }
}
