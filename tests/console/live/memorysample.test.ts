/** What a sample of keys says of all, and how sure it is. */
import { describe, expect, test } from 'vitest'
import { estimate, MemorySample, prefixOf } from '../../../console/live/memorysample.ts'
import { startStore } from '../store.ts'

describe('a sample of keys', () => {
  test('is exact where it holds all of them', async () => {
    const { rest } = startStore()
    for (let i = 0; i < 30; i++) await rest.run('SET', `a:${i % 2}:${i}`, 'v'.repeat(i))
    await rest.run('SET', 'alone', 'v')
    const sample = new MemorySample(rest)
    await sample.more(1000)
    expect([sample.isComplete, sample.seen, sample.total, sample.error]).toEqual([true, 31, 31, ''])
    let bytes = 0
    for (let i = 0; i < 30; i++) bytes += Number(await rest.run('MEMORY', 'USAGE', `a:${i % 2}:${i}`))
    const [, first, second] = sample.estimates(1)
    expect(first).toMatchObject({ prefix: 'a:', keys: 30, bytes, marginBytes: 0 })
    expect(second).toMatchObject({ prefix: '', keys: 1 })
    expect(
      sample
        .estimates(2)
        .map(({ prefix }) => prefix)
        .sort(),
    ).toEqual(['', '', 'a:0:', 'a:1:'])
    expect(sample.biggest[0].type).toBe('string')
  })

  test('holds the true weight within its margin about 95 times of 100', () => {
    let seed = 1
    const random = (): number => (seed = (seed * 48271) % 2147483647) / 2147483647
    const all = Array.from({ length: 20_000 }, (_, i) => ({
      key: `k${i}`,
      bytes: 50 + Math.floor(1000 * random() ** 4),
    }))
    const ofGroup = all.filter(({ key }) => key.endsWith('7'))
    const truth = ofGroup.reduce((sum, { bytes }) => sum + bytes, 0)
    let within = 0
    for (let round = 0; round < 400; round++) {
      const drawn = new Set<number>()
      while (drawn.size < 1000) drawn.add(Math.floor(random() * all.length))
      const group = [...drawn].map((i) => all[i]).filter(({ key }) => key.endsWith('7'))
      const { bytes, marginBytes } = estimate('', group, 1000, all.length)
      if (Math.abs(bytes - truth) <= marginBytes) within++
    }
    expect(within / 400).toBeGreaterThan(0.91)
    expect(within / 400).toBeLessThan(0.985)
  })

  test('says what is wrong', async () => {
    const { rest } = startStore()
    await rest.run('SET', 'a', '1')
    await rest.run('ACL', 'SETUSER', 'default', '-memory')
    const sample = new MemorySample(rest)
    await sample.more(10)
    expect(sample.error).toMatch(/^NOPERM/)
  })

  test.each([
    ['a:b:c', 1, 'a:'],
    ['a:b:c', 2, 'a:b:'],
    ['a:b:c', 3, 'a:b:'],
    [':', 2, ':'],
    ['plain', 2, ''],
  ])('of %s the prefix of %d parts is %s', (key, parts, prefix) => expect(prefixOf(key, parts)).toBe(prefix))
})
