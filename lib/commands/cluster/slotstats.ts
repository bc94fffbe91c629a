/** CLUSTER SLOT-STATS (Redis 8.2): how many keys each slot of the shard has, and what is spent on it where that is counted. */
import type { Bytes } from '../../base/bytes.ts'
import { SYNTAX, subcommandSyntax } from '../../base/errors.ts'
import { MapReply, type Reply } from '../../base/reply.ts'
import { SLOTS } from '../../base/slots.ts'
import type { Member } from '../../cluster/member.ts'
import type { SlotsPort } from '../../session/ports.ts'
import type { Args } from '../args.ts'
import type { Context } from '../command.ts'
import { BAD_SLOT_LIMIT, SLOT_FILTER_TWICE, statsRangeReversed, UNKNOWN_SLOT_METRIC } from './errors.ts'
import { takeSlot } from './slots.ts'

/** CLUSTER SLOT-STATS SLOTSRANGE start-slot end-slot | ORDERBY metric [LIMIT limit] [ASC|DESC] */
export function slotStats(c: Context, a: Args, cluster: Member): Reply {
  if (a.left === 3 && a.match('SLOTSRANGE')) return ofRange(c, a, cluster)
  return a.match('ORDERBY') ? inOrder(c, a, cluster) : subcommandSyntax('cluster', a.argv[1])
}

function ofRange(c: Context, a: Args, cluster: Member): Reply {
  const first = takeSlot(a)
  const last = takeSlot(a)
  if (a.error !== undefined) return a.error
  if (first > last) return statsRangeReversed(first, last)
  return slotsOf(cluster, first, last).map((slot) => statsReply(c, cluster, slot))
}

function inOrder(c: Context, a: Args, cluster: Member): Reply {
  const metric = METRICS.get(a.word())
  if (metric === undefined || (metric !== keyCount && spentOn(c) === undefined)) return UNKNOWN_SLOT_METRIC
  let limit: number | undefined
  let order: 1 | -1 | undefined
  while (!a.done && a.error === undefined) {
    let isTwice = false
    if (a.left >= 2 && a.match('LIMIT')) {
      isTwice = limit !== undefined
      limit = a.integerBetween(1, SLOTS, BAD_SLOT_LIMIT)
    } else {
      isTwice = order !== undefined
      if (a.match('ASC')) order = 1
      else if (a.match('DESC')) order = -1
      else a.fail(SYNTAX)
    }
    if (isTwice) a.fail(SLOT_FILTER_TWICE)
  }
  if (a.error !== undefined) return a.error
  const sign = order ?? -1
  const stats = slotsOf(cluster, 0, SLOTS - 1).map((slot) => [slot, metric(c, cluster, slot)] as const)
  stats.sort(([slot, value], [otherSlot, otherValue]) => sign * (value - otherValue) || slot - otherSlot)
  return stats.slice(0, limit).map(([slot]) => statsReply(c, cluster, slot))
}

type Metric = (c: Context, cluster: Member, slot: number) => number

const keyCount: Metric = (_, cluster, slot) => cluster.countKeys(slot)

/** What can be ordered by. */
const METRICS: ReadonlyMap<Bytes, Metric> = new Map([
  ['KEY-COUNT', keyCount],
  ['CPU-USEC', (c, _, slot) => spentOn(c)!.of(slot).microseconds],
  ['NETWORK-BYTES-IN', (c, _, slot) => spentOn(c)!.of(slot).bytesIn],
  ['NETWORK-BYTES-OUT', (c, _, slot) => spentOn(c)!.of(slot).bytesOut],
] satisfies [Bytes, Metric][])

/** What was spent on slots, where that is counted. */
function spentOn({ ports }: Context): SlotsPort['slotStats'] {
  return ports.figures.slots.slotStats
}

/** Slots of this node, or of the master that it follows. */
function slotsOf({ view }: Member, first: number, last: number): number[] {
  const master = view.myMaster
  const slots: number[] = []
  for (let slot = first; slot <= last; slot++) {
    if (master !== undefined && view.owners[slot] === master) slots.push(slot)
  }
  return slots
}

function statsReply(c: Context, cluster: Member, slot: number): Reply {
  const use = spentOn(c)?.of(slot)
  const spent =
    use === undefined
      ? []
      : ['cpu-usec', use.microseconds, 'network-bytes-in', use.bytesIn, 'network-bytes-out', use.bytesOut]
  return [slot, new MapReply(['key-count', cluster.countKeys(slot), ...spent])]
}
