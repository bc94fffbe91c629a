import { describe, expect, test } from 'vitest'
import { asin, cos, sin } from '../../lib/memory/twin/trigonometry.ts'

// Arguments at which Math is off by one unit in the last place, with the results of glibc 2.36.
const SINES = [
  [0.47206891966052356, 0.45472989794993096],
  [-0.8658917335793376, -0.7616733751195857],
  [-1.369661013921723, -0.9798403944197925],
  [0.950593051314354, 0.8137603296467734],
  [-0.34982899529859424, -0.34273716529235204],
]
const COSINES = [
  [0.7325307769887149, 0.7434843194624833],
  [1.1230164044909179, 0.43296540130833927],
  [0.4247503584064543, 0.9111416369815828],
  [-0.7386172035895288, 0.7394002553139453],
  [0.6290007557533681, 0.8086158043207089],
]
const ARC_SINES = [
  [0.509751491015777, 0.534895909663539],
  [0.7605927267577499, 0.8642255972188623],
  [0.6476654873695225, 0.7045164642366367],
  [0.8302440959960222, 0.9795454605684658],
  [0.6251461110077798, 0.6753187188521884],
]

describe('trigonometry', () => {
  test('rounds to the nearest double where Math does not', () => {
    for (const [x, y] of SINES) expect(sin(x)).toBe(y)
    for (const [x, y] of COSINES) expect(cos(x)).toBe(y)
    for (const [x, y] of ARC_SINES) expect(asin(x)).toBe(y)
  })

  test('is exact at the ends, and as Math everywhere but in the last place', () => {
    expect([sin(0), cos(0), asin(0), asin(1)]).toEqual([0, 1, 0, Math.PI / 2])
    for (let i = -1000; i <= 1000; i++) {
      const x = (i / 1000) * Math.PI
      expect(Math.abs(sin(x) - Math.sin(x))).toBeLessThan(2.3e-16)
      expect(Math.abs(cos(x) - Math.cos(x))).toBeLessThan(2.3e-16)
      expect(sin(-x) + sin(x)).toBe(0)
    }
    for (let i = 0; i <= 1000; i++) expect(Math.abs(asin(i / 1000) - Math.asin(i / 1000))).toBeLessThan(4.5e-16)
  })
})
