import { expect, test } from 'vitest'
import { distance } from '../../../lib/memory/twin/geo.ts'
import { createServer } from '../../../lib/server.ts'
import { Random, seedOfRun } from '../../differential/random.ts'

const PLACES = 3000
const CENTRE = { lon: 15, lat: 45 }

test('a search among many places finds those that a look at each finds', async () => {
  const random = new Random(seedOfRun())
  const server = createServer()
  const { execute } = bound(server.inProcess())
  for (let i = 0; i < PLACES; i++) {
    execute('GEOADD', 'g', 15 + (random.next() - 0.5) * 20, 45 + (random.next() - 0.5) * 20, `m${i}`)
  }
  const places = (execute('GEOPOS', 'g', ...Array.from({ length: PLACES }, (_, i) => `m${i}`)) as string[][]).map(
    ([lon, lat], i) => ({ member: `m${i}`, metres: distance(CENTRE, { lon: Number(lon), lat: Number(lat) }) }),
  )
  for (const radius of [0, 1000, 100_000, 400_000, 1_000_000, 3e7]) {
    const inside = places.filter(({ metres }) => metres <= radius)
    const nearest = inside.toSorted((a, b) => a.metres - b.metres).map(({ member }) => member)
    const known = new Set(nearest)
    const search = (...options: (string | number)[]) =>
      execute('GEOSEARCH', 'g', 'FROMLONLAT', CENTRE.lon, CENTRE.lat, 'BYRADIUS', radius, 'm', ...options) as string[]
    expect(search().toSorted()).toEqual(nearest.toSorted())
    expect(search('ASC')).toEqual(nearest)
    expect(search('DESC')).toEqual(nearest.toReversed())
    for (const count of [1, 10, 64, 65, 300, 2000]) {
      expect(search('COUNT', count)).toEqual(nearest.slice(0, count))
      expect(search('COUNT', count, 'DESC')).toEqual(nearest.toReversed().slice(0, count))
      const any = search('COUNT', count, 'ANY')
      expect(any).toHaveLength(Math.min(count, nearest.length))
      expect(any.every((member) => known.has(member))).toBe(true)
    }
  }
  await server.close()
})

function bound(door: ReturnType<ReturnType<typeof createServer>['inProcess']>) {
  return { execute: (...args: (string | number)[]) => door.execute(...args) }
}
