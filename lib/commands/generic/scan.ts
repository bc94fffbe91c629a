/** SCAN: the keys of a database in steps. Options and cursor: ../scan.ts. */
import type { Bytes } from '../../base/bytes.ts'
import type { Reply } from '../../base/reply.ts'
import { globMatches } from '../../keyspace/glob.ts'
import { typeName } from '../../keyspace/typed.ts'
import type { Value } from '../../keyspace/value.ts'
import type { Args } from '../args.ts'
import { always, type Command, type Context, command } from '../command.ts'
import { ScanKind, type ScanOptions, takeCursor, takeScanOptions } from '../scan.ts'

/** SCAN cursor [MATCH pattern] [COUNT count] [TYPE type] */
function scan(c: Context, a: Args): Reply {
  const cursor = takeCursor(a)
  if (a.error !== undefined) return a.error
  const options = takeScanOptions(a, ScanKind.Keys)
  if (a.error !== undefined) return a.error
  return scanKeys(c, cursor, options)
}

function scanKeys(c: Context, cursor: number, { count, pattern, type }: ScanOptions): Reply {
  const { db } = c
  const found: Bytes[] = []
  const next = db.scan(cursor, count, (key: Bytes) => {
    if (pattern === undefined || globMatches(pattern, key)) found.push(key)
  })
  // Keys are looked at after the step: one past its time goes, of whatever type, and another moves into its place.
  if (type !== undefined) return ['' + next, found.filter((key) => isOfType(db.inspect(key), type))]
  return ['' + next, db.volatileSize === 0 ? found : found.filter((key) => db.has(key))]
}

function isOfType(value: Value | undefined, type: Bytes): boolean {
  return value !== undefined && typeName(value).toLowerCase() === type
}

export const scanCommands: readonly Command[] = [
  command('scan', 'generic', -2, 'readonly arbitrary_keys', [], scan, { tellsKeys: always }),
]
