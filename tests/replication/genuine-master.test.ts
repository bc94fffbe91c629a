/**
 * The master's side beside a genuine master: every step of the contract cases is run on both, and after each of them both
 * must have counted as many changes (`rdb_changes_since_last_save`) and have sent the same commands to their replica.
 * Times are compared as times. Where 7.0 and 7.4 differ, the list at the top says how.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Bytes } from '../../lib/base/bytes.ts'
import { createServer, type Server } from '../../lib/server.ts'
import { TcpListener } from '../../lib/transports/tcp.ts'
import { Replica } from '../clients/replica.ts'
import { RespClient } from '../clients/resp.ts'
import type { CommandLine, Step, Suite } from '../contract/dsl.ts'
import { Genuine, genuineVersion } from '../contract/harness/genuine.ts'
import { argvOf } from '../contract/harness/line.ts'
import { show } from '../contract/harness/seen.ts'
import { generator as bitmap } from '../differential/generators/bitmap.ts'
import { generator as geo } from '../differential/generators/geo.ts'
import { generator as hash } from '../differential/generators/hash.ts'
import { generator as list } from '../differential/generators/list.ts'
import { generator as sortedSet } from '../differential/generators/sorted-set.ts'
import { generator as string } from '../differential/generators/string.ts'
import { Random } from '../differential/random.ts'
import { lengthOf } from '../length.ts'

const modules = import.meta.glob<{ cases: Suite }>(
  '../contract/{bitmap,dump,expire,function,generic,geo,hash,hyperloglog,list,scripting,set,sort,sorted-set,stream,string,transactions,hash-expiry}.cases.ts',
  { eager: true },
)

/** What 7.2 and later count otherwise than 7.0, and how. */
const COUNTED_OTHERWISE: readonly { readonly command: RegExp; readonly why: string }[] = [
  { command: /^XREADGROUP .* STREAMS \S+ [^>]/, why: 'reading what is pending changes nothing' },
  { command: /^(XREADGROUP|XAUTOCLAIM) /, why: 'a consumer is made even if there is nothing for it' },
]

/** Random commands of each type. */
const COMMANDS = lengthOf(200, 400)

/** Steps from which on a case cannot be run here: the connection becomes another, or the server does. */
const ENDS_CASE =
  /^(subscribe|psubscribe|ssubscribe|monitor|quit|shutdown|hello|reset|debug|wait|waitaof|client|config)$/i

/** What draws at random, waits, or keeps others from what they do. */
const RANDOM = /^(spop|srandmember|hrandfield|zrandmember|randomkey|multi|exec|discard|bl|bz|br)/i

interface Side {
  readonly replica: Replica
  readonly probe: RespClient
  connect(): Promise<RespClient>
}

interface Outcome {
  readonly reply: string
  readonly changes: number
  readonly stream: string
}

describe.skipIf(genuineVersion === undefined)(`as a genuine master ${genuineVersion}`, () => {
  let server: Server
  let listener: TcpListener
  let genuine: Genuine
  let sides: Side[]
  let marks = 0

  beforeAll(async () => {
    server = createServer({ 'enable-debug-command': 'yes', log() {} })
    listener = await TcpListener.listen(server, { host: '127.0.0.1', port: 0 })
    genuine = await Genuine.start('--repl-diskless-sync-delay', '0')
    const address = { port: listener.port, host: '127.0.0.1' }
    sides = [
      {
        connect: () => RespClient.connect(address),
        probe: await RespClient.connect(address),
        replica: await Replica.connect(address),
      },
      {
        connect: () => genuine.connect(),
        probe: await genuine.connect(),
        replica: await Replica.connect({ path: genuine.path }),
      },
    ]
  })
  afterAll(async () => {
    for (const { replica, probe } of sides ?? []) {
      replica.close()
      probe.close()
    }
    await listener?.close()
    await genuine?.stop()
    await server?.close()
  })

  /** What came since the last call, as text. */
  async function heard({ probe, replica }: Side, mark: Bytes): Promise<string> {
    await probe.send(['PUBLISH', 'marks', mark])
    const commands = (await replica.until(mark)).map(normal)
    return commands.filter((line) => line !== 'PING').join('\n')
  }

  async function changes({ probe }: Side): Promise<number> {
    return Number(/rdb_changes_since_last_save:(\d+)/.exec(show(await probe.send(['INFO', 'persistence'])))![1])
  }

  async function runCase(steps: readonly Step[], differences: string[]): Promise<void> {
    const clients = sides.map(() => new Map<string, RespClient>())
    const before: number[] = []
    for (const [i, side] of sides.entries()) {
      await side.probe.send(['FLUSHALL'])
      await side.probe.send(['FUNCTION', 'FLUSH'])
      await heard(side, `${++marks}`)
      before[i] = await changes(side)
    }
    for (const step of steps) {
      const [name, command] = nameAndCommand(step)
      const argv = command === undefined ? [] : argvOf(command)
      if (argv.length === 0 || ENDS_CASE.test(argv[0])) break
      marks++
      const outcomes = await Promise.all(
        sides.map(async (side, i): Promise<Outcome> => {
          let client = clients[i].get(name)
          if (client === undefined) clients[i].set(name, (client = await side.connect()))
          const reply = show(await client.send(argv))
          const now = await changes(side)
          const counted = now - before[i]
          before[i] = now
          return { reply, changes: counted, stream: await heard(side, `${marks}`) }
        }),
      )
      const [ours, theirs] = outcomes
      // A command or an option that is newer than this genuine server.
      if (theirs.reply.startsWith('-') && !ours.reply.startsWith('-')) break
      const line = argv.join(' ').slice(0, 200)
      if (ours.changes !== theirs.changes && !COUNTED_OTHERWISE.some(({ command }) => command.test(line))) {
        differences.push(`${line}: ${ours.changes} changes, ${theirs.changes} in genuine Redis`)
      }
      if (sameAs74(ours.stream) !== sameAs74(theirs.stream)) {
        differences.push(`${line}:\n${ours.stream}\nbut genuine Redis\n${theirs.stream}`)
      }
    }
    for (const map of clients) for (const client of map.values()) client.close()
  }

  test.each([bitmap, geo, hash, list, sortedSet, string])('random $name commands', async (generator) => {
    const random = new Random(20261130)
    const clients = await Promise.all(sides.map((side) => side.connect()))
    const before: number[] = []
    for (const [i, side] of sides.entries()) {
      for (const argv of [['FLUSHALL'], ...(generator.setup ?? [])]) await clients[i].send(argv)
      await heard(side, `${++marks}`)
      before[i] = await changes(side)
    }
    const commands = Array.from({ length: COMMANDS }, () => generator.next(random)).filter(
      ([name]) => !RANDOM.test(name),
    )
    for (const argv of commands) {
      marks++
      const [ours, theirs] = await Promise.all(
        sides.map(async (side, i) => {
          await clients[i].send(argv)
          const now = await changes(side)
          const counted = now - before[i]
          before[i] = now
          return { changes: counted, stream: sameAs74(await heard(side, `${marks}`)) }
        }),
      )
      expect(ours, argv.join(' ')).toEqual(theirs)
    }
    for (const client of clients) client.close()
  })

  test.each(Object.values(modules).map(({ cases }) => cases))('the cases of $group', async ({ cases }) => {
    const differences: string[] = []
    for (const { steps } of cases) await runCase(steps, differences)
    expect(differences).toEqual([])
  })
})

/** A step that waits, or is no command, ends a case here. */
function nameAndCommand(step: Step): [string, CommandLine | undefined] {
  if (!('does' in step)) return ['main', step[0]]
  return step.does === 'call' ? [step.client, step.command] : ['', undefined]
}

/** Milliseconds and seconds of our day are times. */
function normal(argv: readonly Bytes[]): string {
  const name = argv[0].toUpperCase()
  return [name, ...argv.slice(1)]
    .join(' ')
    .replace(/\b\d{13}\b/g, 'T')
    .replace(/\b\d{10}\b/g, 't')
}

/** Without what 7.2 has changed. */
function sameAs74(stream: string): string {
  const lines = stream
    .split('\n')
    // Since 7.2 the counter of a group is always told with its last id.
    .filter((line) => !line.startsWith('XGROUP SETID '))
    // An exact trim knows no LIMIT; a replica of Redis overlooks it.
    .map((line) => line.replace(/^(X(ADD|TRIM) .* = \S+) LIMIT \d+/, '$1'))
    // A SET with PXAT is passed on as it was sent.
    .map((line) => line.replace(/^(SET .*?)(?: (?:NX|XX|GET))* PXAT (\S+)(?: (?:NX|XX|GET))*$/i, '$1 PXAT $2'))
  // What SPOP draws is each server's own; since 7.2 one SREM has many members.
  const drawn = lines
    .filter((line) => line.startsWith('SREM '))
    .reduce((sum, line) => sum + line.split(' ').length - 2, 0)
  const rest = lines.filter((line) => !line.startsWith('SREM '))
  const isWhole = rest.length === 2 + (drawn > 0 ? 0 : 1) && rest[0] === 'MULTI' && rest.at(-1) === 'EXEC'
  return [...(isWhole ? rest.slice(1, -1) : rest), `${drawn} removed`].join('\n')
}
