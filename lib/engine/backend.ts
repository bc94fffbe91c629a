/**
 * What may run commands in the place of the keyspace of this process: a real Redis behind it (lib/upstream). The guards ask it
 * once a command has passed all of them, so that tokens, users and their rights hold for every backend alike. Without one,
 * nothing here costs a command anything.
 */
import type { Bytes } from '../base/bytes.ts'
import type { Reply, ReplyError } from '../base/reply.ts'
import type { Command } from '../commands/command.ts'
import type { PipelineScan } from '../protocol/pipelinescan.ts'
import type { Session } from '../session/session.ts'

/** A connection there of one client's own; what is written to it is passed on as it is. */
export interface BackendStream {
  /** Bytes that are not sent yet. */
  readonly unsentBytes: number
  /** False when it likes no more for now. */
  write(bytes: Bytes): boolean
  pause(): void
  resume(): void
  /** Sends what was written, then says that nothing more will come. */
  end(): void
  destroy(): void
}

export interface StreamListener {
  received(bytes: Bytes): void
  drained(): void
  closed(): void
}

/** Hears what the commands of a pipeline are answered, each at its place. */
export interface Answers {
  answer(place: number, reply: Reply): void
}

/** What a pipeline is answered: JSON; or its beginning, up to some comma that is not there, and the replies behind it. */
export interface PipelineAnswer {
  readonly text: Bytes
  readonly rest: Reply[] | undefined
}

export interface Backend {
  /** How it is called in texts. */
  readonly label: string
  /** False while it does not answer. */
  readonly isUp: boolean
  /** Streams of RESP can be passed through. */
  readonly passesThrough: boolean
  /** A connection for one client; the error where there is none. */
  openStream(session: Session, listener: StreamListener): Promise<BackendStream | ReplyError>
  /** True for a client who says to the backend itself who it is: nothing of it is looked at here. */
  leavesAlone(session: Session): boolean
  /** True for a command of such a client that this process answers itself. */
  isOurs(command: Command, argv: readonly Bytes[]): boolean
  /** Why a client may not have a command run there although it may name all its arguments. */
  reachesTooFar(session: Session, command: Command, argv: readonly Bytes[]): ReplyError | undefined
  /** Runs a command; undefined for one that this process answers itself. Never rejects. */
  execute(session: Session, command: Command, argv: readonly Bytes[]): Reply | Promise<Reply> | undefined
  /**
   * The same for one of many: true where `answers` will hear what is answered, false for a command that is not as simple as that, of
   * which nothing was done.
   */
  send(session: Session, command: Command, argv: readonly Bytes[], answers: Answers, place: number): boolean
  /**
   * Runs a pipeline, before which nothing stands (`isBackendAlone`); undefined where a command in it is not as simple as that, or there
   * is no connection: nothing was done then.
   */
  sendPipeline(session: Session, scan: PipelineScan): Promise<PipelineAnswer> | undefined
  /** The same for a command of which only the backend may know something. */
  executeUnknown(session: Session, argv: readonly Bytes[]): Promise<Reply>
  /** The types of keys, for replies that tell them. */
  typesOf(session: Session, keys: readonly Bytes[]): Promise<readonly Bytes[]>
  /** Ends the wait of a client; false if it waits for nothing there. */
  unblock(session: Session, withError: boolean): boolean
  /** What INFO tells of it. */
  facts(): readonly (readonly [name: string, value: string | number])[]
  /** A client is gone. */
  forget(session: Session): void
}
