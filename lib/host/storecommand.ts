/**
 * `zerodis store check|compact [sqlite:PATH | file] [--directive value …]`: what can be done to a shared store from outside, while others use it
 * or not. The store is the one that the arguments, the file and the environment say.
 */
import { existsSync } from 'node:fs'
import type { Directives } from '../config/config.ts'
import type { Environment } from '../config/environment.ts'
import { databaseOf } from '../server/database.ts'
import { createServer } from '../server/server.ts'
import { openSqlite } from '../stores/sqlite.ts'
import { Tables } from '../stores/tables.ts'
import { parseArguments, StartupError, startUp } from './startup.ts'

/** Returns the exit code. @throws StartupError for arguments that make no sense */
export async function runStoreCommand(
  words: readonly string[],
  environment: Environment,
  print: (line: string) => void,
): Promise<number> {
  const [what, ...rest] = words
  if (what !== 'check' && what !== 'compact') {
    throw new StartupError('usage: zerodis store check|compact [sqlite:PATH | file] [--directive value …]')
  }
  const [first = ''] = rest
  const given = /^[a-z]+:/.test(first) ? ['--store', ...rest] : rest
  const { config } = startUp(parseArguments(given), environment)
  const { values } = config
  if (values.dir === '') values.dir = process.cwd()
  const path = databaseOf(values)
  if (path === undefined) throw new StartupError('zerodis store: name a database, as in sqlite:PATH')
  if (!existsSync(path)) throw new StartupError(`zerodis store: there is no ${path}`)
  const server = createServer({ config, log: (_, message) => print(message) })
  try {
    for (const line of String(server.execute('INFO', 'store')).trimEnd().split('\r\n')) print(line)
    if (what === 'compact') {
      print((await server.compact()) ? 'A snapshot stands in the place of the log.' : 'There was nothing to be done.')
      return 0
    }
    const faults = integrityOf(path, values)
    for (const fault of faults) print(`SQLite: ${fault}`)
    print(`${server.engine.keyspace.size} keys can be read.`)
    return faults.length === 0 ? 0 : 1
  } finally {
    await server.close()
  }
}

/** What SQLite finds wrong with the file. */
function integrityOf(path: string, values: Directives): readonly string[] {
  const tables = new Tables(openSqlite(path), {
    prefix: values['store-table-prefix'],
    name: values['store-name'],
    synchronous: values['store-synchronous'],
  })
  try {
    return tables.integrity().filter((line) => line !== 'ok')
  } finally {
    tables.close()
  }
}
