/**
 * The configuration file on disk: reads it with what it includes, and rewrites it in one step that leaves either the old
 * file or the new one, whatever happens meanwhile.
 */

import { closeSync, fsyncSync, openSync, readdirSync, readFileSync, renameSync, unlinkSync, writeSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import type { Bytes } from '../base/bytes.ts'
import { toText } from '../base/bytes.ts'
import { systemReason } from '../base/systemreason.ts'
import type { Config } from '../config/config.ts'
import { type ConfFault, type ConfSink, readConf, rewriteConf } from '../config/redisconf.ts'
import { globMatches } from '../keyspace/glob.ts'

/** A file that cannot be read at the start; the message is Redis's. */
export class UnreadableFile extends Error {}

/** How deep files may include one another; a file that includes itself would never end. */
const MAX_DEPTH = 64

export function readConfFile(path: string): Bytes {
  try {
    return readFileSync(path, 'latin1')
  } catch (error) {
    throw new UnreadableFile(`Fatal error, can't open config file '${path}': ${systemReason(error)}`)
  }
}

/**
 * Lays a text over a Config, reading the files that it includes. `seen` are the directives that had a line in what was laid over
 * it before. @throws UnreadableFile
 */
export function loadConf(
  text: Bytes,
  config: Config,
  sink: Omit<ConfSink, 'include'>,
  seen = new Set<keyof Config['values']>(),
): ConfFault | undefined {
  const load = (part: Bytes, depth: number): ConfFault | undefined =>
    readConf(
      part,
      config,
      {
        ...sink,
        include(path) {
          if (depth === MAX_DEPTH) throw new UnreadableFile('Fatal error, config files include one another without end')
          for (const file of filesOf(toText(path))) {
            const fault = load(readConfFile(file), depth + 1)
            if (fault !== undefined) return fault
          }
          return undefined
        },
      },
      seen,
    )
  return load(text, 0)
}

/** The files that a path names; those that a glob matches, in order, and none is no error. */
function filesOf(path: string): readonly string[] {
  if (!/[*?[]/.test(path)) return [path]
  let found = [path.startsWith('/') ? '/' : '.']
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part === '..') found = found.map((folder) => join(folder, '..'))
    else found = found.flatMap((folder) => matchesIn(folder, part))
  }
  return found
}

function matchesIn(folder: string, pattern: string): readonly string[] {
  let names: string[]
  try {
    names = readdirSync(folder)
  } catch {
    return [] // not a folder: nothing matches below it
  }
  const matching = names.filter((name) => (name[0] !== '.' || pattern[0] === '.') && globMatches(pattern, name))
  return matching.sort().map((name) => join(folder, name))
}

/** Writes the values in force into the file, or `all` of them, also defaults, and the users. @throws the system's error */
export function rewriteConfFile(path: string, config: Config, users: readonly Bytes[], all = false): void {
  let old: Bytes = ''
  try {
    old = readFileSync(path, 'latin1')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  replaceFile(path, rewriteConf(old, config, users, all))
}

/** Writes a whole file, or leaves it as it was. @throws the system's error */
export function replaceFile(path: string, text: Bytes): void {
  const target = resolve(path)
  const temporary = join(dirname(target), `.${basename(target)}-${process.pid}.tmp`)
  const file = openSync(temporary, 'w', 0o644)
  try {
    writeSync(file, text, null, 'latin1')
    fsyncSync(file)
    renameSync(temporary, target)
  } catch (error) {
    unlinkSync(temporary)
    throw error
  } finally {
    closeSync(file)
  }
}
