/**
 * The contract's cases on a store that is shared through SQLite. After each case on the engine, a store that opens then and has
 * nothing but the log must hold the same.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { createServer, type Server, type ServerOptions } from '../../../lib/server.ts'
import type { Suite } from '../../contract/dsl.ts'
import { reasonToSkip, runCase } from '../../contract/harness/run.ts'
import { engineSubject, resp } from '../../contract/harness/subjects.ts'
import { lengthOf } from '../../length.ts'
import { OTHERWISE } from '../otherwise.ts'

const modules = import.meta.glob<{ cases: Suite }>('../../contract/*.cases.ts', { eager: true })

const folder = mkdtempSync(join(tmpdir(), 'zerodis-shared-cases-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let number = 0
const shared = (): ServerOptions => ({
  store: `sqlite:${join(folder, `${++number}.db`)}`,
  'store-synchronous': 'normal',
})

const digest = (server: Server): unknown => {
  server.engine.config['enable-debug-command'] = 'yes'
  return server.inProcess().execute('DEBUG', 'DIGEST')
}

async function sameAsLog(server: Server): Promise<void> {
  const here = digest(server) // which commits what is under way
  const copy = createServer({
    store: server.config.values.store,
    'enable-debug-command': 'yes',
    clock: server.engine.clock,
    log: () => {},
  })
  try {
    expect(digest(copy)).toEqual(here)
  } finally {
    await copy.close()
    await server.close()
  }
}

/** All cases take minutes: without ZERODIS_TEST_ALL every tenth is run. */
const SHARE = lengthOf(10, 1)

const subjects = [engineSubject(sameAsLog, undefined, shared), resp('resp2', 2, shared)]

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
