/** Why cases of tests/contract are answered otherwise in front of a genuine Redis, by which door. */
import { type Case, type Step, where } from '../contract/dsl.ts'
import { argvOf } from '../contract/harness/line.ts'
import type { UpstreamDoor } from './subject.ts'

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

const LET_IN = 'the token of its WebSocket has let it in'

/** Titles of cases that are otherwise over a WebSocket. */
const OF_WEBSOCKETS: Readonly<Record<string, string>> = {
  'with requirepass, a connection must say the password first': LET_IN,
  'RESET shuts out until the password is said again': LET_IN,
  'HELLO AUTH lets in, and nothing is changed by one that fails': LET_IN,
}

/** Titles of cases that streams of events answer otherwise. */
const OF_STREAMS: Readonly<Record<string, string>> = {
  'messages are binary-safe': 'events are UTF-8',
  'PUBLISH reaches the subscribers of the channel': 'the upstream counts all subscribers here as one',
  'PUBSUB NUMSUB counts subscribers, in the order asked': 'the upstream counts all subscribers here as one',
}

/** Titles of cases that are otherwise where what stands in front of a Cluster is shared by all clients, and a session is ours. */
const OF_A_CLUSTER: Readonly<Record<string, string>> = {
  'WATCH sees DEBUG RELOAD': 'any node may have been reloaded',
  'PUBSUB NUMSUB counts subscribers, in the order asked': 'the upstream counts all subscribers here as one',
  'PFSELFTEST passes': 'it keeps a node busy for seconds, and says nothing of what stands before it',
  'RESET ends all subscriptions': 'what nobody here subscribes to any more is given up a moment later',
}

export function otherwise(door: UpstreamDoor, group: string, each: Case, ofCluster = false): string | undefined {
  const { title, skip } = each
  if (ofCluster && OF_A_CLUSTER[title] !== undefined) return OF_A_CLUSTER[title]
  return (
    (door === 'streams' ? OF_STREAMS[title] : door === 'websocket' ? OF_WEBSOCKETS[title] : undefined) ??
    GROUPS[group] ??
    DIFFERENT[title] ??
    skip?.genuine
  )
}

/**
 * In a Cluster PUBLISH answers how many subscribers one of its nodes has, and SPUBLISH counts all subscribers here as one, until a moment
 * after the last has gone: whatever they answer is right.
 */
export function publishedAnywhere(each: Case): Case {
  return { ...each, steps: each.steps.map(anyCount) }
}

const ANY = where(() => true, 'any number of subscribers')

function anyCount(step: Step): Step {
  if (!('does' in step)) return isPublish(step[0]) ? [step[0], ANY] : step
  return step.does === 'call' && isPublish(step.command) ? { ...step, expected: ANY } : step
}

function isPublish(command: Parameters<typeof argvOf>[0]): boolean {
  return /^s?publish$/i.test(argvOf(command)[0])
}
