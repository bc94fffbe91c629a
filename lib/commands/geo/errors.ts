/** What geography refuse, each text once, byte-equal to Redis. See base/errors.ts. */
import type { Bytes } from '../../base/bytes.ts'
import { error, type ReplyError } from '../../base/reply.ts'

export const UNSUPPORTED_UNIT = error('ERR unsupported unit provided. please use M, KM, FT, MI')
export const NOT_RADIUS = error('ERR need numeric radius')
export const NOT_WIDTH = error('ERR need numeric width')
export const NOT_HEIGHT = error('ERR need numeric height')
export const RADIUS_NEGATIVE = error('ERR radius cannot be negative')
export const BOX_NEGATIVE = error('ERR height or width cannot be negative')
export const NO_SUCH_PLACE = error('ERR could not decode requested zset member')
export const COUNT_MUST_BE_POSITIVE = error('ERR COUNT must be > 0')
export const ANY_WITHOUT_COUNT = error('ERR the ANY argument requires COUNT argument')

/** The coordinates as C prints them. */
export function invalidPlace(lon: Bytes, lat: Bytes): ReplyError {
  return error(`ERR invalid longitude,latitude pair ${lon},${lat}`)
}

export function storeWithDetails(what: Bytes): ReplyError {
  return error(`ERR ${what} is not compatible with WITHDIST, WITHHASH and WITHCOORD options`)
}

/** `command` as the client wrote it. */
export function searchNeedsCentre(command: Bytes): ReplyError {
  return error(`ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for ${command}`)
}

export function searchNeedsShape(command: Bytes): ReplyError {
  return error(`ERR exactly one of BYRADIUS and BYBOX can be specified for ${command}`)
}
