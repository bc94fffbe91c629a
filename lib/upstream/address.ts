/**
 * Where the real Redis is, as the directive `upstream` says it:
 *
 *     redis://[user:password@]host[:port][/db]          rediss:// over TLS, with ?tls_ca=file&tls_cert=file&tls_key=file,
 *     unix:/path?db=1  or  unix://user:password@/path   tls_servername=name, tls_verify=no
 *     redis+sentinel://host:port,host:port/name[/db]    the master that Sentinels name; ?sentinel_username, ?sentinel_password
 *     redis+cluster://host:port,host:port               nodes of a Cluster to begin with
 *
 * `rediss+sentinel` and `rediss+cluster` are the same over TLS. What is written to logs and errors is `label`, which holds no secret.
 */
import { readFileSync } from 'node:fs'
import { systemReason } from '../base/systemreason.ts'

export interface Place {
  readonly host: string
  readonly port: number
}

export interface TlsOptions {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  readonly passphrase?: string
  readonly servername?: string
  readonly rejectUnauthorized: boolean
}

export interface Address {
  readonly kind: 'single' | 'unix' | 'sentinel' | 'cluster'
  /** The server; the Sentinels; nodes of the Cluster. */
  readonly places: readonly Place[]
  /** Of a Unix socket. */
  readonly path: string
  /** How the Sentinels call their master. */
  readonly name: string
  readonly username: string
  readonly password: string
  readonly sentinelUsername: string
  readonly sentinelPassword: string
  readonly db: number
  readonly tls: TlsOptions | undefined
  /** The address without what is secret in it. */
  readonly label: string
}

/** An address that is none; the message says why, and holds nothing of it. */
export class BadAddress extends Error {}

const SCHEMES: ReadonlyMap<string, { readonly kind: Address['kind']; readonly isSecure: boolean }> = new Map([
  ['redis', { kind: 'single', isSecure: false }],
  ['valkey', { kind: 'single', isSecure: false }],
  ['rediss', { kind: 'single', isSecure: true }],
  ['valkeys', { kind: 'single', isSecure: true }],
  ['unix', { kind: 'unix', isSecure: false }],
  ['redis+unix', { kind: 'unix', isSecure: false }],
  ['redis+sentinel', { kind: 'sentinel', isSecure: false }],
  ['rediss+sentinel', { kind: 'sentinel', isSecure: true }],
  ['redis+cluster', { kind: 'cluster', isSecure: false }],
  ['rediss+cluster', { kind: 'cluster', isSecure: true }],
])

const PORTS: Readonly<Record<Address['kind'], number>> = { single: 6379, unix: 0, sentinel: 26379, cluster: 6379 }

/** Parameters that are read here; others are refused, since a misspelt `tls_ca` would be none. */
const PARAMETERS: ReadonlySet<string> = new Set([
  ...['db', 'username', 'password', 'sentinel_username', 'sentinel_password'],
  ...['tls_ca', 'tls_cert', 'tls_key', 'tls_passphrase', 'tls_servername', 'tls_verify'],
])

/** Reads an address, and the files that it names. @throws BadAddress */
export function parseAddress(text: string): Address {
  const [, scheme = '', slashes = '', rest = ''] = /^([a-z+]+):(\/\/)?(.*)$/i.exec(text) ?? []
  const known = SCHEMES.get(scheme.toLowerCase())
  if (known === undefined) {
    throw new BadAddress('it begins with none of redis://, rediss://, unix:, redis+sentinel://, redis+cluster://')
  }
  const { kind, isSecure } = known
  if (slashes === '' && kind !== 'unix') throw new BadAddress(`${scheme}: wants // behind it`)
  const [beforeQuery, query = ''] = splitAt(rest, rest.indexOf('?'))
  const [userInfo, place] = splitUser(beforeQuery)
  const [username, password = ''] = splitAt(userInfo, userInfo.indexOf(':'))
  const parameters = parametersOf(query)
  const shared = {
    kind,
    username: decoded(username) || (parameters.get('username') ?? ''),
    password: decoded(password) || (parameters.get('password') ?? ''),
    sentinelUsername: parameters.get('sentinel_username') ?? '',
    sentinelPassword: parameters.get('sentinel_password') ?? '',
    tls: isSecure ? tlsOf(parameters) : undefined,
  }
  // Whoever names certificates does not want his password to go without them.
  if (!isSecure && [...parameters.keys()].some((name) => name.startsWith('tls_')))
    throw new BadAddress('what begins with tls_ is for rediss://')
  if (kind === 'unix') {
    if (!place.startsWith('/')) throw new BadAddress('a Unix socket is named by its whole path')
    const path = nameOf(place)
    const db = dbOf(parameters.get('db') ?? '')
    return { ...shared, places: [], path, name: '', db, label: `unix:${path}` }
  }
  const [hosts, ...segments] = place.split('/')
  const places = hosts.split(',').map((host) => placeOf(host, PORTS[kind]))
  if (places.length > 1 && hosts.split(',').includes('')) throw new BadAddress('a host between two commas is missing')
  if (kind === 'single' && places.length > 1)
    throw new BadAddress('several hosts are for redis+sentinel and redis+cluster')
  const name = kind === 'sentinel' ? nameOf(segments.shift() ?? '') : ''
  if (kind === 'sentinel' && name === '') throw new BadAddress('behind the Sentinels stands the name of their master')
  const db = dbOf(segments.shift() || (parameters.get('db') ?? ''))
  if (segments.length > 0) throw new BadAddress('nothing stands behind the database')
  if (kind === 'cluster' && db !== 0) throw new BadAddress('a Cluster has database 0 alone')
  const shown = places.map(({ host, port }) => `${host.includes(':') ? `[${host}]` : host}:${port}`).join(',')
  const label = `${scheme.toLowerCase()}://${shown}${name === '' ? '' : `/${name}`}`
  return { ...shared, places, path: '', name, db, label }
}

/** What stands before an @ is who comes; a password may hold one. */
function splitUser(text: string): readonly [user: string, rest: string] {
  const at = text.lastIndexOf('@')
  return at === -1 ? ['', text] : [text.slice(0, at), text.slice(at + 1)]
}

function splitAt(text: string, at: number): readonly [string, string?] {
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)]
}

function placeOf(text: string, defaultPort: number): Place {
  const [, bracketed, plain = '', port] = /^(?:\[([^\]]+)\]|([^:]*))(?::(\d+))?$/.exec(text) ?? []
  const host = bracketed ?? (plain || '127.0.0.1')
  if (text.includes(':') && port === undefined && bracketed === undefined) throw new BadAddress('a port is a number')
  const number = port === undefined ? defaultPort : Number(port)
  if (number < 1 || number > 65535) throw new BadAddress('a port is a number up to 65535')
  return { host: nameOf(host), port: number }
}

function dbOf(text: string): number {
  if (!/^\d{0,9}$/.test(text)) throw new BadAddress('a database is a number')
  return Number(text)
}

function parametersOf(query: string): ReadonlyMap<string, string> {
  const parameters = new Map(new URLSearchParams(query))
  for (const name of parameters.keys()) {
    if (!PARAMETERS.has(name))
      throw new BadAddress(`it has a parameter that nobody knows: ${[...PARAMETERS].join(', ')}`)
  }
  return parameters
}

function tlsOf(parameters: ReadonlyMap<string, string>): TlsOptions {
  const verify = parameters.get('tls_verify') ?? 'yes'
  if (verify !== 'yes' && verify !== 'no') throw new BadAddress('tls_verify is yes or no')
  const ca = fileOf(parameters, 'tls_ca')
  const cert = fileOf(parameters, 'tls_cert')
  const key = fileOf(parameters, 'tls_key')
  const passphrase = parameters.get('tls_passphrase')
  const servername = parameters.get('tls_servername')
  return {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(passphrase !== undefined && { passphrase }),
    ...(servername !== undefined && { servername }),
    rejectUnauthorized: verify === 'yes',
  }
}

function fileOf(parameters: ReadonlyMap<string, string>, name: string): string | undefined {
  const path = parameters.get(name)
  if (path === undefined) return undefined
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new BadAddress(`the file of ${name} cannot be read: ${systemReason(error)}`)
  }
}

/** Of what stands in errors. @throws BadAddress */
function nameOf(text: string): string {
  const name = decoded(text)
  if (/\p{Cc}/u.test(name)) throw new BadAddress('a name has no line ends and their like')
  return name
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new BadAddress('a % stands before two hexadecimal digits')
  }
}
