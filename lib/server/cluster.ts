/**
 * The store as a node of a cluster (`cluster-enabled`), as it is wired: what changes in the cluster is carried out by the parts that
 * there are: following a master, subscriptions, clients that wait.
 */
import { randomBytes } from 'node:crypto'
import type { Late } from '../base/late.ts'
import { Push } from '../base/reply.ts'
import { SLOTS, slotOf } from '../base/slots.ts'
import type { Bus } from '../cluster/bus.ts'
import { Member } from '../cluster/member.ts'
import type { DirectiveName } from '../config/config.ts'
import type { Directives } from '../config/directives.ts'
import { type Effect, Target } from '../engine/engine.ts'
import { Holder } from '../engine/pause.ts'
import { Redirection } from '../engine/redirection.ts'
import type { Keyspace } from '../keyspace/keyspace.ts'
import { emptyStore } from '../persistence/snapshot/staging.ts'
import type { PubSub } from '../pubsub/pubsub.ts'
import type { Following } from '../replication/following.ts'
import { Gate, type Session } from '../session/session.ts'
import { isShared } from './database.ts'
import type { OpenDoors } from './doors.ts'
import type { Persistence } from './persistence.ts'
import type { Sessions } from './sessions.ts'
import type { Store } from './store.ts'

/** One of several nodes of this process. */
export interface ClusterOptions {
  /** By which they know each other. */
  readonly bus: Bus
  /** An id that it had before. */
  readonly id?: string | undefined
}

const ID_BYTES = 20

/** Directives that say where clients find the node, and those that decide whether it answers. */
const FACTS: readonly DirectiveName[] = [
  ...([
    'port',
    'tls-port',
    'bind',
    'cluster-announce-ip',
    'cluster-announce-port',
    'cluster-announce-tls-port',
  ] as const),
  ...(['cluster-announce-bus-port', 'cluster-announce-hostname', 'cluster-replica-no-failover'] as const),
]

/** For `cluster-enabled`. @throws Error for what cannot be beside it */
export function buildCluster(
  store: Store,
  sessions: Sessions,
  { history }: Persistence,
  following: Late<Following>,
  openDoors: () => OpenDoors,
  options: ClusterOptions | undefined,
): Member {
  const { config, engine, clock, log, keyspace, blocking, pause, slowCommands } = store
  const { values } = config
  checkAlone(values)
  const [keys] = keyspace.dbs
  const member = new Member(
    {
      config: values,
      now: () => clock.now(),
      randomId: () => randomBytes(ID_BYTES).toString('hex'),
      ports: () => {
        const { port, tlsPort } = openDoors()
        return { port: port || (tlsPort === 0 ? values.port : 0), tlsPort: tlsPort || values['tls-port'] }
      },
      offset: () => history.offset,
      isLinked: () => following.made?.isConnected ?? false,
      countKeys: (slot) => keys.slotKeys!.count(slot),
      countAllKeys: () => keys.size,
      deleteKeys: (slots) => deleteKeys(store, slots),
      follow: (host, port) => following.get().follow(host, port),
      lead: () => following.made?.lead() ?? false,
      empty: () => emptyStore(engine),
      dropSlots: (slots) => {
        slowCommands.slotStats?.forget(slots)
        dropChannels(sessions.pubsub, slots)
      },
      endWaits: () => {
        if (blocking.size === 0) return
        blocking.endVain((session, command, key) => redirection.refusalOfWaiting(session, command, key))
      },
      deliver: (channel, message, isSharded) => {
        if (isSharded) sessions.pubsub.spublish(channel, message)
        else sessions.pubsub.publish(channel, message)
      },
      holdWrites: (holds) => {
        pause.setHolder(Holder.Migration, holds)
      },
      log,
    },
    options?.bus,
    options?.id,
  )
  const redirection = new Redirection({
    member,
    table: engine.table,
    keyspace,
    clock,
    config: values,
    ports: () => engine.ports,
  })
  engine.redirection = redirection
  for (const name of FACTS) config.onChange(name, () => member.announce())
  config.onChange('cluster-require-full-coverage', () => member.settle())
  if (options === undefined) {
    for (let slot = 0; slot < SLOTS; slot++) member.view.assign(member.view.myself, slot)
  }
  member.settle()
  return member
}

/** @throws Error */
function checkAlone(values: Directives): void {
  const rivals = [
    ['replicaof', values.replicaof !== undefined],
    ['upstream', values.upstream !== ''],
    ['store', isShared(values)],
  ] as const
  for (const [name, isSet] of rivals) {
    if (isSet) throw new Error(`${name} directive not allowed in cluster mode`)
  }
}

const ONE_DATABASE = "You can't have keys in a DB different than DB 0 when in Cluster mode."

/** Keys were loaded, which may only be those of the first database. @throws Error */
export function checkDatabases({ dbs, knowsSlots }: Keyspace): void {
  if (knowsSlots && dbs.some((db, index) => index > 0 && db.size > 0)) throw new Error(ONE_DATABASE)
}

/** The slots are another's now, and so is what they have: nobody's change, but replicas must know. */
function deleteKeys({ engine, keyspace }: Store, slots: readonly number[]): void {
  const [db] = keyspace.dbs
  keyspace.setNow(engine.clock.now())
  const effects: Effect[] = []
  for (const slot of slots) {
    for (const key of db.slotKeys!.first(slot, Infinity)) {
      if (engine.watches.size !== 0) engine.watches.touch(db, key)
      if (engine.tracking.size !== 0) engine.tracking.invalidate(key, undefined)
      db.delete(key)
      effects.push({ db: 0, argv: ['DEL', key], targets: Target.All })
    }
  }
  if (effects.length !== 0) for (const listener of engine.effectListeners) listener(effects, false)
}

/** Ends the subscriptions to shard channels of slots, and tells their subscribers. */
function dropChannels({ channels, patterns, shards }: PubSub, slots: ReadonlySet<number>): void {
  for (const name of [...shards.names()]) {
    if (!slots.has(slotOf(name))) continue
    for (const subscriber of [...(shards.subscribersOf(name) ?? [])]) {
      shards.remove(subscriber, name)
      const left = shards.countOf(subscriber)
      if (left + channels.countOf(subscriber) + patterns.countOf(subscriber) === 0 && 'gate' in subscriber) {
        ;(subscriber as Session).gate &= ~Gate.Subscriber
      }
      subscriber.deliver(new Push(['sunsubscribe', name, left]))
    }
  }
}
