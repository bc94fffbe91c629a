/**
 * JSON documents of 1 KB and of 1 MB: commands per second that one connection gets which sends them in batches. There is
 * no redis-server with JSON to stand beside it.
 */
import { connectClient } from './client.ts'
import { startZerodis } from './process.ts'
import { median, type Row, type Section } from './report.ts'

const ROUND_MS = 400

/** About 200 bytes. */
const record = (i: number) => ({
  id: i,
  name: `user number ${i}`,
  email: `user${i}@example.com`,
  tags: ['a', 'bb', 'ccc'],
  score: i * 1.5,
  active: i % 2 === 0,
  address: { street: `${i} Some Street`, city: 'Somewhere', zip: null },
})
const documentOf = (records: number): string =>
  JSON.stringify({ users: Array.from({ length: records }, (_, i) => record(i)) })

const SIZES = [
  { size: '1 KB', records: 5, most: 2000 },
  { size: '1 MB', records: 5200, most: 20 },
] as const

export async function jsonSection(rounds: number): Promise<Section> {
  const server = await startZerodis()
  const client = await connectClient(server.port)
  try {
    const rows: Row[] = []
    for (const { size, records, most } of SIZES) {
      const text = documentOf(records)
      const user = `$.users[${records >> 1}]`
      const commands: Readonly<Record<string, readonly [count: number, argv: readonly string[]]>> = {
        'JSON.SET of all': [most, ['JSON.SET', 'doc', '$', text]],
        'JSON.GET of all': [most, ['JSON.GET', 'doc']],
        'JSON.GET of a member': [2000, ['JSON.GET', 'doc', `${user}.name`]],
        'JSON.SET of a member': [2000, ['JSON.SET', 'doc', `${user}.name`, '"another name"']],
        'JSON.NUMINCRBY of a member': [2000, ['JSON.NUMINCRBY', 'doc', `${user}.score`, '1']],
        'JSON.GET of $..id': [most, ['JSON.GET', 'doc', '$..id']],
      }
      await client.all([['JSON.SET', 'doc', '$', text]])
      for (const [name, [count, argv]] of Object.entries(commands)) {
        const batch = Array.from({ length: count }, () => argv)
        const rates: number[] = []
        for (let round = -1; round < rounds; round++) {
          let done = 0
          const startedAt = performance.now()
          while (performance.now() - startedAt < ROUND_MS) {
            await client.all(batch)
            done += count
          }
          if (round >= 0) rates.push((done / (performance.now() - startedAt)) * 1000)
        }
        rows.push({ name: `${name}, ${size}`, unit: 'commands/s', ours: median(rates), reference: undefined })
      }
    }
    return { title: 'JSON', reference: 'none', rows }
  } finally {
    client.close()
    await server.stop()
  }
}
