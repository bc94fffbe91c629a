/**
 * Numbers as C's printf writes them with `%.{precision}g`, which is how cjson writes them. JavaScript gives the digits, but
 * turns to exponents elsewhere and rounds a tie away from zero, where C takes the even digit.
 */

const POWERS_OF_TEN = Array.from({ length: 15 }, (_, exponent) => 10 ** exponent)
/** Below it, `%g` turns to exponents. */
const SMALLEST_PLAIN = 1e-4

/** `%.{precision}g` of a number; precision is 1 to 14. NaN is `nan`, whatever its sign. */
export function formatG(value: number, precision: number): string {
  const magnitude = Math.abs(value)
  if (magnitude >= SMALLEST_PLAIN && magnitude < POWERS_OF_TEN[precision]) {
    // The shortest digits that read back the same are those of %g if there are no more of them than the precision.
    const shortest = '' + value
    if (shortest.length <= precision) return shortest
  }
  if (value === 0) return Object.is(value, -0) ? '-0' : '0'
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf'
  return layOut(rounded(value, precision), precision)
}

/** Lays out `d.ddde±x`. */
function layOut(scientific: string, precision: number): string {
  const e = scientific.indexOf('e')
  const mantissa = scientific.slice(0, e)
  const exponent = Number(scientific.slice(e + 1))
  if (exponent < -4 || exponent >= precision) {
    const sign = exponent < 0 ? '-' : '+'
    return withoutTrailingZeros(mantissa) + 'e' + sign + ('' + Math.abs(exponent)).padStart(2, '0')
  }
  const minus = mantissa[0] === '-' ? '-' : ''
  const digits = mantissa.replace(/[-.]/g, '')
  if (exponent < 0) return withoutTrailingZeros(minus + '0.' + '0'.repeat(-exponent - 1) + digits)
  return withoutTrailingZeros(minus + digits.slice(0, exponent + 1) + '.' + digits.slice(exponent + 1))
}

/** `toExponential` with a tie going to the even digit, which is the one before where it is even. */
function rounded(value: number, precision: number): string {
  const shortest = value.toExponential()
  const digits = digitsOf(shortest)
  const isTie = digits.length === precision + 1 && digits.endsWith('5') && hasNoMoreDigits(value, precision + 1)
  if (!isTie || digits.charCodeAt(precision - 1) % 2 !== 0) return value.toExponential(precision - 1)
  const e = shortest.indexOf('e')
  return shortest.slice(0, e - 1) + shortest.slice(e)
}

/** The shortest digits that read back the same are seldom all digits of a double. */
function hasNoMoreDigits(value: number, count: number): boolean {
  return /^0*$/.test(digitsOf(value.toExponential(100)).slice(count))
}

function digitsOf(scientific: string): string {
  return scientific.replace(/e.*|[-.]/g, '')
}

function withoutTrailingZeros(decimal: string): string {
  return decimal.includes('.') ? decimal.replace(/\.?0*$/, '') : decimal
}
