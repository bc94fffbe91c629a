/** Calls of `execute` share nothing but the store: no command that any contract case knows leaves anything for the next call. */
import { expect, test } from 'vitest'
import { ManualClock } from '../../lib/base/clock.ts'
import { createServer, type Server } from '../../lib/server.ts'
import { Gate, ReplyMode, type Session } from '../../lib/session/session.ts'
import type { Step, Suite } from '../contract/dsl.ts'
import { argvOf } from '../contract/harness/line.ts'

const modules = import.meta.glob<{ cases: Suite }>('../contract/*.cases.ts', { eager: true })

/** They end the store, write files, or take real time. */
const LEFT_OUT = /^(shutdown|save|bgsave|bgrewriteaof|backup|debug)$/i

function commandOf(step: Step): readonly string[] | undefined {
  const line = 'does' in step ? ('command' in step ? step.command : undefined) : step[0]
  return line === undefined ? undefined : argvOf(line)
}

/** What a session has that another client would not find. */
function tracesIn(session: Session, { engine }: Server): string[] {
  const { pubsub, connections, access } = engine.ports
  const traces: Record<string, boolean> = {
    db: session.db.index !== 0,
    gate: (session.gate & ~Gate.Restricted) !== 0,
    proto: session.proto !== 2,
    user: session.user !== access.acl.default,
    name: session.name + session.libName + session.libVersion !== '',
    transaction: session.transaction !== undefined || connections.watches.count(session) !== 0 || session.watchBroken,
    tracking: session.tracking !== undefined,
    reply: session.replyMode !== ReplyMode.On,
    marks: session.noEvict || session.noTouch || session.replica || !session.mayBlock,
    script: session.script !== 0 || session.trace !== undefined,
    subscriptions: [pubsub.channels, pubsub.patterns, pubsub.shards].some((names) => names.countOf(session) !== 0),
  }
  return Object.keys(traces).filter((name) => traces[name])
}

test('no command leaves a trace in what calls share', { timeout: 60_000 }, async () => {
  const found: string[] = []
  let calls = 0
  for (const { cases } of Object.values(modules)) {
    for (const { title, steps } of cases.cases) {
      const server = createServer({ clock: new ManualClock(), log: () => {} })
      for (const step of steps) {
        const argv = commandOf(step)
        if (argv === undefined || LEFT_OUT.test(argv[0])) continue
        try {
          calls++
          const reply = server.execute(...argv)
          if (reply instanceof Promise) void reply.catch(() => {})
        } catch {
          // What it says is for the case's own test.
        }
        for (const session of server.engine.ports.connections.clients) {
          const traces = session.parked === undefined ? tracesIn(session, server) : []
          if (traces.length > 0) found.push(`${title}: ${argv.join(' ')} leaves ${traces}`)
        }
      }
      await server.close()
    }
  }
  expect(calls).toBeGreaterThan(3000)
  expect(found).toEqual([])
})
