/**
 * Places of geohashes and their distances. A geohash is a score of 52 bits: two coordinates, each halved 26 times, their
 * choices interleaved. Every operation on doubles stands in kernels/geo.rs too, in the same order, so that both give the same.
 */
import { asin, cos, sin } from './trigonometry.ts'

export const LON_MAX = 180
export const LAT_MAX = 85.05112878

/** Halvings of each coordinate in a score. */
export const STEP_MAX = 26
export const STEP_CELLS = 2 ** STEP_MAX
/** Choices in one half of a score: interleaved in 32-bit arithmetic. */
export const HALF_BITS = STEP_MAX / 2

export const EARTH_RADIUS = 6372797.560856
export const DEGREE = Math.PI / 180

/** Degrees. */
export interface Place {
  readonly lon: number
  readonly lat: number
}

/** A cell: its column and row among 2^step each. At the very edge of the world they may be 2^step. */
export interface Cell {
  readonly lon: number
  readonly lat: number
}

/** The middle of the smallest cell that a score stands for. Any score has one, also one that is no geohash. */
export function decode(score: number): Place {
  const { lon, lat } = score >= 0 && score < 2 ** 52 ? cellOfScore(Math.floor(score)) : cellOfAnyScore(score)
  // The upper edge is counted in 32 bits.
  const lonMiddle = (lonAt(lon, STEP_CELLS) + lonAt((lon + 1) >>> 0, STEP_CELLS)) / 2
  const latMiddle = (latAt(lat, STEP_CELLS) + latAt((lat + 1) >>> 0, STEP_CELLS)) / 2
  return { lon: clamp(lonMiddle, LON_MAX), lat: clamp(latMiddle, LAT_MAX) }
}

/** Metres between two places along a great circle, by the haversine formula. */
export function distance(a: Place, b: Place): number {
  const v = sin((b.lon * DEGREE - a.lon * DEGREE) / 2)
  if (v === 0) return latDistance(a.lat, b.lat)
  const latA = a.lat * DEGREE
  const latB = b.lat * DEGREE
  const u = sin((latB - latA) / 2)
  return 2 * EARTH_RADIUS * asin(Math.sqrt(u * u + cos(latA) * cos(latB) * v * v))
}

/** Metres between two places on one meridian. */
function latDistance(a: number, b: number): number {
  return EARTH_RADIUS * Math.abs(b * DEGREE - a * DEGREE)
}

/**
 * Puts in the place of each score the distance in metres of its place from a centre, 0 unless it `tells`, or -1 where that is
 * outside the shape: a circle of a radius, or where `height` is not negative a box of half a width and half a height.
 */
export function geoWithin(scores: Float64Array, centre: Place, width: number, height: number, tells: boolean): void {
  for (let i = 0; i < scores.length; i++) {
    const place = decode(scores[i])
    if (height < 0) {
      const metres = distance(centre, place)
      scores[i] = metres > width ? -1 : tells ? metres : 0
    } else if (
      latDistance(place.lat, centre.lat) > height ||
      distance(place, { lon: centre.lon, lat: place.lat }) > width
    ) {
      scores[i] = -1
    } else scores[i] = tells ? distance(centre, place) : 0
  }
}

export function lonAt(column: number, cells: number): number {
  return -LON_MAX + (column / cells) * (2 * LON_MAX)
}

export function latAt(row: number, cells: number): number {
  return -LAT_MAX + (row / cells) * (2 * LAT_MAX)
}

function clamp(degrees: number, max: number): number {
  return Math.min(max, Math.max(-max, degrees))
}

function cellOfScore(score: number): Cell {
  const upper = Math.floor(score / STEP_CELLS)
  const lower = score % STEP_CELLS
  return {
    lon: (evenBits(upper >>> 1) << HALF_BITS) | evenBits(lower >>> 1),
    lat: (evenBits(upper) << HALF_BITS) | evenBits(lower),
  }
}

/** For scores that ZADD made up: the cell of the low 64 bits, as C converts such a double. */
function cellOfAnyScore(score: number): Cell {
  const bits = score >= 2 ** 64 || !Number.isFinite(score) ? outOfRangeBits(score) : BigInt(Math.trunc(score))
  const wrapped = score < -(2 ** 63) ? 2n ** 63n : BigInt.asUintN(64, bits)
  const quarters = [48n, 32n, 16n, 0n].map((shift) => Number((wrapped >> shift) & 0xffffn))
  let lon = 0
  let lat = 0
  for (const quarter of quarters) {
    lon = lon * 256 + evenBits(quarter >>> 1)
    lat = lat * 256 + evenBits(quarter)
  }
  return { lon, lat }
}

function outOfRangeBits(score: number): bigint {
  return score < 0 ? 2n ** 63n : 0n
}

/** Every second bit, from the lowest. */
function evenBits(bits: number): number {
  let x = bits & 0x55555555
  x = (x | (x >>> 1)) & 0x33333333
  x = (x | (x >>> 2)) & 0x0f0f0f0f
  x = (x | (x >>> 4)) & 0x00ff00ff
  return (x | (x >>> 8)) & 0x0000ffff
}
