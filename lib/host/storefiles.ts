/**
 * `zerodis store export` and `import`: the keys of a shared store as a file, a snapshot of Redis (`.rdb`) or lines of JSON (`.jsonl`). What
 * is exported is of one moment. What is imported is read whole first, by a store in memory; then its keys take the place of those
 * of the same names, some at a time, and all others stay.
 */
import { closeSync, createReadStream, existsSync, fsyncSync, openSync, writeSync } from 'node:fs'
import { createInterface } from 'node:readline/promises'
import { createServer, type Server } from '../server/server.ts'
import type { InProcessDoor } from '../transports/inprocess.ts'
import { commandsOf, keysOf, lineOf } from './jsonlines.ts'
import { StartupError } from './startup.ts'

/** What is written at once, and restored in one batch. */
const BATCH_BYTES = 2 ** 20
const BATCH_KEYS = 500

type Kind = 'rdb' | 'jsonl'

/** @throws StartupError for another name than of a file of a known kind */
export function kindOfFile(path: string | undefined): Kind {
  if (path?.endsWith('.rdb')) return 'rdb'
  if (path?.endsWith('.jsonl')) return 'jsonl'
  throw new StartupError('zerodis store: name a file that ends in .rdb or .jsonl')
}

/** Writes lines of JSON. Returns how many. @throws the system's error */
export async function exportLines(server: Server, path: string): Promise<number> {
  const door = server.inProcess()
  const file = openSync(path, 'wx', 0o644)
  let count = 0
  let text = ''
  const write = (): void => {
    for (let bytes = Buffer.from(text); bytes.length > 0; ) bytes = bytes.subarray(writeSync(file, bytes))
    text = ''
  }
  try {
    for await (const found of keysOf(door, server.config.values.databases)) {
      const line = await lineOf(door, found)
      if (line === undefined) continue
      text += `${line}\n`
      count++
      if (text.length > BATCH_BYTES) write()
    }
    write()
    fsyncSync(file)
    return count
  } finally {
    closeSync(file)
  }
}

/** Returns how many keys were restored. @throws StartupError for what cannot be read, and changes nothing then */
export async function importFile(server: Server, path: string, kind: Kind): Promise<number> {
  if (!existsSync(path)) throw new StartupError(`zerodis store import: there is no ${path}`)
  const { databases } = server.config.values
  const read = await readInto(path, kind, { databases, log: () => {} })
  try {
    return await copy(read.inProcess(), server.inProcess(), databases)
  } finally {
    await read.close()
  }
}

async function readInto(path: string, kind: Kind, options: { databases: number; log: () => void }): Promise<Server> {
  try {
    if (kind === 'rdb') return createServer({ ...options, 'preload-file': `rdb:${path}` })
  } catch (error) {
    throw new StartupError(`zerodis store import: ${path}: ${error instanceof Error ? error.message : error}`)
  }
  const server = createServer(options)
  const door = server.inProcess()
  let number = 0
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    number++
    if (line.trim() === '') continue
    try {
      for (const command of commandsOf(line)) await door.execute(...command)
    } catch (error) {
      await server.close()
      throw new StartupError(`zerodis store import: line ${number}: ${error instanceof Error ? error.message : error}`)
    }
  }
  return server
}

async function copy(from: InProcessDoor, to: InProcessDoor, databases: number): Promise<number> {
  let batch: unknown[][] = []
  let bytes = 0
  let count = 0
  const send = async (): Promise<void> => {
    const answers = await to.request({ path: ['pipeline'], body: batch })
    for (const { error } of [answers].flat()) if (error !== undefined) throw new StartupError(`zerodis store: ${error}`)
    batch = []
    bytes = 0
  }
  await to.request({ body: ['FUNCTION', 'RESTORE', await from.executeBuffer('FUNCTION', 'DUMP'), 'REPLACE'] })
  for await (const { db, key, expireAt } of keysOf(from, databases)) {
    const dump = (await from.executeBuffer('DUMP', key)) as Buffer | null
    if (dump === null) continue
    batch.push(['SELECT', db], ['RESTORE', key, Math.max(0, expireAt), dump, 'REPLACE', 'ABSTTL'])
    bytes += dump.length
    count++
    if (bytes > BATCH_BYTES || batch.length > 2 * BATCH_KEYS) await send()
  }
  if (batch.length > 0) await send()
  return count
}
