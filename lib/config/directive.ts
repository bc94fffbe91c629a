/**
 * What a directive of the configuration is: the kind of its value with its bounds and its default, whether it may be
 * changed while the store runs, and one line for the reference. Each kind reads the words that stand behind the name in
 * redis.conf and prints the value as CONFIG GET does. A refused value is an `Invalid` with Redis's own reason; the
 * texts stand here because they are reasons within an error, not errors of their own.
 */

/** Why a value was refused, in Redis's words. */
export class Invalid {
  readonly reason: string
  constructor(reason: string) {
    this.reason = reason
  }
}

/** What a directive may be besides its value; see Redis's flags of the same names. */
export interface Traits {
  /** Another name for the same value. */
  readonly alias?: string
  /** Set at the start only. */
  readonly immutable?: true
  /** CONFIG SET refuses it unless `enable-protected-configs` says otherwise. */
  readonly protected?: true
  /** A secret: never logged. */
  readonly sensitive?: true
  /** CONFIG GET shows it only when asked for by its very name. */
  readonly hidden?: true
  /** A number outside of these bounds is brought within them, in silence. */
  readonly clamp?: readonly [number, number]
  /** Takes several words; given as one text they are split at blanks. */
  readonly multi?: true
  /** Several lines of a file add up; `previous` is then what the lines before have given. */
  readonly accumulates?: true
  /** Carried out also when it is set to what it is: what it names may have changed. */
  readonly volatile?: true
  /** CONFIG SET refuses it while the data of the start is loaded. */
  readonly fixedWhileLoading?: true
  /** Known to Redis, kept for CONFIG GET, and without effect here. */
  readonly inert?: true
}

export interface Directive<V> extends Traits {
  readonly summary: string
  readonly initial: V
  /** What kind of value the reference page names. */
  readonly kind: string
  /** Reads the words behind the name. `previous` is the value in force, for a directive that is set in parts. */
  parse(words: readonly string[], previous: V): V | Invalid
  /** The value as CONFIG GET prints it. */
  format(value: V): string
  /** The lines that CONFIG REWRITE writes for the value, each without the name. */
  lines?(value: V): readonly string[]
}

export const INT_MIN = -(2 ** 31)
export const INT_MAX = 2 ** 31 - 1
export const UINT_MAX = 2 ** 32 - 1
/** The largest of C's long; printed in full although a JavaScript number can only come near it. */
export const LONG_MAX = 2 ** 63

/** yes or no */
export function flag(
  initial: boolean,
  summary: string,
  traits?: Traits,
  check?: (value: boolean) => string | undefined,
): Directive<boolean> {
  return {
    kind: 'yes or no',
    initial,
    summary,
    parse: ([word]) => {
      const lower = word.toLowerCase()
      if (lower !== 'yes' && lower !== 'no') return new Invalid("argument must be 'yes' or 'no'")
      const reason = check?.(lower === 'yes')
      return reason === undefined ? lower === 'yes' : new Invalid(reason)
    },
    format: (value) => (value ? 'yes' : 'no'),
    ...traits,
  }
}

/** a whole number */
export function integer(
  initial: number,
  min: number,
  max: number,
  summary: string,
  traits?: Traits,
): Directive<number> {
  return {
    kind: `integer, ${printInteger(min)} to ${printInteger(max)}`,
    initial,
    summary,
    parse: ([word]) => {
      // As strtoll does: a value past 64 bits is no integer at all.
      if (!/^-?\d+$/.test(word) || Math.abs(+word) > LONG_MAX || word === '9223372036854775808') {
        return new Invalid("argument couldn't be parsed into an integer")
      }
      return within(+word, min, max, traits)
    },
    format: printInteger,
    ...traits,
  }
}

/** a whole number written in base 8 */
export function octal(initial: number, min: number, max: number, summary: string, traits?: Traits): Directive<number> {
  return {
    kind: 'octal number',
    initial,
    summary,
    parse: ([word]) => {
      if (!/^-?[0-7]+$/.test(word)) return new Invalid("argument couldn't be parsed as an octal number")
      return within(Number.parseInt(word, 8), min, max, traits, 8)
    },
    format: (value) => value.toString(8),
    ...traits,
  }
}

/** a number of bytes: 1gb, 100mb, 5k */
export function memory(initial: number, min: number, max: number, summary: string, traits?: Traits): Directive<number> {
  return {
    kind: 'bytes',
    initial,
    summary,
    parse: ([word]) => {
      const bytes = parseMemory(word)
      return bytes === undefined ? new Invalid('argument must be a memory value') : within(bytes, min, max, traits)
    },
    format: printInteger,
    lines: (value) => [printMemory(value)],
    ...traits,
  }
}

/** a number of bytes or a share in percent, kept as a negative number */
export function memoryOrPercent(initial: number, summary: string, traits?: Traits): Directive<number> {
  return {
    kind: 'bytes or percent',
    initial,
    summary,
    parse: ([word]) => {
      if (/^\d+%$/.test(word)) {
        const percent = Number.parseInt(word, 10)
        return percent > 100 ? new Invalid('percentage argument must be less or equal to 100') : -percent
      }
      return parseMemory(word) ?? new Invalid('argument must be a memory or percent value')
    },
    format: (value) => (value < 0 ? -value + '%' : printInteger(value)),
    lines: (value) => [value < 0 ? -value + '%' : printMemory(value)],
    ...traits,
  }
}

/** any text; `check` returns why not */
export function text(
  initial: string,
  summary: string,
  traits?: Traits,
  check?: (value: string) => string | undefined,
): Directive<string> {
  return {
    kind: 'text',
    initial,
    summary,
    parse: ([word]) => {
      const reason = check?.(word)
      return reason === undefined ? word : new Invalid(reason)
    },
    format: (value) => value,
    lines: (value) => (value === '' && initial === '' ? [] : [quote(value)]),
    ...traits,
  }
}

/** one of several words */
export function choice<const N extends string>(
  names: readonly N[],
  initial: NoInfer<N>,
  summary: string,
  traits?: Traits,
): Directive<N> {
  return {
    kind: names.join(' | '),
    initial,
    summary,
    parse: ([word]) => names.find((name) => name === word.toLowerCase()) ?? oneOf(names),
    format: (value) => value,
    ...traits,
  }
}

/** A directive whose reading is its own. */
export function special<V>(directive: Omit<Directive<V>, keyof Traits>, traits?: Traits): Directive<V> {
  return { ...directive, ...traits }
}

export function oneOf(names: readonly string[]): Invalid {
  return new Invalid(`argument(s) must be one of the following: ${names.join(', ')}`)
}

function within(
  value: number,
  min: number,
  max: number,
  traits: Traits | undefined,
  radix: 8 | 10 = 10,
): number | Invalid {
  if (value >= min && value <= max) {
    const clamp = traits?.clamp
    return clamp === undefined ? value : Math.min(Math.max(value, clamp[0]), clamp[1])
  }
  const [low, high] = radix === 8 ? [min.toString(8), max.toString(8)] : [printInteger(min), printInteger(max)]
  return new Invalid(`argument must be between ${low} and ${high} inclusive`)
}

function printInteger(value: number): string {
  if (value < Number.MAX_SAFE_INTEGER) return '' + value
  const exact = BigInt(value)
  // The largest signed and unsigned values are one below a power of two, where no double is.
  return '' + (exact === 1n << 63n || exact === 1n << 64n ? exact - 1n : exact)
}

const UNITS: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['b', 1],
  ['k', 1000],
  ['kb', 1024],
  ['m', 1e6],
  ['mb', 1024 ** 2],
  ['g', 1e9],
  ['gb', 1024 ** 3],
])

/** Bytes of a memory value such as 100mb (2^20) or 5k (10^3), in any case; undefined if it is none. */
export function parseMemory(word: string): number | undefined {
  const match = /^(\d+)([a-z]*)$/.exec(word.toLowerCase())
  const unit = match === null ? undefined : UNITS.get(match[2])
  return unit === undefined ? undefined : Number(match![1]) * unit
}

/** The shortest exact notation with the units of redis.conf. */
export function printMemory(bytes: number): string {
  if (bytes <= 0) return printInteger(bytes)
  for (const unit of ['gb', 'mb', 'kb'] as const) {
    const size = UNITS.get(unit)!
    if (bytes % size === 0) return bytes / size + unit
  }
  return printInteger(bytes)
}

const ESCAPED: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '"': '\\"',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\x07': '\\a',
  '\b': '\\b',
}

/** The text in double quotes with the escapes that `splitWords` reads. */
export function quote(value: string): string {
  let quoted = '"'
  for (const char of value) {
    const code = char.charCodeAt(0)
    if (ESCAPED[char] !== undefined) quoted += ESCAPED[char]
    else if (code < 32 || code > 126) quoted += '\\x' + code.toString(16).padStart(2, '0')
    else quoted += char
  }
  return quoted + '"'
}
