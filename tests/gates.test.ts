/**
 * The gates of the command table. Each command must have been run by a contract case, each must say of itself what
 * genuine Redis says of it, and each that genuine Redis has must be here; exceptions are listed with their reason.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Command } from '../lib/commands/command.ts'
import { createCommandTable } from '../lib/commands/index.ts'
import type { RespClient } from './clients/resp.ts'
import type { Suite } from './contract/dsl.ts'
import { Genuine, genuineVersion, NO_GENUINE } from './contract/harness/genuine.ts'
import { reasonToSkip, runCase } from './contract/harness/run.ts'
import { type Seen, show } from './contract/harness/seen.ts'
import { engineSubject } from './contract/harness/subjects.ts'
import { ABSENT, DIFFERENT, NOT_RUN } from './gates.ts'
import { checkAccount } from './keyspace/account.ts'

const modules = import.meta.glob<{ cases: Suite }>('./contract/*.cases.ts', { eager: true })
const table = createCommandTable()
const named = (command: Command): boolean => command.aliasOf === undefined

describe('gates', () => {
  test('every command and subcommand is run by a contract case, and its weight is kept account of', {
    timeout: 120_000,
  }, async () => {
    const executed = new Set<string>()
    const miscounted: string[] = []
    let title = ''
    const subject = engineSubject((server) => {
      try {
        checkAccount(server.engine.keyspace, server.engine.config)
      } catch (error) {
        miscounted.push(`${title}: ${(error as Error).message}`)
      }
      for (const command of server.engine.table.all) {
        if (server.engine.stats.calls[command.id] > 0) executed.add(command.fullName)
      }
    })
    for (const { cases } of Object.values(modules)) {
      for (const each of cases.cases) {
        if (reasonToSkip(subject, each) !== undefined) continue
        title = each.title
        // A failure is for the case's own test to report.
        await runCase(subject, each).catch(() => {})
      }
    }
    const never = table.all
      .filter((command) => command.subcommands === undefined)
      .map((command) => command.fullName)
      .filter((name) => !executed.has(name) && NOT_RUN[name] === undefined)
    expect(never).toEqual([])
    expect(miscounted).toEqual([])
  })

  describe.skipIf(genuineVersion === undefined)('COMMAND INFO as genuine Redis', () => {
    let genuine: Genuine
    let client: RespClient
    let ours: Map<string, Info>
    let theirs: Map<string, Info>

    beforeAll(async () => {
      genuine = await Genuine.start()
      client = await genuine.connect()
      const names = [...table.commands()].filter(named).map((command) => command.name)
      theirs = readInfo(await client.send(['COMMAND']))
      const subject = engineSubject()
      const store = await subject.open()
      ours = readInfo(await (await store.connect()).send(['COMMAND', 'INFO', ...names]))
      await store.close()
    })

    afterAll(async () => {
      client.close()
      await genuine.stop()
    })

    for (const field of ['arity', 'flags', 'keys', 'categories', 'tips', 'specs'] as const) {
      test(`the ${field} of every command`, () => {
        const differences: string[] = []
        for (const [name, own] of ours) {
          const other = theirs.get(name)
          if (other === undefined || own[field] === other[field]) continue
          if (DIFFERENT[name]?.[field] !== undefined) continue
          differences.push(`${name}: ${own[field]} here, ${other[field]} in genuine Redis`)
        }
        expect(differences).toEqual([])
      })
    }

    test('every command of genuine Redis is here, or listed as absent', () => {
      const absent = [...theirs.keys()].filter((name) => !ours.has(name))
      expect(absent.filter((name) => !ABSENT.some(({ commands }) => commands.test(name)))).toEqual([])
    })

    test('nothing is listed as absent that is here', () => {
      const here = [...ours.keys()].filter((name) => ABSENT.some(({ commands }) => commands.test(name)))
      expect(here).toEqual([])
    })
  })

  if (genuineVersion === undefined) test('COMMAND INFO as genuine Redis', (context) => context.skip(NO_GENUINE))
})

interface Info {
  readonly arity: string
  readonly flags: string
  readonly keys: string
  readonly categories: string
  readonly tips: string
  readonly specs: string
}

/** Commands and subcommands of COMMAND's reply, by full name. */
function readInfo(reply: Seen): Map<string, Info> {
  const infos = new Map<string, Info>()
  const visit = (entry: Seen): void => {
    const [name, arity, flags, first, last, step, categories, tips, specs, subcommands] = entry as Seen[]
    infos.set(name as string, {
      arity: show(arity),
      flags: show(flags),
      keys: show([first, last, step]),
      categories: show(categories),
      // Hints have no order.
      tips: show([...(tips as string[])].sort()),
      specs: show(specs),
    })
    for (const sub of (subcommands as Seen[] | undefined) ?? []) visit(sub)
  }
  for (const entry of reply as Seen[]) visit(entry)
  return infos
}
