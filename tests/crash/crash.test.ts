/** Some moments of `npm run crash`. */
import { expect, test } from 'vitest'
import { cli } from '../clients/program.ts'
import { Random, seedOfRun } from '../differential/random.ts'
import { Folders } from '../journal/logs.ts'
import { momentsOf, type Policy } from './moments.ts'

test.each<Policy>(['always', 'everysec'])(
  'a store that is killed has what it acknowledged, with appendfsync %s',
  async (policy) => {
    const folders = new Folders()
    const moments = momentsOf([cli()], folders.make(), policy, new Random(seedOfRun()))
    try {
      for (let i = 0; i < 3; i++) await moments.next()
      expect(moments.acknowledged).toBeGreaterThan(0)
    } finally {
      folders.removeAll()
    }
  },
  120_000,
)
