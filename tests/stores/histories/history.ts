/**
 * What clients have asked and were answered, each with the times between which it happened, and whether one order explains all of
 * it: a counter, a list to which is appended, a register, a name that one can claim. What was under way when its process was killed
 * may have happened or not. What weaker levels promise is checked by levels.ts.
 */

export interface Operation {
  readonly kind: 'incr' | 'count' | 'push' | 'list' | 'set' | 'get' | 'claim'
  readonly key: string
  /** Whose it is: operations of one session follow each other. */
  readonly session: number
  /** What is written. */
  readonly value: string
  readonly from: number
  /** Infinity where no answer came. */
  to: number
  answer: unknown
}

const isKnown = ({ to }: Operation): boolean => to !== Infinity

/** What keys held when all was over. */
export interface End {
  readonly lists: ReadonlyMap<string, readonly string[]>
  readonly counts: ReadonlyMap<string, number>
  /** Who has claimed a name. */
  readonly claims: ReadonlyMap<string, string>
}

/** What cannot be explained where reads are as writes, each in a line. */
export function faultsOf(history: readonly Operation[], end: End): string[] {
  const faults = writeFaultsOf(history, end)
  const registers = new Set(history.filter(({ kind }) => kind === 'get').map(({ key }) => key))
  for (const key of registers) checkRegister(ofKey(history, key), faults)
  return faults
}

/** The same of the writes alone, and of what reads saw whenever that was. */
export function writeFaultsOf(
  history: readonly Operation[],
  { lists, counts, claims }: End,
  readsToo = true,
): string[] {
  const faults: string[] = []
  for (const [key, count] of counts) checkCounter(ofKey(history, key), count, readsToo, faults)
  for (const [key, list] of lists) checkList(ofKey(history, key), list, readsToo, faults)
  for (const [key, winner] of claims) checkClaims(ofKey(history, key), winner, faults)
  return faults
}

function ofKey(history: readonly Operation[], key: string): readonly Operation[] {
  return history.filter((operation) => operation.key === key)
}

/** One has it, and only that one was told so. */
function checkClaims(history: readonly Operation[], winner: string, faults: string[]): void {
  for (const { key, value, answer } of history) {
    if (answer === 1 && value !== winner) faults.push(`${key}: ${value} was told to have it, ${winner} has it`)
  }
}

function checkCounter(history: readonly Operation[], count: number, readsToo: boolean, faults: string[]): void {
  const begun = history.filter(({ kind }) => kind === 'incr')
  const incremented = begun.filter(isKnown)
  const { key } = history[0] ?? { key: '' }
  const values = incremented.map(({ answer }) => answer as number)
  if (new Set(values).size !== values.length) faults.push(`${key}: a value was given twice`)
  if (count < values.length || count > begun.length) {
    faults.push(`${key}: ${count} at the end, of ${values.length} acknowledged and ${begun.length} begun`)
  }
  // In the order of their ends, who begins later has a higher value than any that had ended.
  const reads = history.filter((operation) => readsToo && operation.kind === 'count' && isKnown(operation))
  checkRising(
    [
      ...incremented.map((operation) => ({ operation, value: operation.answer as number, isStrict: true })),
      ...reads.map((operation) => ({ operation, value: Number(operation.answer ?? 0), isStrict: false })),
    ],
    faults,
  )
}

interface Rising {
  readonly operation: Operation
  readonly value: number
  /** It is higher than all before; else as high at least. */
  readonly isStrict: boolean
}

function checkRising(all: readonly Rising[], faults: string[]): void {
  const ends = [...all].sort((a, b) => a.operation.to - b.operation.to)
  const begins = [...all].sort((a, b) => a.operation.from - b.operation.from)
  let ended = 0
  let highest = 0
  for (const { operation, value, isStrict } of begins) {
    while (ended < ends.length && ends[ended].operation.to < operation.from) {
      highest = Math.max(highest, ends[ended++].value)
    }
    if (isStrict ? value <= highest : value < highest) {
      faults.push(`${operation.kind} ${operation.key} came to ${value} at ${operation.from}, after ${highest} was told`)
    }
  }
}

function checkList(history: readonly Operation[], list: readonly string[], readsToo: boolean, faults: string[]): void {
  const pushes = history.filter(({ kind }) => kind === 'push')
  const { key } = history[0] ?? { key: '' }
  const places = new Map(list.map((value, index) => [value, index + 1]))
  if (places.size !== list.length) faults.push(`${key}: a value stands there twice`)
  const known = new Set(pushes.map(({ value }) => value))
  for (const value of list) if (!known.has(value)) faults.push(`${key}: nobody pushed ${value}`)
  for (const { value, answer } of pushes.filter(isKnown)) {
    if (places.get(value) !== answer) faults.push(`${key}: ${value} was put at ${answer}, is at ${places.get(value)}`)
  }
  const reads = history.filter((operation) => operation.kind === 'list' && isKnown(operation))
  for (const { answer } of reads) {
    const seen = answer as string[]
    if (seen.some((value, index) => list[index] !== value))
      faults.push(`${key}: a read of ${seen.length} differs from the end`)
  }
  checkRising(
    [
      ...pushes.filter(isKnown).map((operation) => ({ operation, value: operation.answer as number, isStrict: true })),
      ...(readsToo ? reads : []).map((operation) => ({
        operation,
        value: (operation.answer as string[]).length,
        isStrict: false,
      })),
    ],
    faults,
  )
}

function checkRegister(history: readonly Operation[], faults: string[]): void {
  const sets = history.filter(({ kind }) => kind === 'set')
  const byValue = new Map(sets.map((operation) => [operation.value, operation]))
  const reads = history.filter((operation) => operation.kind === 'get' && isKnown(operation))
  const latestSet = latestBy(sets.map((set) => ({ to: set.to, set })))
  const latestRead = latestBy(
    reads.flatMap(({ to, answer }) => {
      const set = byValue.get(answer as string)
      return set === undefined ? [] : [{ to, set }]
    }),
  )
  for (const read of reads) {
    const source = read.answer === null ? undefined : byValue.get(read.answer as string)
    if (read.answer !== null && source === undefined) {
      faults.push(`${read.key}: nobody set ${read.answer}`)
      continue
    }
    if (source !== undefined && source.from > read.to)
      faults.push(`${read.key}: ${read.answer} was read before it was set`)
    const since = source?.to ?? -1
    const over = latestSet(read.from)
    if (over !== undefined && over.from > since) {
      faults.push(`${read.key}: ${read.answer} was read after ${over.value} had taken its place`)
    }
    // What another has read before that, and was set after this one.
    const newer = latestRead(read.from)
    if (newer !== undefined && newer.from > since) {
      faults.push(`${read.key}: ${read.answer} was read after ${newer.value} was read`)
    }
  }
}

/** Of what had ended before a moment, the set that began last. */
function latestBy(
  ended: readonly { readonly to: number; readonly set: Operation }[],
): (at: number) => Operation | undefined {
  const sorted = [...ended].sort((a, b) => a.to - b.to)
  const best: Operation[] = []
  for (const [i, { set }] of sorted.entries()) best.push(i > 0 && best[i - 1].from > set.from ? best[i - 1] : set)
  return (at) => {
    let low = 0
    for (let high = sorted.length; low < high; ) {
      const middle = (low + high) >> 1
      if (sorted[middle].to < at) low = middle + 1
      else high = middle
    }
    return low === 0 ? undefined : best[low - 1]
  }
}
