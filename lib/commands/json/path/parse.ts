/**
 * The parser of paths: segments and their selectors. `.name`, `.*`, `[…]`, `.[…]`, and `..` before any of them; in brackets, names,
 * indexes, slices, `*` and filters, several with commas between.
 */
import {
  type Expression,
  isLogical,
  type Query,
  queryOf,
  type Segment,
  Select,
  type Selector,
  type SliceSelector,
} from './ast.ts'
import { ExpressionParser } from './expression.ts'

const IN_BRACKETS = "'<string>[,<string>,...]', '<number>', ['start:end:steps'], '*'"
const BEHIND_DOT = "<string>, '*'"

const WILDCARD: Selector = { kind: Select.Wildcard }

/** Words that behind `@` and without a dot are operators, and no members. */
const RESERVED = new Set(['in', 'nin', 'subsetof', 'anyof', 'noneof', 'size', 'sizeof', 'empty'])

export class PathParser extends ExpressionParser {
  /** The whole text: a path that begins with `$`, or an expression. Throws a PathFault. */
  parse(): Expression {
    this.skipBlanks()
    const expression = this.sum()
    this.skipBlanks()
    if (this.at < this.text.length || isLogical(expression)) this.fail("EOI, '..'")
    return expression
  }

  protected query(fromRoot: boolean): Query {
    const segments: Segment[] = []
    const first = this.#bare()
    if (first !== undefined) segments.push({ descends: false, selectors: [first] })
    for (let next = this.#segment(); next !== undefined; next = this.#segment()) segments.push(next)
    return queryOf(fromRoot, segments)
  }

  /** A name without a dot, right behind `@` or `$`: `@foo`. */
  #bare(): Selector | undefined {
    if (this.take('*')) return WILDCARD
    const start = this.at
    const name = this.nameHere()
    if (name !== '' && !RESERVED.has(name)) return { kind: Select.Name, name }
    this.at = start
    return undefined
  }

  /** Undefined where the path ends, which is also where a method follows. */
  #segment(): Segment | undefined {
    const end = this.at
    const next = this.skipBlanks()
    if (next === '[') return { descends: false, selectors: this.#brackets() }
    if (next !== '.') {
      this.at = end
      return undefined
    }
    this.at++
    const descends = this.take('.')
    switch (this.skipBlanks()) {
      case '[':
        return { descends, selectors: this.#brackets() }
      case '*':
        this.at++
        return { descends, selectors: [WILDCARD] }
    }
    const name = this.nameHere()
    if (name === '') this.fail(BEHIND_DOT)
    if (!descends && this.peek() === '(') {
      this.at = end
      return undefined
    }
    return { descends, selectors: [{ kind: Select.Name, name }] }
  }

  #brackets(): Selector[] {
    this.at++
    const selectors: Selector[] = []
    do {
      selectors.push(this.#selector())
    } while (this.skipBlanks() === ',' && this.take(','))
    if (this.peek() !== ']') this.fail("',', ']'")
    this.at++
    return selectors
  }

  #selector(): Selector {
    const next = this.skipBlanks()
    switch (next) {
      case "'":
      case '"':
        return { kind: Select.Name, name: this.string() }
      case '*':
        this.at++
        return WILDCARD
      case '?': {
        this.open()
        this.at++
        const filter = this.expression()
        this.close()
        return { kind: Select.Filter, filter }
      }
    }
    const start = this.integer()
    if (start === undefined && next !== ':') this.fail(IN_BRACKETS)
    if (this.skipBlanks() === ':') return this.#slice(start)
    return { kind: Select.Index, index: start! }
  }

  /** At the first colon. */
  #slice(start: number | undefined): SliceSelector {
    this.at++
    this.skipBlanks()
    const end = this.integer()
    let step: number | undefined
    if (this.skipBlanks() === ':') {
      this.at++
      this.skipBlanks()
      const at = this.at
      step = this.integer()
      if (step === 0) this.fail("['start:end:steps']", at)
    }
    return { kind: Select.Slice, start, end, step: step ?? 1 }
  }
}
