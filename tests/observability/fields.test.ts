import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ManualClock } from '../../lib/base/clock.ts'
import { createServer, type Server } from '../../lib/server.ts'
import { Genuine, genuineVersion, NO_GENUINE } from '../contract/harness/genuine.ts'
import type { Seen } from '../contract/harness/seen.ts'
import { engineClient } from '../contract/harness/subjects.ts'
import { CLIENT_FIELDS, INFO_FIELDS, INFO_SECTIONS, MEMORY_STATS_FIELDS, OWN, SINCE } from './fields.ts'

/** Something that answers commands. */
interface Asked {
  send(argv: string[]): Promise<Seen>
}

/** Names of the fields of each section, in order. */
async function infoFields(client: Asked, ...words: string[]): Promise<Record<string, string[]>> {
  const text = (await client.send(['INFO', ...words])) as string
  const sections = text.split('\r\n\r\n').map((part) => part.split('\r\n').filter((line) => line !== ''))
  return Object.fromEntries(
    sections.map(([title, ...lines]) => [title.slice(2), lines.map((line) => line.split(':')[0])]),
  )
}

async function clientFields(client: Asked, ...words: string[]): Promise<string[]> {
  const text = (await client.send(['CLIENT', ...words])) as string
  return text
    .trimEnd()
    .split(' ')
    .map((field) => field.split('=')[0])
}

async function memoryFields(client: Asked): Promise<string[]> {
  await client.send(['SET', 'key', 'value'])
  const pairs = (await client.send(['MEMORY', 'STATS'])) as Seen[]
  return pairs.filter((_, i) => i % 2 === 0) as string[]
}

describe('ours', () => {
  let server: Server
  let client: Asked
  beforeAll(async () => {
    server = createServer({ clock: new ManualClock() })
    client = engineClient(server)
    await server.listen({ port: 0, httpPort: false })
  })
  afterAll(() => server.close())

  test('INFO EVERYTHING has the sections of Redis 7.4 in their order', async () => {
    expect(Object.keys(await infoFields(client, 'everything'))).toEqual(INFO_SECTIONS)
    expect(Object.keys(await infoFields(client, 'all'))).toEqual(INFO_SECTIONS)
  })

  test('INFO leaves out what is long, as INFO DEFAULT does', async () => {
    const plain = INFO_SECTIONS.filter((title) => title !== 'Commandstats' && title !== 'Latencystats')
    expect(Object.keys(await infoFields(client))).toEqual(plain)
    expect(Object.keys(await infoFields(client, 'default'))).toEqual(plain)
    expect(Object.keys(await infoFields(client, 'cpu', 'nothing', 'Clients'))).toEqual(['Clients', 'CPU'])
  })

  test.each(Object.entries(INFO_FIELDS))(
    'INFO %s has the fields of Redis 7.4 in their order',
    async (title, fields) => {
      const found = (await infoFields(client, 'everything'))[title]
      expect(found.filter((name) => !OWN.includes(name))).toEqual(fields)
    },
  )

  test('CLIENT LIST and CLIENT INFO have the fields of Redis 7.4 in their order', async () => {
    expect(await clientFields(client, 'INFO')).toEqual(CLIENT_FIELDS)
    expect(await clientFields(client, 'LIST')).toEqual(CLIENT_FIELDS)
  })

  test('MEMORY STATS has the fields of Redis 7.4 in their order', async () => {
    expect(await memoryFields(client)).toEqual(MEMORY_STATS_FIELDS)
  })
})

describe.skipIf(genuineVersion === undefined)(`genuine Redis (${genuineVersion ?? NO_GENUINE})`, () => {
  const newer = new Set(Object.values(SINCE).flat())
  const known = (fields: readonly string[]): string[] => fields.filter((name) => !newer.has(name))
  let genuine: Genuine
  let client: Asked & { close(): void }
  beforeAll(async () => {
    genuine = await Genuine.start()
    client = await genuine.connect()
  })
  afterAll(async () => {
    client.close()
    await genuine.stop()
  })

  test('has the same fields of INFO in the same order, but for those listed as newer', async () => {
    const found = await infoFields(client, 'everything')
    expect(Object.keys(found)).toEqual(known(INFO_SECTIONS))
    for (const title of known(Object.keys(INFO_FIELDS))) expect(found[title], title).toEqual(known(INFO_FIELDS[title]))
  })

  test('has the same fields of CLIENT LIST in the same order, but for those listed as newer', async () => {
    expect(await clientFields(client, 'LIST')).toEqual(known(CLIENT_FIELDS))
  })

  test('has the same fields of MEMORY STATS in the same order, but for those listed as newer', async () => {
    expect(await memoryFields(client)).toEqual(known(MEMORY_STATS_FIELDS))
  })

  test('has none of the fields listed as newer', async () => {
    const found = Object.values(await infoFields(client, 'everything')).flat()
    const all = [...found, ...(await clientFields(client, 'LIST')), ...(await memoryFields(client))]
    expect(all.filter((name) => newer.has(name))).toEqual([])
  })
})
