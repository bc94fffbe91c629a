/**
 * Settings from the environment: `ZERODIS_HTTP_PORT` for `http-port` and so on, and the names under which platforms and
 * other servers of the Upstash protocol keep the same things. A name of our own wins over those.
 */
import { DIRECTIVES, type DirectiveName } from './directives.ts'

const PREFIX = 'ZERODIS_'

/** Names of others; of two for the same directive the first that is set counts. */
const FOREIGN: readonly (readonly [variable: string, name: DirectiveName])[] = [
  ['KV_REST_API_TOKEN', 'rest-token'],
  ['UPSTASH_REDIS_REST_TOKEN', 'rest-token'],
  ['SRH_TOKEN', 'rest-token'],
  ['KV_REST_API_READ_ONLY_TOKEN', 'rest-read-only-token'],
  ['SRH_CONNECTION_STRING', 'upstream'],
]

/** On Vercel a function has at most 300 seconds by default: streams of events end before they are cut. */
const VERCEL_STREAM_SECONDS = '290'

export type Environment = Readonly<Record<string, string | undefined>>

/** The directives that the environment sets, as texts. `PORT` is for whoever serves HTTP: see `httpPortOf`. */
export function readEnvironment(environment: Environment): { [Name in DirectiveName]?: string } {
  const settings: { [Name in DirectiveName]?: string } = {}
  for (const [variable, name] of FOREIGN) {
    const value = environment[variable]
    if (value !== undefined && value !== '') settings[name] ??= value
  }
  for (const name of Object.keys(DIRECTIVES) as DirectiveName[]) {
    const value = environment[variableOf(name)]
    if (value !== undefined) settings[name] = value
  }
  if (environment['VERCEL'] === '1') settings['sse-max-duration'] ??= VERCEL_STREAM_SECONDS
  return settings
}

/** Variables with our prefix that name no directive; most likely a slip of the pen. */
export function unknownVariables(environment: Environment): readonly string[] {
  const known = new Set(Object.keys(DIRECTIVES).map((name) => variableOf(name as DirectiveName)))
  return Object.keys(environment).filter((variable) => variable.startsWith(PREFIX) && !known.has(variable))
}

/** `http-port` -> `ZERODIS_HTTP_PORT` */
export function variableOf(name: DirectiveName): string {
  return PREFIX + name.toUpperCase().replaceAll('-', '_')
}
