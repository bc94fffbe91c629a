/** Numbers as people read them. */

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB']

/** `1.5 KB`; units of 1024. */
export function sizeText(bytes: number): string {
  let [value, unit] = [bytes, 0]
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024
    unit++
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`
}

/** `1,234`. */
export function countText(count: number): string {
  return count.toLocaleString('en')
}

/** `1.2k`, `3.4M`, for axes and lists. */
export function shortCount(count: number): string {
  const size = Math.abs(count)
  if (size >= 1e9) return `${trimmed(count / 1e9)}G`
  if (size >= 1e6) return `${trimmed(count / 1e6)}M`
  if (size >= 1e4) return `${trimmed(count / 1e3)}k`
  return size >= 100 || Number.isInteger(count) ? `${Math.round(count)}` : count.toFixed(1)
}

function trimmed(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(1).replace(/\.0$/, '')
}

const STEPS: readonly (readonly [number, string])[] = [
  [86_400, 'd'],
  [3600, 'h'],
  [60, 'm'],
  [1, 's'],
]

/** `3d 4h`, `12m 5s`. */
export function durationText(seconds: number): string {
  let rest = Math.max(0, Math.floor(seconds))
  const parts: string[] = []
  for (const [size, unit] of STEPS) {
    const count = Math.floor(rest / size)
    rest -= count * size
    if (count > 0 || (unit === 's' && parts.length === 0)) parts.push(`${count}${unit}`)
  }
  return parts.slice(0, 2).join(' ')
}

/** `870 µs`, `1.2 ms`, `3.4 s`. */
export function microsText(micros: number): string {
  if (micros < 1000) return `${micros < 10 ? trimmed(micros) : Math.round(micros)} µs`
  return micros < 1e6 ? `${trimmed(micros / 1e3)} ms` : `${trimmed(micros / 1e6)} s`
}

/** What is left of a key's time; '' without an end. Unit: ms, negative as PTTL answers. */
export function ttlText(ms: number): string {
  if (ms < 0) return ''
  return ms < 1000 ? `${ms}ms` : durationText(ms / 1000)
}

/** `90`, `5m`, `2h 30m`, `1d` in ms; undefined for what is no duration. */
export function durationOf(text: string): number | undefined {
  const whole = text.trim().toLowerCase()
  if (/^\d+$/.test(whole)) return Number(whole) * 1000
  if (!/^(\d+(\.\d+)?\s*(ms|s|m|h|d|w)\s*)+$/.test(whole)) return undefined
  let ms = 0
  for (const [, count, , unit] of whole.matchAll(/(\d+(\.\d+)?)\s*(ms|s|m|h|d|w)/g))
    ms += Number(count) * UNIT_MS[unit as Unit]
  return Math.round(ms)
}

type Unit = keyof typeof UNIT_MS
const UNIT_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const
