/**
 * Settings from the environment: `ZERODIS_HTTP_PORT` for `http-port` and so on, and the names under which platforms and
 * other servers of the Upstash protocol keep the same things. A name of our own wins over those.
 */
import { Config } from './config.ts'
import { DIRECTIVES, type DirectiveName } from './directives.ts'
import { suggestName } from './suggest.ts'

const PREFIX = 'ZERODIS_'

/** Names of others; of two for the same directive the first that is set counts. */
const FOREIGN: readonly (readonly [variable: string, name: DirectiveName])[] = [
  ['KV_REST_API_TOKEN', 'rest-token'],
  ['UPSTASH_REDIS_REST_TOKEN', 'rest-token'],
  ['SRH_TOKEN', 'rest-token'],
  ['KV_REST_API_READ_ONLY_TOKEN', 'rest-read-only-token'],
  ['SRH_CONNECTION_STRING', 'upstream'],
]

/**
 * serverless-redis-http listens on all interfaces and on port 80, unless it is told otherwise, and nowhere else: the Redis behind it may have
 * 6379 on the same machine. So does who stands in its place, which `SRH_MODE` says.
 */
function asSrh(environment: Environment): readonly (readonly [DirectiveName, VariableSetting])[] {
  const { SRH_MODE: mode, SRH_PORT: port = '', SRH_IPV6: ipv6 = '', SRH_MAX_CONNECTIONS: max = '' } = environment
  if (mode === undefined || mode === '') return []
  const bind = ipv6.toLowerCase() === 'true' ? '* ::*' : '*'
  return [
    ['http-port', { variable: 'SRH_PORT', value: port === '' ? '80' : port }],
    ['bind', { variable: 'SRH_IPV6', value: bind }],
    ['port', { variable: 'SRH_MODE', value: '0' }],
    ...(max === ''
      ? []
      : ([['upstream-max-connections', { variable: 'SRH_MAX_CONNECTIONS', value: max === '1' ? '2' : max }]] as const)),
  ]
}

/** Under these names platforms tell of a PostgreSQL that they have set up. */
const POSTGRES_VARIABLES = ['POSTGRES_URL', 'DATABASE_URL']

/** And of a database of Turso, whose token is apart. */
const TURSO_VARIABLE = 'TURSO_DATABASE_URL'

/** What `ZERODIS_STORE=auto` stands for; nobody looks at these variables without it. Where none is of use, keys are in memory. */
function storeOfPlatform(environment: Environment): VariableSetting {
  for (const variable of POSTGRES_VARIABLES) {
    const value = environment[variable] ?? ''
    if (/^postgres(?:ql)?:\/\//.test(value)) return { variable, value }
  }
  const { [TURSO_VARIABLE]: url = '', TURSO_AUTH_TOKEN: token = '' } = environment
  if (!/^(?:libsql|https?|file):/.test(url)) return { variable: variableOf('store'), value: 'memory' }
  const query = token === '' ? '' : `${url.includes('?') ? '&' : '?'}authToken=${encodeURIComponent(token)}`
  return { variable: TURSO_VARIABLE, value: url + query }
}

/** On Vercel a function has at most 300 seconds by default: streams of events end before they are cut. */
const VERCEL_STREAM_SECONDS = '290'

/** What is so there unless it is set. Deployments for a preview do not share the keys of production. */
function onVercel(environment: Environment): readonly (readonly [DirectiveName, VariableSetting])[] {
  const { VERCEL: isVercel, VERCEL_ENV: deployment = '' } = environment
  if (isVercel !== '1') return []
  return [
    ['sse-max-duration', { variable: 'VERCEL', value: VERCEL_STREAM_SECONDS }],
    ...(deployment === ''
      ? []
      : ([['store-name', { variable: 'VERCEL_ENV', value: deployment.replace(/\W/g, '_') }]] as const)),
  ]
}

export type Environment = Readonly<Record<string, string | undefined>>

/** What a variable says of a directive. */
export interface VariableSetting {
  /** For what is so on a platform without any being set, the one that names the platform. */
  readonly variable: string
  readonly value: string
}

/** The directives that the environment sets, each by one variable. `PORT` is for whoever serves HTTP. */
export function readVariables(environment: Environment): Map<DirectiveName, VariableSetting> {
  const settings = new Map<DirectiveName, VariableSetting>()
  for (const [variable, name] of FOREIGN) {
    const value = environment[variable]
    if (value !== undefined && value !== '' && !settings.has(name)) settings.set(name, { variable, value })
  }
  for (const [name, setting] of asSrh(environment)) settings.set(name, setting)
  const own = Object.keys(environment).some((variable) => variable.startsWith(PREFIX)) ? Object.keys(DIRECTIVES) : []
  for (const name of own as DirectiveName[]) {
    const variable = variableOf(name)
    const value = environment[variable]
    if (value !== undefined) settings.set(name, { variable, value })
  }
  if (settings.get('store')?.value === 'auto') settings.set('store', storeOfPlatform(environment))
  for (const [name, setting] of onVercel(environment)) if (!settings.has(name)) settings.set(name, setting)
  return settings
}

/** The configuration that the environment makes. @throws Error that names the variable whose value is none */
export function configOf(environment: Environment): Config {
  const settings = readVariables(environment)
  for (const [name, { variable, value }] of settings) {
    try {
      new Config({ [name]: value })
    } catch (error) {
      throw new Error(`${variable}: ${(error as Error).message}`)
    }
  }
  return new Config(Object.fromEntries([...settings].map(([name, { value }]) => [name, value])))
}

/** Variables with our prefix that name no directive; most likely a slip of the pen. */
export function unknownVariables(environment: Environment): readonly string[] {
  const own = Object.keys(environment).filter((variable) => variable.startsWith(PREFIX))
  if (own.length === 0) return own
  const known = new Set(Object.keys(DIRECTIVES).map((name) => variableOf(name as DirectiveName)))
  return own.filter((variable) => !known.has(variable))
}

/** A variable with our prefix that is ignored, and what is to be said of it. */
export interface UnknownVariable {
  readonly warning: string
  /** It is near a name of ours; others may be the application's own. */
  readonly isSlip: boolean
}

export function variableWarnings(environment: Environment): readonly UnknownVariable[] {
  return unknownVariables(environment).map((variable) => {
    const meant = suggestName(variable.slice(PREFIX.length))
    const hint = meant === undefined ? '' : ` Did you mean ${variableOf(meant)}?`
    return { warning: `Unknown variable ${variable} is ignored.${hint}`, isSlip: meant !== undefined }
  })
}

/** `http-port` -> `ZERODIS_HTTP_PORT` */
export function variableOf(name: DirectiveName): string {
  return PREFIX + name.toUpperCase().replaceAll('-', '_')
}
