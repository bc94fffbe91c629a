/**
 * The console's page as the package ships it, and nothing of a store: files that were built (packaging/console.ts), held in memory
 * once they are asked for. It runs under a policy that allows its own scripts, styles and origin alone. All of its addresses are
 * relative, so it works below whatever path a host or a proxy puts before it: REST is one level above it.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { CONSOLE_PATH } from './path.ts'

const PAGE = 'index.html'

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')

const TYPES: ReadonlyMap<string, string> = new Map([
  ['.html', 'text/html; charset=utf-8'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
  ['.svg', 'image/svg+xml'],
])

/** The names of files carry a hash of what is in them; the page's own does not. */
const KEPT = 'public, max-age=31536000, immutable'
const ASKED_AGAIN = 'no-cache'

const MISSING = 'The console was not built: npm run build:package makes it. A bundle of one file does not hold it.\n'

interface SiteFile {
  readonly type: string
  readonly plain: Buffer
  readonly packed: Buffer
}

export interface SiteResponse {
  readonly status: number
  /** Name, value, name, value, … */
  readonly headers: readonly string[]
  readonly body: Buffer | string
}

export class ConsoleSite {
  #files: ReadonlyMap<string, SiteFile> | undefined

  /** Answers a request for a path that begins with `CONSOLE_PATH`. */
  answer(method: string, path: string, acceptEncoding: string | undefined): SiteResponse {
    if (method !== 'GET' && method !== 'HEAD') return refusal(405, ['allow', 'GET, HEAD'])
    // Relative to what the browser asked for, which no proxy need tell us.
    if (path === CONSOLE_PATH) return refusal(308, ['location', './console/'])
    this.#files ??= readFiles()
    if (this.#files.size === 0) return { ...refusal(404), body: MISSING }
    const name = path.slice(CONSOLE_PATH.length + 1) || PAGE
    const file = this.#files.get(name)
    if (file === undefined) return refusal(404)
    const isPacked = /\bgzip\b/.test(acceptEncoding ?? '')
    const body = isPacked ? file.packed : file.plain
    const headers = [
      'content-type',
      file.type,
      'content-length',
      '' + body.length,
      'cache-control',
      /-[\dA-Z]{8}\./.test(name) ? KEPT : ASKED_AGAIN,
      'vary',
      'accept-encoding',
      'content-security-policy',
      POLICY,
      ...GUARDS,
    ]
    if (isPacked) headers.push('content-encoding', 'gzip')
    return { status: 200, headers, body: method === 'HEAD' ? '' : body }
  }
}

const GUARDS = ['x-content-type-options', 'nosniff', 'x-frame-options', 'DENY', 'referrer-policy', 'no-referrer']

function refusal(status: number, headers: readonly string[] = []): SiteResponse {
  return {
    status,
    headers: ['content-type', 'text/plain', 'cache-control', 'no-store', ...GUARDS, ...headers],
    body: '',
  }
}

/** The files by their names; none where the page was not built. */
function readFiles(): ReadonlyMap<string, SiteFile> {
  const files = new Map<string, SiteFile>()
  const folder = FOLDERS.find((candidate) => existsSync(join(candidate, PAGE)))
  if (folder === undefined) return files
  for (const name of readdirSync(folder)) {
    const type = TYPES.get(extname(name))
    if (type === undefined) continue
    const plain = readFileSync(join(folder, name))
    files.set(name, { type, plain, packed: gzipSync(plain, { level: 9 }) })
  }
  return files
}

/** Beside lib/ in the package; in dist/ where the sources run. */
const here = import.meta.url === undefined ? __dirname : dirname(fileURLToPath(import.meta.url))
const FOLDERS = [join(here, '../console'), join(here, '../../dist/console')]
