/**
 * The file in which serverless-redis-http keeps its tokens (`SRH_MODE=file`): each token chooses a server.
 *
 *     { "<token>": { "srh_id": "…", "connection_string": "redis://…", "max_connections": 3 }, … }
 *
 * A mistake is told by the entry's `srh_id`, or its number, and the field; a token or an address is never printed. The schema is
 * zod's, an optional package that is loaded only here.
 */
import { readFileSync } from 'node:fs'
import { systemReason } from '../base/systemreason.ts'
import { loadPeer } from '../peers/peer.ts'
import { parseAddress } from '../upstream/address.ts'

export interface TokenEntry {
  readonly token: string
  readonly id: string
  readonly upstream: string
  readonly maxConnections: number
}

/** Of Redis's own, and of the directive that takes it. */
const DB_MAX = 9999
const CONNECTIONS_MAX = 65535

/** A file that cannot be read; the message says where it is wrong. */
export class TokensFileError extends Error {}

/** Reads the file. @throws TokensFileError */
export async function readTokens(path: string): Promise<readonly TokenEntry[]> {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw new TokensFileError(`${path}: ${systemReason(error)}`)
  }
  const { z } = loadZod()
  let content: unknown
  try {
    content = JSON.parse(text)
  } catch {
    throw new TokensFileError(`${path}: it is no JSON`) // the reason would quote what stands there
  }
  const entry = z.object({
    srh_id: z.string().min(1),
    connection_string: z.string().superRefine((address, context) => {
      try {
        const { db } = parseAddress(address)
        if (db > DB_MAX) context.addIssue({ code: 'custom', message: `a database is a number up to ${DB_MAX}` })
      } catch (error) {
        context.addIssue({ code: 'custom', message: (error as Error).message })
      }
    }),
    max_connections: z.number().int().min(1).max(CONNECTIONS_MAX).default(3),
  })
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new TokensFileError(`${path}: it is no object of tokens`)
  }
  return Object.entries(content).map(([token, given], index) => {
    if (token === '') throw new TokensFileError(`${path}: entry ${nameOf(given, index)}: its token is empty`)
    const parsed = entry.safeParse(given)
    if (parsed.success) {
      const { srh_id: id, connection_string: upstream, max_connections: maxConnections } = parsed.data
      return { token, id, upstream, maxConnections }
    }
    const [issue] = parsed.error.issues
    const field = issue.path.length === 0 ? '' : `, ${issue.path.join('.')}`
    throw new TokensFileError(`${path}: entry ${nameOf(given, index)}${field}: ${issue.message}`)
  })
}

function nameOf(given: unknown, index: number): string {
  const id = typeof given === 'object' && given !== null && 'srh_id' in given ? given.srh_id : undefined
  return typeof id === 'string' && id !== '' ? `"${id}"` : `${index + 1}`
}

function loadZod(): typeof import('zod') {
  const zod = loadPeer<typeof import('zod')>('zod')
  if (zod === undefined) throw new TokensFileError('SRH_MODE=file needs the package zod: npm i zod')
  return zod
}
