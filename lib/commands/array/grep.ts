/** ARGREP: the elements of a range that predicates on their text let pass. */
import type { Bytes } from '../../base/bytes.ts'
import { SYNTAX } from '../../base/errors.ts'
import type { Reply } from '../../base/reply.ts'
import { globMatches } from '../../keyspace/glob.ts'
import { ArrayValue } from '../../keyspace/values/array.ts'
import { indexBefore } from '../../keyspace/values/array-index.ts'
import type { U64 } from '../../keyspace/values/stream-id.ts'
import type { Args } from '../args.ts'
import type { Context } from '../command.ts'
import { holdsPart } from '../part.ts'
import { indexReply, takeIndex, takeLimit } from './arguments.ts'
import { Effort } from './effort.ts'
import { Ere } from './ere.ts'
import { BACK_REFERENCE, EMPTY_EXPRESSION, invalidExpression, LONG_EXPRESSION, TOO_MANY_PREDICATES } from './errors.ts'
import { rangeBetween } from './range.ts'

const PREDICATES_MAX = 250
const EXPRESSION_BYTES_MAX = 2048

/** Bytes that are looked at in the time of a visit to a state, by whoever looks for a part or a pattern. */
const PART_BYTES_PER_VISIT = 16
const GLOB_BYTES_PER_VISIT = 4
/** A pattern that is so much longer takes one more time through the bytes, at the worst. */
const GLOB_PATTERN_BYTES = 64

type Predicate = (value: Bytes, effort: Effort) => boolean

interface Search {
  readonly predicates: readonly Predicate[]
  readonly needsAll: boolean
  readonly withValues: boolean
  readonly limit: number
}

/** ARGREP key start end EXACT|MATCH|GLOB|RE text [EXACT|MATCH|GLOB|RE text …] [AND|OR] [LIMIT limit] [WITHVALUES] [NOCASE] */
export function argrep(c: Context, a: Args): Reply {
  const key = a.next()
  const start = takeBound(a)
  const end = takeBound(a)
  const search = takeSearch(a)
  if (a.error !== undefined) return a.error
  const found: Reply[] = []
  const array = c.db.readTyped(key, ArrayValue)
  if (array === undefined) return found
  const effort = new Effort()
  const last = indexBefore(array.end)
  const { low, high, down } = rangeBetween(start ?? last, end ?? last)
  array.walk(low, high, down, (index, value) => {
    if (!matches(search, value, effort)) return true
    return found.push(search.withValues ? [indexReply(index), value] : indexReply(index)) < search.limit
  })
  return found
}

/** `-` is the first index; `+` the last of the array, undefined here. */
function takeBound(a: Args): U64 | undefined {
  if (a.match('-')) return 0
  return a.match('+') ? undefined : takeIndex(a)
}

function takeSearch(a: Args): Search {
  const texts: (readonly [kind: Bytes, text: Bytes])[] = []
  let needsAll = false
  let withValues = false
  let ignoresCase = false
  let limit = Infinity
  while (!a.done && a.error === undefined) {
    const word = a.word()
    switch (word) {
      case 'EXACT':
      case 'MATCH':
      case 'GLOB':
      case 'RE':
        takePredicate(a, word, texts)
        break
      case 'AND':
      case 'OR':
        needsAll = word === 'AND'
        break
      case 'LIMIT':
        limit = takeLimit(a)
        break
      case 'WITHVALUES':
        withValues = true
        break
      case 'NOCASE':
        ignoresCase = true
        break
      default:
        a.fail(SYNTAX)
    }
  }
  if (texts.length === 0) a.fail(SYNTAX)
  const predicates = a.error === undefined ? texts.map(([kind, text]) => predicateOf(kind, text, ignoresCase, a)) : []
  return { predicates, needsAll, withValues, limit }
}

function takePredicate(a: Args, kind: Bytes, texts: (readonly [kind: Bytes, text: Bytes])[]): void {
  const text = a.next()
  if (texts.length === PREDICATES_MAX) a.fail(TOO_MANY_PREDICATES)
  if (kind === 'RE' && text.length > EXPRESSION_BYTES_MAX) a.fail(LONG_EXPRESSION)
  texts.push([kind, text])
}

function predicateOf(kind: Bytes, text: Bytes, ignoresCase: boolean, a: Args): Predicate {
  if (kind === 'RE') return expressionOf(text, ignoresCase, a)
  if (kind === 'GLOB') {
    const visitsPerByte = Math.ceil(text.length / GLOB_PATTERN_BYTES) / GLOB_BYTES_PER_VISIT
    return (value, effort) => {
      effort.spend(1 + value.length * visitsPerByte)
      return globMatches(text, value, ignoresCase)
    }
  }
  const sought = ignoresCase ? lowerCase(text) : text
  if (kind === 'EXACT') {
    return (value) => value.length === sought.length && (ignoresCase ? lowerCase(value) : value) === sought
  }
  return (value, effort) => {
    effort.spend(1 + value.length / PART_BYTES_PER_VISIT)
    return holdsPart(ignoresCase ? lowerCase(value) : value, sought)
  }
}

function expressionOf(text: Bytes, ignoresCase: boolean, a: Args): Predicate {
  if (text === '') a.fail(EMPTY_EXPRESSION)
  const expression = Ere.parse(text, ignoresCase)
  if (expression instanceof Ere) return (value, effort) => expression.matches(value, effort)
  a.fail(expression === undefined ? BACK_REFERENCE : invalidExpression(expression))
  return () => false
}

/** The letters of ASCII in lower case, as in C's own locale; other bytes are no letters. */
function lowerCase(bytes: Bytes): Bytes {
  return bytes.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
}

function matches({ predicates, needsAll }: Search, value: Bytes, effort: Effort): boolean {
  for (const predicate of predicates) if (predicate(value, effort) !== needsAll) return !needsAll
  return needsAll
}
