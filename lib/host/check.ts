/**
 * `zerodis check [--fix] [path]`: whether snapshots and append-only files are whole, in words, without a store. The exit code
 * is 0 where all is whole, or was mended, else 1. `--fix` cuts the last file of a log back to what is whole, as
 * redis-check-aof does, and keeps what it cuts off in a file beside it.
 */
import { closeSync, fsyncSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { toText } from '../base/bytes.ts'
import { systemReason } from '../base/systemreason.ts'
import { type CheckParts, checkFile, checkLog, type FileCheck, kindOf } from '../journal/logcheck.ts'
import { readManifest } from '../journal/logfolder.ts'
import { ManifestFault } from '../journal/manifest.ts'
import { timeText } from '../journal/restoring.ts'
import type { SnapshotCheck } from '../persistence/files/snapshotcheck.ts'
import { alone, systemParts, targetsOf } from './files.ts'
import { StartupError } from './startup.ts'

const USAGE = 'Usage: zerodis check [--fix] [file or folder]'

/** Read at once of what is cut off. Unit: bytes. */
const CHUNK_BYTES = 2 ** 20

/** What would command the terminal. */
const CONTROL = /[\0-\x1f\x7f-\x9f]/g

type Print = (line: string) => void

/** Returns the exit code. */
export function check(argv: readonly string[], printLine: Print): number {
  const print = (line: string): void => printLine(line.replace(CONTROL, '?'))
  const fixes = argv.includes('--fix')
  const [path = '.', ...rest] = argv.filter((word) => word !== '--fix')
  if (rest.length > 0 || path.startsWith('-')) throw new StartupError(USAGE)
  const parts = systemParts()
  let isWhole = true
  for (const target of targetsOf(path)) {
    const look = (): boolean => checkTarget(parts, target, fixes, print)
    isWhole = (fixes ? alone(target, look) : look()) && isWhole
  }
  return isWhole ? 0 : 1
}

function checkTarget(parts: CheckParts, path: string, fixes: boolean, print: Print): boolean {
  if (kindOf(parts.files, path) !== 'manifest') return tell(checkFile(parts, path), true, fixes, print)
  print(`${path}`)
  try {
    const manifest = readManifest(parts.files, path)
    const last = manifest.files.at(-1)?.name
    let isWhole = true
    for (const file of checkLog(parts, path, manifest)) {
      isWhole = tell(file, basename(file.path) === toText(last ?? ''), fixes, print) && isWhole
    }
    print(isWhole ? 'The log is whole: every file that the manifest names.' : 'The log is NOT whole.')
    return isWhole
  } catch (error) {
    if (error instanceof ManifestFault) {
      const at = error.lineNumber === 0 ? '' : `, line ${error.lineNumber}: ${toText(error.line)}`
      print(`  NOT WHOLE: ${error.message}${at}`)
    } else print(`  NOT WHOLE: ${systemReason(error)}`)
    return false
  }
}

/** Says what was found, and mends it if that is asked for. False where the file is not whole in the end. */
function tell(file: FileCheck, isLast: boolean, fixes: boolean, print: Print): boolean {
  print(`${file.path}: ${contentOf(file)}`)
  if (file.unknown.size > 0) {
    print(`  Note: commands that zerodis does not know: ${[...file.unknown].map(toText).join(', ')}`)
  }
  if (file.fault === undefined) return true
  const { fault, size, wholeTo, snapshot } = file
  print(`  NOT WHOLE: ${fault}.`)
  if (snapshot?.fault !== undefined) {
    const { lastKey } = snapshot
    if (lastKey !== undefined)
      print(`  The last key that could be read is '${toText(lastKey.key)}' of database ${lastKey.db}.`)
    print('  A snapshot cannot be mended: go back to a copy of it.')
    return false
  }
  print(`  Whole are the first ${wholeTo} of ${size} bytes; ${size - wholeTo} stand behind.`)
  if (!isLast) {
    print('  It is not the last file of the log, so it cannot be mended: what follows it would be wrong.')
    return false
  }
  if (!fixes) {
    print(
      "  'zerodis check --fix' cuts them off; a server with aof-load-truncated does it, too, where the end is torn.",
    )
    return false
  }
  print(`  Mended: the ${size - wholeTo} bytes are in ${cutOff(file)} now.`)
  return true
}

function contentOf({ size, snapshot, commands, transactions, times }: FileCheck): string {
  const parts = [`${size} bytes`]
  if (snapshot !== undefined) parts.push(snapshotText(snapshot))
  if (snapshot === undefined || commands > 0) {
    parts.push(`${commands} commands${transactions === 0 ? '' : `, ${transactions} transactions`}`)
  }
  if (times !== undefined) parts.push(`from ${timeText(times.first)} to ${timeText(times.last)}`)
  return parts.join('; ')
}

function snapshotText({ facts, keys, types, volatileKeys, expiredKeys, libraries }: SnapshotCheck): string {
  const kinds = [...types].map(([type, count]) => `${count} ${type}`).join(', ')
  const made = Number(facts.get('ctime'))
  return [
    `a snapshot${facts.has('redis-ver') ? ` of version ${toText(facts.get('redis-ver')!)}` : ''}`,
    ...(made > 0 ? [`made at ${timeText(made)}`] : []),
    `${keys} keys${kinds === '' ? '' : ` (${kinds})`}, ${volatileKeys} with a time, ${expiredKeys} of them past it`,
    ...(libraries === 0 ? [] : [`${libraries} libraries of functions`]),
  ].join(', ')
}

/** Moves what stands behind what is whole into a file of its own. Returns its path. */
function cutOff({ path, wholeTo, size }: FileCheck): string {
  const other = join(dirname(path), `${basename(path)}.cut-at-${wholeTo}`)
  const from = openSync(path, 'r+')
  try {
    const to = openSync(other, 'wx')
    try {
      const chunk = new Uint8Array(CHUNK_BYTES)
      for (let at = wholeTo; at < size; ) {
        const count = readSync(from, chunk, 0, Math.min(chunk.length, size - at), at)
        if (count === 0) break
        for (let written = 0; written < count; ) written += writeSync(to, chunk, written, count - written)
        at += count
      }
      fsyncSync(to)
    } finally {
      closeSync(to)
    }
    ftruncateSync(from, wholeTo)
    fsyncSync(from)
  } finally {
    closeSync(from)
  }
  return other
}
