/**
 * The configuration in force. `values` is a plain object, read live on hot paths; it changes only through here. Sources
 * are laid over one another by whoever starts a store (defaults, redis.conf, environment, flags or options), each with
 * `assign`; CONFIG SET comes through `set`, which changes all of its pairs or none. Who must act on a change says
 * so with `onChange`; who may fail at it with `onApply`, at once or later, and then every value is as before.
 */
import { type Bytes, fromText } from '../base/bytes.ts'
import { configSetFailed, unknownOption } from '../base/errors.ts'
import type { ReplyError } from '../base/reply.ts'
import { type Directive, Invalid } from './directive.ts'
import { DIRECTIVES, type DirectiveName, type Directives } from './directives.ts'
import { suggestName } from './suggest.ts'

export type { DirectiveName, Directives } from './directives.ts'

/** A value as options give it: `'100mb'`, `6379`, `true`, `['127.0.0.1', '::1']`. */
export type Setting = string | number | boolean | readonly (string | number)[]

/** What options take for a directive whose values are of this type; of numbers the text may have a unit, as '100mb' has. */
type SettingOf<Value> = [Value] extends [boolean]
  ? boolean | 'yes' | 'no'
  : [Value] extends [number]
    ? number | string
    : [Value] extends [string]
      ? string extends Value
        ? string | number
        : Value
      : Setting

/** Directives by name, for createServer. An undefined one is left out. */
export type Settings = { readonly [Name in keyof typeof DIRECTIVES]?: SettingOf<Directives[Name]> | undefined }

/** Why a change cannot be made, in Redis's words; nothing if it is made. */
export type Refusal = string | undefined

/** Carries out a change. A reason returned, or one that the promise settles to, takes it back. */
export type Applier<V> = (value: V) => Refusal | Promise<Refusal>

// The table seen by name only: what a name's own entry reads, it also prints and keeps.
const TABLE = DIRECTIVES as Readonly<Record<string, Directive<unknown>>>

/** All names, aliases included, in lower case, to the name of the entry. */
const NAMES = new Map<string, DirectiveName>()
for (const name in TABLE) {
  NAMES.set(name, name as DirectiveName)
  const { alias } = TABLE[name]
  if (alias !== undefined) NAMES.set(alias, name as DirectiveName)
}

/** The values that a change may have to go back to. */
type Before = ReadonlyMap<DirectiveName, unknown>

/** Who carries out the change of which directive. */
interface Call {
  readonly name: DirectiveName
  readonly apply: Applier<unknown>
}

/** The entry's name for a name or an alias in any case; undefined if there is none. */
export function directiveName(name: string): DirectiveName | undefined {
  return NAMES.get(name.toLowerCase())
}

/** The entry of the table, whatever the type of its value. */
export function directive(name: DirectiveName): Directive<unknown> {
  return TABLE[name]
}

export class Config {
  readonly values: Directives
  readonly #appliers = new Map<DirectiveName, Applier<unknown>[]>()

  /** @throws Error for a setting that is not known or not valid */
  constructor(settings: { readonly [Name in DirectiveName]?: Setting | undefined } = {}) {
    const values: Record<string, unknown> = {}
    for (const name in TABLE) values[name] = TABLE[name].initial
    this.values = values as unknown as Directives
    for (const [name, setting] of Object.entries(settings)) {
      if (setting === undefined) continue
      const found = directiveName(name)
      if (found === undefined) throw new Error(`unknown directive '${name}'${suggestion(name)}`)
      const reason = this.assign(found, settingWords(TABLE[found], setting))
      if (reason !== undefined) throw new Error(`invalid value for '${name}': ${reason}`)
    }
  }

  /**
   * Sets one value before the store runs, from the words behind its name; nobody hears of it. `adds` is true for a
   * second line of the same file that adds to the first. Where several words are possible, one in quotes may hold them
   * all: `--save "60 1000 900 1"`.
   */
  assign(name: DirectiveName, words: readonly Bytes[], adds = false): Refusal {
    const all = TABLE[name].multi && words.length === 1 && words[0] !== '' ? splitBlanks(words[0]) : words
    const value = this.#parse(name, all, adds)
    if (value instanceof Invalid) return value.reason
    this.#put(name, value)
    return undefined
  }

  /**
   * Name and value of every directive that one of the patterns names, once each. A name without wildcards is answered as
   * it was written. `matches` is the glob matcher, without regard to case.
   */
  get(patterns: readonly Bytes[], matches: (pattern: Bytes, name: Bytes) => boolean): Map<Bytes, Bytes> {
    const found = new Map<Bytes, Bytes>()
    const seen = new Set<Bytes>()
    const add = (written: Bytes, name: DirectiveName): void => {
      if (seen.has(written.toLowerCase())) return
      seen.add(written.toLowerCase())
      found.set(written, this.text(name))
    }
    for (const pattern of patterns) {
      if (/[[*?]/.test(pattern)) {
        for (const [alias, name] of NAMES) if (!TABLE[name].hidden && matches(pattern, alias)) add(alias, name)
      } else {
        const name = directiveName(pattern)
        if (name !== undefined) add(pattern, name)
      }
    }
    return found
  }

  /** The value as CONFIG GET prints it. */
  text(name: DirectiveName): Bytes {
    return TABLE[name].format(this.values[name])
  }

  /** CONFIG SET: all pairs or, with the error returned, none. A promise only where a change needs time. */
  set(
    pairs: readonly (readonly [name: Bytes, value: Bytes])[],
    isLocalClient: boolean,
  ): ReplyError | undefined | Promise<ReplyError | undefined> {
    const refused = this.#refusal(pairs, isLocalClient)
    if (refused !== undefined) return refused
    const before = new Map<DirectiveName, unknown>()
    const changed: DirectiveName[] = []
    for (const [given, text] of pairs) {
      const name = directiveName(given)!
      if (!before.has(name)) before.set(name, this.values[name])
      const value = this.#parse(name, TABLE[name].multi ? splitBlanks(text) : [text], false)
      if (value instanceof Invalid) {
        this.#restore(before)
        return configSetFailed(given.toLowerCase(), value.reason)
      }
      const old = this.text(name)
      const oldValue = this.values[name]
      this.#put(name, value)
      const isNew = this.text(name) !== old || (typeof value === 'string' && value !== oldValue) || TABLE[name].volatile
      if (isNew && !changed.includes(name)) changed.push(name)
    }
    return this.#apply(changed, before)
  }

  /** Hears of each change that is made while the store runs. */
  onChange<Name extends DirectiveName>(name: Name, hear: (value: Directives[Name]) => void): void {
    this.onApply(name, (value) => {
      hear(value)
      return undefined
    })
  }

  /** Carries out each change that is made while the store runs, or refuses it. */
  onApply<Name extends DirectiveName>(name: Name, apply: Applier<Directives[Name]>): void {
    const appliers = this.#appliers.get(name)
    if (appliers === undefined) this.#appliers.set(name, [apply as Applier<unknown>])
    else appliers.push(apply as Applier<unknown>)
  }

  #refusal(pairs: readonly (readonly [Bytes, Bytes])[], isLocalClient: boolean): ReplyError | undefined {
    const seen = new Set<Bytes>()
    let refused: ReplyError | undefined
    for (const [given] of pairs) {
      const name = directiveName(given)
      if (name === undefined) return unknownOption(given)
      if (refused !== undefined) continue
      const { immutable } = TABLE[name]
      if (immutable) refused = configSetFailed(given, "can't set immutable config")
      else if (TABLE[name].protected && !this.#allowsProtected(isLocalClient)) {
        refused = configSetFailed(given, "can't set protected config")
      } else if (seen.has(given.toLowerCase())) refused = configSetFailed(given, 'duplicate parameter')
      seen.add(given.toLowerCase())
    }
    return refused
  }

  #allowsProtected(isLocalClient: boolean): boolean {
    const who = this.values['enable-protected-configs']
    return who === 'yes' || (who === 'local' && isLocalClient)
  }

  /** Carries out the changes one after the other; the first that is refused has all of them taken back. */
  #apply(changed: readonly DirectiveName[], before: Before): ReplyError | undefined | Promise<ReplyError | undefined> {
    const calls = changed.flatMap((name) => (this.#appliers.get(name) ?? []).map((apply) => ({ name, apply })))
    for (let i = 0; i < calls.length; i++) {
      const answer = calls[i].apply(this.values[calls[i].name])
      if (answer instanceof Promise) return this.#applyLater(answer, calls, i, before)
      if (typeof answer === 'string') return this.#takeBack(calls, i, before, answer)
    }
    return undefined
  }

  /** Goes on where a change needs time. */
  async #applyLater(
    answer: Promise<Refusal>,
    calls: readonly Call[],
    index: number,
    before: Before,
  ): Promise<ReplyError | undefined> {
    for (let i = index; ; ) {
      const reason = await answer
      if (typeof reason === 'string') return this.#takeBack(calls, i, before, reason)
      if (++i === calls.length) return undefined
      answer = Promise.resolve(calls[i].apply(this.values[calls[i].name]))
    }
  }

  /** Puts the old values back and tells those who have heard of the new ones; their answers no longer matter. */
  async #takeBack(calls: readonly Call[], culprit: number, before: Before, reason: string): Promise<ReplyError> {
    this.#restore(before)
    for (const { name, apply } of calls.slice(0, culprit + 1)) await apply(this.values[name])
    return configSetFailed(calls[culprit].name, reason)
  }

  #parse(name: DirectiveName, words: readonly Bytes[], adds: boolean): unknown {
    const entry = TABLE[name]
    if (!entry.multi && words.length !== 1) return new Invalid('wrong number of arguments')
    return entry.parse(words, entry.accumulates && !adds ? entry.initial : this.values[name])
  }

  #put(name: DirectiveName, value: unknown): void {
    ;(this.values as Record<DirectiveName, unknown>)[name] = value
  }

  #restore(before: Before): void {
    for (const [name, value] of before) this.#put(name, value)
  }
}

/** CONFIG SET splits at single blanks, and an empty text into no words. */
function splitBlanks(text: Bytes): readonly Bytes[] {
  return text === '' ? [] : text.split(' ')
}

/** For a name that is nearly one of ours. */
function suggestion(name: string): string {
  const meant = suggestName(name)
  return meant === undefined ? '' : `: did you mean '${meant}'?`
}

/** The words that a setting of createServer stands for. */
function settingWords(entry: Directive<unknown>, setting: Setting): readonly Bytes[] {
  if (typeof setting === 'boolean') return [setting ? 'yes' : 'no']
  if (typeof setting === 'object') return setting.map((word) => fromText(`${word}`))
  const text = fromText(`${setting}`)
  return entry.multi ? splitBlanks(text) : [text]
}
