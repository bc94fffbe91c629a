/** HOTKEYS (Redis 8.6): on which keys time and bytes are spent. What is counted, and how: observability/hotkeys.ts. */
import { SYNTAX } from '../../base/errors.ts'
import { MapReply, OK, type Reply } from '../../base/reply.ts'
import type { HotKeysOptions, HotKeysReport } from '../../session/ports.ts'
import type { Args } from '../args.ts'
import type { Context } from '../command.ts'
import {
  HOTKEYS_ACTIVE,
  HOTKEYS_COUNT,
  HOTKEYS_CPU_TWICE,
  HOTKEYS_DURATION,
  HOTKEYS_METRIC_COUNT,
  HOTKEYS_METRIC_MISMATCH,
  HOTKEYS_METRICS,
  HOTKEYS_NET_TWICE,
  HOTKEYS_NO_METRIC,
  HOTKEYS_SAMPLE,
  HOTKEYS_SLOTS,
  HOTKEYS_STOP_FIRST,
} from './errors.ts'

const DEFAULT_COUNT = 10
const MAX_COUNT = 64
const MAX_SECONDS = 1_000_000
const ALL_SLOTS = [[0, 16_383]]

type Options = { -readonly [name in keyof HotKeysOptions]: HotKeysOptions[name] }

/** HOTKEYS START METRICS count [CPU] [NET] [COUNT k] [DURATION seconds] [SAMPLE ratio] [SLOTS count slot [slot …]] */
export function start(c: Context, a: Args): Reply {
  const { hotKeys } = c.ports.figures
  if (hotKeys.isActive(c.now)) return HOTKEYS_ACTIVE
  if (a.left < 2 || !a.match('METRICS')) return HOTKEYS_METRICS
  const options: Options = { byTime: false, byBytes: false, count: DEFAULT_COUNT, durationMs: 0, sample: 1 }
  takeMetrics(a, options)
  while (!a.done && a.error === undefined) {
    if (a.left >= 2 && a.match('COUNT')) options.count = a.integerBetween(1, MAX_COUNT, HOTKEYS_COUNT)
    else if (a.left >= 2 && a.match('DURATION')) {
      options.durationMs = 1000 * a.integerBetween(1, MAX_SECONDS, HOTKEYS_DURATION)
    } else if (a.left >= 2 && a.match('SAMPLE')) {
      options.sample = a.integerBetween(1, Number.MAX_SAFE_INTEGER, HOTKEYS_SAMPLE)
    } else if (a.left >= 2 && a.match('SLOTS')) a.fail(HOTKEYS_SLOTS)
    else a.fail(SYNTAX)
  }
  if (a.error !== undefined) return a.error
  hotKeys.start(options, c.now)
  return OK
}

/** So many words as are announced. One that is not known is passed over, as long as another is. */
function takeMetrics(a: Args, options: Options): void {
  const count = a.integerBetween(1, 2, HOTKEYS_METRIC_COUNT)
  let taken = 0
  for (; taken < count && !a.done && a.error === undefined; taken++) {
    if (a.match('CPU')) {
      if (options.byTime) a.fail(HOTKEYS_CPU_TWICE)
      options.byTime = true
    } else if (a.match('NET')) {
      if (options.byBytes) a.fail(HOTKEYS_NET_TWICE)
      options.byBytes = true
    } else a.move(1)
  }
  if (taken !== count) a.fail(HOTKEYS_METRIC_MISMATCH)
  if (!options.byTime && !options.byBytes) a.fail(HOTKEYS_NO_METRIC)
}

/** HOTKEYS STOP. Nil where nobody looks. */
export function stop(c: Context): Reply {
  return c.ports.figures.hotKeys.stop(c.now) ? OK : null
}

/** HOTKEYS RESET */
export function reset(c: Context): Reply {
  const { hotKeys } = c.ports.figures
  if (hotKeys.isActive(c.now)) return HOTKEYS_STOP_FIRST
  hotKeys.reset()
  return OK
}

/** HOTKEYS GET */
export function get(c: Context): Reply {
  const report = c.ports.figures.hotKeys.report(c.now)
  return report === undefined ? null : [new MapReply(fieldsOf(report))]
}

function fieldsOf(report: HotKeysReport): Reply[] {
  const { byTime, byBytes } = report
  const fields: Reply[] = [
    'tracking-active',
    report.isActive ? 1 : 0,
    'sample-ratio',
    report.sample,
    'selected-slots',
    ALL_SLOTS,
    'all-commands-all-slots-us',
    report.microseconds,
    'net-bytes-all-commands-all-slots',
    report.bytes,
    'collection-start-time-unix-ms',
    report.startedAt,
    'collection-duration-ms',
    report.durationMs,
  ]
  if (byTime !== undefined) {
    fields.push('total-cpu-time-user-ms', report.userMs, 'total-cpu-time-sys-ms', report.systemMs)
  }
  if (byBytes !== undefined) fields.push('total-net-bytes', report.bytes)
  if (byTime !== undefined) fields.push('by-cpu-time-us', byTime.flat())
  if (byBytes !== undefined) fields.push('by-net-bytes', byBytes.flat())
  return fields
}
