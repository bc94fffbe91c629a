/**
 * Sessions of the console: whoever has shown his token once gets a cookie that no script reads, and that stands for the token until
 * it ends. It holds the token sealed under a key of the configured one, and is stored nowhere, so that it is good on every instance,
 * and for as long as its token is.
 *
 * A browser sends cookies by itself, also when another page asks it to. So the cookie counts only beside a header that the console
 * alone sets: a page of another origin could send it after a preflight alone, which does not allow it (`ALLOWED_HEADERS`
 * in rest.ts must never name it). What the browser says of the asking page must agree.
 *
 * In development a browser on this machine is signed in without a token. A page of another site that has its name resolved to this
 * machine (DNS rebinding) is told by its Host, one that asks across origins by its Origin, and what comes by a proxy by the headers
 * that proxies set: the address of the peer alone would say nothing of either.
 */
import type { Bytes } from '../base/bytes.ts'
import type { Clock } from '../base/clock.ts'
import type { Directives } from '../config/config.ts'
import { type RestRequest, tokenOf } from '../protocol/rest.ts'
import type { Pass } from '../session/pass.ts'
import type { Secrets } from '../session/secrets.ts'
import type { Tokens } from './access.ts'

export const LOGIN_PATH = '/session'

/** Set by the console to every request of its own. */
export const CONSOLE_HEADER = 'zerodis-console'

const SESSION_MS = 12 * 3_600_000

/** Tells this use of the configured token from any other. */
const PURPOSE = 'zerodis: sessions of the console'

const LOCAL_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i
const LOCAL_ADDRESS = /^(127\.0\.0\.1|\[?::1\]?|\[?::ffff:127\.0\.0\.1\]?):\d+$/
const PROXY_HEADERS = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip', 'via']

/** The session that a request has, or is given; `cookie` is to be set. */
export interface Login {
  readonly cookie: string | undefined
}

export class Logins {
  readonly #tokens: Tokens
  readonly #secrets: Secrets
  readonly #config: Directives
  readonly #clock: Clock

  constructor(tokens: Tokens, secrets: Secrets, config: Directives, clock: Clock) {
    this.#tokens = tokens
    this.#secrets = secrets
    this.#config = config
    this.#clock = clock
  }

  /** What the cookie of a request lets in by; undefined without one, or where it does not count. */
  admit(request: RestRequest): Pass | undefined {
    if (!isOfConsole(request)) return undefined
    const key = this.#key()
    const sealed = cookieOf(request, this.#name(key))
    if (sealed === undefined) return undefined
    const opened = this.#secrets.open(key, Buffer.from(sealed, 'base64url').latin1Slice())
    if (opened === undefined) return undefined
    const end = opened.indexOf('\0')
    return Number(opened.slice(0, end)) > this.#clock.now() ? this.#tokens.admit(opened.slice(end + 1)) : undefined
  }

  /** Signs in by a token, by the cookie that is there, or, in development, by being on this machine; undefined for nobody. */
  enter(request: RestRequest, addr: Bytes): Login | undefined {
    if (!isOfConsole(request)) return undefined
    const token = tokenOf(request)
    if (token !== undefined) {
      return this.#tokens.admit(token) === undefined ? undefined : { cookie: this.#cookie(request, token) }
    }
    if (this.admit(request) !== undefined) return { cookie: undefined }
    const own = this.#config['rest-token']
    if (own === '' || !this.#config['console-signed-in'] || !isLocal(request, addr)) return undefined
    return { cookie: this.#cookie(request, own) }
  }

  /** The cookie that takes a session away. */
  leaving(request: RestRequest): string {
    return setCookie(request, this.#name(this.#key()), '', 0)
  }

  #cookie(request: RestRequest, token: Bytes): string {
    const key = this.#key()
    const sealed = this.#secrets.seal(key, `${this.#clock.now() + SESSION_MS}\0${token}`)
    return setCookie(request, this.#name(key), Buffer.from(sealed, 'latin1').toString('base64url'), SESSION_MS / 1000)
  }

  /** Browsers tell hosts apart by cookies and not ports: stores of one machine do not take each other's. */
  #name(key: Bytes): string {
    return `zerodis-${this.#secrets.sha256(key).slice(0, 8)}`
  }

  #key(): Bytes {
    const { 'rest-token': full, 'rest-read-only-token': readOnly } = this.#config
    return this.#secrets.hmac(full === '' ? readOnly : full, PURPOSE)
  }
}

/** Without a path it is good below that of REST, whatever a proxy has put before it. */
function setCookie(request: RestRequest, name: string, value: string, seconds: number): string {
  const isSecure = request.header('origin')?.startsWith('https:') ?? false
  return `${name}=${value}; Max-Age=${seconds}; HttpOnly; SameSite=Strict${isSecure ? '; Secure' : ''}`
}

function isOfConsole(request: RestRequest): boolean {
  if (request.header(CONSOLE_HEADER) === undefined) return false
  const site = request.header('sec-fetch-site')
  return site === undefined || site === 'same-origin'
}

function cookieOf(request: RestRequest, wanted: string): string | undefined {
  for (const pair of request.header('cookie')?.split(';') ?? []) {
    const [name, value] = pair.trim().split('=', 2)
    if (name === wanted && value !== undefined && value !== '') return value
  }
  return undefined
}

function isLocal(request: RestRequest, addr: Bytes): boolean {
  const host = request.header('host') ?? ''
  return (
    LOCAL_HOST.test(host) &&
    request.header('origin') === `http://${host}` &&
    LOCAL_ADDRESS.test(addr) &&
    PROXY_HEADERS.every((name) => request.header(name) === undefined)
  )
}
