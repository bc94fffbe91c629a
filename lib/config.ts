/**
 * The configuration: one table of directives, from which the command line, the environment, createServer options, CONFIG
 * and the reference page in docs are all derived.
 */
export interface Directives {
  port: number
  databases: number
  requirepass: string
  'proto-max-bulk-len': number
}
export class Config {
  readonly values: Directives = { port: 6379, databases: 16, requirepass: '', 'proto-max-bulk-len': 536870888 }
}
