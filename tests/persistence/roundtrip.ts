/**
 * A file of long strings, both ways with a genuine redis-server: written by us and read there, written there and read by us.
 * By itself: `npm run test:large` does it with five strings of the greatest length, some 2.7 GB.
 */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, renameSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { MAX_BYTES } from '../../lib/base/bytes.ts'
import { createServer, type Server } from '../../lib/server.ts'
import { Genuine } from '../contract/harness/genuine.ts'
import { show } from '../contract/harness/seen.ts'

export interface RoundTrip {
  /** Of the file, written by us and by the genuine server. */
  readonly bytes: readonly number[]
  /** Of the strings, as we had them at first, as the genuine server has read them, and as we have read them again. */
  readonly digests: readonly string[]
  /** Seconds that each of the four took: writing here, reading there, writing there, reading here. */
  readonly seconds: readonly number[]
}

export async function roundTrip(count: number, length: number): Promise<RoundTrip> {
  const dir = mkdtempSync(join(tmpdir(), 'large-'))
  const seconds: number[] = []
  const timed = async <T>(run: () => T | Promise<T>): Promise<T> => {
    const startedAt = performance.now()
    const result = await run()
    seconds.push((performance.now() - startedAt) / 1000)
    return result
  }
  const open = (dbfilename: string): Server =>
    createServer({ dir, dbfilename, rdbcompression: 'no', 'enable-debug-command': 'yes', log() {} })
  const names = Array.from({ length: count }, (_, i) => `k${i}`)
  const path = join(dir, 'theirs.rdb')
  try {
    const first = open('ours.rdb')
    const block = randomBytes(3 * 2 ** 18).toString('base64')
    const value = block.repeat(Math.floor(length / block.length)) + block.slice(0, length % block.length)
    for (const name of names) first.execute('SET', name, value)
    await timed(() => first.execute('SAVE'))
    const ours = digestOf(first, names)
    await first.close()
    const sizes = [statSync(join(dir, 'ours.rdb')).size]

    const genuine = await Genuine.start('--rdbcompression', 'no', '--dir', dir, '--dbfilename', 'theirs.rdb')
    let theirs: string
    try {
      renameSync(join(dir, 'ours.rdb'), path) // not before, lest it be read at the start, too
      const client = await genuine.connect()
      await timed(() => client.send(['DEBUG', 'RELOAD', 'NOSAVE', 'NOFLUSH', 'MERGE']))
      theirs = digestsIn(show(await client.send(['DEBUG', 'DIGEST-VALUE', ...names])))
      await timed(() => client.send(['SAVE']))
      client.close()
    } finally {
      await genuine.stop()
    }
    sizes.push(statSync(path).size)

    const second = open('theirs.rdb')
    await timed(() => second.load())
    const again = digestOf(second, names)
    await second.close()
    return { bytes: sizes, digests: [ours, theirs, again], seconds }
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

function digestOf(server: Server, names: readonly string[]): string {
  return digestsIn(show(server.execute('DEBUG', 'DIGEST-VALUE', ...names) as string[]))
}

function digestsIn(shown: string): string {
  return (shown.match(/[0-9a-f]{40}/g) ?? []).join(' ')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { bytes, digests, seconds } = await roundTrip(5, MAX_BYTES)
  const steps = ['written by us', 'read by redis-server', 'written by redis-server', 'read by us']
  for (const [i, step] of steps.entries()) console.log(`${step}: ${seconds[i].toFixed(1)} s`)
  console.log(`${bytes[0]} and ${bytes[1]} bytes, ${new Set(digests).size === 1 ? 'the same' : 'DIFFERENT'} strings`)
  process.exitCode = new Set(digests).size === 1 ? 0 : 1
}
