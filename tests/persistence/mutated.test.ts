/**
 * Snapshots that something has happened to: each is loaded or refused with a line, without a crash, a hang or a part of it in the
 * store. The checksum is made right again, so that what lies behind it is reached. ZERODIS_MUTATIONS sets how many, ZERODIS_FUZZ_SEED
 * repeats a run.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { systemFiles } from '../../lib/persistence/files/files.ts'
import { crc64 } from '../../lib/persistence/format/crc64.ts'
import { Loading } from '../../lib/persistence/loading.ts'
import { Random, seedOfRun } from '../differential/random.ts'
import { lengthOf } from '../length.ts'
import { everyForm, fresh } from './everyform.ts'

const mutations = Number(process.env.ZERODIS_MUTATIONS ?? lengthOf(150, 400))
/** None takes more of the processor than this. Unit: ms. */
const LONGEST_MS = 5000

function mutated(whole: Buffer, random: Random): Buffer {
  let bytes = Buffer.from(whole.subarray(0, whole.length - 8))
  for (let left = random.integer(1, 4); left > 0; left--) {
    const at = random.integer(9, bytes.length - 1)
    const kind = random.integer(0, 4)
    if (kind === 0) bytes[at] ^= 1 << random.integer(0, 7)
    else if (kind === 1) bytes[at] = random.pick([0, 1, 127, 128, 129, 191, 192, 195, 250, 251, 254, 255])
    else if (kind === 2)
      bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.min(bytes.length, at + random.integer(1, 9)))])
    else if (kind === 3)
      bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from(random.bytes(1, 9), 'latin1'), bytes.subarray(at)])
    else bytes.set(bytes.subarray(random.integer(9, at), at).subarray(0, 20), Math.min(at, bytes.length - 20))
    if (bytes.length < 40) return bytes
  }
  return random.chance(0.1) ? bytes : Buffer.concat([bytes, crc64(bytes, bytes.length)])
}

test(`${mutations} mutated snapshots are loaded or refused`, { timeout: 60_000 + mutations * 20 }, () => {
  const dir = mkdtempSync(join(tmpdir(), 'zerodis-'))
  const path = join(dir, 'dump.rdb')
  const seed = seedOfRun()
  const random = new Random(seed)
  const whole = everyForm()
  let server = fresh()
  let loaded = 0
  try {
    for (let i = 0; i < mutations; i++) {
      const bytes = mutated(whole, random)
      writeFileSync(path, bytes)
      const startedAt = process.cpuUsage()
      try {
        new Loading(server.engine, systemFiles, path, () => {}).loadNow()
        loaded++
        server.execute('DEBUG', 'DIGEST')
        server = fresh()
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error)
        if (
          !(error instanceof Error) ||
          error instanceof TypeError ||
          error instanceof ReferenceError ||
          message === ''
        ) {
          writeFileSync(join(tmpdir(), 'zerodis-mutated.rdb'), bytes)
          throw new Error(`mutation ${i} of seed ${seed}`, { cause: error })
        }
        expect(server.engine.keyspace.size).toBe(0)
      }
      const { user, system } = process.cpuUsage(startedAt)
      expect((user + system) / 1000).toBeLessThan(LONGEST_MS)
    }
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
  expect(loaded).toBeGreaterThan(0)
  expect(loaded).toBeLessThan(mutations)
})
