/** The cases of tests/contract at our doors, in front of a genuine Redis. Where a door must answer otherwise, it says why. */
import { afterAll, describe, test } from 'vitest'
import type { Suite } from '../contract/dsl.ts'
import { reasonToSkip, runCase } from '../contract/harness/run.ts'
import { type UpstreamDoor, upstreamSubject } from './subject.ts'

const modules = import.meta.glob<{ cases: Suite }>('../contract/*.cases.ts', { eager: true })
const suites = Object.values(modules).map(({ cases }) => cases)

const QUEUED_HERE = 'a transaction waits here until EXEC: what is wrong with it at the upstream is told then'

/** Whole groups that are about the server itself, which is two servers here. */
const GROUPS: Readonly<Record<string, string>> = {
  acl: 'users are ours, with the texts of 7.4, which the cases expect of no genuine 7.0',
  tracking: 'it needs RESP, which is passed through',
}

/** Titles of cases, of all doors. */
const DIFFERENT: Readonly<Record<string, string>> = {
  'INFO commandstats and errorstats count calls, refusals and failures':
    'the upstream has got more commands than the case',
  'SLOWLOG keeps no secrets': 'the upstream has got more commands than the case',
  'a wrong password does not shut out who is in': 'users are ours, with the texts of 7.4',
  'in a transaction a full store refuses to keep any command': QUEUED_HERE,
  'MULTI and WATCH are among what a full store refuses in a transaction': QUEUED_HERE,
  'EXEC is refused if a command in it needs memory, and ends the transaction': QUEUED_HERE,
  'EXEC runs what needs no memory': QUEUED_HERE,
  'min-replicas-to-write refuses a transaction that writes': QUEUED_HERE,
  'min-replicas-to-write refuses the writes of scripts': QUEUED_HERE,
  'a command that cannot be queued aborts the transaction': QUEUED_HERE,
  'a refused command outweighs a changed key': QUEUED_HERE,
  'nothing has to go while clients are paused': 'CLIENT PAUSE holds the clients of this process',
  'a client that watches may not touch keys': 'MONITOR also tells what a new connection asks the upstream',
  'MONITOR cannot stand in a transaction': 'refused with another text',
  'inside MULTI, SUBSCRIBE is queued and SSUBSCRIBE refused at EXEC': 'both are refused; RESP is passed through',
  'passwords are not shown': 'AUTH is for us, and does not come to the upstream',
  'REPLCONF takes what a replica says of itself': 'nobody replicates through an upstream',
  'REPLCONF refuses what it does not know': 'nobody replicates through an upstream',
}

for (const door of ['rest', 'inprocess', 'resp2', 'resp3'] as const satisfies readonly UpstreamDoor[]) {
  const subject = upstreamSubject(door)
  describe(subject.label, () => {
    afterAll(() => subject.close!())
    for (const suite of suites) {
      describe(suite.group, () => {
        for (const each of suite.cases) {
          const reason =
            GROUPS[suite.group] ?? DIFFERENT[each.title] ?? each.skip?.genuine ?? reasonToSkip(subject, each)
          test(each.title, async (context) => {
            if (reason !== undefined) return context.skip(reason)
            await runCase(subject, each)
          })
        }
      })
    }
  })
}
