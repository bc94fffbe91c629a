/** What lies in records is written together, byte for byte as each key would be by itself. */
import { expect, test } from 'vitest'
import type { Db } from '../../../lib/keyspace/db.ts'
import { Form } from '../../../lib/keyspace/table/record.ts'
import { scratch } from '../../../lib/memory/scratch.ts'
import { RdbOutput } from '../../../lib/persistence/format/output.ts'
import { RDB_VERSION, RDB_VERSION_7_0 } from '../../../lib/persistence/format/types.ts'
import { RecordBatch } from '../../../lib/persistence/snapshot/recordbatch.ts'
import { type AccessKind, accessFact, writeKeyHead } from '../../../lib/persistence/snapshot/snapshot.ts'
import { typeFor, writeValue } from '../../../lib/persistence/values/write.ts'
import { createServer, type Server } from '../../../lib/server.ts'
import { Random, seedOfRun } from '../../differential/random.ts'

const NUMBERS = ['', '0', '-128', '32768', '-2147483648', '2147483648', '9007199254740991', '-0', '007', '-', '1.5']
const NOW = 2_000_000_000

function fill(server: Server, random: Random): void {
  const call = (...argv: string[]): unknown => server.execute(...(argv as [string]))
  const text = (): string => (random.chance(0.3) ? 'ab'.repeat(random.integer(0, 60)) : random.bytes(0, 60))
  const string = (): string => (random.chance(0.4) ? random.pick(NUMBERS) : text())
  for (let i = 0; i < 500; i++) {
    const key = random.chance(0.2) ? `${i}` : `${i}:${text()}`
    const elements = random.times(1, 6, string)
    const kind = random.integer(0, 6)
    if (kind < 2) call('SET', key, random.chance(0.1) ? text().repeat(40) : string())
    else if (kind === 2) call('RPUSH', key, ...elements)
    else if (kind === 3) call('SADD', key, ...elements)
    else if (kind === 4) call('SADD', key, `${i}`, '70000')
    else if (kind === 5) call('HSET', key, ...elements.flatMap((field) => [field, string()]))
    else call('ZADD', key, ...elements.flatMap((member, score) => [`${score}.5`, member]))
    if (random.chance(0.3)) call('PEXPIREAT', key, `${NOW * 1000 + random.integer(1, 10 ** 12)}`)
    if (random.chance(0.1)) call('PERSIST', key)
  }
}

/** In small pieces, whoever takes which uses the memory of the kernels, as a checksum does. */
function pieced(compresses: boolean): { readonly output: RdbOutput; bytes(): Buffer } {
  const pieces: Uint8Array[] = []
  const take = (piece: Uint8Array): undefined => {
    pieces.push(piece)
    const { u8, base } = scratch(2 ** 17)
    u8.fill(0xee, base, base + 2 ** 17)
  }
  const output = new RdbOutput(1000, take, undefined, compresses)
  return {
    output,
    bytes() {
      output.flush()
      return Buffer.concat(pieces)
    },
  }
}

/** The keys of a database in one way and in the other, and how many of them lie in records. */
function written(db: Db, version: number, kind: AccessKind, compresses: boolean): [Buffer, Buffer, number] {
  const batch = new RecordBatch(version, kind, compresses)
  const together = pieced(compresses)
  const singly = new RdbOutput(2 ** 20, undefined, undefined, compresses)
  const { table } = db
  const clock = { nowMinutes: NOW / 60, lfuLogFactor: 10, lfuDecayTime: 1 }
  let count = 0
  for (let position = 0; position < table.size; position++) {
    const at = table.atPosition(position)
    if (!batch.takes(table, at)) continue
    count++
    batch.add(table, at, accessFact(table.accessOf(at), kind, NOW, clock))
    const value = table.valueOf(at)
    writeKeyHead(singly, table.timeOf(at), table.accessOf(at), kind, NOW, clock)
    singly.byte(typeFor(value, version))
    singly.string(table.keyOf(at))
    writeValue(singly, value, version)
    if (batch.isFull) batch.writeTo(together.output)
  }
  batch.writeTo(together.output)
  return [together.bytes(), Buffer.from(singly.array), count]
}

test.each(['idle', 'frequency', 'none'] as const)('with access words of the kind %s', (kind) => {
  const seed = seedOfRun()
  const random = new Random(seed)
  const policy = kind === 'frequency' ? 'allkeys-lfu' : 'allkeys-lru'
  const server = createServer({ 'maxmemory-policy': policy, log() {} })
  fill(server, random)
  const [db] = server.engine.keyspace.dbs
  const counts: number[] = []
  for (const version of [RDB_VERSION_7_0, RDB_VERSION]) {
    for (const compresses of [false, true]) {
      const [together, singly, count] = written(db, version, kind, compresses)
      expect(together.equals(singly), `seed ${seed}, version ${version}`).toBe(true)
      counts.push(count)
    }
  }
  const sets = Array.from({ length: db.size }, (_, i) => db.table.formOf(db.table.atPosition(i)))
  expect(counts[2] - counts[0]).toBe(sets.filter((form) => form === Form.Set).length)
  expect(counts[0]).toBeGreaterThan(250)
})
