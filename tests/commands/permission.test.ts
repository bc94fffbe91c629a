/**
 * Access control asks about the keys that key specs name. So no command may touch another: all contract cases are run, and
 * each event of a key (a change, or a miss of what was looked for) is held against the keys of the command that caused it.
 */
/// <reference types="vite/client" />
import { expect, test } from 'vitest'
import type { Bytes } from '../../lib/base/bytes.ts'
import { ReplyError } from '../../lib/base/reply.ts'
import { tellableKeys } from '../../lib/commands/keyspecs.ts'
import type { Server } from '../../lib/server.ts'
import type { Suite } from '../contract/dsl.ts'
import { reasonToSkip, runCase } from '../contract/harness/run.ts'
import { engineSubject } from '../contract/harness/subjects.ts'

const modules = import.meta.glob<{ cases: Suite }>('../contract/*.cases.ts', { eager: true })

/** Whatever key there is: BY and GET are asked about apart, and DEBUG is for those who may do everything. */
const ANY_KEY = /^(sort|sort_ro|debug)$/

/** They come upon keys by themselves; a consumer that reads for the first time is made, which Redis calls a read. */
const OF_THEMSELVES = /^(expired|evicted|hexpired|new|xgroup-createconsumer)$/

/** Calls back with each event and the command in the midst of which it came. */
function watch(server: Server, hear: (argv: readonly Bytes[], event: Bytes, key: Bytes) => void): void {
  const { engine } = server
  const running: (readonly Bytes[])[] = []
  let last = ''
  const during = <T>(argv: readonly Bytes[], run: () => T): T => {
    running.push(argv)
    try {
      return run()
    } finally {
      running.pop()
    }
  }
  const { run, callNested, runNested, rerun } = engine
  engine.run = (session, command, argv) => during(argv, () => run.call(engine, session, command, argv))
  engine.callNested = (session, argv) => during(argv, () => callNested.call(engine, session, argv))
  engine.runNested = (session, command, argv) => during(argv, () => runNested.call(engine, session, command, argv))
  engine.rerun = (session, command, argv) => during(argv, () => rerun.call(engine, session, command, argv))
  const tell = (event: Bytes, key: Bytes): void => {
    const argv = running.at(-1)
    // A hash goes with its last field.
    const goesByItself = event === 'del' && last === `hexpired ${key}`
    last = `${event} ${key}`
    if (argv !== undefined && !OF_THEMSELVES.test(event) && !goesByItself) hear(argv, event, key)
  }
  // Cases that set the directive have their own way; these are what most run with.
  engine.notifier = (_kind, event, key) => tell(event, key)
  engine.keyspace.onMiss = (_db, key) => tell('keymiss', key)
}

test('no command touches a key that its key specs do not name', { timeout: 120_000 }, async () => {
  const strays = new Set<string>()
  let events = 0
  const subject = engineSubject(undefined, (server) =>
    watch(server, (argv, event, key) => {
      events++
      const command = server.engine.table.resolve(argv)
      if (command instanceof ReplyError || ANY_KEY.test(command.name)) return
      const named = tellableKeys(command, argv).filter(({ position }) => argv[position] === key)
      const suffices = named.some(({ flags }) => event === 'keymiss' || /insert|update|delete/.test(flags))
      if (!suffices) strays.add(`${argv.join(' ').slice(0, 100)}: ${event} ${key}`)
    }),
  )
  for (const { cases } of Object.values(modules)) {
    for (const each of cases.cases) {
      if (reasonToSkip(subject, each) !== undefined) continue
      // A failure is for the case's own test to report.
      await runCase(subject, each).catch(() => {})
    }
  }
  expect([...strays]).toEqual([])
  expect(events).toBeGreaterThan(1500)
})
