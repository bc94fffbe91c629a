/** What a benchmark found: rows of ours beside the reference, measured in one run, with their ratio and the aim. */

export interface Row {
  readonly name: string
  readonly unit: string
  readonly ours: number
  readonly reference: number | undefined
  /** Of exponents near zero a ratio says nothing. */
  readonly hasNoRatio?: true
  /** What to reach: at least (`>=`) or at most (`<=`) this ratio, or this value of ours where there is no reference. */
  readonly aim?: { readonly at: '>=' | '<='; readonly value: number; readonly of: 'ratio' | 'ours' }
}

export interface Section {
  readonly title: string
  readonly reference: string
  readonly rows: readonly Row[]
}

export const atLeast = (value: number, of: 'ratio' | 'ours' = 'ratio'): Row['aim'] => ({ at: '>=', value, of })
export const atMost = (value: number, of: 'ratio' | 'ours' = 'ratio'): Row['aim'] => ({ at: '<=', value, of })

export function ratioOf(row: Row): number | undefined {
  return row.reference === undefined || row.hasNoRatio ? undefined : row.ours / row.reference
}

/** Undefined where the row has no aim. */
export function reached(row: Row): boolean | undefined {
  if (row.aim === undefined) return undefined
  const figure = row.aim.of === 'ours' ? row.ours : ratioOf(row)
  if (figure === undefined) return undefined
  return row.aim.at === '>=' ? figure >= row.aim.value : figure <= row.aim.value
}

export function printSection({ title, reference, rows }: Section): void {
  const cells = rows.map((row) => [
    row.name,
    figure(row.ours),
    row.reference === undefined ? '' : figure(row.reference),
    ratioOf(row)?.toFixed(2) ?? '',
    row.aim === undefined ? '' : `${row.aim.at} ${figure(row.aim.value)}`,
    reached(row) === undefined ? '' : reached(row) ? 'reached' : 'missed',
    row.unit,
  ])
  const head = [title, 'zerodis', reference, 'ratio', 'aim', '', 'unit']
  const widths = head.map((cell, i) => Math.max(cell.length, ...cells.map((row) => row[i].length)))
  const line = (row: readonly string[]): string =>
    row.map((cell, i) => (i === 0 || i > 4 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  ')
  console.log(`\n${line(head)}\n${widths.map((width) => '-'.repeat(width)).join('  ')}`)
  for (const row of cells) console.log(line(row).trimEnd())
}

export function median(figures: readonly number[]): number {
  const sorted = [...figures].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

function figure(value: number): string {
  if (value >= 1000) return Math.round(value).toLocaleString('en-US')
  return value >= 100 ? value.toFixed(0) : value.toFixed(2)
}
