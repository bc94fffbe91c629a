/**
 * The REST token of a development server that was given none. It is made once and kept in the project, in a file that only its
 * owner reads and git does not see, so that what was pasted into `.env.local` stays true after a restart.
 */

import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemReason } from '../base/systemreason.ts'

const FOLDER = '.zerodis'
const FILE = 'token'
const TOKEN = /^[\w-]{32}$/

/** The token of the project in a folder. Where it cannot be kept, one for this run alone; `onFailure` is told why. */
export function developmentToken(project: string, onFailure: (reason: string) => void): string {
  const folder = join(project, FOLDER)
  const path = join(folder, FILE)
  let token = ''
  try {
    const kept = read(path)
    if (kept !== undefined) return kept
    token = newToken()
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    writeFileSync(join(folder, '.gitignore'), '*\n')
    // Whoever starts at the same moment takes what the first one has written.
    writeFileSync(path, `${token}\n`, { mode: 0o600, flag: 'wx' })
  } catch (error) {
    const other = (error as NodeJS.ErrnoException).code === 'EEXIST' ? read(path) : undefined
    if (other !== undefined) return other
    onFailure(`The token is for this run alone, since ${path} cannot be written: ${systemReason(error)}.`)
    if (token === '') token = newToken()
  }
  return token
}

function newToken(): string {
  return randomBytes(24).toString('base64url')
}

/** The token that a file holds; undefined if there is none. @throws Error if the file holds something else */
function read(path: string): string | undefined {
  let text: string
  try {
    text = readFileSync(path, 'utf8').trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  if (!TOKEN.test(text)) throw new Error('it holds something that is no token of ours; delete it')
  return text
}
