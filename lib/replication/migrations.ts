/**
 * MIGRATE's other half: a connection to the server to which keys go, and what it answers. All is written at once and each
 * answer is a line. A connection serves one command; Redis keeps it for ten seconds.
 */
import { connect, type Socket } from 'node:net'
import type { Bytes } from '../base/bytes.ts'
import { systemClock } from '../base/clock.ts'
import { MIGRATE_READING, MIGRATE_UNREACHABLE, MIGRATE_WRITING, targetError } from '../base/errors.ts'
import type { Reply, ReplyError } from '../base/reply.ts'
import { Encoder } from '../protocol/encode.ts'
import type { MigratedKey, MigrationOutcome, MigrationPort, MigrationRequest } from '../session/ports.ts'
import type { Session } from '../session/session.ts'

/** A line of an answer is never longer, or what answers is no Redis. */
const LINE_BYTES_MAX = 64 * 1024

export interface MigrationsParts {
  /** Runs the command of a waiting client again; see Blocking. */
  readonly retry: (session: Session, onTimeout: Reply) => void
}

export class Migrations implements MigrationPort {
  readonly #parts: MigrationsParts
  readonly #outcomes = new WeakMap<Session, MigrationOutcome>()

  constructor(parts: MigrationsParts) {
    this.#parts = parts
  }

  takeOutcome(session: Session): MigrationOutcome | undefined {
    const outcome = this.#outcomes.get(session)
    this.#outcomes.delete(session)
    return outcome
  }

  begin(session: Session, request: MigrationRequest): void {
    this.#outcomes.delete(session) // of one for which it did not wait to the end
    new Migration(request, (outcome) => {
      this.#outcomes.set(session, outcome)
      this.#parts.retry(session, MIGRATE_UNREACHABLE) // where keys are shared that may be later
    })
  }
}

/** One MIGRATE under way. */
class Migration {
  readonly #request: MigrationRequest
  readonly #ended: (outcome: MigrationOutcome) => void
  readonly #socket: Socket
  #cancelTimeout: () => void = () => {}
  readonly #moved: MigratedKey[] = []
  #isConnected = false
  #isOver = false
  /** The first error that the other server answered. */
  #refusal: ReplyError | undefined
  #text: Bytes = ''
  /** Answers that come before those for the keys. */
  #preliminaries: number
  #answers = 0

  constructor(request: MigrationRequest, ended: (outcome: MigrationOutcome) => void) {
    this.#request = request
    this.#ended = ended
    this.#preliminaries = request.auth.length > 0 ? 2 : 1
    const port = Number(request.port)
    this.#waitAnew()
    // A port that is none is a server that is not there.
    this.#socket = connect({ host: request.host, port: Number.isInteger(port) && port > 0 && port < 65536 ? port : 1 })
    this.#socket.setNoDelay(true)
    this.#socket.setEncoding('latin1')
    this.#socket.on('connect', () => this.#send())
    this.#socket.on('data', (text: string) => this.#receive(text))
    this.#socket.on('error', (error: NodeJS.ErrnoException) => {
      // Redis finds out that nobody listens when it writes.
      const isRefused = error.code === 'ECONNREFUSED' || error.code === 'EHOSTUNREACH' || error.code === 'ENETUNREACH'
      this.#end(isRefused ? MIGRATE_WRITING : this.#failure())
    })
    this.#socket.on('close', () => this.#end(this.#failure()))
  }

  /** The other server has its time again: real time, as it is elsewhere. */
  #waitAnew(): void {
    this.#cancelTimeout()
    this.#cancelTimeout = systemClock.after(this.#request.timeoutMs, () => this.#end(this.#failure()), true)
  }

  #failure(): ReplyError {
    return this.#isConnected ? MIGRATE_READING : MIGRATE_UNREACHABLE
  }

  #send(): void {
    this.#isConnected = true
    const { auth, db, keys, replaces, asks } = this.#request
    const restore = asks ? 'RESTORE-ASKING' : 'RESTORE'
    const encoder = new Encoder((part) => this.#socket.write(part, 'latin1'))
    if (auth.length > 0) encoder.add(['AUTH', ...auth])
    encoder.add(['SELECT', db])
    for (const { key, ttl, payload } of keys) {
      encoder.add([restore, key, `${ttl}`, payload, ...(replaces ? ['REPLACE'] : [])])
    }
    encoder.flush()
  }

  #receive(text: Bytes): void {
    this.#waitAnew()
    this.#text += text
    for (let end = this.#text.indexOf('\r\n'); end !== -1 && !this.#isOver; end = this.#text.indexOf('\r\n')) {
      const line = this.#text.slice(0, end)
      this.#text = this.#text.slice(end + 2)
      this.#answer(line)
    }
    if (this.#text.length > LINE_BYTES_MAX) this.#end(MIGRATE_READING)
  }

  #answer(line: Bytes): void {
    const { keys } = this.#request
    const isError = line.startsWith('-')
    if (isError) this.#refusal ??= targetError(line.slice(1))
    const index = this.#answers++ - this.#preliminaries
    // A key that came to the wrong database, or before a password was taken, has not moved.
    if (index < 0) {
      if (isError) this.#end(this.#refusal)
      return
    }
    if (!isError) this.#moved.push(keys[index])
    if (index === keys.length - 1) this.#end(this.#refusal)
  }

  #end(error: ReplyError | undefined): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#cancelTimeout()
    this.#socket.destroy()
    this.#ended({ moved: this.#moved, error: this.#refusal ?? error })
  }
}
