/**
 * The geometry behind the geo commands: places as 52-bit geohashes, distances, and the boxes that cover a search. No
 * keys, no replies.
 *
 * A geohash halves the ranges of longitude and latitude 26 times each and interleaves the choices, longitude first; the number
 * is the member's score, exact in a double. A cell is all places that share the first `step` choices of either, so its
 * members are one range of scores. A search takes a step at which a cell is at least as large as the search area; then the
 * cell of the centre and its eight neighbours cover it, and at most nine ranges of scores are read. Latitude ends where the
 * Mercator projection is square. Formulas and constants are those of Redis, so that results are equal to the last digit that
 * it prints.
 */
import type { Bytes } from '../../base/bytes.ts'
import {
  type Cell,
  DEGREE,
  EARTH_RADIUS,
  HALF_BITS,
  LAT_MAX,
  LON_MAX,
  latAt,
  lonAt,
  type Place,
  STEP_CELLS,
  STEP_MAX,
} from '../../memory/twin/geo.ts'

const MERCATOR_MAX = 20037726.37
const ALPHABET = '0123456789bcdefghjkmnpqrstuvwxyz'

/** Scores from `min` up to and without `max`. */
export interface ScoreRange {
  readonly min: number
  readonly max: number
}

/** A search area around a centre, in metres: a circle, or a box along the meridians. */
export type Shape = { readonly radius: number } | { readonly width: number; readonly height: number }

interface Bounds {
  readonly lonMin: number
  readonly lonMax: number
  readonly latMin: number
  readonly latMax: number
}

/** The score of a place within the bounds. */
export function encode({ lon, lat }: Place): number {
  return scoreOf(cellAt(lon, lat, STEP_MAX), STEP_MAX, 0)
}

/** The usual geohash in 11 letters, whose latitudes go to the poles; its last letter is always 0. */
export function standardGeohash({ lon, lat }: Place): Bytes {
  const column = Math.floor(((lon + 180) / 360) * STEP_CELLS)
  const row = Math.floor(((lat + 90) / 180) * STEP_CELLS)
  const bits = scoreOf({ lon: column, lat: row }, STEP_MAX, 0)
  let text = ''
  for (let i = 1; i <= 10; i++) text += ALPHABET[Math.floor(bits / 2 ** (52 - 5 * i)) % 32]
  return text + '0'
}

/** The ranges of scores that hold all places of a shape: the centre's cell first, then those of its neighbours in use. */
export function coveringRanges(shape: Shape, centre: Place): ScoreRange[] {
  const bounds = boundsOf(shape, centre)
  let step = stepFor(shape, centre.lat)
  if (step > 1 && !neighboursReach(cellAt(centre.lon, centre.lat, step), step, bounds)) step--
  const cell = cellAt(centre.lon, centre.lat, step)
  const own = boundsOfCell(cell, step)
  // Large cells go round the world, where `less than` means nothing.
  const near = step >= 2
  const north = !(near && own.latMax > bounds.latMax)
  const south = !(near && own.latMin < bounds.latMin)
  const east = !(near && own.lonMax > bounds.lonMax)
  const west = !(near && own.lonMin < bounds.lonMin)
  const cells = [cell]
  const add = (used: boolean, lon: number, lat: number): void => {
    if (!used) return
    const neighbour = move(cell, step, lon, lat)
    const last = cells[cells.length - 1]
    // In a large step neighbours coincide; Redis compares with the one before, and not with the centre.
    if (cells.length > 1 && neighbour.lon === last.lon && neighbour.lat === last.lat) return
    cells.push(neighbour)
  }
  add(north, 0, 1)
  add(south, 0, -1)
  add(east, 1, 0)
  add(west, -1, 0)
  add(north && east, 1, 1)
  add(north && west, -1, 1)
  add(south && east, 1, -1)
  add(south && west, -1, -1)
  return cells.map((each) => ({ min: scoreOf(each, step, 0), max: scoreOf(each, step, 1) }))
}

/** Halves of width and height on the ground, as degrees around the centre; wider towards the nearer pole. */
function boundsOf(shape: Shape, { lon, lat }: Place): Bounds {
  const height = 'radius' in shape ? shape.radius : shape.height / 2
  const width = 'radius' in shape ? shape.radius : shape.width / 2
  const latDelta = height / EARTH_RADIUS / DEGREE
  const edge = lat < 0 ? lat - latDelta : lat + latDelta
  const lonDelta = width / EARTH_RADIUS / Math.cos(edge * DEGREE) / DEGREE
  return { lonMin: lon - lonDelta, lonMax: lon + lonDelta, latMin: lat - latDelta, latMax: lat + latDelta }
}

/** A step whose cells are at least as large as the shape nearly everywhere; coarser near the poles. */
function stepFor(shape: Shape, lat: number): number {
  let metres = 'radius' in shape ? shape.radius : Math.sqrt((shape.width / 2) ** 2 + (shape.height / 2) ** 2)
  if (metres === 0) return STEP_MAX
  let step = -1
  for (; metres < MERCATOR_MAX; metres *= 2) step++
  if (Math.abs(lat) > 66) step--
  if (Math.abs(lat) > 80) step--
  return Math.min(STEP_MAX, Math.max(1, step))
}

/** True if the four next cells together with this one reach the bounds. */
function neighboursReach(cell: Cell, step: number, bounds: Bounds): boolean {
  return (
    boundsOfCell(move(cell, step, 0, 1), step).latMax >= bounds.latMax &&
    boundsOfCell(move(cell, step, 0, -1), step).latMin <= bounds.latMin &&
    boundsOfCell(move(cell, step, 1, 0), step).lonMax >= bounds.lonMax &&
    boundsOfCell(move(cell, step, -1, 0), step).lonMin <= bounds.lonMin
  )
}

function cellAt(lon: number, lat: number, step: number): Cell {
  const cells = 2 ** step
  return {
    lon: Math.floor(((lon + LON_MAX) / (2 * LON_MAX)) * cells),
    lat: Math.floor(((lat + LAT_MAX) / (2 * LAT_MAX)) * cells),
  }
}

/** A neighbour. What goes over an edge comes in at the opposite one. */
function move({ lon, lat }: Cell, step: number, lonBy: number, latBy: number): Cell {
  const mask = 2 ** step - 1
  return { lon: lonBy === 0 ? lon : (lon + lonBy) & mask, lat: latBy === 0 ? lat : (lat + latBy) & mask }
}

function boundsOfCell({ lon, lat }: Cell, step: number): Bounds {
  const cells = 2 ** step
  return {
    lonMin: lonAt(lon, cells),
    lonMax: lonAt(lon + 1, cells),
    latMin: latAt(lat, cells),
    latMax: latAt(lat + 1, cells),
  }
}

/**
 * The lowest score of a cell, or with `plus` 1 of the cell after it. Two exact halves, added once: at the edge of the world
 * the sum takes 54 bits and is rounded.
 */
function scoreOf({ lon, lat }: Cell, step: number, plus: number): number {
  const upper = interleave(lon >>> HALF_BITS, lat >>> HALF_BITS)
  const lower = interleave(lon & (2 ** HALF_BITS - 1), lat & (2 ** HALF_BITS - 1))
  return (upper * STEP_CELLS + (lower + plus)) * 2 ** (2 * (STEP_MAX - step))
}

/** `x` at the odd bits, `y` at the even ones; each up to 14 bits. */
function interleave(x: number, y: number): number {
  return (spread(x) << 1) | spread(y)
}

/** A zero after each bit. */
function spread(bits: number): number {
  let x = bits
  x = (x | (x << 8)) & 0x00ff00ff
  x = (x | (x << 4)) & 0x0f0f0f0f
  x = (x | (x << 2)) & 0x33333333
  return (x | (x << 1)) & 0x55555555
}
