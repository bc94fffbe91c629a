/** What tests do to a database behind a network. */
/** A database of its own for tests. */
export interface TestDatabase {
  readonly url: string
  /** What a statement gives, as text. */
  ask(statement: string): string | Promise<string>
  up(): Promise<void>
  /** Ends it: `immediate` as a crash would, `fast` cuts all who are connected. */
  down(how: 'fast' | 'immediate'): Promise<void>
  restart(how: 'fast' | 'immediate'): Promise<void>
  /** The URL of who may only read. */
  readerUrl(): string
  /** Rows of a table are refused with `no room`, until what is returned is called. */
  refuseRows(table: string): Promise<() => unknown>
  close(): Promise<void>
}
