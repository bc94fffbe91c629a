/**
 * Libraries of functions: FUNCTION LOAD brings one, FCALL calls what it has registered. They are data of the store: their
 * texts are saved in snapshots and sent to replicas. The instance that has them loaded is made when there is the first, and
 * again from their texts when it was given up.
 */
import type { Bytes } from '../base/bytes.ts'
import { FUNCTION_NOT_FOUND } from '../base/errors.ts'
import { type Reply, ReplyError } from '../base/reply.ts'
import { monotonic } from '../base/runtime.ts'
import { splitWords } from '../base/words.ts'
import type { FunctionsPort, LibraryInfo, ScriptCall, ScriptPromise } from '../session/ports.ts'
import type { Session } from '../session/session.ts'
import {
  engineNotFound,
  functionExists,
  INVALID_LIBRARY_METADATA,
  INVALID_LIBRARY_NAME,
  invalidLibraryMetadata,
  LIBRARY_NAME_GIVEN_TWICE,
  LIBRARY_NAME_MISSING,
  libraryExists,
  libraryExistsAlready,
  MISSING_LIBRARY_METADATA,
  NO_FUNCTIONS_REGISTERED,
  RO_COMMAND_OF_WRITER,
} from './errors.ts'
import { isValidName, LibraryApi, type RegisteredFunction } from './libraryapi.ts'
import type { Run } from './run.ts'
import { FLAG_NAMES, promiseOf, ScriptFlag } from './shebang.ts'
import type { Vm } from './vm.ts'

/** What Redis keeps of a library and of a function besides their texts. Unit: bytes. */
const LIBRARY_BYTES = 104
const FUNCTION_BYTES = 88

interface Library {
  readonly name: Bytes
  /** The whole text, its first line included. */
  readonly code: Bytes
  functions: ReadonlyMap<Bytes, RegisteredFunction>
}

export interface FunctionsHost {
  /** A fresh instance. */
  createVm(): Vm
  /** Begins a run for a session, by the rules for its flags; an error where it may not run now. */
  begin(session: Session, name: Bytes, flags: number, readOnly: boolean): Run | ReplyError
  /** The error of a function for which there is no time left. */
  outOfTime(session: Session, name: Bytes): ReplyError | undefined
  log(level: number, message: Bytes): void
}

export class Functions implements FunctionsPort {
  readonly #host: FunctionsHost
  #libraries = new Map<Bytes, Library>()
  /** All functions of all libraries; names in lower case, for FCALL takes any. */
  #functions = new Map<Bytes, RegisteredFunction>()
  #vm: Vm | undefined
  #api: LibraryApi | undefined
  /** A reading of monotonic(), while a library is loaded. */
  loadStartedAt: number | undefined

  constructor(host: FunctionsHost) {
    this.#host = host
  }

  get libraryCount(): number {
    return this.#libraries.size
  }

  get functionCount(): number {
    return this.#functions.size
  }

  get codes(): readonly Bytes[] {
    return [...this.#libraries.values()].map(({ code }) => code)
  }

  get bytes(): number {
    let bytes = 0
    for (const { code } of this.#libraries.values()) bytes += code.length + LIBRARY_BYTES
    return bytes + this.#functions.size * FUNCTION_BYTES
  }

  get vmBytes(): number {
    return this.#vm?.usedBytes ?? 0
  }

  list(): readonly LibraryInfo[] {
    return [...this.#libraries.values()].map(({ name, code, functions }) => ({
      name,
      code,
      functions: [...functions.values()].map(({ name, description, flags }) => ({
        name,
        description,
        flags: FLAG_NAMES.filter(([, flag]) => flags & flag).map(([flag]) => flag),
      })),
    }))
  }

  has(name: Bytes): boolean {
    return this.#functions.has(name) || this.#functions.has(name.toLowerCase())
  }

  promiseOf(name: Bytes): ScriptPromise | undefined {
    const fn = this.#functions.get(name) ?? this.#functions.get(name.toLowerCase())
    return fn && promiseOf(fn.flags)
  }

  call(session: Session, name: Bytes, call: ScriptCall): Reply {
    if (!this.has(name)) return FUNCTION_NOT_FOUND
    // To load all libraries again takes longer than most functions run.
    const error = this.#vm?.isSpent ? this.#host.outOfTime(session, name) : undefined
    if (error !== undefined) return error
    const vm = this.#loadedVm()
    const fn = this.#functions.get(name) ?? this.#functions.get(name.toLowerCase())
    if (fn === undefined) return FUNCTION_NOT_FOUND // its library could not be loaded again
    // Upstash looks at what a function does, not at what it says.
    if (call.readOnly && !(fn.flags & ScriptFlag.NoWrites) && session.door !== 'rest') return RO_COMMAND_OF_WRITER
    const run = this.#host.begin(session, fn.name, fn.flags, call.readOnly)
    if (run instanceof ReplyError) return run
    try {
      return vm.call(run, fn.ref, call, false)
    } finally {
      run.end()
    }
  }

  /** Adds a library. Answers its name. */
  load(code: Bytes, replaces: boolean): Reply {
    const metadata = readMetadata(code)
    if (metadata instanceof ReplyError) return metadata
    const old = this.#libraries.get(metadata.name)
    if (old !== undefined && !replaces) return libraryExists(metadata.name)
    const library = this.#create(code, metadata, (name) => this.#functions.has(name) && !isOf(old, name))
    if (library instanceof ReplyError) return library
    if (old !== undefined) this.#remove(old)
    this.#add(library)
    return library.name
  }

  delete(name: Bytes): boolean {
    const library = this.#libraries.get(name)
    if (library !== undefined) this.#remove(library)
    return library !== undefined
  }

  /** Without libraries the instance has nothing to keep, and goes. */
  flush(): void {
    this.#libraries = new Map()
    this.#functions = new Map()
    this.#vm = undefined
    this.#api = undefined
  }

  /** Adds libraries as FUNCTION RESTORE does: all of them, or none and an error. */
  restore(codes: readonly Bytes[], policy: 'flush' | 'append' | 'replace'): ReplyError | undefined {
    const added = new Map<Bytes, Library>()
    const names = new Set<Bytes>()
    for (const code of codes) {
      const library = this.#createAnother(code, added, names)
      if (library instanceof ReplyError) return this.#dropped(added, library)
      added.set(library.name, library)
      for (const name of library.functions.keys()) names.add(name.toLowerCase())
    }
    const replaced: Library[] = policy === 'flush' ? [...this.#libraries.values()] : []
    if (policy !== 'flush') {
      for (const name of added.keys()) {
        const old = this.#libraries.get(name)
        if (old === undefined) continue
        if (policy === 'append') return this.#dropped(added, libraryExistsAlready(name))
        replaced.push(old)
      }
      for (const { functions } of added.values()) {
        for (const name of functions.keys()) {
          const isTaken = this.#functions.has(name.toLowerCase()) && !replaced.some((old) => isOf(old, name))
          if (isTaken) return this.#dropped(added, functionExists(name))
        }
      }
    }
    for (const library of replaced) this.#remove(library)
    for (const library of added.values()) this.#add(library)
    return undefined
  }

  /** One library of several that are not added yet. */
  #createAnother(code: Bytes, added: ReadonlyMap<Bytes, Library>, names: ReadonlySet<Bytes>): Library | ReplyError {
    const metadata = readMetadata(code)
    if (metadata instanceof ReplyError) return metadata
    if (added.has(metadata.name)) return libraryExists(metadata.name)
    return this.#create(code, metadata, (name) => names.has(name))
  }

  #dropped(libraries: ReadonlyMap<Bytes, Library>, error: ReplyError): ReplyError {
    for (const library of libraries.values()) this.#forget(library)
    return error
  }

  #create(code: Bytes, { name, body }: Metadata, isTaken: (name: Bytes) => boolean): Library | ReplyError {
    this.#loadedVm()
    const functions = this.#run(body)
    if (functions instanceof ReplyError) return functions
    if (functions.size === 0) return NO_FUNCTIONS_REGISTERED
    const library = { name, code, functions }
    for (const fn of functions.keys()) {
      if (!isTaken(fn.toLowerCase())) continue
      this.#forget(library)
      return functionExists(fn)
    }
    return library
  }

  #run(body: Bytes): ReadonlyMap<Bytes, RegisteredFunction> | ReplyError {
    this.loadStartedAt = monotonic()
    try {
      return this.#api!.load(body)
    } finally {
      this.loadStartedAt = undefined
    }
  }

  /** The instance with all libraries in it. */
  #loadedVm(): Vm {
    if (this.#vm !== undefined && !this.#vm.isSpent) return this.#vm
    const vm = this.#host.createVm()
    this.#vm = vm
    this.#api = new LibraryApi(vm)
    this.#functions = new Map()
    for (const library of this.#libraries.values()) {
      const metadata = readMetadata(library.code)
      const functions = metadata instanceof ReplyError ? metadata : this.#run(metadata.body)
      if (functions instanceof ReplyError) {
        this.#host.log(3, `Library ${library.name} could not be loaded again: ${functions.text}`)
        continue
      }
      library.functions = functions
      this.#link(library)
    }
    return vm
  }

  #add(library: Library): void {
    this.#libraries.set(library.name, library)
    this.#link(library)
  }

  #link({ functions }: Library): void {
    for (const fn of functions.values()) this.#functions.set(fn.name.toLowerCase(), fn)
  }

  #remove(library: Library): void {
    this.#libraries.delete(library.name)
    for (const name of library.functions.keys()) this.#functions.delete(name.toLowerCase())
    this.#forget(library)
  }

  #forget({ functions }: Library): void {
    if (this.#vm === undefined || this.#vm.isSpent) return
    for (const { ref } of functions.values()) this.#vm.forget(ref)
  }
}

function isOf(library: Library | undefined, fn: Bytes): boolean {
  if (library === undefined) return false
  for (const name of library.functions.keys()) if (name.toLowerCase() === fn.toLowerCase()) return true
  return false
}

interface Metadata {
  readonly name: Bytes
  /** The text without its first line, but with the end of that. */
  readonly body: Bytes
}

/** The first line of a library: `#!lua name=mylib`. */
function readMetadata(code: Bytes): Metadata | ReplyError {
  if (!code.startsWith('#!')) return MISSING_LIBRARY_METADATA
  const end = code.indexOf('\n')
  const words = end === -1 ? undefined : splitWords(code.slice(0, end))
  if (words === undefined || words.length === 0) return INVALID_LIBRARY_METADATA
  let name: Bytes | undefined
  for (const word of words.slice(1)) {
    if (word.slice(0, 5).toLowerCase() !== 'name=') return invalidLibraryMetadata(word)
    if (name !== undefined) return LIBRARY_NAME_GIVEN_TWICE
    name = word.slice(5)
  }
  if (name === undefined) return LIBRARY_NAME_MISSING
  if (!isValidName(name)) return INVALID_LIBRARY_NAME
  const engine = words[0].slice(2)
  return engine.toLowerCase() === 'lua' ? { name, body: code.slice(end) } : engineNotFound(engine)
}
