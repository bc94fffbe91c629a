/**
 * Which files an append-only log consists of, as its manifest says: at most one base, which is what the store held at some
 * moment, the increments behind it in order, and history, which is to be removed. A line of it:
 *
 *     file appendonly.aof.2.incr.aof seq 2 type i
 *
 * A manifest is never changed: what follows from it is another one, which takes its place when it is on disk.
 */
import type { Bytes } from '../base/bytes.ts'
import { splitWords } from '../base/words.ts'
import { quote } from '../config/directive.ts'

/** A file of the log. */
export interface LogFile {
  readonly name: Bytes
  readonly seq: number
}

/** As the last column says it. */
const Kind = { Base: 'b', Increment: 'i', History: 'h' } as const

/** Longest line, its end included, and the columns that it must have. */
const LINE_MAX = 1024
const COLUMNS = 6

/** A manifest that makes no sense. */
export class ManifestFault extends Error {
  /** What is wrong stands in the log, once somebody wanted to load it. */
  readonly isLogged = true
  readonly lineNumber: number
  /** '' where no line is to blame. */
  readonly line: Bytes

  constructor(reason: string, lineNumber = 0, line = '') {
    super(reason)
    this.lineNumber = lineNumber
    this.line = line
  }
}

export class Manifest {
  readonly base: LogFile | undefined
  readonly increments: readonly LogFile[]
  readonly history: readonly LogFile[]
  readonly #lastBase: number
  readonly #lastIncrement: number

  constructor(
    base?: LogFile,
    increments: readonly LogFile[] = [],
    history: readonly LogFile[] = [],
    lastBase = base?.seq ?? 0,
    lastIncrement = increments.at(-1)?.seq ?? 0,
  ) {
    this.base = base
    this.increments = increments
    this.history = history
    this.#lastBase = lastBase
    this.#lastIncrement = lastIncrement
  }

  /** True if there is nothing to load. */
  get isEmpty(): boolean {
    return this.base === undefined && this.increments.length === 0
  }

  /** What is loaded, in order. */
  get files(): readonly LogFile[] {
    return this.base === undefined ? this.increments : [this.base, ...this.increments]
  }

  /** With another increment behind the others. */
  withIncrement(filename: Bytes): Manifest {
    const seq = this.#lastIncrement + 1
    const increment = { name: `${filename}.${seq}.incr.aof`, seq }
    return new Manifest(this.base, [...this.increments, increment], this.history, this.#lastBase, seq)
  }

  /** With a new base, in the place of the old one and of all increments but the last `kept`. */
  withBase(filename: Bytes, isSnapshot: boolean, kept: number): Manifest {
    const seq = this.#lastBase + 1
    const base = { name: `${filename}.${seq}.base.${isSnapshot ? 'rdb' : 'aof'}`, seq }
    const first = Math.max(0, this.increments.length - kept)
    const old = this.increments.slice(0, first)
    const history = [...old, ...(this.base === undefined ? [] : [this.base]), ...this.history]
    return new Manifest(base, this.increments.slice(first), history, seq, this.#lastIncrement)
  }

  /** Without the increments behind the first `count`. */
  upTo(count: number): Manifest {
    return new Manifest(this.base, this.increments.slice(0, count), this.history)
  }

  /** With a file from before there were manifests as its base. */
  withOldFile(filename: Bytes): Manifest {
    return new Manifest({ name: filename, seq: 1 })
  }

  withoutHistory(): Manifest {
    return new Manifest(this.base, this.increments, [], this.#lastBase, this.#lastIncrement)
  }

  /** As it stands in its file. */
  get text(): Bytes {
    const lines = (files: readonly LogFile[], kind: string): Bytes =>
      files.map(({ name, seq }) => `file ${nameText(name)} seq ${seq} type ${kind}\n`).join('')
    const base = this.base === undefined ? [] : [this.base]
    return lines(base, Kind.Base) + lines(this.history, Kind.History) + lines(this.increments, Kind.Increment)
  }
}

function nameText(name: Bytes): Bytes {
  return /[\s"'\\\x00-\x1f\x7f-\xff]/.test(name) ? quote(name) : name
}

/** Reads the text of a manifest. @throws ManifestFault */
export function parseManifest(text: Bytes): Manifest {
  if (text === '') throw new ManifestFault('Found an empty AOF manifest')
  let base: LogFile | undefined
  const increments: LogFile[] = []
  const history: LogFile[] = []
  const lines = text.split('\n')
  // What stands behind the last line end is no line unless something stands there.
  const count = lines.at(-1) === '' ? lines.length - 1 : lines.length
  for (let i = 0; i < count; i++) {
    const line = lines[i]
    if (line.startsWith('#')) continue
    const number = i + 1
    if (line.length >= LINE_MAX || i === lines.length - 1) {
      throw new ManifestFault('The AOF manifest file contains too long line')
    }
    const { kind, file } = parseLine(line.trim(), number)
    const refuse = (reason: string): ManifestFault => new ManifestFault(reason, number, line.trim())
    if (kind === Kind.Base) {
      if (base !== undefined) throw refuse('Found duplicate base file information')
      base = file
    } else if (kind === Kind.History) history.push(file)
    else if (kind !== Kind.Increment) throw refuse('Unknown AOF file type')
    else if (file.seq <= (increments.at(-1)?.seq ?? 0)) throw refuse('Found a non-monotonic sequence number')
    else increments.push(file)
  }
  return new Manifest(base, increments, history)
}

function parseLine(line: Bytes, number: number): { readonly kind: string; readonly file: LogFile } {
  const words = splitWords(line) ?? []
  if (words.length < COLUMNS || words.length % 2 !== 0) {
    throw new ManifestFault('Invalid AOF manifest file format', number, line)
  }
  let name = ''
  let seq = 0
  let kind = ''
  for (let i = 0; i < words.length; i += 2) {
    const value = words[i + 1]
    switch (words[i].toLowerCase()) {
      case 'file':
        if (value.includes('/') || value.includes('\\')) {
          throw new ManifestFault("File can't be a path, just a filename", number, line)
        }
        name = value
        break
      case 'seq':
        seq = Number.parseInt(value, 10) || 0
        break
      case 'type':
        kind = value.slice(0, 1)
    }
  }
  if (name === '' || seq === 0 || kind === '') throw new ManifestFault('Invalid AOF manifest file format', number, line)
  return { kind, file: { name, seq } }
}
