import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Config } from '../../../lib/config/config.ts'
import { MemberCut, ScoreCut } from '../../../lib/keyspace/values/cut.ts'
import { ScoreTree } from '../../../lib/keyspace/values/score-tree.ts'
import { ZSetValue } from '../../../lib/keyspace/values/zset.ts'

type Entry = readonly [score: number, member: string]

const limits = new Config({ 'zset-max-listpack-entries': 8, 'zset-max-listpack-value': 5 }).values

const inOrder = (a: Entry, b: Entry): number => (a[0] === b[0] ? (a[1] < b[1] ? -1 : 1) : a[0] < b[0] ? -1 : 1)
const sorted = (model: ReadonlyMap<string, number>): Entry[] =>
  [...model].map(([member, score]): Entry => [score, member]).sort(inOrder)

function entriesOf(zset: ZSetValue | ScoreTree, length: number, down = false): Entry[] {
  const entries: Entry[] = []
  zset.walk(down ? length - 1 : 0, length, down, (member, score) => entries.push([score, member]))
  return entries
}

const score = fc.constantFrom(-Infinity, -1.5, 0, 1, 2, 3, 1e100, Infinity)
const member = fc.oneof(
  fc.integer({ min: 0, max: 15 }).map((i) => 'm' + i),
  fc.constantFrom('', '\xff', 'long-member'),
)

describe('ZSetValue', () => {
  test('behaves as a sorted list, small and large', () => {
    const step = fc.record({ deletes: fc.boolean(), member, score })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 50 }), (steps) => {
        const zset = new ZSetValue(limits, 0, 0)
        const model = new Map<string, number>()
        for (const { deletes, member, score } of steps) {
          const current = zset.score(member)
          expect(current).toBe(model.get(member))
          if (deletes) {
            expect(zset.delete(member)).toBe(model.delete(member))
          } else {
            if (current === undefined) zset.add(member, score)
            else zset.update(member, current, score)
            model.set(member, score)
          }
          const entries = sorted(model)
          expect(entriesOf(zset, zset.length)).toEqual(entries)
          expect(entriesOf(zset, zset.length, true)).toEqual(entries.toReversed())
          for (const [rank, [score, member]] of entries.entries()) expect(zset.rank(member, score)).toBe(rank)
        }
        if (steps.some((s) => !s.deletes && s.member.length > 5)) expect(zset.encoding).toBe('skiplist')
        expect(entriesOf(zset.copy(), zset.length)).toEqual(sorted(model))
      }),
    )
  })

  test('cuts count what lies before them', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(member),
        fc.array(score, { minLength: 19, maxLength: 19 }),
        score,
        (all, scores, at) => {
          const zset = ZSetValue.of(limits, all, scores.slice(0, all.length))
          const entries = entriesOf(zset, all.length)
          expect(zset.rankOfCut(new ScoreCut(at, false))).toBe(entries.filter(([s]) => s < at).length)
          expect(zset.rankOfCut(new ScoreCut(at, true))).toBe(entries.filter(([s]) => s <= at).length)
          const level = ZSetValue.of(
            limits,
            all,
            all.map(() => 0),
          )
          expect(level.rankOfCut(new MemberCut('m5', false))).toBe(all.filter((m) => m < 'm5').length)
          expect(level.rankOfCut(new MemberCut('m5', true))).toBe(all.filter((m) => m <= 'm5').length)
        },
      ),
    )
  })

  test('a range is removed by rank', () => {
    fc.assert(
      fc.property(fc.nat(200), fc.nat(200), fc.nat(200), (length, from, count) => {
        const members = Array.from({ length }, (_, i) => 'm' + i)
        const zset = ZSetValue.of(
          limits,
          members,
          members.map((_, i) => i),
        )
        zset.deleteRange(from, count)
        expect(entriesOf(zset, length).map(([, m]) => m)).toEqual(members.toSpliced(from, count))
        expect(zset.score('m' + from)).toBe(count > 0 || from >= length ? undefined : from)
      }),
    )
  })

  test('is large from the thresholds on, and stays so', () => {
    const zset = new ZSetValue(limits, 0, 0)
    for (let i = 0; i < 8; i++) zset.add('m' + i, i)
    expect(zset.encoding).toBe('listpack')
    zset.add('m8', 8)
    expect(zset.encoding).toBe('skiplist')
    zset.delete('m8')
    expect(zset.encoding).toBe('skiplist')
    expect(new ZSetValue(limits, 1, 6).encoding).toBe('skiplist')
  })

  test('only the large form keeps a negative zero', () => {
    const zset = new ZSetValue(limits, 0, 0)
    zset.add('a', -0)
    expect(zset.score('a')).toBe(0)
    zset.expect(9, 0)
    zset.add('b', -0)
    expect(zset.score('b')).toBe(-0)
    expect(zset.rank('b', -0)).toBe(1)
  })
})

describe('ScoreTree', () => {
  test('keeps order and ranks through growth and decay over several levels', () => {
    fc.assert(
      fc.property(fc.infiniteStream(fc.nat(1_000_000)), (numbers) => {
        const draw = (): number => numbers.next().value as number
        const tree = new ScoreTree()
        const entries: Entry[] = []
        for (const [operations, growth] of [
          [6000, 95],
          [5500, 10],
          [3000, 80],
        ]) {
          for (let i = 0; i < operations; i++) {
            if (draw() % 100 < growth || entries.length === 0) {
              const entry: Entry = [draw() % 500, 'm' + draw()]
              if (tree.rank(...entry) < entries.length && entries[tree.rank(...entry)][1] === entry[1]) continue
              const rank = tree.rank(...entry)
              tree.insert(...entry)
              entries.splice(rank, 0, entry)
            } else {
              const [entry] = entries.splice(draw() % entries.length, 1)
              tree.delete(...entry)
            }
          }
          expect(tree.size).toBe(entries.length)
          expect([...entries].sort(inOrder)).toEqual(entries)
          expect(entriesOf(tree, tree.size)).toEqual(entries)
          expect(entriesOf(tree, tree.size, true)).toEqual(entries.toReversed())
          for (let i = 0; i < 50 && entries.length > 0; i++) {
            const rank = draw() % entries.length
            expect(tree.rank(...entries[rank])).toBe(rank)
            const below = entries.filter(([s]) => s < rank).length
            expect(tree.rankOfCut(new ScoreCut(rank, false))).toBe(below)
          }
        }
      }),
      { numRuns: 5 },
    )
  })
})
