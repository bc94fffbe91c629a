/**
/**
 * Whether the state of the server forbids writes: the last snapshot has failed (`stop-writes-on-bgsave-error`), the
 * append-only file cannot be written, too few replicas follow (`min-replicas-to-write`), or it is a replica that only reads,
 * or plays one in a test. Those who know say so; guards and scripts read the answer, which is worked out on a change and not
 * for each command.
 */
import type { Bytes } from '../base/bytes.ts'
import {
  NO_REPLICAS,
  READ_ONLY_REPLICA,
  SCRIPT_READ_ONLY_REPLICA,
  SCRIPT_UNSAVED,
  UNSAVED,
  unappended,
} from '../base/errors.ts'
import type { ReplyError } from '../base/reply.ts'
import { Concern, type Concerns } from './concerns.ts'

export class WriteGuard {
  /** What a write is answered; undefined while writes are let in. */
  error: ReplyError | undefined
  /** The same for a script that says by its first line what it does. */
  scriptError: ReplyError | undefined
  /** Snapshots fail, or the append-only file; then PING says so, too. */
  isUnsaved = false
  #lacksSnapshot = false
  #unappended: ReplyError | undefined
  #lacksReplicas = false
  #isReadOnly = false
  #isReadOnlyReplica = false
  readonly #concerns: Concerns

  constructor(concerns: Concerns) {
    this.#concerns = concerns
  }

  /** The last snapshot has failed, and writes are to stop for that. */
  setUnsaved(isUnsaved: boolean): void {
    this.#lacksSnapshot = isUnsaved
    this.#settle()
  }

  /** The append-only file cannot be written, for a reason; or can again. */
  setUnappended(reason: Bytes | undefined): void {
    this.#unappended = reason === undefined ? undefined : unappended(reason)
    this.#settle()
  }

  /** Fewer replicas follow than are asked for. */
  setLacksReplicas(lacksReplicas: boolean): void {
    this.#lacksReplicas = lacksReplicas
    this.#settle()
  }

  /** A store under test answers as a replica that only reads. */
  setReadOnly(isReadOnly: boolean): void {
    this.#isReadOnly = isReadOnly
    this.#settle()
  }

  /** It follows a master, which alone writes (`replica-read-only`). */
  setReadOnlyReplica(isReadOnlyReplica: boolean): void {
    this.#isReadOnlyReplica = isReadOnlyReplica
    this.#settle()
  }

  #settle(): void {
    const isReadOnly = this.#isReadOnly || this.#isReadOnlyReplica
    const lacking = this.#lacksReplicas ? NO_REPLICAS : undefined
    this.isUnsaved = this.#lacksSnapshot || this.#unappended !== undefined
    const unsaved = this.#lacksSnapshot ? UNSAVED : this.#unappended
    this.error = unsaved ?? lacking ?? (isReadOnly ? READ_ONLY_REPLICA : undefined)
    const scriptUnsaved = this.#lacksSnapshot ? SCRIPT_UNSAVED : this.#unappended
    this.scriptError = scriptUnsaved ?? (isReadOnly ? SCRIPT_READ_ONLY_REPLICA : lacking)
    this.#concerns.set(Concern.Writes, this.error !== undefined)
  }
}
