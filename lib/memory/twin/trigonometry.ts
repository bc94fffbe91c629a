/**
 * Sine, cosine and arc sine rounded to the nearest double, nearly always. Redis computes distances with the C library,
 * whose functions (glibc's) are that good, and stores them unrounded with STOREDIST; JavaScript's Math is off by one unit
 * in the last place for some 5 in 100 arguments, which would show.
 *
 * An angle is a multiple of 1/64 plus a rest d. Sine and cosine of the multiples stand in a table as pairs of doubles (a
 * value and what it lacks); those of d follow from short series, and the addition theorems give the result with some ten bits
 * more than a double has, before the one rounding at the end. The pairs are those of Dekker, "A floating-point technique
 * for extending the available precision" (1971).
 */

const STEPS = 64
/** Multiples up to pi, the largest angle that half a difference of longitudes makes. */
const TABLE_SIZE = Math.round(Math.PI * STEPS) + 1
/** Splits a double into halves of 26 bits. */
const SPLITTER = 2 ** 27 + 1

/** A number as the unevaluated sum of two doubles. */
interface Pair {
  readonly high: number
  readonly low: number
}

interface Entry {
  readonly sin: Pair
  readonly cos: Pair
}

let table: readonly Entry[] | undefined

/** The sine of an angle in radians, from -pi to pi. */
export function sin(x: number): number {
  const { high, low } = sinPair(x)
  return high + low
}

/** The cosine of an angle in radians, from -pi to pi. */
export function cos(x: number): number {
  const { high, low } = cosPair(Math.abs(x))
  return high + low
}

/** The arc sine of a number from 0 to 1: the library's, and one step of Newton's from there. */
export function asin(y: number): number {
  const near = Math.asin(y)
  const { high, low } = sinPair(near)
  const slope = cos(near)
  return slope === 0 ? near : near + (y - high - low) / slope
}

function sinPair(x: number): Pair {
  const magnitude = Math.abs(x)
  const k = Math.round(magnitude * STEPS)
  const d = magnitude - k / STEPS
  const { sin: s, cos: c } = entry(k)
  const { high, low } = product(c.high, d)
  const rest = low + s.low + c.low * d + c.high * sinLack(d) - s.high * cosLack(d)
  const { high: sum, low: lack } = sumOf(s.high, high)
  return x < 0 ? { high: -sum, low: -(lack + rest) } : { high: sum, low: lack + rest }
}

function cosPair(x: number): Pair {
  const k = Math.round(x * STEPS)
  const d = x - k / STEPS
  const { sin: s, cos: c } = entry(k)
  const { high, low } = product(-s.high, d)
  const rest = low + c.low - s.low * d - s.high * sinLack(d) - c.high * cosLack(d)
  const { high: sum, low: lack } = sumOf(c.high, high)
  return { high: sum, low: lack + rest }
}

/** sin d - d, for the rest of an angle: at most 1/128. */
function sinLack(d: number): number {
  const square = d * d
  return d * square * (-1 / 6 + square * (1 / 120 + square * (-1 / 5040 + square / 362_880)))
}

/** 1 - cos d. */
function cosLack(d: number): number {
  const square = d * d
  return square * (1 / 2 + square * (-1 / 24 + square * (1 / 720 - square / 40_320)))
}

function entry(k: number): Entry {
  table ??= makeTable()
  return table[k]
}

/** Turns on by one step at a time; the errors of pairs are too small to gather. */
function makeTable(): Entry[] {
  const step = firstStep()
  const entries: Entry[] = [{ sin: { high: 0, low: 0 }, cos: { high: 1, low: 0 } }]
  for (let k = 1; k <= TABLE_SIZE; k++) {
    const { sin, cos } = entries[k - 1]
    entries.push({
      sin: add(multiply(sin, step.cos), multiply(cos, step.sin)),
      cos: add(multiply(cos, step.cos), negate(multiply(sin, step.sin))),
    })
  }
  return entries
}

/** Sine and cosine of one step, by their series in pairs. */
function firstStep(): Entry {
  let term: Pair = { high: 1, low: 0 }
  let sin: Pair = { high: 0, low: 0 }
  let cos = term
  for (let n = 1; n <= 14; n++) {
    term = divide(multiply(term, { high: 1 / STEPS, low: 0 }), n)
    const signed = n % 4 < 2 ? term : negate(term)
    if (n % 2 === 1) sin = add(sin, signed)
    else cos = add(cos, signed)
  }
  return { sin, cos }
}

/** a + b exactly, for |a| >= |b| or a = 0. */
function sumOf(a: number, b: number): Pair {
  const high = a + b
  const part = high - a
  return { high, low: a - (high - part) + (b - part) }
}

/** a · b exactly. */
function product(a: number, b: number): Pair {
  const high = a * b
  const aScaled = SPLITTER * a
  const aHigh = aScaled - (aScaled - a)
  const aLow = a - aHigh
  const bScaled = SPLITTER * b
  const bHigh = bScaled - (bScaled - b)
  const bLow = b - bHigh
  return { high, low: aHigh * bHigh - high + aHigh * bLow + aLow * bHigh + aLow * bLow }
}

function add(a: Pair, b: Pair): Pair {
  const { high, low } = sumOf(a.high, b.high)
  return sumOf(high, low + a.low + b.low)
}

function multiply(a: Pair, b: Pair): Pair {
  const { high, low } = product(a.high, b.high)
  return sumOf(high, low + a.high * b.low + a.low * b.high)
}

function divide(a: Pair, divisor: number): Pair {
  const high = a.high / divisor
  const back = product(high, divisor)
  return sumOf(high, (a.high - back.high - back.low + a.low) / divisor)
}

function negate({ high, low }: Pair): Pair {
  return { high: -high, low: -low }
}
