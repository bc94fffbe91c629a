/**
 * Append-only logs that something has happened to: each is loaded or refused with a line in the log, without a crash or a hang;
 * `zerodis check` says of each what is wrong or nothing, and what it mends is whole. ZERODIS_MUTATIONS sets how many,
 * ZERODIS_FUZZ_SEED repeats a run.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { check } from '../../lib/host/check.ts'
import { Random, seedOfRun } from '../differential/random.ts'
import { lengthOf } from '../length.ts'
import { Folders, filesOf, openOurs } from './logs.ts'

const mutations = Number(process.env.ZERODIS_MUTATIONS ?? lengthOf(150, 400))
/** None takes more of the processor than this. Unit: ms. */
const LONGEST_MS = 5000

const folders = new Folders()
afterEach(() => folders.removeAll())

/** The files of a log with a rewrite in it, and commands of every kind behind. */
async function log(preamble: 'yes' | 'no'): Promise<Map<string, Buffer>> {
  const dir = folders.make()
  const ours = openOurs(dir, { 'aof-use-rdb-preamble': preamble, 'aof-timestamp-enabled': 'yes' })
  const fill = (n: number): void => {
    const call = (...argv: string[]): unknown => ours.server.execute(...(argv as [string]))
    call('SET', `s${n}`, 'value', 'PX', '100000000')
    call('APPEND', `s${n}`, 'x'.repeat(100))
    call('RPUSH', `l${n}`, 'a', '1', '-5')
    call('SADD', `set${n}`, '1', '2', 'three')
    call('ZADD', `z${n}`, '1.5', 'a', '-inf', 'b')
    call('HSET', `h${n}`, 'f', 'v', 'g', '7')
    call('HPEXPIRE', `h${n}`, '100000000', 'FIELDS', '1', 'f')
    call('XADD', `x${n}`, '1-1', 'f', 'v')
    call('XGROUP', 'CREATE', `x${n}`, 'g', '0')
    call('JSON.SET', `j${n}`, '$', '{"a":[1,2.5,"x",null,true]}')
    call('ARSET', `a${n}`, '5', 'a', 'b')
    call('EVAL', "redis.call('SET', KEYS[1], '1') redis.call('INCR', KEYS[1])", '1', `e${n}`)
  }
  fill(0)
  await ours.client.send(['BGREWRITEAOF'])
  const { appending } = ours.server.engine.ports.persistence
  while (appending.isRewriting) await new Promise((resolve) => setTimeout(resolve, 1))
  fill(1)
  await ours.close()
  return new Map([...filesOf(dir)].map(([name, text]) => [name, Buffer.from(text, 'latin1')]))
}

function mutated(whole: Buffer, random: Random): Buffer {
  let bytes = Buffer.from(whole)
  for (let left = random.integer(1, 3); left > 0 && bytes.length > 1; left--) {
    const at = random.integer(0, bytes.length - 1)
    const kind = random.integer(0, 5)
    if (kind === 0) bytes[at] ^= 1 << random.integer(0, 7)
    else if (kind === 1) bytes[at] = random.pick([0, 10, 13, 36, 42, 48, 49, 57, 255])
    else if (kind === 2) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + random.integer(1, 9))])
    else if (kind === 3) {
      bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from(random.bytes(1, 9), 'latin1'), bytes.subarray(at)])
    } else if (kind === 4) bytes = bytes.subarray(0, at)
    else bytes = Buffer.concat([bytes, bytes.subarray(at, at + 40)])
  }
  return bytes
}

test(`${mutations} mutated logs are loaded or refused`, { timeout: 60_000 + mutations * 40 }, async () => {
  const dir = mkdtempSync(join(tmpdir(), 'zerodis-'))
  const folder = join(dir, 'appendonlydir')
  const seed = seedOfRun()
  const random = new Random(seed)
  const logs = [await log('yes'), await log('no')]
  const seen = { loaded: 0, refused: 0, whole: 0 }
  try {
    for (let i = 0; i < mutations; i++) {
      rmSync(folder, { recursive: true, force: true })
      mkdirSync(folder)
      const files = random.pick(logs)
      const target = random.pick([...files.keys()])
      for (const [name, bytes] of files)
        writeFileSync(join(folder, name), name === target ? mutated(bytes, random) : bytes)
      const about = `seed ${seed}, mutation ${i} of ${target}`
      const startedAt = process.cpuUsage()
      const isWhole = check([join(folder, 'appendonly.aof.manifest')], () => {}) === 0
      if (isWhole) seen.whole++
      const messages: string[] = []
      try {
        const ours = openOurs(dir, {}, messages)
        seen.loaded++
        ours.server.execute('SET', 'later', '1')
        await ours.close()
      } catch (error) {
        expect(error, about).toMatchObject({ isLogged: true })
        expect(messages.length, about).toBeGreaterThan(0)
        seen.refused++
      }
      const { user, system } = process.cpuUsage(startedAt)
      expect((user + system) / 1000, about).toBeLessThan(LONGEST_MS)
    }
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
  console.log(`seed ${seed}: ${JSON.stringify(seen)}`)
  if (mutations >= 100) for (const count of Object.values(seen)) expect(count).toBeGreaterThan(0)
})
