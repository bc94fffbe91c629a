/** The figures of `zerodis top` as text: a screen that is painted again and again, or one line a sample. */
import { printable } from './monitorline.ts'
import type { StoreSample } from './storesample.ts'

const UNKNOWN = '-'

/** A screen of lines, none longer and no more than there is room for. */
export function topScreen(
  label: string,
  sample: StoreSample,
  { answeredMs, columns, rows, problem }: { answeredMs: number; columns: number; rows: number; problem: string },
): string[] {
  const { version, role, uptimeSeconds } = sample
  const memory = size(sample.memoryBytes) + (sample.maxMemoryBytes > 0 ? ` of ${size(sample.maxMemoryBytes)}` : '')
  const table: readonly (readonly string[])[] = [
    ['commands', `${count(sample.perSecond)}/s`, 'clients', count(sample.clients), 'memory', memory],
    ['hits', percent(sample.hitRate), 'waiting', count(sample.blocked), 'resident', size(sample.residentBytes)],
    [
      'received',
      `${size(sample.inputPerSecond)}/s`,
      'keys',
      count(sample.keys),
      'loop round',
      micros(sample.cycleMicros),
    ],
    [
      'sent',
      `${size(sample.outputPerSecond)}/s`,
      'expired',
      `${count(sample.expiredPerSecond)}/s`,
      'loop busy',
      percent(sample.busy),
    ],
    [
      'p50',
      micros(sample.p50),
      'evicted',
      `${count(sample.evictedPerSecond)}/s`,
      'answered in',
      micros(answeredMs * 1000),
    ],
    ['p99', micros(sample.p99), 'p99.9', micros(sample.p999)],
  ]
  const lines = [
    `${label}   ${version}${role === '' ? '' : `, ${role}`}, up ${duration(uptimeSeconds)}   q ends it`,
    problem,
    ...table.map((cells) => cells.map((cell, i) => (i % 2 === 0 ? cell.padEnd(12) : cell.padEnd(18))).join('')),
    '',
    `${'COMMAND'.padEnd(24)}${'CALLS/S'.padStart(10)}${'EACH'.padStart(12)}${'OF THE TIME'.padStart(14)}`,
    ...sample.commands.map(
      ({ name, perSecond, microsEach, share }) =>
        `${name.slice(0, 23).padEnd(24)}${count(perSecond).padStart(10)}${micros(microsEach).padStart(12)}${percent(share).padStart(14)}`,
    ),
  ]
  return lines.slice(0, Math.max(1, rows)).map((line) => printable(line.trimEnd()).slice(0, Math.max(1, columns)))
}

const COLUMNS: readonly (readonly [title: string, width: number, of: (sample: StoreSample) => string])[] = [
  ['keys', 9, ({ keys }) => count(keys)],
  ['memory', 10, ({ memoryBytes }) => size(memoryBytes)],
  ['clients', 8, ({ clients }) => count(clients)],
  ['waiting', 8, ({ blocked }) => count(blocked)],
  ['ops/s', 9, ({ perSecond }) => count(perSecond)],
  ['hits', 7, ({ hitRate }) => percent(hitRate)],
  ['in/s', 10, ({ inputPerSecond }) => size(inputPerSecond)],
  ['out/s', 10, ({ outputPerSecond }) => size(outputPerSecond)],
  ['loop', 9, ({ cycleMicros }) => micros(cycleMicros)],
  ['p50', 9, ({ p50 }) => micros(p50)],
  ['p99', 9, ({ p99 }) => micros(p99)],
  ['p99.9', 9, ({ p999 }) => micros(p999)],
]

/** Above the lines. */
export const TOP_HEAD = `${COLUMNS.map(([title, width]) => title.padStart(width)).join('')}  most time`

export function topLine(sample: StoreSample): string {
  const [first] = sample.commands
  const most = first === undefined ? UNKNOWN : `${first.name} ${percent(first.share)}`
  return printable(`${COLUMNS.map(([, width, of]) => of(sample).padStart(width)).join('')}  ${most}`)
}

function count(value: number): string {
  if (Number.isNaN(value)) return UNKNOWN
  if (value < 10 && !Number.isInteger(value)) return value.toFixed(1)
  return scaled(value, 1000, ['', 'k', 'M', 'G'])
}

function size(bytes: number): string {
  return Number.isNaN(bytes) ? UNKNOWN : scaled(bytes, 1024, [' B', ' KB', ' MB', ' GB', ' TB'])
}

function micros(value: number): string {
  if (Number.isNaN(value)) return UNKNOWN
  return value < 10 ? `${value.toFixed(1)} us` : scaled(value, 1000, [' us', ' ms', ' s'])
}

function percent(share: number): string {
  return Number.isNaN(share) ? UNKNOWN : `${(100 * share).toFixed(share < 0.1 || share === 1 ? 0 : 1)} %`
}

/** Three figures and a unit. */
function scaled(value: number, step: number, units: readonly string[]): string {
  let [rest, unit] = [value, 0]
  while (rest >= step && unit < units.length - 1) {
    rest /= step
    unit++
  }
  return `${unit === 0 || rest >= 100 ? Math.round(rest) : rest.toFixed(1)}${units[unit]}`
}

function duration(seconds: number): string {
  if (Number.isNaN(seconds)) return UNKNOWN
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`
  const hours = Math.floor(seconds / 3600)
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} days`
}
