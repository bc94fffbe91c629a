/** What a person reads at the start: where each door is, and the lines to paste. */
import { toText } from '../base/bytes.ts'
import { ZERODIS_VERSION } from '../base/version.ts'
import type { Directives } from '../config/config.ts'
import type { OpenDoors } from '../server/doors.ts'

export interface BannerOptions {
  /** What else HTTP serves: `'page and REST'`. */
  readonly http: string
  /** The token may be shown: it is one for development, made here or set on this machine. */
  readonly showsToken: boolean
  /** The page is served, too: it gets the token behind `#`, which no browser sends. */
  readonly hasPage?: boolean
  /** Lines for .env.local stand below the doors. */
  readonly showsLines: boolean
}

export function banner(open: OpenDoors, values: Directives, options: BannerOptions): string {
  const host = clientHost(values)
  const http = `http://${host}:${open.httpPort}`
  const lines = [`\n  zerodis ${ZERODIS_VERSION}\n`]
  const door = (name: string, address: string): void => {
    lines.push(`  ${name.padEnd(15)}${address}`)
  }
  if (open.httpPort !== 0) door(options.http, http)
  if (open.httpPort !== 0 && options.showsToken && values['rest-token'] !== '' && (options.hasPage || values.console)) {
    const page = options.hasPage ? `${http}/` : `${http}/console/`
    door('console', `${page}#token=${encodeURIComponent(toText(values['rest-token']))}`)
  } else if (open.httpPort !== 0 && values.console && !options.hasPage) door('console', `${http}/console/`)
  if (open.port !== 0) door('RESP', `redis://${host}:${open.port}`)
  if (open.tlsPort !== 0) door('RESP', `rediss://${host}:${open.tlsPort}`)
  if (open.unixsocket !== '') door('RESP', `unix:${open.unixsocket}`)
  if (open.httpPort !== 0) door('WebSocket', `ws://${host}:${open.httpPort}/ws`)
  if (open.httpPort !== 0 && values['rest-token'] === '') {
    lines.push('\n  REST answers 503 until a token is set: --rest-token, or KV_REST_API_TOKEN in the environment.')
  }
  if (options.showsLines)
    lines.push('\n  Paste into .env.local:\n', ...environmentLines(open, values, options.showsToken))
  return `${lines.join('\n')}\n\n`
}

function environmentLines(open: OpenDoors, values: Directives, showsToken: boolean): string[] {
  const host = clientHost(values)
  const lines: string[] = []
  if (open.httpPort !== 0) {
    const http = `http://${host}:${open.httpPort}`
    const token = showsToken ? toText(values['rest-token']) : '<the token that you set>'
    lines.push(`KV_REST_API_URL=${http}`, `KV_REST_API_TOKEN=${token}`)
    lines.push(`UPSTASH_REDIS_REST_URL=${http}`, `UPSTASH_REDIS_REST_TOKEN=${token}`)
  }
  if (open.port !== 0) {
    const password = showsToken ? encodeURIComponent(toText(values.requirepass)) : '<password>'
    const login = values.requirepass === '' ? '' : `:${password}@`
    lines.push(`REDIS_URL=redis://${login}${host}:${open.port}`)
  }
  return lines
}

/** The address under which a client on this machine reaches us. */
export function clientHost({ bind }: Directives): string {
  const address = (bind[0] ?? '127.0.0.1').replace(/^-/, '')
  if (['*', '0.0.0.0', '::', '::*'].includes(address)) return '127.0.0.1'
  return address.includes(':') ? `[${address}]` : address
}
