/**
 * The contract's cases on a store that is shared through PostgreSQL. After each case on the engine, a store that opens then and has
 * nothing but the log must hold the same.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createServer, type Server, type ServerOptions } from '../../lib/server.ts'
import type { Suite } from '../contract/dsl.ts'
import { reasonToSkip, runCase } from '../contract/harness/run.ts'
import { engineSubject, resp } from '../contract/harness/subjects.ts'
import { Cluster, NO_POSTGRES } from './cluster.ts'
import { OTHERWISE } from './otherwise.ts'

const modules = import.meta.glob<{ cases: Suite }>('../contract/*.cases.ts', { eager: true })

let cluster: Cluster

beforeAll(async () => {
  if (NO_POSTGRES === undefined) cluster = await Cluster.start()
}, 60_000)
afterAll(() => cluster?.close())

let number = 0
const shared = (): ServerOptions => ({
  store: cluster.url,
  'store-name': `case${++number}`,
  'store-consistency': 'strong',
})

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

/** All cases take minutes: without ZERODIS_TEST_ALL every twentieth is run. */
const SHARE = process.env['ZERODIS_TEST_ALL'] === undefined ? 20 : 1

const subjects = [engineSubject(sameAsLog, undefined, shared), resp('resp2', 2, shared)]

describe.skipIf(NO_POSTGRES !== undefined)('PostgreSQL', () => {
  for (const [path, { cases }] of Object.entries(modules)) {
    describe(path, () => {
      for (const subject of subjects) {
        describe(subject.label, () => {
          for (const [index, each] of cases.cases.entries()) {
            if (index % SHARE !== 0) continue
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
