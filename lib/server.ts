/** createServer: the only place where the parts are wired. */
import { type Clock, systemClock } from './clock.ts'
import { createCommandTable } from './commands/index.ts'
import { Config } from './config.ts'
import { Blocking } from './engine/blocking.ts'
import { Engine } from './engine/engine.ts'
import { Pause } from './engine/pause.ts'
import { ExpiryCycle } from './keyspace/expiry.ts'
import { Keyspace } from './keyspace/keyspace.ts'
import { Info } from './observability/info.ts'
import { Clients } from './session/clients.ts'
import { type DoorName, type Link, Session } from './session/session.ts'
import { Watches } from './session/watches.ts'

export interface ServerOptions {
  /** Tests bring a clock that they move. */
  readonly clock?: Clock
}

export function createServer({ clock = systemClock }: ServerOptions = {}) {
  const config = new Config()
  const keyspace = new Keyspace(config.values.databases)
  const pause = new Pause(clock)
  const engine = new Engine({
    keyspace,
    table: createCommandTable(),
    clock,
    config: config.values,
    pause,
    onFault: (e) => console.error(e),
  })
  const blocking = new Blocking(clock, (s, c, v) => engine.rerun(s, c, v))
  const clients = new Clients()
  const watches = new Watches()
  engine.connect(
    {
      config,
      clients,
      watches,
      blocked: blocking,
      pause,
      expiryCycle: new ExpiryCycle(keyspace, clock),
      info: new Info(engine),
      process: { shutdown: () => null, rewriteConfig: () => null },
    },
    blocking,
    watches,
  )
  return {
    engine,
    openSession(door: DoorName, link: Link, addr: string, laddr: string): Session {
      const s = new Session(clients.nextId(), door, link, keyspace.dbs[0], clock.now(), addr, laddr)
      clients.add(s)
      return s
    },
    closeSession(s: Session) {
      blocking.forget(s)
      watches.clear(s)
      clients.remove(s)
    },
  }
}
