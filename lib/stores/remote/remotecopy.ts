/**
 * The copy of a remote store in this process, and who waits for it. It is shown while it is whole: no row is missing, and nothing in it
 * is of no log. Questions for what is new are asked one at a time; one serves all who came before it was asked. Rows may come while a
 * batch runs, or is on its way to the log: they are applied when that is over.
 */
import type { ReplyError } from '../../base/reply.ts'
import { immediately, monotonic, soon } from '../../base/runtime.ts'
import { unawaited } from '../../base/unawaited.ts'
import type { Engine } from '../../engine/engine.ts'
import type { Session } from '../../session/session.ts'
import { Copy, inSlices } from '../copy/copy.ts'
import { Freshness } from '../copy/freshness.ts'
import { Line } from '../copy/line.ts'
import type { SnapshotMark } from '../log/rows.ts'
import type { DatabaseClock } from './databaseclock.ts'
import type { RemoteFaults } from './remotefaults.ts'
import type { Image, Newer, RemoteLog } from './remotelog.ts'

/** Between two tries of what the database did not do. Unit: ms. */
const RETRY_MS = 50
/** For how long nobody tries to write to a database that could only be read. Unit: ms. */
const READ_ONLY_MS = 1000

export interface RemoteCopyParts {
  readonly engine: Engine
  readonly log: RemoteLog
  readonly faults: RemoteFaults
  /** Set by each answer of the database; absent where a test holds the clock. */
  readonly clock: DatabaseClock | undefined
  /** Undefined where rows may be applied; else what settles when they may, or later. */
  readonly held: () => Promise<void> | undefined
}

export class RemoteCopy {
  readonly #parts: RemoteCopyParts
  readonly #copy: Copy
  readonly #freshness: Freshness
  readonly #line: Line
  #last = 0
  id = ''
  format = 0
  isWhole = false
  #isOpen = false
  #building: Promise<void> | undefined
  #questions: Promise<void> | undefined
  #wantsNews = false
  /** Who reads now has waited for this moment. */
  #isGranting = false
  /** Who waited for the last answer, and how many bytes each had sent when it was asked for. */
  #covered: ReadonlyMap<Session, number> = new Map()
  #isClosed = false
  /** Readings of monotonic(): of before the last question that was answered, and until when it is known that nobody may write. */
  #confirmedAt = -Infinity
  #readOnlyUntil = 0

  constructor(parts: RemoteCopyParts) {
    const { engine, faults } = parts
    this.#parts = parts
    this.#copy = new Copy(engine)
    this.#freshness = new Freshness(engine, 'session')
    this.#line = new Line(
      () => engine.config['store-timeout'],
      () => faults.unread,
    )
  }

  get position(): number {
    return this.#copy.position
  }

  /** The snapshot that counts, and the bytes of the rows behind it, as far as they are known here. */
  get mark(): SnapshotMark {
    return this.#copy.mark
  }

  get logBytes(): number {
    return this.#copy.logBytes
  }

  measured(mark: SnapshotMark, logBytes: number): void {
    this.#copy.mark = mark
    this.#copy.logBytes = logBytes
  }

  get applied(): number {
    return this.#copy.applied
  }

  get rebuilds(): number {
    return this.#copy.rebuilds
  }

  /** Number of the log's last row, as far as it is known here. */
  get lastPosition(): number {
    return Math.max(this.#last, this.position)
  }

  get isApplying(): boolean {
    return this.#copy.isApplying
  }

  get isReadOnly(): boolean {
    return this.#readOnlyUntil > monotonic()
  }

  /** How long ago the last question was asked that was answered. Unit: ms. */
  get age(): number {
    return monotonic() - this.#confirmedAt
  }

  /** True if it may answer a read of a session. */
  mayShow(session: Session): boolean {
    if (!this.isWhole) return false
    return this.#isGranting || this.#freshness.suffices(session, this.position) || this.#covers(session)
  }

  /** True if the command that it runs now had come when the last question was asked: a pipeline waits for one of them. */
  #covers(session: Session): boolean {
    const bytes = this.#covered.get(session)
    if (bytes === undefined || session.asUpstash) return bytes !== undefined // a request came as a whole
    return session.door !== 'inprocess' && session.netInputBytes - session.link.inputBytes <= bytes
  }

  /** Settles when it is as new as the log is now; gives an error where it cannot be. */
  wait(session?: Session): Promise<ReplyError | undefined> {
    return this.#line.wait(() => this.#askSoon(), session)
  }

  /** Asks for what others have done, although nobody reads. */
  askForNews(): void {
    this.#wantsNews = true
    this.#askSoon()
  }

  /** It is not to be shown any more: what it holds is of no log. */
  spoil(): void {
    this.isWhole = false
  }

  /** The database can only be read. */
  noteReadOnly(): void {
    this.#readOnlyUntil = monotonic() + READ_ONLY_MS
  }

  /** What a batch has done here is the next row of the log. */
  appended(bytes: number): void {
    this.#copy.appended(bytes)
  }

  settle(): void {
    this.#copy.settle()
  }

  /** Nobody waits any more; settles when nothing is under way. */
  async close(answer: ReplyError): Promise<void> {
    this.#isClosed = true
    this.#line.end(answer)
    await this.#questions
  }

  #askSoon(): void {
    if (this.#questions !== undefined || this.#isClosed) return
    this.#questions = this.#ask()
    const { engine, faults } = this.#parts
    unawaited(this.#questions, engine.config, (message) => faults.tell(message))
  }

  async #ask(): Promise<void> {
    try {
      while ((this.#line.size !== 0 || this.#wantsNews) && !this.#isClosed) {
        this.#wantsNews = false
        const mark = this.#line.mark()
        const covered = new Map(this.#line.sessions.map((session) => [session, session.netInputBytes]))
        try {
          await this.refresh()
          this.#covered = covered
          await this.#grant(mark)
        } catch (error) {
          const { faults } = this.#parts
          if (faults.note(error) === 'refused') this.#line.end(faults.unread)
          await breath()
          this.#line.sweep()
        }
      }
    } finally {
      this.#questions = undefined
    }
  }

  /** Those who came before the question run now, and nobody else. */
  async #grant(mark: number): Promise<void> {
    this.#isGranting = true
    this.#line.grant(mark)
    await undefined // they run in between
    this.#isGranting = false
  }

  /** Brings the copy to where the log is now, or later. @throws RemoteFault, or Error for what cannot be read */
  async refresh(): Promise<void> {
    for (;;) {
      await this.whole()
      const askedAt = monotonic()
      const newer = await this.#parts.log.newer(this.position)
      await this.#untilFree()
      const isAll = this.accept(newer, askedAt)
      if (this.isWhole) this.settle()
      if (isAll) return
    }
  }

  async #untilFree(): Promise<void> {
    for (let held = this.#parts.held(); held !== undefined; held = this.#parts.held()) await held
  }

  /** Applies what the log has told. False if there is more to be read first. @throws Error for what cannot be read */
  accept(newer: Newer, askedAt: number): boolean {
    this.#learn(newer)
    if (!this.isWhole) return false
    const { rows } = newer
    this.isWhole = false
    this.isWhole = this.#copy.apply(rows) && (rows.length !== 0 || newer.last <= this.position)
    if (!this.isWhole || newer.last > this.position) return false
    this.#confirmed(askedAt)
    return true
  }

  #learn({ now, format, last }: Newer): void {
    this.#parts.clock?.follow(now)
    this.format = format
    this.#last = last
  }

  #confirmed(at: number): void {
    this.#freshness.asked(at)
    this.#confirmedAt = at
    this.#parts.faults.clear()
  }

  /** Settles when there is a copy to be shown. @throws RemoteFault, or Error for what cannot be read */
  async whole(): Promise<void> {
    if (this.isWhole) return
    this.#building ??= this.#build()
    await this.#building
  }

  async #build(): Promise<void> {
    const { log } = this.#parts
    try {
      if (!this.#isOpen) {
        const { id, isReadOnly } = await log.open()
        this.id = id
        if (isReadOnly) this.noteReadOnly()
        this.#isOpen = true
      }
      const askedAt = monotonic()
      const image = await log.image()
      checkWhole(image)
      await this.#untilFree()
      this.#learn(image)
      await inSlices(this.#copy.rebuild(image))
      this.isWhole = true
      this.#confirmed(askedAt)
      this.settle()
    } finally {
      this.#building = undefined
    }
  }
}

/** @throws Error where pieces of the snapshot are missing */
function checkWhole({ mark, pieces }: Image): void {
  const bytes = pieces.reduce((sum, piece) => sum + piece.length, 0)
  if (bytes !== mark.bytes) throw new Error(`the snapshot has ${bytes} bytes where it should have ${mark.bytes}`)
}

/** Before something is tried again: not all processes at the same moment. */
export function breath(): Promise<void> {
  return new Promise((resolve) => soon(RETRY_MS * (0.5 + Math.random()), resolve))
}

/** Settles when what is ready in this turn of the event loop has run. */
export function turnIsOver(): Promise<void> {
  return new Promise((resolve) => immediately(resolve))
}
