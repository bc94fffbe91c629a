/** What `zerodis --help` and `zerodis --help all` print. */
import { type DirectiveName, directive } from '../config/config.ts'
import { DIRECTIVES } from '../config/directives.ts'

/** The flags that matter to somebody who begins. */
const FIRST: readonly DirectiveName[] = [
  'port',
  'http-port',
  'rest-token',
  'requirepass',
  'bind',
  'unixsocket',
  'dir',
  'save',
  'maxmemory',
  'maxmemory-policy',
]

const USAGE = `Usage: zerodis [/path/to/redis.conf] [options] [-]

A Redis in one process: RESP for redis-cli and ioredis, REST for @upstash/redis, RESP over WebSocket, all on the same keys.

Examples:
  zerodis                                 RESP on 6379, REST on 8079, with a token that is kept in .zerodis/
  zerodis --port 7777 --http-port 8080    other ports; 0 for none
  zerodis --save 60 1                     keeps the keys in dump.rdb
  zerodis /etc/redis/6379.conf            a configuration file of redis-server
  echo 'maxmemory 128mb' | zerodis -      the same from standard input
`

const END = `
Every directive of redis.conf is an option, and a variable of the environment (ZERODIS_MAXMEMORY=128mb).
  zerodis --help all       lists them all
  zerodis commands         every command of Redis 8, and what is here of it; --json for programs
  zerodis cluster --nodes 3  a cluster in one process, for development against one
  zerodis check [--fix]    whether snapshots and append-only files are whole, in a folder or one of them
  zerodis restore --to     takes an append-only file back to a moment, and keeps what was there
  zerodis store check      what a shared store holds (sqlite:PATH); compact, upgrade, export and import work on it
  zerodis top [URL]        the figures of a store as they change: redis://host:6379, or https://host with --token; --interval, --count
  zerodis tail [URL]       the commands that it runs; --command, --key, --client, --db, --type read|write, --json, --limit
  zerodis --version        what this is
`

/** `all`: every directive, else the first ones. */
export function helpText(all: boolean): string {
  const names = all ? (Object.keys(DIRECTIVES) as DirectiveName[]).filter((name) => !directive(name).inert) : FIRST
  const width = Math.max(...names.map((name) => name.length)) + 4
  const lines = names.map((name) => {
    const { summary, format, initial } = directive(name)
    const value = format(initial)
    return `  ${`--${name}`.padEnd(width)}${summary}${value === '' ? '' : ` Default ${value}.`}`
  })
  return `${USAGE}\nOptions:\n${lines.join('\n')}\n${END}`
}
