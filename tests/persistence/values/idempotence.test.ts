/** What a stream knows of producers, in snapshots: the form that Redis 8.6 writes, only where there is something to say. */
import { expect, test } from 'vitest'
import { Config } from '../../../lib/config/config.ts'
import { StreamValue } from '../../../lib/keyspace/values/stream.ts'
import { Idempotence } from '../../../lib/keyspace/values/stream-idempotence.ts'
import { readPayload, writePayload } from '../../../lib/persistence/snapshot/payload.ts'

const TYPE_8_6 = 26
const ID = { ms: 1_700_000_000_000, seq: 3 }

test('a payload keeps marks and counters', () => {
  const stream = new StreamValue()
  stream.append(ID, ['f', 'v'], new Config().values)
  const known = new Idempotence(300, 1000)
  stream.setIdempotence(known)
  known.record('producer', 'mark', ID)
  known.added = 5
  known.duplicates = 7
  const payload = writePayload(stream)
  expect(payload.charCodeAt(0)).toBe(TYPE_8_6)
  const read = (readPayload(payload, new Config().values) as StreamValue).idempotence!
  expect(read).toMatchObject({ duration: 300, maxSize: 1000, added: 5, duplicates: 7 })
  expect(read.find('producer', 'mark', 0)).toEqual(ID)
  expect(read.tracked(0)).toEqual({ producers: 1, marks: 1 })
})

test('a stream that knows no producers is written as ever', () => {
  expect(writePayload(new StreamValue()).charCodeAt(0)).toBeLessThan(TYPE_8_6)
})
