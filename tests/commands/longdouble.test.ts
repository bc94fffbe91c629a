import { describe, expect, test } from 'vitest'
import { addLongDouble, formatLongDouble, parseLongDouble } from '../../lib/commands/longdouble.ts'

/** Sums that genuine Redis answers to INCRBYFLOAT on x86-64. */
const SUMS: readonly (readonly [string, string, string])[] = [
  ['0.1', '0.2', '0.3'],
  ['3.0e3', '200', '3200'],
  ['1e17', '0.5', '100000000000000000.5'],
  ['9223372036854775807', '0.5', '9223372036854775807.5'],
  ['18446744073709551615', '1', '18446744073709551616'],
  ['18446744073709551616', '1', '18446744073709551616'],
  ['0x1.8p3', '0', '12'],
  ['-6e-18', '0', '-0.00000000000000001'],
  ['-5e-18', '0', '0'],
  ['1e-4950', '0', '0'],
  ['+1', '.5', '1.5'],
  ['5.', '-5', '0'],
]

describe('long doubles', () => {
  test.each(SUMS)('%s + %s is %s', (a, b, sum) => {
    const total = addLongDouble(parseLongDouble(a)!, parseLongDouble(b)!)
    expect(formatLongDouble(total!)).toBe(sum)
  })

  test.each(['', ' 1', '1 ', '1e', '.', '0x', '0x.p1', 'nan', '1e5000', '1e-4951', '1\0', '--1', '9'.repeat(5120)])(
    '%j is not one',
    (text) => {
      expect(parseLongDouble(text)).toBeUndefined()
    },
  )

  test('a sum past the largest is refused, as is infinity', () => {
    const largest = parseLongDouble('1.18973149535723176502e4932')!
    expect(addLongDouble(largest, largest)).toBeUndefined()
    expect(addLongDouble(parseLongDouble('-inf')!, parseLongDouble('1')!)).toBeUndefined()
    expect(addLongDouble(largest, parseLongDouble('1')!)).toEqual(largest)
  })
})
