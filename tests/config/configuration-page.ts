/** The reference page of the directives, and what the console says of them, from the table. */
import { type DirectiveName, directive } from '../../lib/config/config.ts'
import { DIRECTIVES } from '../../lib/config/directives.ts'
import { variableOf } from '../../lib/config/environment.ts'

const HEAD = `# Configuration

Every directive of redis.conf is known, under Redis's name and with Redis's values. Those of zerodis itself (\`http-port\`,
\`rest-*\`, \`auth-throttle-*\`, \`upstream\`, …) follow the same style. The same names work everywhere:

| where | how |
|---|---|
| a file | \`zerodis /path/to/redis.conf\`, with a line \`maxmemory 100mb\` |
| standard input | \`echo 'maxmemory 100mb' \\| zerodis -\` |
| the environment | \`ZERODIS_MAXMEMORY=100mb\` |
| a flag | \`zerodis --maxmemory 100mb\`, \`npm run dev -- --maxmemory 100mb\` |
| code | \`createServer({ maxmemory: '100mb' })\` |
| a client, while it runs | \`CONFIG SET maxmemory 100mb\`, and \`CONFIG REWRITE\` to keep it in the file |

Later ones win: defaults, file, standard input, environment, flags. Sizes take \`k\`, \`m\`, \`g\` (powers of ten) and \`kb\`, \`mb\`,
\`gb\` (powers of two).

Names that others use are understood too: \`PORT\` for \`http-port\`; \`KV_REST_API_TOKEN\`, \`UPSTASH_REDIS_REST_TOKEN\` or
\`SRH_TOKEN\` for \`rest-token\`; \`KV_REST_API_READ_ONLY_TOKEN\` for \`rest-read-only-token\`; \`SRH_CONNECTION_STRING\` for \`upstream\`.

A directive marked *fixed* is set at the start; *protected* asks for \`enable-protected-configs\`; *no effect* is accepted and
shown by CONFIG GET, so that a redis.conf can be used as it is.
`

export function configurationPage(): string {
  const rows = (Object.keys(DIRECTIVES) as DirectiveName[]).map((name) => {
    const entry = directive(name)
    const marks = [
      entry.alias === undefined ? '' : `also \`${entry.alias}\``,
      entry.immutable ? '*fixed*' : '',
      entry.protected ? '*protected*' : '',
      entry.inert ? '*no effect*' : '',
    ].filter((mark) => mark !== '')
    const initial = entry.format(entry.initial)
    const shown = initial === '' ? '' : `\`${initial}\``
    const kind = entry.kind.replaceAll('|', '\\|')
    return `| \`${name}\` | ${shown} | ${kind} | ${[entry.summary, ...marks].join(' ')} |`
  })
  return `${HEAD}\nFor example \`${variableOf('http-port')}\` is the variable of \`http-port\`.\n\n| directive | default | value | |\n|---|---|---|---|\n${rows.join('\n')}\n`
}

const CONSOLE_HEAD = `/**
 * What is known of each directive: name, default, kind of its value, marks, and what it is for. The console imports nothing of lib/, so this
 * is written from the table of directives (npx vitest run tests/config/config.test.ts -u).
 */
`

/** The module of the console. */
export function consoleDirectives(): string {
  const lines = (Object.keys(DIRECTIVES) as DirectiveName[]).map((name) => {
    const entry = directive(name)
    const marks = [
      entry.immutable ? 'fixed' : '',
      entry.protected ? 'protected' : '',
      entry.inert ? 'inert' : '',
      entry.sensitive ? 'secret' : '',
    ].filter((mark) => mark !== '')
    return [name, entry.format(entry.initial), entry.kind, marks.join(' '), entry.summary].join('¦')
  })
  const text = lines.join('\n').replace(/[\\`]|\$\{/g, '\\$&')
  return `${CONSOLE_HEAD}export const DIRECTIVES = \`${text}\`\n`
}
