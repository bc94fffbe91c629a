/** What a run of Redis's suite says, beside genuine Redis. */
import { type Excuse, excuseFor, raceIn } from './excused.ts'
import type { Failure, Skip, UnitResult } from './unit.ts'

/** What genuine Redis got from the same command. */
export interface Baseline {
  readonly version: string
  readonly units: Record<string, BaselineUnit>
}

interface BaselineUnit {
  readonly passed: readonly string[]
  readonly failed: readonly string[]
  readonly skipped: readonly Skip[]
}

export interface Comparison {
  readonly unit: string
  readonly passed: number
  readonly genuinePassed: number
  readonly failed: readonly Failure[]
  readonly skipped: readonly Skip[]
  /** Passed by genuine Redis, and never reached here. */
  readonly lost: readonly string[]
  readonly excused: readonly { readonly name: string; readonly excuse: Excuse }[]
  /** Passed by genuine Redis, and neither passed nor excused here. */
  readonly unexcused: readonly string[]
  /** Excused, and passed all the same. */
  readonly needless: readonly string[]
  readonly brokeOff: string | undefined
  readonly seconds: number
}

/** Tests that a unit draws at random, or so many of: whether genuine Redis had the same does not matter, a failure does. */
const DRAWN =
  /^PSYNC2: (Set #|\[NEW LAYOUT\]|cluster is consistent after load)|^PSYNC2 #3899 regression: kill (chained|first) replica/

export function compare(unit: string, result: UnitResult, genuine: BaselineUnit | undefined): Comparison {
  const passed = new Set(result.passed)
  const failed = new Set(result.failed.map(({ name }) => name))
  const skipped = new Set(result.skipped.map(({ name }) => name))
  const expected = (genuine?.passed ?? []).filter((name) => !DRAWN.test(name))
  const missing = expected.filter((name) => !passed.has(name))
  // A failure outside of any test is one that genuine Redis did not have.
  const extra = [...failed].filter((name) => !expected.includes(name) && !genuine?.failed.includes(name))
  const wanting = [...missing, ...extra].map((name) => ({ name, excuse: excuseFor(unit, name) }))
  return {
    unit,
    passed: result.passed.length,
    genuinePassed: expected.length,
    failed: result.failed,
    skipped: result.skipped.filter(({ name }) => excuseFor(unit, name) === undefined),
    lost: missing.filter((name) => !failed.has(name) && !skipped.has(name)),
    excused: wanting.flatMap(({ name, excuse }) => (excuse === undefined ? [] : [{ name, excuse }])),
    unexcused: wanting.filter(({ excuse }) => excuse === undefined).map(({ name }) => name),
    needless: result.passed.filter((name) => excuseFor(unit, name) !== undefined),
    brokeOff: result.brokeOff,
    seconds: result.seconds,
  }
}

/** The tests that failed by a race of their own (`raceIn`), if they are all that failed; else none. */
export function lostRaces(unit: string, result: UnitResult, genuine: BaselineUnit | undefined): readonly string[] {
  const { unexcused, brokeOff } = compare(unit, result, genuine)
  const isRace = brokeOff === undefined && unexcused.every((name) => raceIn(unit, name) !== undefined)
  return isRace ? unexcused : []
}

export function reportText(comparisons: readonly Comparison[], version: string): string {
  const rows = comparisons.map((c) => [
    c.unit,
    `${c.passed}`,
    `${c.genuinePassed}`,
    `${c.failed.length}`,
    `${c.lost.length}`,
    `${c.skipped.length}`,
    `${c.seconds}`,
  ])
  const total = (pick: (c: Comparison) => number): string => `${comparisons.reduce((sum, c) => sum + pick(c), 0)}`
  const sums = [
    'total',
    total((c) => c.passed),
    total((c) => c.genuinePassed),
    total((c) => c.failed.length),
    total((c) => c.lost.length),
    total((c) => c.skipped.length),
    total((c) => c.seconds),
  ]
  const table = aligned([['unit', 'passed', `Redis ${version}`, 'failed', 'lost', 'skipped', 'seconds'], ...rows, sums])
  return [table, ...comparisons.map(details)].filter((part) => part !== '').join('\n\n')
}

function details(c: Comparison): string {
  const lines: string[] = []
  if (c.brokeOff !== undefined) lines.push(`  broke off: ${indented(c.brokeOff)}`)
  for (const { name, detail } of c.failed)
    lines.push(`  failed: ${name}\n      ${indented(detail.trim().slice(0, 600))}`)
  for (const name of c.lost) lines.push(`  lost: ${name}`)
  for (const { name, excuse } of c.excused) lines.push(`  excused: ${name}: ${excuse.reason}`)
  for (const name of c.needless) lines.push(`  passes though excused: ${name}`)
  for (const { name, reason } of c.skipped) lines.push(`  skipped: ${name}: ${reason}`)
  return lines.length === 0 ? '' : `${c.unit}\n${lines.join('\n')}`
}

/** The closing figures: excused tests count as skipped, a file that broke off as one more that failed. */
export function totals(comparisons: readonly Comparison[]): { passed: number; failed: number; skipped: number } {
  let passed = 0
  let failed = 0
  let skipped = 0
  for (const c of comparisons) {
    passed += c.passed
    failed += c.unexcused.length + (c.brokeOff === undefined ? 0 : 1)
    skipped += c.skipped.length + c.excused.length
  }
  return { passed, failed, skipped }
}

/** What must be mended, one text for each: the last that is said, where nobody overlooks it. */
export function unexcusedFailures(comparisons: readonly Comparison[]): string[] {
  return comparisons.flatMap(({ unit, unexcused, failed, brokeOff }) => {
    const texts = unexcused.map((name) => {
      const detail = failed.find((failure) => failure.name === name)?.detail ?? 'was not reached'
      return `${unit}: ${name}\n      ${indented(detail.trim().slice(0, 600))}`
    })
    return brokeOff === undefined ? texts : [...texts, `${unit} broke off: ${indented(brokeOff)}`]
  })
}

const indented = (text: string): string => text.replaceAll('\n', '\n      ')

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)))
  return rows
    .map((row) => row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  '))
    .join('\n')
}
