import { describe, expect, test } from 'vitest'
import { NO_EXPIRY } from '../../lib/keyspace/db.ts'
import { Keyspace } from '../../lib/keyspace/keyspace.ts'
import { Random } from '../differential/random.ts'

const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8]

describe('a scan of a database', () => {
  test.each(SEEDS)('returns every key that stays, whatever is added and removed meanwhile (seed %i)', (seed) => {
    const random = new Random(seed)
    const db = new Keyspace(1).dbs[0]
    const staying = random.times(100, 800, () => `stays:${random.integer(0, 1e9)}`)
    const passing = random.times(100, 800, () => `passes:${random.integer(0, 1e9)}`)
    for (const key of [...staying, ...passing]) db.set(key, 'v', NO_EXPIRY)

    const returned = new Set<string>()
    let cursor = 0
    do {
      cursor = db.scan(cursor, random.integer(1, 40), (key) => returned.add(key))
      for (let change = random.integer(0, 60); change > 0; change--) {
        if (random.chance(0.5)) db.delete(random.pick(passing))
        else db.set(`comes:${random.integer(0, 1e9)}`, 'v', NO_EXPIRY)
      }
      // Keys of the one kind outnumber those of the other from time to time.
      if (random.chance(0.05)) for (const key of passing) db.delete(key)
    } while (cursor !== 0)

    expect(staying.filter((key) => !returned.has(key))).toEqual([])
  })

  test('gives cursors that fit a signed 32-bit integer', () => {
    const db = new Keyspace(1).dbs[0]
    for (let i = 0; i < 1000; i++) db.set('k' + i, i, NO_EXPIRY)
    let cursor = 0
    do {
      cursor = db.scan(cursor, 7, () => {})
      expect(cursor).toBeLessThan(2 ** 31)
    } while (cursor !== 0)
  })
})
