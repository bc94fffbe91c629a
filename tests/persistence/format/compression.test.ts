/** Strings that repeat themselves, dumped by both: the bytes must be genuine Redis's, whose LZF says where it finds repetitions. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Bytes } from '../../../lib/base/bytes.ts'
import { createServer, type Server } from '../../../lib/server.ts'
import { Genuine, genuineVersion, NO_GENUINE } from '../../contract/harness/genuine.ts'
import { type Client, engineClient } from '../../contract/harness/subjects.ts'
import { Random, seedOfRun } from '../../differential/random.ts'

const seed = seedOfRun()
const VALUES = 400

let server: Server
let ours: Client
let genuine: Genuine
let theirs: Client

beforeAll(async () => {
  server = createServer({})
  ours = engineClient(server)
  if (genuineVersion === undefined) return
  genuine = await Genuine.start()
  theirs = await genuine.connect()
})
afterAll(async () => {
  theirs?.close()
  await genuine?.stop()
  await server.close()
})

/** Of few or many letters, with parts that come again from near and from further away than LZF looks. */
function text(random: Random): Bytes {
  const letters = random.pick([1, 2, 4, 60, 256])
  const length = random.integer(1, random.pick([30, 60, 300, 3000, 40_000]))
  let made = ''
  while (made.length < length) {
    if (made.length > 3 && random.chance(0.6)) {
      const from = Math.max(0, made.length - random.integer(1, random.pick([4, 100, 8195, 20_000])))
      made += made.slice(from, from + random.integer(3, random.pick([8, 40, 400])))
    } else made += String.fromCharCode(random.integer(0, letters - 1))
  }
  return made
}

test.skipIf(genuineVersion === undefined)(
  `DUMP compresses as Redis ${genuineVersion ?? NO_GENUINE}, and RESTORE reads it, seed ${seed}`,
  async () => {
    const random = new Random(seed)
    for (let i = 0; i < VALUES; i++) {
      const value = text(random)
      const [mine, reference] = [await dumped(ours, value), await dumped(theirs, value)]
      const at = differsAt(mine, reference)
      expect(at, `value ${i} of ${value.length} bytes, dumped in ${mine.length} and ${reference.length}`).toBe(-1)
      for (const client of [ours, theirs]) {
        await client.send(['RESTORE', 'again', '0', mine, 'REPLACE'])
        expect((await client.send(['GET', 'again'])) === value).toBe(true)
      }
    }
  },
)

test.skipIf(genuineVersion === undefined)(
  'collections are dumped as in Redis: their packed forms compress, too',
  async () => {
    for (const client of [ours, theirs]) {
      await client.send(['RPUSH', 'l', ...Array.from({ length: 90 }, (_, i) => `element number ${i % 10}`)])
      await client.send(['HSET', 'h', ...Array.from({ length: 90 }, (_, i) => `the same word ${i}`)])
      await client.send(['ZADD', 'z', ...Array.from({ length: 90 }, (_, i) => [`${i}`, `the same word ${i}`]).flat()])
      await client.send(['SADD', 's', ...Array.from({ length: 90 }, (_, i) => `${i}`)])
    }
    for (const key of ['l', 'h', 'z', 's']) {
      expect(
        differsAt((await ours.send(['DUMP', key])) as Bytes, (await theirs.send(['DUMP', key])) as Bytes),
        key,
      ).toBe(-1)
    }
  },
)

test('with rdbcompression no strings stay as they are', async () => {
  const value = 'abc'.repeat(1000)
  expect((await dumped(ours, value)).length).toBeLessThan(100)
  await ours.send(['CONFIG', 'SET', 'rdbcompression', 'no'])
  expect(await dumped(ours, value)).toContain(value)
  await ours.send(['CONFIG', 'SET', 'rdbcompression', 'yes'])
})

async function dumped(client: Client, value: Bytes): Promise<Bytes> {
  await client.send(['SET', 'k', value])
  return (await client.send(['DUMP', 'k'])) as Bytes
}

/** Without the version and the checksum, which follows from all before. */
function differsAt(a: Bytes, b: Bytes): number {
  const [x, y] = [a.slice(0, -10), b.slice(0, -10)]
  for (let i = 0; i < Math.max(x.length, y.length); i++) if (x[i] !== y[i]) return i
  return -1
}
