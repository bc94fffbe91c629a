/** What commands about clusters refuse, each text once, byte-equal to Redis. See base/errors.ts. */
import type { Bytes } from '../../base/bytes.ts'
import { oneLine } from '../../base/errors.ts'
import { error, type ReplyError } from '../../base/reply.ts'

export const BAD_SLOT = error('ERR Invalid or out of range slot')
export const BAD_SLOT_COUNTED = error('ERR Invalid slot')
export const BAD_SLOT_OR_COUNT = error('ERR Invalid slot or number of keys')
export function slotUnassigned(slot: number): ReplyError {
  return error(`ERR Slot ${slot} is already unassigned`)
}
export function slotBusy(slot: number): ReplyError {
  return error(`ERR Slot ${slot} is already busy`)
}
export function slotTwice(slot: number): ReplyError {
  return error(`ERR Slot ${slot} specified multiple times`)
}
export function slotRangeReversed(first: number, last: number): ReplyError {
  return error(`ERR start slot number ${first} is greater than end slot number ${last}`)
}
export function statsRangeReversed(first: number, last: number): ReplyError {
  return error(`ERR Start slot number ${first} is greater than end slot number ${last}`)
}
export const UNKNOWN_SLOT_METRIC = error('ERR Unrecognized sort metric for ORDERBY.')
export const BAD_SLOT_LIMIT = error('ERR Limit has to lie in between 1 and 16384 (maximum number of slots).')
export const SLOT_FILTER_TWICE = error('ERR Multiple filters of the same type are disallowed.')
export const FLUSHSLOTS_WITH_KEYS = error('ERR DB must be empty to perform CLUSTER FLUSHSLOTS.')
export const SETSLOT_ON_REPLICA = error('ERR Please use SETSLOT only with masters.')
export const BAD_SETSLOT = error('ERR Invalid CLUSTER SETSLOT action or number of arguments. Try CLUSTER HELP')
export const TARGET_IS_REPLICA = error('ERR Target node is not a master')
export function notSlotOwner(slot: number): ReplyError {
  return error(`ERR I'm not the owner of hash slot ${slot}`)
}
export function slotOwnerAlready(slot: number): ReplyError {
  return error(`ERR I'm already the owner of hash slot ${slot}`)
}
export function slotHasKeys(slot: number): ReplyError {
  return error(`ERR Can't assign hashslot ${slot} to a different node while I still hold keys for this hash slot.`)
}
export function strangeNode(id: Bytes): ReplyError {
  return error(oneLine(`ERR I don't know about node ${id}`))
}
export function unknownNode(id: Bytes): ReplyError {
  return error(oneLine(`ERR Unknown node ${id}`))
}
export function badMeetPort(port: Bytes, what: 'base' | 'bus'): ReplyError {
  return error(oneLine(`ERR Invalid ${what} port specified: ${port}`))
}
export function badMeetAddress(ip: Bytes, port: Bytes): ReplyError {
  return error(oneLine(`ERR Invalid node address specified: ${ip}:${port}`))
}
export const FORGETS_MYSELF = error("ERR I tried hard but I can't forget myself...")
export const FORGETS_MASTER = error("ERR Can't forget my master!")
export const REPLICATES_MYSELF = error("ERR Can't replicate myself")
export const REPLICATES_REPLICA = error('ERR I can only replicate a master, not a replica.')
export const REPLICA_NOT_EMPTY = error('ERR To set a master the node must be empty and without assigned slots.')
export const NOT_A_MASTER = error('ERR The specified node is not a master')
export const FAILOVER_OF_MASTER = error('ERR You should send CLUSTER FAILOVER to a replica')
export const FAILOVER_UNKNOWN_MASTER = error("ERR I'm a replica but my master is unknown to me")
export const FAILOVER_MASTER_DOWN = error('ERR Master is down or failed, please use CLUSTER FAILOVER FORCE')
export function badConfigEpoch(epoch: number): ReplyError {
  return error(`ERR Invalid config epoch specified: ${epoch}`)
}
export const EPOCH_AMONG_OTHERS = error(
  'ERR The user can assign a config epoch only when the node does not know any other node.',
)
export const EPOCH_SET_ALREADY = error('ERR Node config epoch is already non-zero')
export const RESET_WITH_KEYS = error("ERR CLUSTER RESET can't be called with master nodes containing keys")
