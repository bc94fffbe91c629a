/**
 * The contract's cases on a store that is shared through SQLite. After each case on the engine, a store that opens then and has
 * nothing but the log must hold the same.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { createServer, type Server, type ServerOptions } from '../../lib/server.ts'
import type { Suite } from '../contract/dsl.ts'
import { reasonToSkip, runCase } from '../contract/harness/run.ts'
import { engineSubject, resp } from '../contract/harness/subjects.ts'

const modules = import.meta.glob<{ cases: Suite }>('../contract/*.cases.ts', { eager: true })

const HIDES = 'a read hides what is past its time, and does not remove it'
const ROOM = 'only what may write makes room'
const RELOADS = 'DEBUG RELOAD is refused'
const ALONE = 'it is refused where keys are shared'
/** What is otherwise where keys are shared. */
const OTHERWISE: Readonly<Record<string, string>> = {
  'WATCH sees DEBUG RELOAD': RELOADS,
  'DEBUG RELOAD keeps keys, times and databases': RELOADS,
  'DEBUG RELOAD keeps the times of fields': RELOADS,
  'DEBUG RELOAD knows three options': RELOADS,
  'REPLICAOF NO ONE and SLAVEOF NO ONE leave a master as it is': ALONE,
  'FAILOVER needs a replica': ALONE,
  'DEBUG SLEEP, SET-ACTIVE-EXPIRE and other switches': ALONE,
  'DEBUG POPULATE makes keys that are not there yet': ALONE,
  'SCAN TYPE removes keys past their time, of whatever type': HIDES,
  'a sparse value turns dense past hll-sparse-max-bytes': 'each process has a directive of its own',
  'what expires during CLIENT PAUSE is gone, and removed when it is over': HIDES,
  'a field past its time is gone for every command': HIDES,
  'HLEN counts fields past their time until they are removed': HIDES,
  'HRANDFIELD draws live fields only': HIDES,
  'keys go before the next command, and what needs memory is refused once none is left': ROOM,
  'any policy for all keys takes keys of all databases': ROOM,
  'a policy for volatile keys leaves the others': ROOM,
  'readers of events hear of a key that has to go': ROOM,
  'a watched key that had to go breaks the transaction': ROOM,
  'nothing has to go while clients are paused': ROOM,
}

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

/** All cases take minutes: without ZERODIS_TEST_ALL every fifth is run. */
const SHARE = process.env['ZERODIS_TEST_ALL'] === undefined ? 5 : 1

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
