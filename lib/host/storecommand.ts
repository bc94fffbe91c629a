/**
 * `zerodis store …`: what can be done to a shared store from outside, while others use it or not. The store is the one that the
 * arguments, the file and the environment say.
 */
import { existsSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import type { Directives } from '../config/config.ts'
import type { Environment } from '../config/environment.ts'
import { databaseOf } from '../server/database.ts'
import { createServer, type Server } from '../server/server.ts'
import { openSqlite } from '../stores/sqlite.ts'
import { Tables } from '../stores/tables.ts'
import { parseArguments, StartupError, startUp } from './startup.ts'
import { exportLines, importFile, kindOfFile } from './storefiles.ts'

const USAGE = `usage: zerodis store check|compact|upgrade [sqlite:PATH | file] [--directive value …]
       zerodis store export|import FILE.rdb|FILE.jsonl [sqlite:PATH | file] [--directive value …]`

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
  if (values.dir === '') values.dir = process.cwd()
  const path = databaseOf(values)
  if (path === undefined) throw new StartupError('zerodis store: name a database, as in sqlite:PATH')
  if (what !== 'import' && !existsSync(path)) throw new StartupError(`zerodis store: there is no ${path}`)
  if (what === 'upgrade') return upgrade(path, values, print)
  if (what === 'export') {
    if (existsSync(file!)) throw new StartupError(`zerodis store export: ${file} is there already`)
    values.store = `sqlite:${path}`
    values.dir = dirname(resolve(file!))
    values.dbfilename = basename(file!)
    // All that is exported is of one moment.
    values['store-consistency'] = 'eventual'
    values['store-max-staleness'] = Infinity
  }
  const server = createServer({ config, log: (level, message) => (level === 'warning' ? print(message) : undefined) })
  try {
    await server.load()
    if (what === 'export') print(`${await exportTo(server, file!, kind!)} keys were written.`)
    else if (what === 'import') print(`${await importFile(server, resolve(file!), kind!)} keys were restored.`)
    else return await lookAt(server, path, what, print)
    return 0
  } finally {
    await server.close()
  }
}

async function exportTo(server: Server, file: string, kind: 'rdb' | 'jsonl'): Promise<number> {
  if (kind === 'jsonl') return exportLines(server, file)
  await server.execute('SAVE')
  return server.engine.keyspace.size
}

async function lookAt(server: Server, path: string, what: Word, print: Print): Promise<number> {
  for (const line of String(server.execute('INFO', 'store')).trimEnd().split('\r\n')) print(line)
  if (what === 'compact') {
    print((await server.compact()) ? 'A snapshot stands in the place of the log.' : 'There was nothing to be done.')
    return 0
  }
  const tables = openTables(path, server.config.values)
  try {
    const faults = tables.integrity().filter((line) => line !== 'ok')
    for (const fault of faults) print(`SQLite: ${fault}`)
    print(`${server.engine.keyspace.size} keys can be read.`)
    return faults.length === 0 ? 0 : 1
  } finally {
    tables.close()
  }
}

/** To be called when all processes run this version: those that do not know the format stop. */
function upgrade(path: string, values: Directives, print: Print): number {
  const tables = openTables(path, values)
  try {
    const before = tables.format
    print(
      tables.upgrade()
        ? `The format was ${before}, and is ${tables.format} now.`
        : `The format is ${before}, the newest that this version knows: there was nothing to be done.`,
    )
    return 0
  } finally {
    tables.close()
  }
}

function openTables(path: string, values: Directives): Tables {
  return new Tables(openSqlite(path), {
    prefix: values['store-table-prefix'],
    name: values['store-name'],
    synchronous: values['store-synchronous'],
  })
}
