/**
 * The store itself: the keyspace, the engine that runs commands on it, and what measures it. It knows no client and no door;
 * `connect` in server.ts gives the engine the ports to those.
 */
import type { Bytes } from '../base/bytes.ts'
import type { Clock } from '../base/clock.ts'
import { faultText } from '../base/fault.ts'
import { Late } from '../base/late.ts'
import { createCommandTable } from '../commands/index.ts'
import type { CommandTable } from '../commands/table.ts'
import type { Config } from '../config/config.ts'
import { Blocking } from '../engine/blocking.ts'
import { Concerns } from '../engine/concerns.ts'
import { Engine } from '../engine/engine.ts'
import { Pause } from '../engine/pause.ts'
import { Compaction } from '../keyspace/compaction.ts'
import { Eviction } from '../keyspace/eviction.ts'
import { ExpiryCycle } from '../keyspace/expiry.ts'
import { Keyspace } from '../keyspace/keyspace.ts'
import { Info } from '../observability/info.ts'
import type { Log } from '../observability/log.ts'
import { SlowCommands } from '../observability/slowcommands.ts'
import { Scripting } from '../scripting/scripting.ts'
import { followFrequencySettings, followLazyFreeing } from './follow.ts'

/** Redis's words where it counts no further. */
const MANY_ERRORS =
  'Errorstats stopped adding new errors because the number of errors reached the limit, may be misuse of lua ' +
  'error_reply, please check INFO ERRORSTATS, this can be re-enabled via CONFIG RESETSTAT.'

export interface StoreOptions {
  readonly config: Config
  readonly clock: Clock
  readonly log: Log
  /** Pairs of rename-command: the name, and the new one or ''. */
  readonly renamedCommands: readonly (readonly [Bytes, Bytes])[]
}

export interface Store {
  readonly config: Config
  readonly clock: Clock
  readonly log: Log
  readonly keyspace: Keyspace
  readonly pause: Pause
  readonly eviction: Eviction
  readonly expiryCycle: ExpiryCycle
  readonly compaction: Compaction
  readonly engine: Engine
  readonly blocking: Blocking
  readonly slowCommands: SlowCommands
  readonly info: Info
  readonly scripting: Late<Scripting>
}

/** @throws Error if a command cannot be renamed as asked */
export function buildStore({ config, clock, log, renamedCommands }: StoreOptions): Store {
  const { values } = config
  const keyspace = new Keyspace(values.databases, values['cluster-enabled'])
  followFrequencySettings(keyspace, config)
  followLazyFreeing(keyspace, config)
  const concerns = new Concerns()
  const pause = new Pause(clock, keyspace, concerns)
  const eviction = new Eviction({
    keyspace,
    clock,
    config: values,
    mayEvict: () => pause.mode === 'none' && !(keyspace.followsMaster && values['replica-ignore-maxmemory']),
  })
  const engine = new Engine({
    keyspace,
    eviction,
    table: renamedTable(renamedCommands),
    clock,
    config: values,
    pause,
    concerns,
    onFault: (error, argv) => log('warning', `Internal error in ${argv[0]}: ${faultText(error, values)}`),
  })
  engine.stats.onManyErrors = (codes) => {
    keyspace.stats.lazyFreed += codes.length
    log('warning', MANY_ERRORS)
    log('warning', `Current errors code list: ${codes.join(', ')}`)
  }
  const blocking = new Blocking(
    clock,
    (session, command, argv) => engine.rerun(session, command, argv),
    (command, reply) => engine.endedWaiting(command, reply),
  )
  const slowCommands = new SlowCommands(engine, config)
  eviction.listener = {
    onBackground: () => blocking.serve(),
    onDelay: (event, delay) => slowCommands.noteDelay(event, delay),
  }
  return {
    config,
    clock,
    log,
    keyspace,
    pause,
    eviction,
    expiryCycle: new ExpiryCycle(keyspace, clock),
    compaction: new Compaction(keyspace, values),
    engine,
    blocking,
    slowCommands,
    info: new Info(engine),
    scripting: new Late(() => new Scripting({ engine, log })),
  }
}

function renamedTable(renamedCommands: StoreOptions['renamedCommands']): CommandTable {
  const table = createCommandTable()
  for (const [from, to] of renamedCommands) {
    const reason = table.rename(from, to)
    if (reason !== undefined) throw new Error(`rename-command ${from}: ${reason}`)
  }
  return table
}
