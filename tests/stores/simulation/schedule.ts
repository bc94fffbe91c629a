/**
 * One schedule of a simulation: a few processes on one database, clients that ask them over a network, and what goes wrong: processes that
 * are killed or frozen, connections that are cut, commits that fail or seem to. All of it is decided by the seed, so that a schedule
 * that fails is repeated by it. What came of it is checked as a history of real processes is.
 */

import { NULL_ARRAY, type Reply, ReplyError, Status } from '../../../lib/base/reply.ts'
import { createServer, type Server } from '../../../lib/server.ts'
import type { Link, Session } from '../../../lib/session/session.ts'
import { seenBy, syncTokenOf } from '../../../lib/stores/log/synctoken.ts'
import { onceSafe } from '../../../lib/transports/safe.ts'
import { type End, faultsOf, type Operation, writeFaultsOf } from '../histories/history.ts'
import { boundFaultsOf, sessionFaultsOf } from '../histories/levels.ts'
import { Database, type Odds, provide } from './double.ts'
import { enter, type Owner, World } from './world.ts'

const STORE = 'sqlite:/world'
const NO_ODDS: Odds = { busy: 0, unreadable: 0, lost: 0, unsure: 0, unheard: 0, slow: 0 }
const LEVELS = ['strong', 'session', 'eventual'] as const
type Level = (typeof LEVELS)[number]

/** For so long clients ask, and so long nothing may take after that. Unit: ms of the world. */
const LENGTH_MS = 60
const END_MS = 60_000
const CRON_MS = 25

type Argv = readonly string[]

/** A process that holds a store. */
class Site implements Owner {
  readonly #world: World
  readonly #settings: Parameters<typeof createServer>[0]
  isKilled = false
  frozenUntil = 0
  server: Server | undefined
  /** Why it did not start. */
  fault: unknown
  /** What has come and is to run in the next turn. */
  #turn: (() => void)[] = []
  readonly connections = new Set<Connection>()

  constructor(world: World, settings: Parameters<typeof createServer>[0]) {
    this.#world = world
    this.#settings = settings
    world.as(this, () => this.#start())
  }

  #start(): void {
    try {
      this.server = createServer(this.#settings)
      this.#cron()
    } catch (error) {
      this.fault = error
      this.#world.after(2, () => this.#start())
    }
  }

  #cron(): void {
    this.#world.after(CRON_MS * (0.5 + this.#world.random.next()), () => {
      this.server!.cron()
      this.#cron()
    })
  }

  /** Runs something with all else that has come by then, as one batch. */
  inTurn(run: () => void): void {
    if (this.#turn.push(run) > 1) return
    this.#world.after(this.#world.random.next() * 0.3, () => {
      const turn = this.#turn
      this.#turn = []
      const { engine } = this.server!
      engine.beginBatch()
      for (const one of turn) one()
      engine.endBatch()
    })
  }
}

class Connection implements Link {
  readonly #world: World
  readonly site: Site
  readonly session: Session | undefined
  readonly inputBytes = 0
  readonly outputBytes = 0
  isCut = false
  /** What has been sent arrives in order. */
  #sentUntil = 0
  #lost: ((reason: Error) => void)[] = []
  readonly #arrived: (() => void)[] = []
  #isRunning = false
  #isWaiting = false

  constructor(world: World, site: Site) {
    this.#world = world
    this.site = site
    site.connections.add(this)
    this.session = world.as(site, () => site.server?.openSession('tcp', this, '', ''))
    if (this.session === undefined) this.close()
  }

  push(): void {}

  closeAfterReply(): void {
    this.close()
  }

  /** Whoever waits for something hears of it. */
  close(): void {
    if (this.isCut) return
    this.isCut = true
    this.site.connections.delete(this)
    for (const lost of this.#lost.splice(0)) lost(new Error('the connection is cut'))
    const { session, site } = this
    if (session !== undefined && !site.isKilled) this.#world.as(site, () => site.server!.closeSession(session))
  }

  whenLost(lost: (reason: Error) => void): void {
    this.#lost.push(lost)
  }

  send(argv: Argv): Promise<Reply> {
    const { random } = this.#world
    return new Promise((resolve, reject) => {
      if (this.isCut) {
        reject(new Error('the connection is cut'))
        return
      }
      this.#lost.push(reject)
      this.#sentUntil = Math.max(this.#sentUntil, this.#world.now + random.next() * 2)
      this.#world.after(
        this.#sentUntil - this.#world.now,
        () => {
          this.#arrived.push(() => this.#run(argv, resolve))
          this.#next()
        },
        this.site,
      )
    })
  }

  /** One command after the other: who waits in one has no other run. */
  #next(): void {
    if (this.#isRunning || this.#arrived.length === 0) return
    this.#isRunning = true
    this.site.inTurn(() => {
      while (this.#arrived.length > 0 && !this.isCut && !this.#isWaiting) this.#arrived.shift()!()
      this.#isRunning = this.#isWaiting
    })
  }

  #run(argv: Argv, resolve: (reply: Reply) => void): void {
    const { engine, gate } = this.site.server!
    const leave = (reply: Reply): void => {
      if (!this.isCut) this.#world.after(this.#world.random.next() * 2, () => resolve(reply), null)
    }
    const reply = engine.execute(this.session!, argv)
    const flush = (late: Reply): void => {
      if (gate.isPending) gate.commit()
      if (gate.isShut) gate.whenSafe(() => leave(late))
      else leave(late)
    }
    if (!(reply instanceof Promise)) {
      this.#world.after(this.#world.random.next() * 0.3, () => flush(reply))
      return
    }
    this.#isWaiting = true
    void reply.then((late) => {
      flush(late)
      this.#isWaiting = this.#isRunning = false
      this.#next()
    })
  }
}

/** Who asks, and how: over a connection, or from one site to the next with a token. */
interface Asker {
  readonly id: number
  ask(argv: Argv): Promise<Reply>
  readonly watches: boolean
}

export interface ScheduleOutcome {
  readonly level: Level
  readonly operations: number
  readonly kills: number
  readonly faults: readonly string[]
}

class Simulation {
  readonly #world: World
  readonly #database: Database
  readonly #level: Level
  readonly #staleness: number
  readonly #settings: Parameters<typeof createServer>[0]
  readonly #sites: Site[]
  readonly #history: Operation[] = []
  readonly #pushed = new Set<string>()
  readonly #popped: string[] = []
  #values = 0
  #sessions = 0
  #kills = 0
  #running = 0

  constructor(seed: number) {
    this.#world = new World(seed)
    const { random } = this.#world
    enter(this.#world)
    const mayFail = (odds: number): number => (random.chance(0.5) ? odds : 0)
    this.#database = new Database({
      busy: mayFail(20),
      unreadable: mayFail(60),
      lost: mayFail(15),
      unsure: mayFail(15),
      unheard: mayFail(3),
      slow: mayFail(10),
    })
    provide('/world', this.#database)
    this.#level = random.pick(LEVELS)
    this.#staleness = random.integer(0, 30)
    this.#settings = {
      store: STORE,
      'store-consistency': this.#level,
      'store-max-staleness': this.#staleness,
      'store-timeout': random.integer(20, 100),
      'enable-debug-command': 'yes',
      databases: 1,
      clock: this.#world.clock,
      log: () => {},
    }
    this.#sites = Array.from({ length: random.integer(2, 3) }, () => new Site(this.#world, this.#settings))
  }

  async run(): Promise<ScheduleOutcome> {
    const { random } = this.#world
    for (const [place] of this.#sites.entries()) {
      for (let i = random.integer(1, 2); i > 0; i--) void this.#client(() => this.#connectionTo(place))
    }
    for (let i = random.integer(0, 2); i > 0; i--) void this.#client(() => this.#wanderer())
    for (let i = random.integer(0, 4); i > 0; i--) this.#disturb()
    while (await this.#world.step(LENGTH_MS)) {}
    this.#heal()
    while (this.#running > 0 && (await this.#world.step(LENGTH_MS + END_MS))) {}
    const faults = this.#running > 0 ? [`${this.#running} clients were never answered`] : await this.#check()
    return { level: this.#level, operations: this.#history.length, kills: this.#kills, faults }
  }

  #heal(): void {
    this.#database.odds = NO_ODDS
    for (const site of this.#sites) site.frozenUntil = 0
  }

  #disturb(): void {
    const { random } = this.#world
    this.#world.after(random.next() * LENGTH_MS, () => {
      const place = random.integer(0, this.#sites.length - 1)
      const site = this.#sites[place]
      switch (random.integer(0, 3)) {
        case 0:
          this.#kill(place)
          break
        case 1:
          site.frozenUntil = this.#world.now + random.next() * 150
          break
        case 2:
          for (const connection of [...site.connections]) if (random.chance(0.5)) connection.close()
          break
        default:
          this.#world.after(0, () => void site.server?.compact(), site)
      }
    })
  }

  #kill(place: number): void {
    const site = this.#sites[place]
    site.isKilled = true
    this.#kills++
    this.#database.abandon(site)
    for (const connection of [...site.connections]) connection.close()
    this.#sites[place] = new Site(this.#world, this.#settings)
  }

  #connectionTo(place: number): Asker {
    const connection = new Connection(this.#world, this.#sites[place])
    return { id: ++this.#sessions, watches: true, ask: (argv) => connection.send(argv) }
  }

  #wanderer(): Asker {
    let token = ''
    const ask = (argv: Argv): Promise<Reply> =>
      new Promise((resolve, reject) => {
        const { random } = this.#world
        const site = random.pick(this.#sites)
        this.#world.after(random.next() * 2, () => {
          if (site.isKilled || site.server === undefined) return reject(new Error('nobody is there'))
          const { server } = site
          const connection = new Connection(this.#world, site)
          const session = connection.session!
          const { shared } = server.engine
          session.seen = seenBy(token, shared!)
          const answer = (reply: Reply): void => {
            const brought = syncTokenOf(shared!, 'n')
            this.#world.after(
              random.next() * 2,
              () => {
                token = brought
                resolve(reply)
              },
              null,
            )
            connection.close()
          }
          // Its process may be killed meanwhile.
          connection.whenLost(reject)
          this.#world.as(site, () => {
            const reply = onceSafe(server, server.engine.execute(session, argv))
            if (reply instanceof Promise) void reply.then(answer)
            else answer(reply)
          })
        })
      })
    return { id: ++this.#sessions, watches: false, ask }
  }

  async #client(open: () => Asker): Promise<void> {
    const { random } = this.#world
    this.#running++
    let asker = open()
    while (this.#world.now < LENGTH_MS) {
      await new Promise<void>((resolve) => this.#world.after(random.next() * 8, resolve, null))
      try {
        await this.#act(asker)
      } catch {
        if (asker.watches) asker = open()
      }
    }
    this.#running--
  }

  async #act(asker: Asker): Promise<void> {
    const { random } = this.#world
    const value = `v${++this.#values}`
    const kind = random.integer(0, 20)
    if (kind < 4) await this.#operation(asker, { kind: 'incr', key: 'counter', value }, ['INCR', 'counter'])
    else if (kind < 6) await this.#operation(asker, { kind: 'push', key: 'list', value }, ['RPUSH', 'list', value])
    else if (kind < 8) await this.#operation(asker, { kind: 'set', key: 'register', value }, ['SET', 'register', value])
    else if (kind < 11) await this.#operation(asker, { kind: 'get', key: 'register', value }, ['GET', 'register'])
    else if (kind < 13) await this.#operation(asker, { kind: 'count', key: 'counter', value }, ['GET', 'counter'])
    else if (kind < 14)
      await this.#operation(asker, { kind: 'list', key: 'list', value }, ['LRANGE', 'list', '0', '-1'])
    else if (kind < 15) {
      const key = `name:${this.#values >> 3}`
      await this.#operation(asker, { kind: 'claim', key, value }, ['SETNX', key, value])
    } else if (kind < 16 && asker.watches) await this.#compareAndSet(asker)
    else if (kind < 18) await this.#queue(asker, value)
    else await this.#others(asker, value)
  }

  async #operation(asker: Asker, what: Pick<Operation, 'kind' | 'key' | 'value'>, argv: Argv): Promise<Operation> {
    const operation = this.#begin(asker, what)
    operation.answer = answerOf(await asker.ask(argv))
    operation.to = this.#world.now
    return operation
  }

  #begin(asker: Asker, what: Pick<Operation, 'kind' | 'key' | 'value'>): Operation {
    const operation = { ...what, session: asker.id, from: this.#world.now, to: Infinity, answer: undefined }
    this.#history.push(operation)
    return operation
  }

  async #compareAndSet(asker: Asker): Promise<void> {
    answerOf(await asker.ask(['WATCH', 'cas']))
    const { answer } = await this.#operation(asker, { kind: 'count', key: 'cas', value: '' }, ['GET', 'cas'])
    const next = Number(answer ?? 0) + 1
    const operation = this.#begin(asker, { kind: 'incr', key: 'cas', value: '' })
    const replies = [['MULTI'], ['SET', 'cas', `${next}`], ['EXEC']].map((argv) => asker.ask(argv))
    const [, , executed] = (await Promise.all(replies)).map(answerOf)
    if (executed === null) this.#history.splice(this.#history.lastIndexOf(operation), 1)
    else {
      operation.answer = next
      operation.to = this.#world.now
    }
  }

  async #queue(asker: Asker, value: string): Promise<void> {
    if (this.#world.random.chance(0.5)) {
      this.#pushed.add(value)
      await asker.ask(['LPUSH', 'queue', value])
      return
    }
    const popped = answerOf(await asker.ask(['BRPOP', 'queue', '0.03']))
    if (Array.isArray(popped)) this.#popped.push(String(popped[1]))
  }

  /** What makes copies differ where its effects are not those that it had. */
  async #others(asker: Asker, value: string): Promise<void> {
    const { random } = this.#world
    const commands: readonly Argv[] = [
      ['SET', `short:${value}`, value, 'PX', `${random.integer(1, 40)}`],
      ['SADD', 'set', value, `${value}b`],
      ['SPOP', 'set'],
      ['INCRBYFLOAT', 'float', '0.1'],
      ['HSET', 'hash', `f${this.#values % 5}`, value],
      ['HPEXPIRE', 'hash', `${random.integer(1, 40)}`, 'FIELDS', '1', `f${this.#values % 5}`],
      ['XADD', 'stream', '*', 'f', value],
      ['PEXPIRE', 'set', `${random.integer(1, 60)}`],
      ['COPY', 'list', 'copied', 'REPLACE'],
      ['GETDEL', 'float'],
    ]
    await asker.ask(random.pick(commands))
  }

  /** What a new process has is the truth, and what the others have, too. */
  async #check(): Promise<string[]> {
    this.#world.now += 1000 // a copy that must not be shown is made anew now and then
    const last = new Site(this.#world, this.#settings)
    if (last.server === undefined) return [`a new process does not start: ${last.fault}`]
    const execute = (argv: Argv): unknown => this.#world.as(last, () => last.server!.execute(...argv))
    const digest = execute(['DEBUG', 'DIGEST'])
    const faults: string[] = []
    for (const site of [...this.#sites, last]) {
      if (site.server === undefined) continue
      this.#world.as(site, () => {
        site.server!.engine.config['store-consistency'] = 'strong'
        const theirs = site.server!.execute('DEBUG', 'DIGEST')
        if (theirs !== digest) faults.push(`copies differ: ${theirs}, ${digest}`)
      })
    }
    const claims = new Map<string, string>()
    for (const { kind, key } of this.#history) if (kind === 'claim') claims.set(key, String(execute(['GET', key])))
    const end: End = {
      lists: new Map([['list', execute(['LRANGE', 'list', '0', '-1']) as string[]]]),
      counts: new Map(['counter', 'cas'].map((key) => [key, Number(execute(['GET', key]) ?? 0)])),
      claims,
    }
    if (this.#level === 'strong') faults.push(...faultsOf(this.#history, end))
    else faults.push(...writeFaultsOf(this.#history, end, false))
    if (this.#level !== 'eventual') faults.push(...sessionFaultsOf(this.#history))
    else faults.push(...boundFaultsOf(this.#history, this.#staleness))
    const left = execute(['LRANGE', 'queue', '0', '-1']) as string[]
    const delivered = [...this.#popped, ...left]
    if (new Set(delivered).size !== delivered.length) faults.push('queue: something was given twice')
    for (const value of delivered) if (!this.#pushed.has(value)) faults.push(`queue: nobody pushed ${value}`)
    return faults
  }
}

/** As a client has it. @throws Error for an error, which says nothing of what has happened */
function answerOf(reply: Reply): unknown {
  if (reply instanceof ReplyError) throw new Error(reply.text)
  if (reply === NULL_ARRAY) return null
  return reply instanceof Status ? reply.text : reply
}

export async function runSchedule(seed: number): Promise<ScheduleOutcome> {
  try {
    return await new Simulation(seed).run()
  } finally {
    enter(undefined)
  }
}
