/**
 * One connection to a master: the words by which a replica introduces itself, the snapshot if it needs one, and the stream of
 * commands. It is a client in CLIENT LIST (flag M) from when the stream begins, and can be killed as one. Whatever the
 * other side says, it costs no more than the bounds here: a line is short, a silence ends, what does not fit ends the link.
 */
import type { Socket } from 'node:net'
import type { Bytes } from '../base/bytes.ts'
import { immediately } from '../base/runtime.ts'
import { unawaited } from '../base/unawaited.ts'
import type { Engine } from '../engine/engine.ts'
import { commandBytes } from '../journal/commandbytes.ts'
import type { Staging } from '../persistence/snapshot/staging.ts'
import type { Link, Session } from '../session/session.ts'
import { Greeting } from './greeting.ts'
import { ID_LENGTH } from './history.ts'
import { MasterStream } from './masterstream.ts'
import { MARK_BYTES, Reception } from './reception.ts'

export type LinkState = 'connect' | 'connecting' | 'handshake' | 'sync' | 'connected'

/** Why a link is not read. */
const Stop = { Transfer: 1, Loading: 2, Turn: 4, Paused: 8 } as const

export interface MasterAddress {
  readonly host: Bytes
  readonly port: number
}

export interface MasterLinkParts {
  readonly engine: Engine
  readonly address: MasterAddress
  /** Where we listen, as the master is to tell others. */
  readonly listeningPort: () => number
  /** What is asked for: everything, or what follows an offset of a history. */
  readonly resume: { readonly id: Bytes; readonly from: number; readonly db: number } | undefined
  /** This store takes over from the one that it asks. */
  readonly takesOver: boolean
  /** The history of this store, where it is in that, and up to where that is on its disk; -1 if nobody can tell. */
  readonly historyId: () => Bytes
  readonly offset: () => number
  readonly fsynced: () => number
  readonly connect: (address: MasterAddress) => Promise<Socket>
  readonly openSession: (link: Link, addr: Bytes, laddr: Bytes) => Session
  readonly closeSession: (session: Session) => void
  readonly events: MasterLinkEvents
}

export interface MasterLinkEvents {
  /** The master goes on from where this store is, under this id if it names one. */
  readonly resumed: (id: Bytes | undefined) => void
  /** The master has sent everything, which is about to take the place of what is here. */
  readonly replaces: () => void
  /** That is here; what follows it begins at this offset. */
  readonly synced: (id: Bytes, offset: number) => void
  readonly applied: (part: Bytes) => void
  /** PSYNC was answered; `isTaken` if not by an error. */
  readonly answered: (isTaken: boolean) => void
  /** It has got from one state to the next. */
  readonly changed: () => void
  /** The link is over. `isTrusted`: what came before was in order, so that it can go on from there. */
  readonly ended: (isTrusted: boolean) => void
  readonly log: (level: 'notice' | 'warning', message: string) => void
}

export class MasterLink implements Link {
  readonly #parts: MasterLinkParts
  #socket: Socket | undefined
  state: LinkState = 'connecting'
  /** Unix ms of when something was received, or the link was begun. */
  heardAt: number
  readonly #greeting: Greeting
  #reception: Reception | undefined
  #stream: MasterStream | undefined
  #session: Session | undefined
  #stops = 0
  /** What came while it is not read. */
  #held: Buffer[] = []
  #isOver = false
  #acksAsked = false
  /** What was told to be on disk was not all. */
  #owesFsynced = false
  /** Of the history that a full synchronisation brings. */
  #id: Bytes = ''
  #offset = 0

  constructor(parts: MasterLinkParts) {
    this.#parts = parts
    this.heardAt = parts.engine.clock.now()
    this.#greeting = new Greeting({
      config: parts.engine.config,
      listeningPort: parts.listeningPort,
      send: (bytes) => void this.#socket?.write(bytes, 'latin1'),
      failed: (reason) => this.#fail(reason),
      log: parts.events.log,
    })
    parts.connect(parts.address).then(
      (socket) => this.#open(socket),
      (error: Error) => this.#fail(`Unable to connect to MASTER: ${error.message}`),
    )
  }

  // What a session asks of its link.

  push(): void {}
  closeAfterReply(): void {
    this.close()
  }
  get inputBytes(): number {
    return this.#stream?.pendingBytes ?? 0
  }
  get outputBytes(): number {
    return this.#socket?.writableLength ?? 0
  }

  /** Ends the link; it can go on from where it is. */
  close(): void {
    this.#end(true)
  }

  get session(): Session | undefined {
    return this.#session
  }

  /** The bytes of the snapshot that is being received: all of them (-1 where nobody knows) and those that are here. */
  get transfer(): { readonly total: number; readonly received: number } | undefined {
    const reception = this.#reception
    return reception === undefined ? undefined : { total: reception.total, received: reception.receivedBytes }
  }

  get isLoading(): boolean {
    return this.#reception?.isLoading ?? false
  }

  /** The master has asked for an acknowledgement. */
  askAck(): void {
    this.#acksAsked = true
  }

  /** More of what was acknowledged is on disk. */
  synced(): void {
    if (this.#owesFsynced && this.state === 'connected') this.#acknowledge()
  }

  /** To be called once a second. */
  everySecond(): void {
    if (this.#isOver) return
    const { engine } = this.#parts
    if (this.#stops !== 0) this.heardAt = engine.clock.now() // it is not listened to
    if (engine.clock.now() - this.heardAt > engine.config['repl-timeout'] * 1000) this.#timeOut()
    else if (this.state === 'connected') this.#acknowledge()
    else if (this.state === 'sync') this.#socket?.write('\n') // the master is to know that somebody is here
  }

  #timeOut(): void {
    if (this.state === 'sync') {
      this.#fail(
        "Timeout receiving bulk data from MASTER... If the problem persists try to set the 'repl-timeout' parameter in redis.conf to a larger value.",
      )
    } else if (this.state === 'connected') this.#fail('MASTER timeout: no data nor PING received...')
    else this.#fail('Timeout connecting to the MASTER...')
  }

  #open(socket: Socket): void {
    if (this.#isOver) {
      socket.destroy()
      return
    }
    this.#socket = socket
    socket.setNoDelay(true)
    socket.on('data', (chunk: Buffer) => this.#receive(chunk))
    socket.on('error', (error) => this.#fail(`Error condition on socket for SYNC: ${error.message}`))
    socket.on('close', () => this.#fail('Connection with master lost.'))
    if (socket.connecting) socket.once('encrypted' in socket ? 'secureConnect' : 'connect', () => this.#greet())
    else this.#greet()
  }

  #greet(): void {
    this.state = 'handshake'
    this.#parts.events.log('notice', 'Non blocking connect for SYNC fired the event.')
    this.#greeting.begin(() => this.#synchronise())
  }

  #synchronise(): void {
    const { resume, takesOver, events } = this.#parts
    const words = resume === undefined ? ['PSYNC', '?', '-1'] : ['PSYNC', resume.id, `${resume.from}`]
    if (resume === undefined) events.log('notice', 'Partial resynchronization not possible (no cached master)')
    else events.log('notice', `Trying a partial resynchronization (request ${resume.id}:${resume.from}).`)
    this.#greeting.ask(takesOver ? [...words, 'FAILOVER'] : words, (line) => this.#answered(line))
  }

  #answered(line: Bytes): void {
    const { events } = this.#parts
    // It is about to prepare the snapshot.
    if (line === '') {
      this.#greeting.expectNext((next) => this.#answered(next))
      return
    }
    const [word, id = '', offset = ''] = line.split(' ')
    events.answered(word === '+FULLRESYNC' || word === '+CONTINUE')
    if (this.#isOver) return
    if (word === '+FULLRESYNC' && id.length === ID_LENGTH && /^\d{1,15}$/.test(offset)) {
      this.#id = id
      this.#offset = Number(offset)
      events.log('notice', `Full resync from master: ${id}:${offset}`)
      this.#beginSync()
    } else if (word === '+CONTINUE' && this.#parts.resume !== undefined && (id === '' || id.length === ID_LENGTH)) {
      events.log('notice', 'Successful partial resynchronization with master.')
      events.resumed(id === '' ? undefined : id)
      this.#beginStream(this.#parts.resume.db)
    } else if (/^-(NOMASTERLINK|LOADING)/.test(line)) {
      this.#fail(`Master is currently unable to PSYNC but should be in the future: ${line}`)
    } else this.#fail(`Unexpected reply to PSYNC from master: ${line.slice(0, 200)}`)
  }

  #beginSync(): void {
    this.state = 'sync'
    this.#greeting.expect((line) => this.#announced(line))
  }

  /** The line before the snapshot. */
  #announced(line: Bytes): void {
    if (line === '') {
      this.#greeting.expectNext((next) => this.#announced(next))
      return
    }
    if (line.startsWith('-')) {
      this.#fail(`MASTER aborted replication with an error: ${line.slice(1)}`)
      return
    }
    const mark = line.startsWith('$EOF:') ? line.slice(5) : undefined
    const length = /^\$\d{1,15}$/.test(line) ? Number(line.slice(1)) : -1
    if (mark === undefined ? length < 0 : mark.length !== MARK_BYTES) {
      this.#fail("Bad protocol from MASTER, the first byte is not '$', are you sure the host and port are right?")
      return
    }
    const { events, engine } = this.#parts
    events.log(
      'notice',
      `MASTER <-> REPLICA sync: receiving ${mark === undefined ? `${length} bytes` : 'streamed RDB'} from master`,
    )
    this.#reception = new Reception(engine, mark ?? length, this.#id === this.#parts.historyId(), {
      flows: (flows) => this.#stop(Stop.Transfer, !flows),
      replaces: events.replaces,
      loaded: (staging) => this.#loaded(staging),
      failed: (reason) => this.#fail(`Failed trying to load the MASTER synchronization DB: ${reason}`),
      log: events.log,
    })
  }

  #loaded(staging: Staging): void {
    const { events } = this.#parts
    this.#reception = undefined
    events.synced(this.#id, this.#offset)
    events.log('notice', 'MASTER <-> REPLICA sync: Finished with success')
    this.#beginStream(Number(staging.facts.get('repl-stream-db') ?? 0))
    this.#stop(Stop.Loading | Stop.Transfer, false)
  }

  #beginStream(db: number): void {
    const { engine, address, openSession, events } = this.#parts
    const socket = this.#socket!
    const session = openSession(this, `${address.host}:${address.port}`, `${socket.localAddress}:${socket.localPort}`)
    session.db = engine.keyspace.dbs[db] ?? session.db
    this.#session = session
    this.#stream = new MasterStream(engine, session, {
      applied: events.applied,
      broken: (reason) => this.#end(false, reason),
      warn: (message) => events.log('warning', message),
    })
    this.state = 'connected'
    events.changed()
    this.heardAt = engine.clock.now()
    this.#acknowledge()
  }

  #receive(chunk: Buffer): void {
    this.heardAt = this.#parts.engine.clock.now()
    this.#parts.engine.stats.replicationInputBytes += chunk.length
    if (this.#stops !== 0) this.#held.push(chunk)
    else this.#take(chunk)
  }

  #take(chunk: Buffer): void {
    let rest: Buffer | undefined = chunk
    while (rest !== undefined && rest.length > 0 && !this.#isOver) {
      if (this.#stops !== 0) {
        this.#held.unshift(rest)
        return
      }
      if (this.#stream !== undefined) {
        this.#takeCommands(this.#stream, rest)
        return
      }
      if (this.#reception !== undefined) rest = this.#takeSnapshot(this.#reception, rest)
      else rest = this.#greeting.take(rest)
    }
  }

  #takeSnapshot(reception: Reception, chunk: Buffer): Buffer | undefined {
    const rest = reception.take(chunk)
    if (rest !== undefined && this.#reception !== undefined) this.#stop(Stop.Loading, true)
    return rest
  }

  #takeCommands(stream: MasterStream, chunk: Buffer): void {
    stream.feed(chunk)
    this.#run(stream)
  }

  #run(stream: MasterStream): void {
    if (this.#isOver) return
    const hasMore = stream.run()
    if (this.#acksAsked) this.#acknowledge()
    if (stream.isPaused) {
      this.#pause(stream)
      return
    }
    if (!hasMore) {
      this.#stop(Stop.Turn, false)
      return
    }
    this.#stop(Stop.Turn, true)
    immediately(() => this.#run(stream))
  }

  /** CLIENT PAUSE holds the stream back. */
  #pause(stream: MasterStream): void {
    const { engine, events } = this.#parts
    this.#stop(Stop.Paused, true)
    const goOn = engine.pause.hold().then(() => {
      this.#stop(Stop.Paused, false)
      this.#run(stream)
    })
    unawaited(goOn, engine.config, (message) => events.log('warning', message))
  }

  /** Reads no further for a reason, or goes on where none is left. */
  #stop(reason: number, stops: boolean): void {
    const before = this.#stops
    this.#stops = stops ? before | reason : before & ~reason
    if (before === 0 && this.#stops !== 0) this.#socket?.pause()
    if (before === 0 || this.#stops !== 0 || this.#isOver) return
    immediately(() => this.#goOn())
  }

  #goOn(): void {
    while (this.#held.length > 0 && this.#stops === 0 && !this.#isOver) this.#take(this.#held.shift()!)
    if (this.#stops === 0 && !this.#isOver) this.#socket?.resume()
  }

  #acknowledge(): void {
    this.#acksAsked = false
    const offset = this.#parts.offset()
    const fsynced = this.#parts.fsynced()
    this.#owesFsynced = fsynced !== -1 && fsynced < offset
    const ofDisk = fsynced === -1 ? [] : ['FACK', `${fsynced}`]
    this.#socket?.write(commandBytes(['REPLCONF', 'ACK', `${offset}`, ...ofDisk]), 'latin1')
  }

  #fail(reason: string): void {
    this.#end(true, reason)
  }

  #end(isTrusted: boolean, reason?: string): void {
    if (this.#isOver) return
    this.#isOver = true
    const { events, closeSession } = this.#parts
    if (reason !== undefined) events.log('warning', reason)
    this.#socket?.destroy()
    this.#reception?.stop()
    this.#stream?.stop()
    this.#held = []
    if (this.#session !== undefined) closeSession(this.#session)
    events.ended(isTrusted)
  }
}
