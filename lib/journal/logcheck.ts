/**
 * Whether the files of an append-only log are whole, and where not: what redis-check-aof looks at, a command at a time, so
 * that files of any size can be looked at. Nothing is run, so nobody needs the memory of a store for it.
 */
import { dirname, join } from 'node:path'
import { type Bytes, toText } from '../base/bytes.ts'
import type { EncodingLimits } from '../keyspace/value.ts'
import { FileSource, readFile } from '../persistence/files/files.ts'
import { SnapshotCheck } from '../persistence/files/snapshotcheck.ts'
import type { AppendFiles } from './appendfiles.ts'
import { CommandReader, Stop } from './commandreader.ts'
import type { Manifest } from './manifest.ts'

/** How a file begins that is, or begins with, a snapshot; and one that is a manifest. */
const SNAPSHOT = 'REDIS'
const MANIFEST = 'file '

export interface CheckParts {
  readonly files: AppendFiles
  readonly limits: EncodingLimits
  /** Unix ms. */
  readonly now: number
  /** True for the first word of a command that is here. */
  readonly knows: (word: Bytes) => boolean
  /** Unix seconds: nothing later is looked at. */
  readonly until?: number | undefined
}

/** What is known of a file. */
export interface FileCheck {
  readonly path: string
  readonly size: number
  /** What it begins with, if that is a snapshot. */
  readonly snapshot: SnapshotCheck | undefined
  /** Commands, with what stands in transactions, and how many transactions. */
  readonly commands: number
  readonly transactions: number
  /** Words that are no command here. */
  readonly unknown: ReadonlySet<Bytes>
  /** Unix seconds of the first annotation and of the last; undefined without any. */
  readonly times: { readonly first: number; readonly last: number } | undefined
  /** Commands that stand before the first annotation. */
  readonly undated: number
  /** Where what is whole ends; `size` where all is. */
  readonly wholeTo: number
  /** Why it ends there; undefined where all is whole. */
  readonly fault: string | undefined
  /** It ends there because what follows is later than `until`. */
  readonly isCut: boolean
}

export type Kind = 'snapshot' | 'manifest' | 'commands'

/** What a file seems to be, by its name and how it begins. @throws the system's error */
export function kindOf(files: AppendFiles, path: string): Kind {
  const start = readFile(files, path, (source) => {
    const array = new Uint8Array(Math.min(1024, source.left))
    source.read(array, 0)
    return Buffer.from(array).toString('latin1')
  })
  if (path.endsWith('.manifest')) return 'manifest'
  if (start.startsWith(SNAPSHOT)) return 'snapshot'
  const line = start.split('\n').find((each) => !each.startsWith('#')) ?? ''
  return line.startsWith(MANIFEST) ? 'manifest' : 'commands'
}

/** Looks at the files that a manifest names, in their order. @throws the system's error */
export function* checkLog(parts: CheckParts, manifestPath: string, manifest: Manifest): Generator<FileCheck> {
  for (const { name } of manifest.files) yield checkFile(parts, join(dirname(manifestPath), toText(name)))
}

/** Looks at one file: commands, a snapshot, or commands behind a snapshot. @throws the system's error */
export function checkFile(parts: CheckParts, path: string): FileCheck {
  const { files, limits, now } = parts
  const handle = files.openSync(path, 'r')
  try {
    const size = files.sizeOf(handle)
    if (size === 0 || kindOf(files, path) !== 'snapshot') return checkCommands(parts, path, handle, undefined)
    const snapshot = lookAt(files, path, (source) => new SnapshotCheck(source, limits, now))
    if (snapshot.fault === undefined) return checkCommands(parts, path, handle, snapshot)
    return { ...NOTHING, path, size, snapshot, wholeTo: 0, fault: snapshot.fault }
  } finally {
    files.closeSync(handle)
  }
}

function lookAt<T>(files: AppendFiles, path: string, look: (source: FileSource) => T): T {
  const handle = files.openSync(path, 'r')
  try {
    return look(new FileSource(files, handle))
  } finally {
    files.closeSync(handle)
  }
}

const NOTHING = {
  commands: 0,
  transactions: 0,
  unknown: new Set<Bytes>(),
  times: undefined,
  undated: 0,
  isCut: false,
} as const

function checkCommands(
  { files, knows, until = Infinity }: CheckParts,
  path: string,
  handle: number,
  snapshot: SnapshotCheck | undefined,
): FileCheck {
  const from = snapshot?.length ?? 0
  const source = new FileSource(files, handle)
  const size = source.left
  const reader = new CommandReader(source.skip(from), from, true)
  reader.until = until
  const unknown = new Set<Bytes>()
  let commands = 0
  let transactions = 0
  let undated = 0
  let first = -1
  let isOpen = false
  let wholeTo = reader.offset
  let fault: string | undefined
  let isCut = false
  for (;;) {
    const argv = reader.next()
    if (first === -1) first = reader.timestamp
    if (typeof argv === 'string') {
      fault = faultOf(argv, isOpen, reader.offset)
      isCut = argv === Stop.Later
      if (!isOpen) wholeTo = reader.offset
      break
    }
    const word = argv[0].toLowerCase()
    if (word === 'multi' || word === 'exec') {
      if (isOpen === (word === 'multi')) {
        fault = `${word.toUpperCase()} stands where none can be, before offset ${reader.offset}`
        break
      }
      isOpen = word === 'multi'
      if (isOpen) transactions++
    } else {
      commands++
      if (first === -1) undated++
      if (!knows(argv[0])) unknown.add(argv[0])
    }
    if (!isOpen) wholeTo = reader.offset
  }
  const times = first === -1 ? undefined : { first, last: reader.timestamp }
  return { path, size, snapshot, commands, transactions, unknown, times, undated, wholeTo, fault, isCut }
}

function faultOf(stop: Stop, isOpen: boolean, offset: number): string | undefined {
  switch (stop) {
    case Stop.End:
      return isOpen ? 'it ends before the EXEC of a transaction' : undefined
    case Stop.Torn:
      return `it ends within the command at offset ${offset}`
    case Stop.Garbage:
      return `no command stands at offset ${offset}`
    case Stop.Later:
      return undefined
  }
}
