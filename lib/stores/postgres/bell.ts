/**
 * Hears of commits by LISTEN, on a connection of its own, while somebody waits for what others do. A pooler gives a connection to
 * another client after each transaction, so nothing can be heard through it: there the store is asked now and then. One knows a
 * pooler by the number of the process that serves, which is another than the one that was told at the begin.
 */
import { inBackground } from '../../base/runtime.ts'
import type { PgClient, PostgresPool } from './pool.ts'

/** Until the next try to hear. Unit: ms. */
const AGAIN_MS = 5000
/** Unit: ms. */
const ANSWER_MS = 5000

export class PostgresBell {
  readonly #pool: PostgresPool
  readonly #channel: string
  readonly #onRing: (writer: string) => void
  #isWanted = false
  #isTrying = false
  #client: PgClient | undefined
  /** There is a pooler in between. */
  #isDeaf = false

  constructor(pool: PostgresPool, channel: string, onRing: (writer: string) => void) {
    this.#pool = pool
    this.#channel = channel
    this.#onRing = onRing
  }

  get isHeard(): boolean {
    return this.#client !== undefined
  }

  hear(isWanted: boolean): void {
    this.#isWanted = isWanted
    if (!isWanted) this.#stop()
    else if (this.#client === undefined && !this.#isTrying && !this.#isDeaf) this.#begin()
  }

  #begin(): void {
    this.#isTrying = true
    this.#listen().then(
      () => {
        this.#isTrying = false
      },
      () => {
        inBackground(AGAIN_MS, () => {
          this.#isTrying = false
        })
      },
    )
  }

  async #listen(): Promise<void> {
    const client = await this.#pool.take()
    try {
      const [{ rows }] = await client.ask('SELECT pg_backend_pid()', ANSWER_MS)
      if (Number(rows[0][0]) !== client.processId) {
        this.#isDeaf = true
        client.release()
        return
      }
      client.onNotification(this.#onRing)
      client.on('end', () => this.#lost(client))
      await client.ask(`LISTEN ${this.#channel}`, ANSWER_MS)
    } catch (error) {
      client.destroy()
      throw error
    }
    if (!this.#isWanted) return client.destroy()
    this.#client = client
    this.#onRing('') // of what came before
  }

  #lost(client: PgClient): void {
    if (this.#client !== client) return
    this.#client = undefined
    client.destroy()
    this.#onRing('')
  }

  #stop(): void {
    const client = this.#client
    this.#client = undefined
    client?.destroy()
  }
}
