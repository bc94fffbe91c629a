/** Parts that do as the directives say, from the start and after each change. */
import { Notify } from '../commands/command.ts'
import type { Config } from '../config/config.ts'
import type { Engine } from '../engine/engine.ts'
import type { Keyspace } from '../keyspace/keyspace.ts'
import type { Log } from '../observability/log.ts'
import { KeyspaceEvents } from '../pubsub/keyspaceevents.ts'
import type { PubSub } from '../pubsub/pubsub.ts'

/** The keyspace counts accesses as the directives say, from the start and after each change. */
export function followFrequencySettings(keyspace: Keyspace, config: Config): void {
  const { values } = config
  const follow = (): void => {
    keyspace.countsFrequency = values['maxmemory-policy'].endsWith('-lfu')
    keyspace.countsWritesOnly = values['maxmemory-policy'].endsWith('-lrm')
    keyspace.lfuLogFactor = values['lfu-log-factor']
    keyspace.lfuDecayTime = values['lfu-decay-time']
    keyspace.renewAccess()
  }
  follow()
  for (const name of ['maxmemory-policy', 'lfu-log-factor', 'lfu-decay-time'] as const) config.onChange(name, follow)
}

/** Which removals count as freed later. */
export function followLazyFreeing(keyspace: Keyspace, config: Config): void {
  const { values } = config
  const follow = (): void => {
    keyspace.freesReplacedLater = values['lazyfree-lazy-server-del']
    keyspace.freesExpiredLater = values['lazyfree-lazy-expire']
    keyspace.freesEvictedLater = values['lazyfree-lazy-eviction']
  }
  follow()
  const names = ['lazyfree-lazy-server-del', 'lazyfree-lazy-expire', 'lazyfree-lazy-eviction'] as const
  for (const name of names) config.onChange(name, follow)
}

/** A `maxmemory` below is taken for a slip. */
const LEAST_SENSIBLE_BYTES = 1024 * 1024

/** Keys and clients go as the directives say, from the start and after each change. */
export function followMemoryLimits({ eviction, ports }: Engine, config: Config, log: Log): void {
  const follow = (): void => {
    ports.connections.clientMemory.follow()
    eviction.follow()
  }
  follow()
  const { maxmemory } = config.values
  if (maxmemory > 0 && maxmemory < LEAST_SENSIBLE_BYTES) {
    log(
      'warning',
      `WARNING: You specified a maxmemory value that is less than 1MB (current value is ${maxmemory} bytes). ` +
        'Are you sure this is what you really want?',
    )
  }
  for (const name of ['maxmemory-policy', 'maxmemory-clients', 'client-memory-guard'] as const)
    config.onChange(name, follow)
  config.onChange('maxmemory', (maxmemory) => {
    follow()
    if (maxmemory === 0 || eviction.usedBytes <= maxmemory) return
    log(
      'warning',
      `WARNING: the new maxmemory value set via CONFIG SET (${maxmemory}) is smaller than the current memory usage ` +
        `(${eviction.usedBytes}). This will result in key eviction and/or the inability to accept new write commands ` +
        'depending on the maxmemory-policy.',
    )
  })
}

/** The engine tells of what happens to keys for as long as the directive asks for it. */
export function followKeyspaceEvents(engine: Engine, config: Config, pubsub: PubSub): void {
  const { keyspace } = engine
  const events = new KeyspaceEvents(pubsub, '')
  const follow = (flags: string): void => {
    events.follow(flags)
    const isOn = /[KE]/.test(flags)
    engine.notifier = isOn ? (kind, event, key, db) => events.publish(kind, event, key, db.index) : undefined
    engine.fieldNotifier = events.wantsFields
      ? (event, key, fields, db) => events.publishFields(event, key, fields, db.index)
      : undefined
    keyspace.tellsOverwritten = events.wants(Notify.Overwritten) || events.wants(Notify.TypeChanged)
    keyspace.onNew = events.wants(Notify.New)
      ? (db, key) => events.publish(Notify.New, 'new', key, db.index)
      : undefined
    keyspace.onMiss = events.wants(Notify.KeyMiss)
      ? (db, key) => events.publish(Notify.KeyMiss, 'keymiss', key, db.index)
      : undefined
  }
  follow(config.values['notify-keyspace-events'])
  config.onChange('notify-keyspace-events', follow)
}
