/**
 * `zerodis store …`: what can be done to a shared store from outside, while others use it or not. The store is the one that the
 * arguments, the file and the environment say.
 */
import { existsSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { fromText } from '../base/bytes.ts'
import type { Environment } from '../config/environment.ts'
import { databaseOf } from '../server/database.ts'
import { createServer, type Server } from '../server/server.ts'
import { parseArguments, StartupError, startUp } from './startup.ts'
import { type StoreDatabase, storeDatabaseOf } from './storedatabase.ts'
import { exportLines, importFile, kindOfFile } from './storefiles.ts'

const USAGE = `usage: zerodis store check|compact|upgrade [URL | file] [--directive value …]
       zerodis store export|import FILE.rdb|FILE.jsonl [URL | file] [--directive value …]
       URL: sqlite:PATH, postgres://… or libsql://…`

const WORDS = ['check', 'compact', 'upgrade', 'export', 'import'] as const
type Word = (typeof WORDS)[number]

type Print = (line: string) => void

/** Returns the exit code. @throws StartupError for arguments that make no sense */
export async function runStoreCommand(
  words: readonly string[],
  environment: Environment,
  print: Print,
): Promise<number> {
  const what = WORDS.find((word) => word === words[0])
  if (what === undefined) throw new StartupError(USAGE)
  const takesFile = what === 'export' || what === 'import'
  const file = takesFile ? words[1] : undefined
  const kind = takesFile ? kindOfFile(file) : undefined
  const rest = words.slice(takesFile ? 2 : 1)
  const { config } = startUp(parseArguments(/^[a-z]+:/.test(rest[0] ?? '') ? ['--store', ...rest] : rest), environment)
  const { values } = config
  if (values.dir === '') values.dir = fromText(process.cwd())
  const database = storeDatabaseOf(values)
  if (database === undefined) {
    throw new StartupError('zerodis store: name a database, as in sqlite:PATH, postgres://… or libsql://…')
  }
  try {
    if (what !== 'import') await database.mustExist()
    if (what === 'upgrade') return await upgrade(database, print)
    if (what === 'export') {
      if (existsSync(file!)) throw new StartupError(`zerodis store export: ${file} is there already`)
      const path = databaseOf(values)
      if (path !== undefined) values.store = fromText(`sqlite:${path}`)
      values.dir = fromText(dirname(resolve(file!)))
      values.dbfilename = fromText(basename(file!))
      // All that is exported is of one moment.
      values['store-consistency'] = 'eventual'
      values['store-max-staleness'] = Infinity
    }
    const server = createServer({ config, log: (level, message) => (level === 'warning' ? print(message) : undefined) })
    try {
      await server.load()
      if (what === 'export') print(`${await exportTo(server, file!, kind!)} keys were written.`)
      else if (what === 'import') print(`${await importFile(server, resolve(file!), kind!)} keys were restored.`)
      else return await lookAt(server, database, what, print)
      return 0
    } finally {
      await server.close()
    }
  } finally {
    await database.close()
  }
}

async function exportTo(server: Server, file: string, kind: 'rdb' | 'jsonl'): Promise<number> {
  if (kind === 'jsonl') return exportLines(server, file)
  await server.execute('SAVE')
  return server.engine.keyspace.size
}

async function lookAt(server: Server, database: StoreDatabase, what: Word, print: Print): Promise<number> {
  const info = String(await server.execute('INFO', 'store'))
  for (const line of info.trimEnd().split('\r\n')) print(line)
  if (what === 'compact') {
    print((await server.compact()) ? 'A snapshot stands in the place of the log.' : 'There was nothing to be done.')
    return 0
  }
  const faults = await database.faults()
  for (const fault of faults) print(`The database: ${fault}`)
  print(`${server.engine.keyspace.size} keys can be read.`)
  return faults.length === 0 ? 0 : 1
}

async function upgrade(database: StoreDatabase, print: Print): Promise<number> {
  const { before, now } = await database.upgrade()
  print(
    before === now
      ? `The format is ${before}, the newest that this version knows: there was nothing to be done.`
      : `The format was ${before}, and is ${now} now.`,
  )
  return 0
}
