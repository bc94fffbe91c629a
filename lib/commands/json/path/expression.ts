/**
 * The parser of expressions: what stands behind `?`, and the projections that a path may be (`$.a + 1`, `$.a.length()`). It
 * descends by rank: `||`, `&&`, `!`, comparisons, `+ -`, `* / %`, signs. Parentheses hold any of it; what is true or false by
 * itself is no operand.
 */
import type { Bytes } from '../../../base/bytes.ts'
import { JsonArray, type JsonNode, JsonObject } from '../../../keyspace/values/json-node.ts'
import { MemberTable } from '../../../keyspace/values/json-table.ts'
import { type Arithmetic, type Call, Expr, type Expression, isLogical, Operator, type Query } from './ast.ts'
import { PathScanner } from './scan.ts'

const SYMBOLS: readonly (readonly [symbol: Bytes, operator: Operator])[] = [
  ['==', Operator.Equal],
  ['!=', Operator.NotEqual],
  ['=~', Operator.Matches],
  ['<=', Operator.LessOrEqual],
  ['>=', Operator.GreaterOrEqual],
  ['<', Operator.Less],
  ['>', Operator.Greater],
]

const WORDS = new Map<Bytes, Operator>([
  ['in', Operator.In],
  ['nin', Operator.NotIn],
  ['subsetof', Operator.SubsetOf],
  ['anyof', Operator.AnyOf],
  ['noneof', Operator.NoneOf],
  ['size', Operator.SizeOf],
  ['sizeof', Operator.SizeOf],
  ['empty', Operator.Empty],
])

const CONSTANTS = new Map<Bytes, JsonNode>([
  ['true', true],
  ['false', false],
  ['null', null],
])

const FUNCTIONS = new Set<Bytes>([
  ...['length', 'count', 'value', 'keys', 'match', 'search', 'concat', 'abs', 'ceiling', 'floor'],
  ...['first', 'last', 'index', 'append', 'min', 'max', 'avg', 'sum', 'stddev'],
])

/** So many methods may follow one another. */
const METHODS_MAX = 8

const FILTER = "'[?(filter_expression)]'"

export abstract class ExpressionParser extends PathScanner {
  /** The path behind `$` or `@`. */
  protected abstract query(fromRoot: boolean): Query

  protected expression(): Expression {
    const parts = [this.#conjunction()]
    while (this.skipBlanks() === '|' && this.take('||')) parts.push(this.#conjunction())
    return parts.length === 1 ? parts[0] : { kind: Expr.Or, parts }
  }

  #conjunction(): Expression {
    const parts = [this.#negation()]
    while (this.skipBlanks() === '&' && this.take('&&')) parts.push(this.#negation())
    return parts.length === 1 ? parts[0] : { kind: Expr.And, parts }
  }

  #negation(): Expression {
    let count = 0
    for (; this.skipBlanks() === '!'; count++) this.at++
    const of = this.#comparison()
    if (count === 0) return of
    const negated: Expression = { kind: Expr.Not, of }
    return count % 2 === 1 ? negated : { kind: Expr.Not, of: negated }
  }

  #comparison(): Expression {
    const left = this.sum()
    this.skipBlanks()
    const start = this.at
    const operator = this.#operator()
    if (operator === undefined) return left
    if (isLogical(left)) this.fail('EOI, and, or', start)
    return { kind: Expr.Compare, operator, left, right: this.#operand(this.sum()) }
  }

  #operator(): Operator | undefined {
    for (const [symbol, operator] of SYMBOLS) if (this.take(symbol)) return operator
    const start = this.at
    const operator = WORDS.get(this.wordHere())
    if (operator === undefined) this.at = start
    return operator
  }

  /** Additions, or what is of a higher rank. */
  protected sum(): Expression {
    const first = this.#product()
    const operators: Arithmetic[] = []
    const operands: Expression[] = []
    for (let next = this.skipBlanks(); next === '+' || next === '-'; next = this.skipBlanks()) {
      this.#operand(first)
      this.at++
      operators.push(next)
      operands.push(this.#operand(this.#product()))
    }
    return operators.length === 0 ? first : { kind: Expr.Chain, first, operators, operands }
  }

  #product(): Expression {
    const first = this.#factor()
    const operators: Arithmetic[] = []
    const operands: Expression[] = []
    for (let next = this.skipBlanks(); next === '*' || next === '/' || next === '%'; next = this.skipBlanks()) {
      this.#operand(first)
      this.at++
      operators.push(next)
      operands.push(this.#operand(this.#factor()))
    }
    return operators.length === 0 ? first : { kind: Expr.Chain, first, operators, operands }
  }

  #operand(expression: Expression): Expression {
    return isLogical(expression) ? this.fail('EOI, and, or') : expression
  }

  #factor(): Expression {
    const next = this.skipBlanks()
    const following = this.text.charCodeAt(this.at + 1)
    if (next !== '+' && (next !== '-' || (following >= 48 && following <= 57))) return this.#primary()
    this.at++
    this.skipBlanks()
    return { kind: Expr.Sign, isNegative: next === '-', of: this.#operand(this.#primary()) }
  }

  #primary(): Expression {
    switch (this.peek()) {
      case '(':
        return this.#parentheses()
      case '@':
      case '$':
        return this.#path()
      case "'":
      case '"':
        return { kind: Expr.Literal, value: this.string() }
    }
    const start = this.at
    const word = this.wordHere()
    if (word === '') return { kind: Expr.Literal, value: this.#literal() }
    const constant = CONSTANTS.get(word)
    if (constant !== undefined) return { kind: Expr.Literal, value: constant }
    if (this.skipBlanks() !== '(') this.fail(FILTER, start)
    return this.#methods(this.#call(word, start, []))
  }

  #parentheses(): Expression {
    this.open()
    this.at++
    const inner = this.expression()
    if (this.skipBlanks() !== ')') this.fail("')'")
    this.at++
    this.close()
    return isLogical(inner) ? inner : this.#methods(inner)
  }

  #path(): Expression {
    const fromRoot = this.text[this.at++] === '$'
    const query = this.query(fromRoot)
    const end = this.at
    if (this.skipBlanks() === '~') {
      this.at++
      return { kind: Expr.Call, name: 'keys', parameters: [query] }
    }
    this.at = end
    return this.#methods(query)
  }

  /** Calls that are written behind what they are given: `.length()`. Each stands in the next. */
  #methods(receiver: Expression): Expression {
    let expression = receiver
    for (let count = 0; ; count++) {
      const end = this.at
      if (this.skipBlanks() === '.') {
        this.at++
        this.skipBlanks()
        const start = this.at
        const name = this.wordHere()
        if (name !== '' && this.skipBlanks() === '(') {
          if (count === METHODS_MAX) this.fail('EOI', end)
          expression = this.#call(name, start, [expression])
          continue
        }
      }
      this.at = end
      return expression
    }
  }

  /** At the parenthesis behind a name. */
  #call(name: Bytes, named: number, parameters: Expression[]): Call {
    if (!FUNCTIONS.has(name)) this.fail('a function', named)
    this.open()
    this.at++
    if (this.skipBlanks() !== ')') {
      do {
        parameters.push(this.#operand(this.sum()))
      } while (this.skipBlanks() === ',' && this.take(','))
      if (this.skipBlanks() !== ')') this.fail("',', ')'")
    }
    this.at++
    this.close()
    return { kind: Expr.Call, name, parameters }
  }

  /** A value of JSON, whose strings may have either quotes. */
  #literal(): JsonNode {
    switch (this.skipBlanks()) {
      case "'":
      case '"':
        return this.string()
      case '[':
        return this.#arrayLiteral()
      case '{':
        return this.#objectLiteral()
    }
    const start = this.at
    const next = this.peek()
    if (next === '-' || (next >= '0' && next <= '9')) return this.number()
    const constant = CONSTANTS.get(this.wordHere())
    return constant === undefined ? this.fail(FILTER, start) : constant
  }

  #arrayLiteral(): JsonArray {
    this.open()
    this.at++
    const items: JsonNode[] = []
    if (this.skipBlanks() !== ']') {
      do {
        items.push(this.#literal())
      } while (this.skipBlanks() === ',' && this.take(','))
      if (this.peek() !== ']') this.fail("',', ']'")
    }
    this.at++
    this.close()
    return new JsonArray(items)
  }

  #objectLiteral(): JsonObject {
    this.open()
    this.at++
    const members = new MemberTable<JsonNode>()
    if (this.skipBlanks() !== '}') {
      do {
        const quote = this.skipBlanks()
        if (quote !== '"' && quote !== "'") this.fail('<string>')
        const key = this.string()
        if (this.skipBlanks() !== ':') this.fail("':'")
        this.at++
        members.set(key, this.#literal())
      } while (this.skipBlanks() === ',' && this.take(','))
      if (this.peek() !== '}') this.fail("',', '}'")
    }
    this.at++
    this.close()
    return JsonObject.of(members)
  }
}
