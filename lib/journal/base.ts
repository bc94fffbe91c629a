/**
 * The base of the log: what the store holds at one moment, in a file of its own. Whoever begins one gets the state of that
 * moment, whatever commands do while it is written: a walk beside commands, be it a snapshot or commands
 * (`aof-use-rdb-preamble no`).
 */

import { monotonic } from '../base/runtime.ts'
import type { Engine } from '../engine/engine.ts'
import { FileSink, SynchronousFileSink } from '../persistence/files/filesink.ts'
import { delayedEnd } from '../persistence/files/keydelay.ts'
import type { Rdb } from '../persistence/rdb.ts'
import type { WalkSink } from '../persistence/snapshot/walk.ts'
import type { AppendFiles } from './appendfiles.ts'
import { CommandWalk } from './commandwalk.ts'

/** A base that is being written beside commands. */
export interface BaseWriting {
  /** Settled when it is on disk. @throws what the disk throws, and where it was given up */
  readonly done: Promise<void>
  abandon(): void
}

export interface BaseParts {
  readonly engine: Engine
  readonly rdb: Rdb
  readonly files: AppendFiles
}

/** Begins to write one to a path; undefined where the store is being walked already. */
export function beginBase(parts: BaseParts, path: string): BaseWriting | undefined {
  const { engine, rdb, files } = parts
  const beganAt = monotonic()
  let keys = 0
  const sink = new FileSink(filesFor(parts), path, () => {
    return delayedEnd(beganAt, keys, engine.config['rdb-key-save-delay'])
  })
  engine.keyspace.setNow(engine.clock.now())
  const walk = engine.config['aof-use-rdb-preamble']
    ? rdb.walks.begin([sink], { isBase: true })
    : rdb.walks.beginOther((onOver) => commandWalk(engine, sink, onOver))
  if (walk === undefined) {
    sink.abandon(new Error('another walk goes on'))
    sink.done.catch(() => files.remove(path).catch(() => {}))
    return undefined
  }
  keys = walk.total
  return {
    done: sink.done.catch((error: unknown) => {
      walk.abandon(error)
      throw error
    }),
    abandon() {
      const reason = new Error('it was given up')
      walk.abandon(reason)
      sink.abandon(reason) // the walk may be over, and the file not
    },
  }
}

/** Writes one before it returns. @throws what the disk throws */
export function writeBase({ engine, rdb, files }: BaseParts, path: string): void {
  const file = files.openSync(path, 'w')
  try {
    const sink = new SynchronousFileSink(files, file)
    engine.keyspace.setNow(engine.clock.now())
    if (engine.config['aof-use-rdb-preamble']) rdb.walks.runAtOnce(sink, { isBase: true })
    else commandWalk(engine, sink, () => {}).runAtOnce()
  } finally {
    files.closeSync(file)
  }
}

function commandWalk({ keyspace, config, ports, stats }: Engine, sink: WalkSink, onOver: () => void): CommandWalk {
  return new CommandWalk({
    keyspace,
    commands: () => stats.commands,
    sink,
    functions: ports.scripting.functions.codes,
    timestamp: config['aof-timestamp-enabled'] ? Math.floor(keyspace.now / 1000) : undefined,
    onOver,
  })
}

/** Written out so often, with `aof-rewrite-incremental-fsync`, so that the end need not wait for all of it. Unit: bytes. */
const SYNC_BYTES = 4 * 2 ** 20

function filesFor({ engine, files }: BaseParts): Pick<AppendFiles, 'open'> {
  return {
    async open(path) {
      const file = await files.open(path)
      let unsynced = 0
      return {
        async write(piece: Uint8Array, at: number) {
          const written = await file.write(piece, at)
          unsynced += written.bytesWritten
          if (unsynced >= SYNC_BYTES && engine.config['aof-rewrite-incremental-fsync']) {
            await file.sync()
            unsynced = 0
          }
          return written
        },
        sync: () => file.sync(),
        close: () => file.close(),
      } as Awaited<ReturnType<AppendFiles['open']>>
    },
  }
}
