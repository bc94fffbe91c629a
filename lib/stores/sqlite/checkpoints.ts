/**
 * Checkpoints of SQLite's own log (its WAL), which bring what was committed into the database's file and force it to disk: tens of
 * milliseconds, for which no command is to wait. A thread of its own does it, on a connection of its own, when the log has grown: first
 * without a lock, then what came meanwhile with the lock of writers, so that the log begins anew.
 *
 * The package libsql stands still for ever now and then where two threads of a process use it (0.5, seen within seconds): there SQLite does it
 * by itself with some commit, and so it does where a thread cannot be had.
 */
import { Worker } from 'node:worker_threads'

/** What is written between two, about: a row takes a page at least. Unit: bytes. */
const INTERVAL_BYTES = 4 * 2 ** 20
const PAGE_BYTES = 4096

/** What the thread runs; `workerData` is the path of the database. */
const PROGRAM = `
const { parentPort, workerData } = require('node:worker_threads')
const { DatabaseSync } = require('node:sqlite')
const database = new DatabaseSync(workerData)
const run = (sql) => database.prepare(sql).all()
run('PRAGMA busy_timeout = 50')
parentPort.on('message', (what) => {
  if (what === 'end') {
    database.close()
    parentPort.close()
    return
  }
  try {
    run('PRAGMA wal_checkpoint(PASSIVE)')
    run('PRAGMA wal_checkpoint(RESTART)')
  } catch {
    // Somebody else does it, or the next one will.
  }
  parentPort.postMessage('done')
})
`

export interface CheckpointsParts {
  readonly path: string
  /** Leaves it to SQLite. */
  readonly onFailure: (reason: string) => void
}

export class Checkpoints {
  readonly #parts: CheckpointsParts
  #worker: Worker | undefined
  #isRunning = false
  #hasFailed = false
  #rows = 0
  #bytes = 0
  /** How many were asked for. */
  count = 0

  constructor(parts: CheckpointsParts) {
    this.#parts = parts
  }

  /** To be called now and then, with the rows that were ever seen here, and the bytes of those behind the snapshot. */
  consider(rows: number, bytes: number): void {
    if (this.#isRunning || this.#hasFailed) return
    if (bytes < this.#bytes) this.#bytes = 0 // there is a new snapshot
    if ((rows - this.#rows) * PAGE_BYTES + bytes - this.#bytes < INTERVAL_BYTES) return
    this.#rows = rows
    this.#bytes = bytes
    this.#isRunning = true
    this.count++
    this.#worker ??= this.#start()
    this.#worker.postMessage('checkpoint')
  }

  #start(): Worker {
    const worker = new Worker(PROGRAM, { eval: true, workerData: this.#parts.path, execArgv: [] })
    worker.unref()
    worker.on('message', () => {
      this.#isRunning = false
    })
    worker.on('error', (error) => {
      if (this.#hasFailed) return
      this.#hasFailed = true
      this.#parts.onFailure(error instanceof Error ? error.message : String(error))
    })
    return worker
  }

  close(): void {
    this.#hasFailed = true
    this.#worker?.postMessage('end')
  }
}
