/** What transactions refuse, each text once, byte-equal to Redis. See base/errors.ts. */
import { error } from '../../base/reply.ts'

export const NESTED_MULTI = error('ERR MULTI calls can not be nested')
export const WATCH_IN_MULTI = error('ERR WATCH inside MULTI is not allowed')
export const EXEC_WITHOUT_MULTI = error('ERR EXEC without MULTI')
export const DISCARD_WITHOUT_MULTI = error('ERR DISCARD without MULTI')
export const EXEC_ABORT = error('EXECABORT Transaction discarded because of previous errors.')
