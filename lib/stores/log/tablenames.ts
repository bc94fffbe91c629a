/** The tables of a shared store by their names, and how SQLite, and what speaks its SQL, makes them. What they hold: see sqlite/tables.ts. */

/** Between quotes, as SQL has them. */
export interface TableNames {
  readonly log: string
  readonly snapshot: string
  readonly meta: string
}

/** Keyspaces of one database are told apart by `name`. */
export function tableNames(prefix: string, name: string): TableNames {
  const table = (what: string): string => `"${prefix}${name}_${what}"`
  return { log: table('log'), snapshot: table('snapshot'), meta: table('meta') }
}

/** Statements that make those that are not there, in the SQL of SQLite. */
export function creationOf({ log, snapshot, meta }: TableNames, format: number): readonly string[] {
  return [
    `CREATE TABLE IF NOT EXISTS ${meta} (name TEXT PRIMARY KEY, value) WITHOUT ROWID`,
    `CREATE TABLE IF NOT EXISTS ${log} (seq INTEGER PRIMARY KEY, at INTEGER, writer INTEGER, effects BLOB)`,
    `CREATE TABLE IF NOT EXISTS ${snapshot} (id INTEGER, part INTEGER, bytes BLOB, PRIMARY KEY (id, part))`,
    `INSERT OR IGNORE INTO ${meta} VALUES ('format', ${format}), ('id', lower(hex(randomblob(8)))), ` +
      "('snapshot', 0), ('snapshot-bytes', 0)",
  ]
}
