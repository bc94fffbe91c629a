/** MONITOR: see session/monitors.ts for what it shows. */

import { NO_REPLY, OK, type Reply } from '../../base/reply.ts'
import { Gate } from '../../session/session.ts'
import type { Context } from '../command.ts'
import { MONITOR_MAY_NOT_WAIT } from './errors.ts'

/** MONITOR. Saying it again is not answered. */
export function monitor(c: Context): Reply {
  const { session } = c
  if (!c.mayBlock) return MONITOR_MAY_NOT_WAIT
  if (session.gate & Gate.Monitor) return NO_REPLY
  session.gate |= Gate.Monitor
  c.ports.connections.monitors.add(session.link)
  return OK
}
