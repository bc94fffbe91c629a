/** PUBLISH and SPUBLISH. */
import type { Reply } from '../../base/reply.ts'
import type { Args } from '../args.ts'
import type { Context } from '../command.ts'

/** PUBLISH channel message */
export function publish(c: Context, a: Args): Reply {
  return send(c, a, false)
}

/** SPUBLISH shardchannel message */
export function spublish(c: Context, a: Args): Reply {
  return send(c, a, true)
}

/** Replicas hear of a message by the stream of effects; in a cluster its nodes do, by a way of their own. */
function send(c: Context, a: Args, isSharded: boolean): Reply {
  const { pubsub, cluster } = c.ports
  const channel = a.next()
  const message = a.next()
  const receivers = isSharded ? pubsub.spublish(channel, message) : pubsub.publish(channel, message)
  if (cluster === undefined) c.forward()
  else cluster.publish(channel, message, isSharded)
  return receivers
}
