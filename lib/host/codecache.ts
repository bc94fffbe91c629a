/**
 * What V8 has made of our code, kept from one start of the command to the next: to read it anew is most of a start that is not Node's own.
 * The files of lib/ are kept here, together in one file. From 22.1 on Node would do that itself, but only where a process ends in order, and a
 * start takes longer with it; it does so on Windows.
 *
 * Whoever can write such a file runs his code in our process, and V8 looks at little more than the length of a source. So it is
 * in a folder of the user who starts us, in which nobody else may write: docs/adr/0035-compiled-code-is-kept.md. Each piece
 * stands beside the source of which it was made, and holds for that alone, whoever has changed it. Where anything is amiss, code is
 * compiled as ever.
 */
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  type Stats,
  statSync,
} from 'node:fs'
import { open, readdir, rename, rm, stat } from 'node:fs/promises'
import nodeModule from 'node:module'
import { dirname, isAbsolute, join } from 'node:path'
import { Script } from 'node:vm'
import type { Environment } from '../config/environment.ts'

const IS_NODE = process.versions['bun'] === undefined && process.versions['deno'] === undefined

/** When what a server needs at its start is loaded, and what is hot has run. V8's flags change later than that: GROWTH_AFTER_MS of host.ts. */
const WRITE_AFTER_MS = 2000

/** A file of ours; behind the point stands who writes it. */
const OURS = /^v\d[^.]*\.\d+\.\d+-\w+-\w+(\.\d+)?$/
/** Nobody writes for so long; and what is as old as the other is made anew where it is still of use. */
const REST_MS = 60_000
const OLD_MS = 30 * 24 * 3_600_000

const [WRAP_BEGIN, WRAP_END] = nodeModule
  .wrap('\0')
  .split('\0')
  .map((text) => Buffer.from(text))

/** A file that is larger is not ours; nor is one that does not begin with a line of at most so many bytes. */
const MOST_BYTES = 16 * 2 ** 20
const MOST_HEAD_BYTES = 64 * 1024

/** To be called before anything of ours is loaded. `lib` is the folder of the package's code. */
export function keepCompiledCode(lib: string, environment: Environment = process.env): void {
  if (!IS_NODE || environment['NODE_DISABLE_COMPILE_CACHE']) return
  const user = process.geteuid?.()
  const nodesOwn =
    'enableCompileCache' in nodeModule ? (nodeModule.enableCompileCache as EnableCompileCache) : undefined
  if (nodesOwn !== undefined && environment['NODE_COMPILE_CACHE']) return // it is on
  if (user === undefined) {
    nodesOwn?.() // on Windows, whose folder for temporary files is the user's own
    return
  }
  const folder = privateFolder(environment, user)
  if (folder === undefined) return
  new CodeCache(join(folder, fileName(lib)), user).attach(lib)
}

type EnableCompileCache = () => unknown

/** One for each place of the package: V8 would tell of the files of another one where an error came from. */
function fileName(lib: string): string {
  let hash = 0
  for (let i = 0; i < lib.length; i++) hash = (Math.imul(hash, 31) + lib.charCodeAt(i)) | 0
  return `${process.version}-${process.arch}-${(hash >>> 0).toString(36)}`
}

/** Where a user keeps what programs can make anew. Undefined if that is not his alone. */
export function privateFolder(environment: Environment, user: number): string | undefined {
  const { XDG_CACHE_HOME: cache = '', HOME: home = '' } = environment
  const base = isAbsolute(cache) ? cache : home
  if (!isAbsolute(base)) return undefined
  try {
    // Who is another one for a moment (sudo) leaves nothing behind.
    if (!isFolderOf(user, statSync(base))) return undefined
    const parent = base === cache ? base : join(base, '.cache')
    const folder = join(parent, 'zerodis')
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    return isFolderOf(user, statSync(parent)) && isFolderOf(user, lstatSync(folder)) ? folder : undefined
  } catch {
    return undefined // a file system that cannot be written to; the start takes longer
  }
}

function isFolderOf(user: number, found: Stats): boolean {
  return found.isDirectory() && isOnlyOf(user, found)
}

/** Nobody else may write there. */
function isOnlyOf(user: number, { uid, mode }: Stats): boolean {
  return uid === user && (mode & 0o022) === 0
}

/** What V8 has made of a source. */
interface Piece {
  readonly source: Buffer
  readonly data: Buffer
}

/** What was compiled here, since it was not kept. */
interface Compiled {
  readonly path: string
  readonly source: Buffer
  readonly script: Script
}

/** How the file begins: a line of JSON. The pieces follow. */
type Head = readonly (readonly [path: string, sourceBytes: number, dataBytes: number])[]

export class CodeCache {
  readonly #path: string
  readonly #kept: KeptFile
  readonly #compiled: Compiled[] = []
  /** The folder whose files are loaded by way of it, for as long as they are. */
  #lib: string | undefined

  constructor(path: string, user: number) {
    this.#path = path
    this.#kept = new KeptFile(path, user)
  }

  /** From here on, and for a moment, the files of a folder are loaded by way of it. */
  attach(lib: string): void {
    this.#lib = lib
    const { extensions } = nodeModule.createRequire(join(lib, 'core.js'))
    const usual = extensions['.js']!
    extensions['.js'] = (module, path) => {
      if (dirname(path) === lib) this.load(module, path)
      else usual(module, path)
    }
    const end = async (): Promise<void> => {
      this.#lib = undefined
      extensions['.js'] = usual
      await this.write()
    }
    setTimeout(end, WRITE_AFTER_MS).unref()
  }

  /** Runs a file as the module that it is. */
  load(module: NodeJS.Module, path: string): void {
    const source = readFileSync(path)
    const kept = this.#kept.piece(path)
    const cachedData = kept?.source.equals(source) ? kept.data : undefined
    const wrapped = Buffer.concat([WRAP_BEGIN, source, WRAP_END]).toString() // one text: V8 would copy what is added to another
    const script = new Script(wrapped, { filename: path, cachedData })
    if (cachedData === undefined || script.cachedDataRejected) this.#compiled.push({ path, source, script })
    const run = script.runInThisContext() as (...parts: unknown[]) => void
    run.call(module.exports, module.exports, this.#requireAt(path), module, path, dirname(path))
  }

  /** `require` of a file: what stands beside it is not looked for, as Node does, which takes longer than to run most of them. */
  #requireAt(path: string): (name: string) => unknown {
    let usual: NodeJS.Require | undefined
    return (name) => {
      usual ??= nodeModule.createRequire(path)
      const lib = this.#lib
      if (lib === undefined || !name.startsWith('./')) return usual(name)
      const file = join(lib, name)
      const { cache } = usual
      const known = cache[file]
      if (known !== undefined) return known.exports
      const module = new nodeModule(file)
      module.filename = file
      cache[file] = module
      try {
        this.load(module, file)
      } catch (error) {
        delete cache[file]
        throw error
      }
      module.loaded = true
      return module.exports
    }
  }

  /** Keeps what was compiled, beside what was kept before. */
  async write(): Promise<void> {
    const pieces = this.#compiled.length === 0 ? undefined : this.#kept.pieces()
    this.#kept.close()
    if (pieces === undefined) return
    for (const { path, source, script } of this.#compiled) {
      pieces.set(path, { source, data: script.createCachedData() })
    }
    this.#compiled.length = 0
    const path = `${this.#path}.${process.pid}`
    try {
      await removeOld(dirname(path))
      const file = await open(path, 'wx', 0o600)
      try {
        await file.writeFile(bytesOf(pieces))
        await file.sync()
      } finally {
        await file.close()
      }
      await rename(path, this.#path)
    } catch {
      // The next start takes as long as this one.
      await rm(path, { force: true }).catch(() => {})
    }
  }
}

/** Removes what processes have left that were killed as they wrote, and what is of versions and places that nobody uses any more. */
async function removeOld(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const ours = OURS.exec(name)
    if (ours === null) continue
    const path = join(folder, name)
    const ageMs = Date.now() - (await stat(path)).mtimeMs
    if (ageMs > (ours[1] === undefined ? OLD_MS : REST_MS)) await rm(path, { force: true })
  }
}

/** Where in the file a piece begins, and how long its parts are. */
interface Place {
  readonly at: number
  readonly sourceBytes: number
  readonly dataBytes: number
}

/** What a start before this one has kept; nothing if it is not there, not whole, or may be another's. Only what is asked for is read. */
class KeptFile {
  #file: number | undefined
  readonly #places = new Map<string, Place>()

  constructor(path: string, user: number) {
    try {
      this.#file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW)
      const found = fstatSync(this.#file)
      if (!found.isFile() || !isOnlyOf(user, found) || found.size > MOST_BYTES) return
      const begin = Buffer.allocUnsafe(Math.min(found.size, MOST_HEAD_BYTES))
      readSync(this.#file, begin, 0, begin.length, 0)
      let at = begin.indexOf('\n') + 1
      for (const [path, sourceBytes, dataBytes] of JSON.parse(begin.toString('utf8', 0, at)) as Head) {
        this.#places.set(path, { at, sourceBytes, dataBytes })
        at += sourceBytes + 2 * dataBytes
      }
    } catch {
      // The first start, or something that is no file of ours.
    }
  }

  piece(path: string): Piece | undefined {
    const place = this.#places.get(path)
    if (place === undefined || this.#file === undefined) return undefined
    const { at, sourceBytes, dataBytes } = place
    try {
      const bytes = Buffer.allocUnsafeSlow(sourceBytes + 2 * dataBytes)
      if (readSync(this.#file, bytes, 0, bytes.length, at) !== bytes.length) return undefined
      const data = bytes.subarray(sourceBytes, sourceBytes + dataBytes)
      if (!data.equals(bytes.subarray(sourceBytes + dataBytes))) return undefined
      return { source: bytes.subarray(0, sourceBytes), data }
    } catch {
      return undefined
    }
  }

  /** All that are whole. */
  pieces(): Map<string, Piece> {
    const pieces = new Map<string, Piece>()
    for (const path of this.#places.keys()) {
      const piece = this.piece(path)
      if (piece !== undefined) pieces.set(path, piece)
    }
    return pieces
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file)
    this.#file = undefined
  }
}

/**
 * Each piece is its source and, twice, its data: V8 does not notice that some of it was damaged, and to compare is quicker than to
 * compute a sum.
 */
function bytesOf(pieces: ReadonlyMap<string, Piece>): Buffer {
  const head: Head = [...pieces].map(([path, { source, data }]) => [path, source.length, data.length])
  const body = [...pieces.values()].flatMap(({ source, data }) => [source, data, data])
  return Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), ...body])
}
