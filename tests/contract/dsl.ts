/**
 * The words in which contract cases are written. A case is a list of steps: a command and the reply it must get. It is
 * written once and runs on every subject (harness/subjects.ts): the engine itself, RESP2, RESP3, REST, in process, and
 * genuine Redis, which is what makes the expectations true. A matcher knows how the same reply looks on each subject: a
 * map is `%` in RESP3 and a flat array in RESP2 and REST.
 *
 * Each `*.cases.ts` is a test file of its own (`npx vitest run tests/contract/string`). Imported by another test, such
 * as the gates, it is plain data.
 */
import { expect } from 'vitest'
import type { Bytes } from '../../lib/base/bytes.ts'
import { matches, pairs, sameItems, showExpected } from './harness/match.ts'
import { registerSuite } from './harness/register.ts'
import { type Mode, plain, type Seen } from './harness/seen.ts'

/** What a reply must be: JavaScript's own words for the plain kinds, a matcher for the others. */
export type Expected = Bytes | number | bigint | null | readonly Expected[] | Matcher

export interface Matcher {
  matches(seen: Seen, mode: Mode): boolean
  /** The expectation in the notation of `show`, for the report of a failure. */
  show(mode: Mode): string
}

/** A line, split as redis-cli splits it, or the arguments as they are. */
export type CommandLine = string | readonly Bytes[]

export type Step =
  | readonly [CommandLine, Expected]
  | { readonly does: 'advance'; readonly ms: number }
  | { readonly does: 'call'; readonly client: string; readonly command: CommandLine; readonly expected: Expected }
  | { readonly does: 'block' | 'send'; readonly client: string; readonly command: CommandLine }
  | { readonly does: 'answer' | 'push'; readonly client: string; readonly expected: Expected }
  | { readonly does: 'hangUp'; readonly client: string }

export type SubjectName = 'engine' | 'resp2' | 'resp3' | 'rest' | 'inprocess' | 'genuine'
/** Why a case does not run on a subject. */
export type Skips = Partial<Record<SubjectName, string>>

export interface CaseOptions {
  /** The version of Redis that brought the behaviour; an older genuine Redis is not asked. */
  readonly since?: string
  readonly skip?: Skips
}

export type CaseSource = readonly Step[] | (CaseOptions & { readonly steps: readonly Step[] })

export interface Case extends CaseOptions {
  readonly title: string
  readonly steps: readonly Step[]
}

export interface Suite {
  readonly group: string
  readonly cases: readonly Case[]
}

/** Declares the cases of a group; options hold for all its cases that do not say otherwise. */
export function contract(group: string, cases: Record<string, CaseSource>, options: CaseOptions = {}): Suite {
  const suite: Suite = {
    group,
    cases: Object.entries(cases).map(([title, source]) =>
      'steps' in source
        ? { title, ...options, ...source, skip: { ...options.skip, ...source.skip } }
        : { title, ...options, steps: source },
    ),
  }
  if (expect.getState().testPath?.endsWith('.cases.ts')) registerSuite(suite)
  return suite
}

// Steps besides [command, reply].

/** Moves the clock. A case with it runs only where the clock can be moved. */
export const advance = (ms: number): Step => ({ does: 'advance', ms })

/** A command on another connection; each name is a connection of its own, opened at first use. */
export const on = (client: string, command: CommandLine, expected: Expected): Step => ({
  does: 'call',
  client,
  command,
  expected,
})

/** Sends a command that must block; its reply comes with `answered`. */
export const blocks = (client: string, command: CommandLine): Step => ({ does: 'block', client, command })

/** The reply to the command that blocked. */
export const answered = (client: string, expected: Expected): Step => ({ does: 'answer', client, expected })

/** Sends a command of which each answer is a message of its own, as SUBSCRIBE's are: they come with `pushed`. */
export const sends = (client: string, command: CommandLine): Step => ({ does: 'send', client, command })

/** The next thing that the server sends to a connection without being asked (in RESP2, a message after SUBSCRIBE). */
export const pushed = (client: string, expected: Expected): Step => ({ does: 'push', client, expected })

/** A connection is closed by its client. */
export const hangsUp = (client: string): Step => ({ does: 'hangUp', client })

// Matchers.

const tagged = (seen: Seen): { kind: string; [field: string]: unknown } | undefined =>
  typeof seen === 'object' && seen !== null && !Array.isArray(seen) ? seen : undefined

/** A simple string. REST cannot tell it from a bulk string. */
export function status(text: string): Matcher {
  return {
    matches: (seen, mode) => (mode.rest ? seen === text : tagged(seen)?.kind === 'status' && plain(seen) === text),
    show: (mode) => (mode.rest ? JSON.stringify(text) : `+${text}`),
  }
}

export const ok = status('OK')

/** An error, by its whole text. */
export function error(text: string): Matcher {
  return {
    matches: (seen) => tagged(seen)?.kind === 'error' && (seen as { text: string }).text === text,
    show: () => `-${text}`,
  }
}

/** The nil bulk string; `_` in RESP3. */
export const nil: Matcher = {
  matches: (seen) => seen === null,
  show: () => 'nil',
}

/** `*-1` in RESP2; `_` in RESP3. */
export const nilArray: Matcher = {
  matches: (seen, mode) => (mode.proto === 2 && !mode.rest ? tagged(seen)?.kind === 'nilArray' : seen === null),
  show: (mode) => (mode.proto === 2 && !mode.rest ? 'nil array' : 'nil'),
}

/** An array in exactly this order; the same as writing the items in brackets. */
export const array = (items: readonly Expected[]): readonly Expected[] => items

/** The same items in any order, as an array or as RESP3's set. */
export function unordered(items: readonly Expected[]): Matcher {
  return {
    matches(seen, mode) {
      const list = tagged(seen)?.kind === 'set' ? (seen as { items: Seen[] }).items : seen
      return Array.isArray(list) && sameItems(items, list, mode)
    },
    show: (mode) => `in any order ${showExpected(items, mode)}`,
  }
}

/** A set in RESP3, an array elsewhere; in any order. */
export function set(items: readonly Expected[]): Matcher {
  return {
    matches(seen, mode) {
      const list = mode.proto === 3 ? tagged(seen)?.kind === 'set' && (seen as { items: Seen[] }).items : seen
      return Array.isArray(list) && sameItems(items, list, mode)
    },
    show: (mode) => `${mode.proto === 3 ? 'set' : 'in any order'} ${showExpected(items, mode)}`,
  }
}

/** Flat pairs, in any order: a map in RESP3, a flat array elsewhere. */
export function map(flat: readonly Expected[]): Matcher {
  return {
    matches(seen, mode) {
      const list = mode.proto === 3 ? tagged(seen)?.kind === 'map' && (seen as { flat: Seen[] }).flat : seen
      return Array.isArray(list) && sameItems(pairs(flat), pairs(list), mode)
    },
    show: (mode) => `${mode.proto === 3 ? 'map' : 'pairs in any order'} ${showExpected(flat, mode)}`,
  }
}

/**
 * A double, as `formatDouble` prints it: a bulk string in RESP2. Genuine Redis before 7.2 prints 17 digits, so there the
 * values are compared as numbers.
 */
export function double(text: string): Matcher {
  return {
    matches(seen, mode) {
      const printed = mode.proto === 3 ? tagged(seen)?.kind === 'double' && (seen as { text: string }).text : seen
      if (typeof printed !== 'string') return false
      return printed === text || (!mode.exactDoubles && Number(printed) === Number(text))
    },
    show: (mode) => (mode.proto === 3 ? `,${text}` : JSON.stringify(text)),
  }
}

/** RESP3's boolean; 1 or 0 elsewhere. */
export function bool(value: boolean): Matcher {
  return {
    matches: (seen, mode) => seen === (mode.proto === 3 ? value : value ? 1 : 0),
    show: (mode) => (mode.proto === 3 ? `#${value}` : value ? '1' : '0'),
  }
}

/** Out-of-band data: a push in RESP3, an array elsewhere. */
export function push(items: readonly Expected[]): Matcher {
  return {
    matches(seen, mode) {
      const list = mode.proto === 3 ? tagged(seen)?.kind === 'push' && (seen as { items: Seen[] }).items : seen
      return Array.isArray(list) && matches(items, list, mode)
    },
    show: (mode) => `${mode.proto === 3 ? 'push ' : ''}${showExpected(items, mode)}`,
  }
}

/** Text with a format: `=txt:…` in RESP3, a bulk string elsewhere. */
export function verbatim(text: string): Matcher {
  return {
    matches: (seen, mode) => (mode.proto === 3 ? tagged(seen)?.kind === 'verbatim' : true) && plain(seen) === text,
    show: (mode) => (mode.proto === 3 ? `=${JSON.stringify(text)}` : JSON.stringify(text)),
  }
}

/** Where the two protocols differ in shape, as in ZRANGE WITHSCORES. REST and in-process see the first. */
export function resp(two: Expected, three: Expected): Matcher {
  return {
    matches: (seen, mode) => matches(mode.proto === 3 ? three : two, seen, mode),
    show: (mode) => showExpected(mode.proto === 3 ? three : two, mode),
  }
}

/** What Upstash answers over REST, where that is not what Redis does. */
export function overRest(rest: Expected, elsewhere: Expected): Matcher {
  return {
    matches: (seen, mode) => matches(mode.upstash ? rest : elsewhere, seen, mode),
    show: (mode) => showExpected(mode.upstash ? rest : elsewhere, mode),
  }
}

/** What Redis answers since 7.2, and an older genuine one before. */
export function since72(now: Expected, before: Expected): Matcher {
  return {
    matches: (seen, mode) => matches(mode.exactDoubles ? now : before, seen, mode),
    show: (mode) => showExpected(mode.exactDoubles ? now : before, mode),
  }
}

/**
 * Anything a function accepts. It is given the plain value: numbers, strings (status, double and verbatim as their
 * text), null, arrays (maps flat), an error as its text with a leading `-`.
 */
// biome-ignore lint/suspicious/noExplicitAny: a case knows the shape it asks about
export function where(accepts: (value: any) => boolean, description: string): Matcher {
  return { matches: (seen) => accepts(plain(seen)), show: () => description }
}

export const anything = where(() => true, 'anything')
