/** A client's stream of RESP: its commands run on the store here, or all of it is passed through to a real Redis. */
import type { Bytes } from '../base/bytes.ts'
import type { Pass } from '../session/pass.ts'
import type { DoorName } from '../session/session.ts'
import type { Host } from './host.ts'
import { PassThrough } from './passthrough.ts'
import { RespConnection } from './resp.ts'
import type { Wire } from './wire.ts'

export type RespStream = RespConnection | PassThrough

export function openRespStream(
  host: Host,
  door: DoorName,
  wire: Wire,
  addr: Bytes,
  laddr: Bytes,
  pass?: Pass,
): RespStream {
  return host.engine.backend?.passesThrough === true
    ? new PassThrough(host, door, wire, addr, laddr, pass)
    : new RespConnection(host, door, wire, addr, laddr, pass)
}
