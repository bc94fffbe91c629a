/**
 * When two replies to the same command are the same. Equal but for what the protocol leaves open (order of unordered
 * replies, cursors, the milliseconds that passed between the two) and for what changed between the compared Redis 7.0
 * and the 7.4 that zerodis follows (the digits of doubles, the words of a refusal). Other error texts must be equal.
 */
import type { Bytes } from '../../lib/base/bytes.ts'
import { formatDouble } from '../../lib/base/reply.ts'
import { type Seen, show } from '../contract/harness/seen.ts'

/** Replies that are sets: sorted before they are compared. */
const SETS = new Set([
  'smembers',
  'sinter',
  'sunion',
  'sdiff',
  'hkeys',
  'hvals',
  'keys',
  'srandmember',
  'spop',
  'hrandfield',
])
/** Replies that are maps as flat pairs in RESP2. */
const PAIRS = new Set(['hgetall'])
const SCANS = new Set(['scan', 'sscan', 'hscan', 'zscan'])
/** Replies that hold doubles. */
const DOUBLES = /^(z(add|score|mscore|incrby|range|rank|rev|pop|mpop|rand|union|inter|diff|scan)|bz(pop|mpop)|geo|sort)/
/** Replies that tell a time, with their tolerance. */
const TIMES: Record<string, number> = {
  ttl: 2,
  pttl: 2000,
  expiretime: 2,
  pexpiretime: 2000,
  httl: 2,
  hpttl: 2000,
  hexpiretime: 2,
  hpexpiretime: 2000,
}

export function sameReply(argv: readonly Bytes[], ours: Seen, genuine: Seen): boolean {
  const name = argv[0]?.toLowerCase() ?? ''
  if (SCANS.has(name)) return sameScan(name, argv, ours, genuine)
  if (SETS.has(name)) return show(sorted(ours)) === show(sorted(genuine))
  if (PAIRS.has(name)) return show(sortedPairs(ours)) === show(sortedPairs(genuine))
  const tolerance = TIMES[name] ?? 0
  return equal(ours, genuine, tolerance, DOUBLES.test(name))
}

function equal(ours: Seen, genuine: Seen, tolerance: number, doubles: boolean): boolean {
  if (typeof ours === 'number' && typeof genuine === 'number') {
    // -1 and -2 are answers of their own kind.
    return ours === genuine || (ours >= 0 && genuine >= 0 && Math.abs(ours - genuine) <= tolerance)
  }
  if (typeof ours === 'string' && typeof genuine === 'string') {
    if (ours === genuine || refusalOf70(ours) === genuine) return true
    return doubles && genuine !== '' && ours === formatDouble(Number(genuine))
  }
  const [a, b] = [items(ours), items(genuine)]
  if (a !== undefined && b !== undefined) {
    return (
      kind(ours) === kind(genuine) &&
      a.length === b.length &&
      a.every((item, i) => equal(item, b[i], tolerance, doubles))
    )
  }
  if (kind(ours) === 'double' && kind(genuine) === 'double') {
    const [mine, theirs] = [(ours as { text: string }).text, (genuine as { text: string }).text]
    return mine === theirs || mine === formatDouble(Number(theirs))
  }
  return show(ours) === show(genuine) || refusalOf70(show(ours)) === show(genuine)
}

/** What a user lacks, in the words that Redis had before 7.2. */
function refusalOf70(text: string): string {
  return text
    .replace(/NOPERM User \S+ has/, 'NOPERM this user has')
    .replace(/^User \S+ has no permissions/, 'This user has no permissions')
    .replace(
      /NOPERM No permissions to access a (key|channel)/,
      'NOPERM this user has no permissions to access one of the $1s used as arguments',
    )
    .replace(/ACL failure in script: User \S+ has.*? command/, `${IN_SCRIPT} run this command or subcommand`)
    .replace(
      /ACL failure in script: No permissions to access a key/,
      `${IN_SCRIPT} access at least one of the keys mentioned in the command arguments`,
    )
    .replace(
      /ACL failure in script: No permissions to access a channel/,
      `${IN_SCRIPT} publish to the channel mentioned in the command`,
    )
}
const IN_SCRIPT = "The user executing the script can't"

function kind(seen: Seen): string {
  if (Array.isArray(seen)) return 'array'
  return typeof seen === 'object' && seen !== null ? seen.kind : typeof seen
}

/** The items of an aggregate. */
function items(seen: Seen): readonly Seen[] | undefined {
  if (Array.isArray(seen)) return seen
  if (typeof seen !== 'object' || seen === null) return undefined
  if ('items' in seen) return seen.items
  return 'flat' in seen ? seen.flat : undefined
}

function sorted(seen: Seen): Seen {
  const list = items(seen)
  if (list === undefined) return seen
  return [kind(seen), ...[...list].sort((a, b) => (show(a) < show(b) ? -1 : 1))]
}

function sortedPairs(seen: Seen): Seen {
  const list = items(seen)
  if (list === undefined) return seen
  const pairs: Seen[] = []
  for (let i = 0; i < list.length; i += 2) pairs.push([list[i], list[i + 1]])
  return [kind(seen), sorted(pairs)]
}

/** Cursors are each server's own; the elements are compared where both gave all of them at once. */
function sameScan(name: string, argv: readonly Bytes[], ours: Seen, genuine: Seen): boolean {
  if (!Array.isArray(ours) || !Array.isArray(genuine)) return show(ours) === show(genuine)
  const from = argv[name === 'scan' ? 1 : 2]
  if (from !== '0' || ours[0] !== '0' || genuine[0] !== '0') return true
  if (name === 'scan' || name === 'sscan') return show(sorted(ours[1])) === show(sorted(genuine[1]))
  const [a, b] = [sortedPairs(ours[1]), sortedPairs(genuine[1])]
  return equal(a, b, 0, name === 'zscan')
}

/** Where 7.2 gave small sets and lists a listpack, 7.0 named what it had. */
export function sameEncoding(ours: Seen, genuine: Seen): boolean {
  if (ours === 'listpack' && (genuine === 'hashtable' || genuine === 'quicklist')) return true
  return show(ours) === show(genuine)
}
