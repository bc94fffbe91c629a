/**
 * Which arguments of a command are keys. Key specs say where to look: from a position or a keyword, and then a range of
 * arguments or a count that stands before them. Where they cannot tell, the command brings its own `keyPositions`.
 * COMMAND GETKEYS, access control and routing all ask here. The rules are those of Redis's key specifications.
 */
import type { Bytes } from '../base/bytes.ts'
import type { Command, KeySpec } from './command.ts'
import { parseInteger } from './number.ts'

/** One key of a command at hand. */
export interface KeyReference {
  /** Index in argv. */
  readonly position: number
  /** Kind of access, in the words of KeySpec. */
  readonly flags: Bytes
}

/** What a key is used for where no spec covers it: the destination of a STORE option. */
const DESTINATION = 'OW update'

/** The keys of a command; undefined if its arguments make no sense. Empty for a command without keys. */
export function keysOf(command: Command, argv: readonly Bytes[]): readonly Bytes[] | undefined {
  return keyReferencesOf(command, argv)?.map(({ position }) => argv[position])
}

/** `keysOf`, with position and access of each key. */
export function keyReferencesOf(command: Command, argv: readonly Bytes[]): readonly KeyReference[] | undefined {
  return references(command, argv, false)
}

/**
 * The keys that can be told, also where others are missing, for access control: PFMERGE without a source writes its
 * destination, of which `keyReferencesOf` knows nothing then. (Redis 7.0 lets anybody write it.)
 */
export function tellableKeys(command: Command, argv: readonly Bytes[]): readonly KeyReference[] {
  return references(command, argv, true) ?? []
}

/** What decides on which node of a cluster a command runs: its keys, and shard channels, which stand where keys of their names would. */
export function routedKeys(command: Command, argv: readonly Bytes[]): readonly Bytes[] {
  if (command.keyPositions !== undefined) return (command.keyPositions(argv) ?? []).map((position) => argv[position])
  const found: Bytes[] = []
  for (const spec of command.keys) {
    const positions = specPositions(spec, argv)
    if (positions === undefined || isWord(spec.flags, 'incomplete')) return []
    for (const position of positions) found.push(argv[position])
  }
  return found
}

function references(
  command: Command,
  argv: readonly Bytes[],
  passesOver: boolean,
): readonly KeyReference[] | undefined {
  if (command.keyPositions !== undefined) return ownPositions(command, argv)
  const found: KeyReference[] = []
  for (const spec of command.keys) {
    if (isWord(spec.flags, 'not_key')) continue
    const positions = specPositions(spec, argv)
    if (positions === undefined && passesOver) continue
    if (positions === undefined || isWord(spec.flags, 'incomplete')) return undefined
    const flags = isWord(spec.flags, 'variable_flags') ? variableFlags(command, spec, argv) : spec.flags
    for (const position of positions) found.push({ position, flags })
  }
  return found
}

function ownPositions(command: Command, argv: readonly Bytes[]): readonly KeyReference[] | undefined {
  const covered = new Map<number, Bytes>()
  for (const { flags, ...spec } of command.keys) {
    const words = flags.split(' ').filter((word) => word !== 'incomplete')
    for (const position of specPositions({ ...spec, flags }, argv) ?? []) covered.set(position, words.join(' '))
  }
  return command.keyPositions!(argv)?.map((position) => ({ position, flags: covered.get(position) ?? DESTINATION }))
}

/** The flags that hold for these arguments, where the spec can only say that it depends. */
function variableFlags(command: Command, spec: KeySpec, argv: readonly Bytes[]): Bytes {
  return (
    command.keyFlags?.(argv) ??
    spec.flags
      .split(' ')
      .filter((word) => word !== 'variable_flags')
      .join(' ')
  )
}

function isWord(words: string, word: string): boolean {
  return words.split(' ').includes(word)
}

/** Positions of one spec's keys, or undefined if its keyword, count or range does not fit the arguments. */
function specPositions({ begin, find }: KeySpec, argv: readonly Bytes[]): number[] | undefined {
  if (begin === 'unknown' || find === 'unknown') return undefined
  let first = 'index' in begin ? begin.index : keywordPosition(begin, argv) + 1
  if (first === 0) return undefined
  let last: number
  let step: number
  if ('lastKey' in find) {
    step = find.step
    if (find.lastKey >= 0) last = first + find.lastKey
    else if (find.limit === 0) last = argv.length + find.lastKey
    else last = first + Math.floor((argv.length - first) / find.limit) + find.lastKey
  } else {
    step = find.step
    const count = parseInteger(argv[first + find.keyNumIndex] ?? '')
    if (count === undefined || count < 0) return undefined
    first += find.firstKey
    last = first + (count - 1) * step
  }
  if (first >= argv.length || last >= argv.length || last < first) return undefined
  const positions: number[] = []
  for (let position = first; position <= last; position += step) positions.push(position)
  return positions
}

/** Position of a keyword, searched from `startFrom` towards the end, or backwards if that counts from the end; -1. */
function keywordPosition(begin: { keyword: string; startFrom: number }, argv: readonly Bytes[]): number {
  const step = begin.startFrom > 0 ? 1 : -1
  let position = begin.startFrom > 0 ? begin.startFrom : argv.length + begin.startFrom
  for (; position >= 1 && position < argv.length; position += step) {
    if (argv[position].toUpperCase() === begin.keyword) return position
  }
  return -1
}

/** Position of the first key, of the last (negative: from the end) and the step, as clients before Redis 7 read them. */
export function legacyRange(command: Command): readonly [first: number, last: number, step: number] {
  const specs = command.keys
  if (specs.length === 1) return rangeOf(specs[0]) ?? [0, 0, 0]
  let first = Infinity
  let last = 0
  for (const spec of specs) {
    const range = rangeOf(spec)
    if (range === undefined) continue
    if (range[2] !== 1) return [0, 0, 0]
    // Ranges that do not follow on each other cannot be told as one.
    if (last !== 0 && last !== range[0] - 1) return [0, 0, 0]
    first = Math.min(first, range[0])
    last = last < 0 || range[1] < 0 ? Math.max(-1, Math.min(last, range[1])) : Math.max(last, range[1])
  }
  return first === Infinity ? [0, 0, 0] : [first, last, 1]
}

function rangeOf({ begin, find }: KeySpec): [number, number, number] | undefined {
  if (begin === 'unknown' || find === 'unknown' || !('index' in begin) || !('lastKey' in find)) return undefined
  return [begin.index, find.lastKey >= 0 ? begin.index + find.lastKey : find.lastKey, find.step]
}
