/**
 * The contract's cases on a store that is shared through a database behind a network. After each case on the engine, a store that opens
 * then and has nothing but the log must hold the same.
 */
import { describe, expect, test } from 'vitest'
import { createServer, type Server, type ServerOptions } from '../../../lib/server.ts'
import type { Suite } from '../../contract/dsl.ts'
import { reasonToSkip, runCase } from '../../contract/harness/run.ts'
import { engineSubject, resp } from '../../contract/harness/subjects.ts'
import { lengthOf } from '../../length.ts'
import { NO_SQLD, Sqld } from '../libsql/sqld.ts'
import { OTHERWISE } from '../otherwise.ts'
import { Cluster, NO_POSTGRES } from '../postgres/cluster.ts'
import type { TestDatabase } from '../testdatabase.ts'
import { databaseFor } from './remotecases.ts'

const modules = import.meta.glob<{ cases: Suite }>('../../contract/*.cases.ts', { eager: true })

let number = 0

const digest = (server: Server): unknown => server.inProcess().execute('DEBUG', 'DIGEST')

async function sameAsLog(server: Server): Promise<void> {
  const { values } = server.config
  const copy = createServer({
    store: values.store,
    'store-name': values['store-name'],
    'enable-debug-command': 'yes',
    clock: server.engine.clock,
    log: () => {},
  })
  try {
    await server.load() // what is under way is committed, and read
    await copy.load()
    server.engine.config['enable-debug-command'] = 'yes'
    expect(await digest(copy)).toEqual(await digest(server))
  } finally {
    await copy.close()
    await server.close()
  }
}

interface Kind {
  readonly label: string
  readonly reason: string | undefined
  readonly start: () => Promise<TestDatabase>
  /** All cases take minutes: without ZERODIS_TEST_ALL one of so many is run. */
  readonly share: number
}

const KINDS: readonly Kind[] = [
  { label: 'PostgreSQL', reason: NO_POSTGRES, start: () => Cluster.start(), share: 20 },
  { label: 'libSQL', reason: NO_SQLD, start: () => Sqld.start(), share: 30 },
]

for (const { label, reason, start, share } of KINDS) {
  describe.skipIf(reason !== undefined)(label, () => {
    const database = databaseFor(start)
    const shared = (): ServerOptions => ({
      store: database().url,
      'store-name': `case${++number}`,
      'store-consistency': 'strong',
    })
    const step = lengthOf(share, 1)
    for (const [path, { cases }] of Object.entries(modules)) {
      describe(path, () => {
        for (const subject of [engineSubject(sameAsLog, undefined, shared), resp('resp2', 2, shared)]) {
          describe(subject.label, () => {
            for (const [index, each] of cases.cases.entries()) {
              if (index % step !== 0) continue
              const reason = OTHERWISE[each.title] ?? reasonToSkip(subject, each)
              test(each.title, async (context) => {
                if (reason !== undefined) return context.skip(reason)
                await runCase(subject, each)
              })
            }
          })
        }
      })
    }
  })
}
