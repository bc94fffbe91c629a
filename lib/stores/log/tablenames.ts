/** The tables of a shared store by their names, and how SQLite, and what speaks its SQL, makes them. What they hold: see sqlite/tables.ts. */

/** Between quotes, as SQL has them. */
export interface TableNames {
  readonly log: string
  readonly snapshot: string
  readonly meta: string
}

/** Keyspaces of one database are told apart by `name`: with what the names of its tables begin. */
export function tableStem(prefix: string, name: string): string {
  return prefix + name
}

/** The same in SQLite, and in what speaks its SQL, where names of tables that differ by case alone are one name. */
export function caselessTableStem(prefix: string, name: string): string {
  return tableStem(prefix, name).replace(/[A-Z]/g, (letter) => `$${letter.toLowerCase()}`)
}

export function tableNames(stem: string): TableNames {
  const table = (what: string): string => `"${stem}_${what}"`
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
