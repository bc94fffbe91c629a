/**
 * The functions of expressions: those of RFC 9535 and of Redis 8.10. One that is given what it cannot use, or not as many operands
 * as it has, is nothing, and no error; `match` and `search` are false then.
 */
import { type Bytes, MAX_BYTES } from '../../../base/bytes.ts'
import { JsonArray, JsonDouble, type JsonNode, JsonObject } from '../../../keyspace/values/json-node.ts'
import { orderOf, sizeOf } from './compare.ts'
import { calculate, doubleNode, isNumber, type JsonNumber, negated, numericValue, truncated } from './number.ts'
import { allNodes, itemsOf, NOTHING, NodeList, type Operand, oneNode } from './operand.ts'
import type { Steps } from './steps.ts'

export type PathFunction = (steps: Steps, operands: readonly Operand[]) => Operand

function length(steps: Steps, [operand]: readonly Operand[]): Operand {
  return sizeOf(operand, steps) ?? NOTHING
}

function count(_steps: Steps, [operand]: readonly Operand[]): Operand {
  return allNodes(operand)?.length ?? NOTHING
}

function value(_steps: Steps, [operand]: readonly Operand[]): Operand {
  const node = oneNode(operand)
  return node === undefined ? NOTHING : node
}

/** The names of all members of all objects among the nodes. */
function keys(steps: Steps, [operand]: readonly Operand[]): Operand {
  const names: Bytes[] = []
  const nodes = allNodes(operand) ?? []
  steps.spend(nodes.length)
  for (const node of nodes) {
    if (!(node instanceof JsonObject)) continue
    steps.spend(node.size)
    for (const name of node.keys()) names.push(name)
  }
  return operand === NOTHING ? NOTHING : new NodeList(names, true)
}

function concat(steps: Steps, operands: readonly Operand[]): Operand {
  let bytes = 0
  for (const operand of operands) {
    if (typeof operand !== 'string') return NOTHING
    bytes += operand.length
  }
  steps.spendBytes(bytes)
  return bytes > MAX_BYTES ? NOTHING : operands.join('')
}

function abs(_steps: Steps, [operand]: readonly Operand[]): Operand {
  if (!isOperandNumber(operand)) return NOTHING
  const absolute = numericValue(operand) < 0 ? negated(operand) : operand
  // An integer that has no such other within 64 bits overflows.
  const overflows = absolute === undefined || (typeof absolute === 'bigint' && absolute >= 2n ** 63n)
  return overflows && !(operand instanceof JsonDouble) ? NOTHING : (absolute ?? NOTHING)
}

function ceiling(_steps: Steps, [operand]: readonly Operand[]): Operand {
  if (operand instanceof JsonDouble) return new JsonDouble(Math.ceil(operand.value))
  return isOperandNumber(operand) ? operand : NOTHING
}

function floor(_steps: Steps, [operand]: readonly Operand[]): Operand {
  if (operand instanceof JsonDouble) return new JsonDouble(Math.floor(operand.value))
  return isOperandNumber(operand) ? operand : NOTHING
}

function first(_steps: Steps, [operand]: readonly Operand[]): Operand {
  return itemAt(operand, 0)
}

function last(_steps: Steps, [operand]: readonly Operand[]): Operand {
  return itemAt(operand, -1)
}

function index(_steps: Steps, [operand, place]: readonly Operand[]): Operand {
  return isOperandNumber(place) ? itemAt(operand, truncated(place)) : NOTHING
}

/** An item by its index, from the end if that is below 0. */
function itemAt(operand: Operand, place: number): Operand {
  const items = itemsOf(operand)
  if (items === undefined) return NOTHING
  const at = place < 0 ? place + items.length : place
  return at >= 0 && at < items.length ? items[at] : NOTHING
}

/** The receiver with others behind: the items of an array, or the nodes themselves. Each other is one item. */
function append(steps: Steps, [receiver, ...others]: readonly Operand[]): Operand {
  const nodes = itemsOf(receiver) ?? allNodes(receiver)
  if (nodes === undefined) return NOTHING
  steps.spend(nodes.length)
  const appended = [...nodes]
  for (const other of others) {
    const isList = other instanceof NodeList && (other.isMade || other.nodes.length > 0)
    const item = isList ? listed(steps, other) : oneNode(other)
    if (item === undefined) return NOTHING
    appended.push(item)
  }
  return new NodeList(appended, true)
}

function listed(steps: Steps, { nodes }: NodeList): JsonArray {
  steps.spend(nodes.length)
  return new JsonArray([...nodes])
}

function min(steps: Steps, [operand]: readonly Operand[]): Operand {
  return extreme(steps, operand, -1)
}

function max(steps: Steps, [operand]: readonly Operand[]): Operand {
  return extreme(steps, operand, 1)
}

function extreme(steps: Steps, operand: Operand, sign: number): Operand {
  const numbers = numbersOf(steps, operand)
  if (numbers === undefined) return NOTHING
  let found = numbers[0]
  for (const number of numbers) if (orderOf(number, found, steps)! * sign > 0) found = number
  return found
}

function sum(steps: Steps, [operand]: readonly Operand[]): Operand {
  const numbers = numbersOf(steps, operand)
  return numbers === undefined ? NOTHING : (total(numbers) ?? NOTHING)
}

function avg(steps: Steps, [operand]: readonly Operand[]): Operand {
  const numbers = numbersOf(steps, operand)
  return numbers === undefined ? NOTHING : (doubleNode(mean(numbers)) ?? NOTHING)
}

/** Of the whole population. */
function stddev(steps: Steps, [operand]: readonly Operand[]): Operand {
  const numbers = numbersOf(steps, operand)
  if (numbers === undefined) return NOTHING
  const average = mean(numbers)
  let squares = 0
  for (const number of numbers) squares += (Number(numericValue(number)) - average) ** 2
  return doubleNode(Math.sqrt(squares / numbers.length)) ?? NOTHING
}

function total(numbers: readonly JsonNumber[]): JsonNumber | undefined {
  let sum: JsonNumber | undefined = numbers[0]
  for (let i = 1; i < numbers.length && sum !== undefined; i++) sum = calculate('+', sum, numbers[i])
  return sum
}

function mean(numbers: readonly JsonNumber[]): number {
  const sum = total(numbers)
  return sum === undefined ? Number.NaN : Number(numericValue(sum)) / numbers.length
}

/** The items of an array that has some and holds nothing but numbers. */
function numbersOf(steps: Steps, operand: Operand): readonly JsonNumber[] | undefined {
  const items = itemsOf(operand)
  if (items === undefined || items.length === 0) return undefined
  steps.spend(items.length)
  return items.every(isNumber) ? (items as readonly JsonNumber[]) : undefined
}

function isOperandNumber(operand: Operand | undefined): operand is JsonNumber {
  return isNumber(operand as JsonNode | undefined)
}

/** Functions with the fewest and the most operands that they take. */
export const FUNCTIONS = new Map<Bytes, readonly [run: PathFunction, least: number, most: number]>([
  ['length', [length, 1, 1]],
  ['count', [count, 1, 1]],
  ['value', [value, 1, 1]],
  ['keys', [keys, 1, 1]],
  ['concat', [concat, 1, Infinity]],
  ['abs', [abs, 1, 1]],
  ['ceiling', [ceiling, 1, 1]],
  ['floor', [floor, 1, 1]],
  ['first', [first, 1, 1]],
  ['last', [last, 1, 1]],
  ['index', [index, 2, 2]],
  ['append', [append, 2, Infinity]],
  ['min', [min, 1, 1]],
  ['max', [max, 1, 1]],
  ['avg', [avg, 1, 1]],
  ['sum', [sum, 1, 1]],
  ['stddev', [stddev, 1, 1]],
])
