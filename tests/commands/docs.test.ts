import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Kind, type Reply } from '../../lib/base/reply.ts'
import type { Command } from '../../lib/commands/command.ts'
import { DOCS, docReply } from '../../lib/commands/docs.ts'
import { createCommandTable } from '../../lib/commands/index.ts'
import { Genuine, genuineVersion, NO_GENUINE } from '../contract/harness/genuine.ts'

const table = createCommandTable()

/** What commands learned after 7.0, so that we document more of them than genuine Redis 7.0 does. */
const NEWER: Record<string, string> = {
  zrank: 'WITHSCORE came with 7.2',
  zrevrank: 'WITHSCORE came with 7.2',
  hscan: 'NOVALUES came with 7.4',
  set: 'IFEQ and its kin came with 8.4',
  'client|kill': 'MAXAGE came with 7.4',
  zinter: 'AGGREGATE COUNT came with 8.8',
  zinterstore: 'AGGREGATE COUNT came with 8.8',
  xadd: 'KEEPREF and its kin came with 8.2',
  'slowlog|get': 'the count of arguments came with 8.10',
  xtrim: 'KEEPREF and its kin came with 8.2',
  xread: 'MAXCOUNT came with 8.10',
  xreadgroup: 'CLAIM came with 8.4',
  zunion: 'AGGREGATE COUNT came with 8.8',
  zunionstore: 'AGGREGATE COUNT came with 8.8',
}

/** A reply in plain JavaScript: maps as objects, sets as sorted arrays. */
function plain(reply: Reply): unknown {
  if (Array.isArray(reply)) return reply.map(plain)
  if (typeof reply !== 'object' || reply === null || !('kind' in reply)) return reply
  switch (reply.kind) {
    case Kind.Status:
      return reply.text
    case Kind.Set:
      return reply.items.map(plain).sort()
    case Kind.Map:
      return object(reply.flat.map(plain))
    default:
      throw new Error(`not expected in a document: ${JSON.stringify(reply)}`)
  }
}

function object(flat: readonly unknown[]): Record<string, unknown> {
  const entries: [string, unknown][] = []
  for (let i = 0; i < flat.length; i += 2) entries.push([flat[i] as string, flat[i + 1]])
  return Object.fromEntries(entries)
}

/** The document without those of subcommands. */
function document(command: Command): Record<string, unknown> {
  const [, body] = docReply(DOCS, command)
  const { subcommands: _, ...rest } = plain(body) as Record<string, unknown>
  return rest
}

test('every command is documented', () => {
  expect(table.all.filter(({ fullName }) => DOCS[fullName] === undefined).map(({ fullName }) => fullName)).toEqual([])
})

describe.skipIf(genuineVersion === undefined)(`beside genuine Redis (${genuineVersion ?? NO_GENUINE})`, () => {
  let genuine: Genuine
  beforeAll(async () => {
    genuine = await Genuine.start()
  })
  afterAll(() => genuine.stop())

  test('each command that it knows is documented as there', async () => {
    const client = await genuine.connect()
    await client.send(['HELLO', '3'])
    for (const command of table.all) {
      if (NEWER[command.fullName] !== undefined) continue
      const reply = (await client.send(['COMMAND', 'DOCS', command.fullName])) as { flat: unknown[] }
      if (reply.flat.length === 0) continue
      const { subcommands: _, ...expected } = seen(reply.flat[1]) as Record<string, unknown>
      expect(document(command), command.fullName).toEqual(expected)
    }
    client.close()
  })
})

type SeenTree =
  | string
  | number
  | null
  | SeenTree[]
  | { kind: string; text?: string; flat?: SeenTree[]; items?: SeenTree[] }

function seen(value: unknown): unknown {
  const tree = value as SeenTree
  if (Array.isArray(tree)) return tree.map(seen)
  if (typeof tree !== 'object' || tree === null) return tree
  if (tree.kind === 'map') return object(tree.flat!.map(seen))
  if (tree.kind === 'set') return tree.items!.map(seen).sort()
  return tree.text
}
