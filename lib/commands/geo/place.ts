/** Places, units and distances as clients write them and as they are answered. */
import type { Bytes } from '../../base/bytes.ts'
import { Double, type Reply } from '../../base/reply.ts'
import { LAT_MAX, LON_MAX, type Place } from '../../memory/twin/geo.ts'
import type { Args } from '../args.ts'
import { invalidPlace, UNSUPPORTED_UNIT } from './errors.ts'

const METRES: ReadonlyMap<Bytes, number> = new Map([
  ['M', 1],
  ['KM', 1000],
  ['FT', 0.3048],
  ['MI', 1609.34],
])

/** Takes a longitude and a latitude. */
export function takePlace(a: Args): Place {
  const lon = a.float()
  const lat = a.float()
  if (a.error === undefined && (Math.abs(lon) > LON_MAX || Math.abs(lat) > LAT_MAX)) {
    a.fail(invalidPlace(sixDecimals(lon), sixDecimals(lat)))
  }
  return { lon, lat }
}

/** Takes a unit of length; returns its metres. */
export function takeUnit(a: Args): number {
  const metres = METRES.get(a.word())
  if (metres === undefined) a.fail(UNSUPPORTED_UNIT)
  return metres ?? 1
}

/** `00` to `99`. */
const PAIRS: readonly Bytes[] = Array.from({ length: 100 }, (_, i) => ('' + i).padStart(2, '0'))

/** A distance with four decimals, as Redis prints it. */
export function distanceReply(value: number): Bytes {
  const rounded = roundToEven(value * 10_000)
  const whole = Math.floor(rounded / 10_000)
  const decimals = rounded - 10_000 * whole
  const hundredths = Math.floor(decimals / 100)
  return '' + whole + '.' + PAIRS[hundredths] + PAIRS[decimals - 100 * hundredths]
}

/** Longitude and latitude with up to 17 decimals. */
export function placeReply({ lon, lat }: Place): Reply {
  return [coordinateReply(lon), coordinateReply(lat)]
}

function coordinateReply(degrees: number): Double {
  const text = degrees.toFixed(17)
  let end = text.length
  while (text.charCodeAt(end - 1) === 48) end--
  return new Double(degrees, text.slice(0, text[end - 1] === '.' ? end - 1 : end))
}

function roundToEven(value: number): number {
  const below = Math.floor(value)
  const rest = value - below
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below
}

/** `%f` of C, for a number outside the bounds. */
function sixDecimals(value: number): Bytes {
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf'
  if (Object.is(value, -0)) return '-0.000000'
  return Math.abs(value) < 1e21 ? value.toFixed(6) : `${BigInt(value)}.000000`
}
