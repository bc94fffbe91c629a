/** How far the places of many scores are from a centre, by a kernel where they are many. */

import { scratch } from '../../memory/scratch.ts'
import { geoWithin, type Place } from '../../memory/twin/geo.ts'
import type { Shape } from './geohash.ts'

/** Below so many scores calling the kernel does not pay. */
const BATCH_MIN = 128

/** Metres from the centre, 0 unless it `tells`, -1 for what is outside the shape; to be read at once. At most 100,000 scores. */
export function distancesWithin(shape: Shape, centre: Place, scores: Float64Array, tells: boolean): Float64Array {
  const width = 'radius' in shape ? shape.radius : shape.width / 2
  const height = 'radius' in shape ? -1 : shape.height / 2
  if (scores.length < BATCH_MIN) {
    const distances = scores.slice()
    geoWithin(distances, centre, width, height, tells)
    return distances
  }
  const { kernels, f64, base } = scratch(8 * scores.length)
  const first = base >> 3
  f64.set(scores, first)
  kernels.geoWithin(base, scores.length, centre.lon, centre.lat, width, height, tells ? 1 : 0)
  return f64.subarray(first, first + scores.length)
}
