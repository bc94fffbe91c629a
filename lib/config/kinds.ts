/**
 * Directives with a grammar of their own: lists of addresses, snapshot points, limits per client class, event classes.
 * Each function makes one directive of the table; the shape of its value is exported where others read it.
 */
import {
  type Directive,
  Invalid,
  oneOf,
  parseMemory,
  printMemory,
  quote,
  special,
  type Traits,
  text,
} from './directive.ts'

/** One snapshot point: after `seconds`, if at least `changes` were made. */
export interface SavePoint {
  readonly seconds: number
  readonly changes: number
}

/** Bytes waiting for a client: at `hard` it is cut at once, at `soft` after `softSeconds`; 0: no limit. */
export interface OutputLimit {
  readonly hard: number
  readonly soft: number
  readonly softSeconds: number
}

export type ClientClass = 'normal' | 'replica' | 'pubsub'

export type OutputLimits = Readonly<Record<ClientClass, OutputLimit>>

/** `save 3600 1 300 100`, in one line or several; `save ""` takes none. */
export function save(summary: string): Directive<readonly SavePoint[]> {
  return special<readonly SavePoint[]>(
    {
      kind: 'pairs of seconds and changes',
      initial: [],
      summary,
      parse(words, previous) {
        if (words.length === 0 || (words.length === 1 && words[0] === '')) return []
        const points = [...previous]
        for (let i = 0; i < words.length; i += 2) {
          const seconds = /^\d+$/.test(words[i]) ? +words[i] : 0
          const changes = /^\d+$/.test(words[i + 1]) ? +words[i + 1] : -1
          if (seconds < 1 || changes < 0) return new Invalid('Invalid save parameters')
          points.push({ seconds, changes })
        }
        return points
      },
      format: (points) => points.map((point) => `${point.seconds} ${point.changes}`).join(' '),
      lines: (points) => (points.length === 0 ? ['""'] : points.map((point) => `${point.seconds} ${point.changes}`)),
    },
    { multi: true, accumulates: true },
  )
}

const CLASSES: readonly ClientClass[] = ['normal', 'replica', 'pubsub']
const CLASS_NAMES: ReadonlyMap<string, ClientClass> = new Map([
  ['normal', 'normal'],
  ['replica', 'replica'],
  ['slave', 'replica'],
  ['pubsub', 'pubsub'],
])

/** `normal 0 0 0 replica 256mb 64mb 60 …`: classes that are not named keep their limits. */
export function clientOutputBufferLimit(summary: string): Directive<OutputLimits> {
  return special(
    {
      kind: 'class, hard limit, soft limit, seconds; for each class',
      initial: {
        normal: { hard: 0, soft: 0, softSeconds: 0 },
        replica: { hard: 256 * 2 ** 20, soft: 64 * 2 ** 20, softSeconds: 60 },
        pubsub: { hard: 32 * 2 ** 20, soft: 8 * 2 ** 20, softSeconds: 60 },
      },
      summary,
      parse(words, previous) {
        if (words.length % 4 !== 0) return new Invalid('Wrong number of arguments in buffer limit configuration.')
        const limits = { ...previous }
        for (let i = 0; i < words.length; i += 4) {
          const name = CLASS_NAMES.get(words[i].toLowerCase())
          if (name === undefined) return new Invalid('Invalid client class specified in buffer limit configuration.')
          const hard = parseMemory(words[i + 1])
          const soft = parseMemory(words[i + 2])
          if (hard === undefined || soft === undefined || !/^\d+$/.test(words[i + 3])) {
            return new Invalid('Error in hard, soft or soft_seconds setting in buffer limit configuration.')
          }
          limits[name] = { hard, soft, softSeconds: +words[i + 3] }
        }
        return limits
      },
      // CONFIG GET still says slave, CONFIG REWRITE replica; so does Redis.
      format: (limits) =>
        CLASSES.map((name) => {
          const { hard, soft, softSeconds } = limits[name]
          return `${name === 'replica' ? 'slave' : name} ${hard} ${soft} ${softSeconds}`
        }).join(' '),
      lines: (limits) =>
        CLASSES.map((name) => {
          const { hard, soft, softSeconds } = limits[name]
          return `${name} ${printMemory(hard)} ${printMemory(soft)} ${softSeconds}`
        }),
    },
    { multi: true },
  )
}

/** The order in which Redis prints event classes; `A` stands for all of the first part. */
const EVENT_CLASSES = 'g$lshzxetd'
/** The class of Redis 8.8's arrays. It holds wherever all that Redis 7.4 knows do, and is not printed there. */
const ARRAY_CLASS = 'a'
/** Classes that are none of those which `A` stands for, though Redis does not print them beside it; the last two are Redis 8.2's. */
const OTHER_CLASSES = 'noc'
/** Printed beside `A`: the channels, one more class, and Redis 8.8's channels of what changes within a key. */
const CHANNELS = 'KEmSTIV'
const EVENT_FLAGS = EVENT_CLASSES + ARRAY_CLASS + OTHER_CLASSES + CHANNELS

/** `KEA`, `Kg$`. The value is all letters that hold, `A` spelled out, in the order in which Redis prints them. */
export function keyspaceEvents(summary: string): Directive<string> {
  return special({
    kind: 'letters of Ag$lshzxeKEtmdnaocSTIV',
    initial: '',
    summary,
    parse([word]) {
      const flags = new Set<string>()
      for (const letter of word) {
        if (letter !== 'A' && !EVENT_FLAGS.includes(letter)) {
          return new Invalid("Invalid event class character. Use 'Ag$lshzxeKEtmdn'.")
        }
        if (letter === 'A') for (const each of EVENT_CLASSES) flags.add(each)
        else flags.add(letter)
      }
      if ([...EVENT_CLASSES].every((letter) => flags.has(letter))) flags.add(ARRAY_CLASS)
      return [...EVENT_FLAGS].filter((letter) => flags.has(letter)).join('')
    },
    format: printEvents,
    lines: (value) => [quote(printEvents(value))],
  })
}

function printEvents(value: string): string {
  if (!value.startsWith(EVENT_CLASSES)) return value
  return 'A' + [...CHANNELS].filter((letter) => value.includes(letter)).join('')
}

/** `127.0.0.1 -::1`: up to sixteen addresses. */
export function bind(initial: string, summary: string): Directive<readonly string[]> {
  return special(
    {
      kind: 'addresses',
      initial: [initial],
      summary,
      parse(words) {
        if (words.length > 16) return new Invalid('Too many bind addresses specified.')
        return words.length === 1 && words[0] === '' ? [] : words
      },
      format: (addresses) => addresses.join(' '),
      lines: (addresses) => [addresses.length === 0 ? '""' : addresses.join(' ')],
    },
    { multi: true },
  )
}

/** `websocket-allowed-origins https://a.example http://localhost:3000`; lower case, without a slash at the end. */
export function origins(initial: readonly string[], summary: string): Directive<readonly string[]> {
  return special<readonly string[]>(
    {
      kind: 'origins',
      initial,
      summary,
      parse(words) {
        const given = words.filter((word) => word !== '').map((word) => word.toLowerCase())
        if (given.every((word) => word === '*' || /^[a-z][\w+.-]*:\/\/[^/]+$/.test(word))) return given
        return new Invalid('argument(s) must be origins, as in https://a.example')
      },
      format: (value) => value.join(' '),
      lines: (value) => [value.length === 0 ? '""' : value.join(' ')],
    },
    { multi: true },
  )
}

/** `host port` of the master, or nothing. */
export function replicaOf(summary: string): Directive<{ host: string; port: number } | undefined> {
  return special(
    {
      kind: 'host and port',
      initial: undefined,
      summary,
      parse(words) {
        if (words.length !== 2) return new Invalid('wrong number of arguments')
        if (words[0].toLowerCase() === 'no' && words[1].toLowerCase() === 'one') return undefined
        const port = /^\d+$/.test(words[1]) ? +words[1] : -1
        return port < 0 || port > 65535 ? new Invalid('Invalid master port') : { host: words[0], port }
      },
      format: (master) => (master === undefined ? '' : `${master.host} ${master.port}`),
      lines: (master) => (master === undefined ? [] : [`${master.host} ${master.port}`]),
    },
    { multi: true, immutable: true, alias: 'slaveof' },
  )
}

/** `50 99 99.9` */
export function percentiles(summary: string): Directive<readonly number[]> {
  return special(
    {
      kind: 'numbers, 0 to 100',
      initial: [50, 99, 99.9],
      summary,
      parse(words) {
        if (words.length === 1 && words[0] === '') return []
        const numbers: number[] = []
        for (const word of words) {
          const number = word.trim() === '' ? Number.NaN : Number(word)
          if (Number.isNaN(number)) return new Invalid('Invalid latency-tracking-info-percentiles parameters')
          if (number < 0 || number > 100) {
            return new Invalid('latency-tracking-info-percentiles parameters should sit between [0.0,100.0]')
          }
          numbers.push(number)
        }
        return numbers
      },
      format: (numbers) => numbers.join(' '),
      lines: (numbers) => [numbers.length === 0 ? '""' : numbers.join(' ')],
    },
    { multi: true },
  )
}

/** Three scores, none below the one before it. */
export function oomScoreAdjValues(summary: string): Directive<readonly number[]> {
  return special(
    {
      kind: 'three integers, -2000 to 2000',
      initial: [0, 200, 800],
      summary,
      parse(words) {
        if (words.length !== 3) return new Invalid('wrong number of arguments')
        const scores = words.map((word) => (/^-?\d+$/.test(word) ? +word : Number.NaN))
        if (!scores.every((score) => score >= -2000 && score <= 2000)) {
          return new Invalid('Invalid oom-score-adj-values, elements must be between -2000 and 2000.')
        }
        return scores
      },
      format: (scores) => scores.join(' '),
    },
    { multi: true, inert: true },
  )
}

const SHUTDOWN_OPTIONS = ['default', 'save', 'nosave', 'now', 'force'] as const

/** What a signal adds to SHUTDOWN: `nosave now`. */
export function shutdownOptions(summary: string): Directive<readonly (typeof SHUTDOWN_OPTIONS)[number][]> {
  return special(
    {
      kind: SHUTDOWN_OPTIONS.join(' | '),
      initial: ['default'],
      summary,
      parse(words) {
        const found = words.map((word) => SHUTDOWN_OPTIONS.find((option) => option === word.toLowerCase()))
        if (words.length === 0 || found.includes(undefined)) return oneOf(SHUTDOWN_OPTIONS)
        const options = SHUTDOWN_OPTIONS.filter((option) => option !== 'default' && found.includes(option))
        if (options.includes('save') && options.includes('nosave')) {
          return new Invalid("shutdown options SAVE and NOSAVE can't be used simultaneously")
        }
        return options.length === 0 ? ['default'] : options
      },
      format: (options) => options.join(' '),
    },
    { multi: true },
  )
}

const TITLE_VARIABLES = ['title', 'listen-addr', 'server-mode', 'port', 'tls-port', 'unixsocket', 'config-file']

/** `{title} {listen-addr} {server-mode}` */
export function procTitleTemplate(summary: string): Directive<string> {
  return special({
    kind: 'text with {variables}',
    initial: '{title} {listen-addr} {server-mode}',
    summary,
    parse([word]) {
      const rest = word.replace(/\{([^{}]*)\}/g, (whole, name) => (TITLE_VARIABLES.includes(name) ? '' : whole))
      return /[{}]/.test(rest) ? new Invalid('template format is invalid or contains unknown variables') : word
    },
    format: (value) => value,
    lines: (value) => [quote(value)],
  })
}

/** Refuses a path where a bare name is asked for. */
export function fileName(directive: string): (value: string) => string | undefined {
  return (value) => (/[/\\]/.test(value) ? `${directive} can't be a path, just a filename` : undefined)
}

/** `rdb:dump.rdb`, `aof:appendonly.aof.manifest`. */
export function preloadFile(value: string): string | undefined {
  if (value === '') return undefined
  const end = value.startsWith('rdb:') ? '.rdb' : value.startsWith('aof:') ? '.manifest' : undefined
  if (end === undefined) return "argument must be in the format 'rdb:<path>' or 'aof:<path>'"
  return value.endsWith(end) ? undefined : `preload-file must end with an extension: ${end}`
}

export function hostName(value: string): string | undefined {
  if (value.length >= 256) return 'Hostnames must be less than 256 characters'
  return /^[a-zA-Z0-9.-]*$/.test(value)
    ? undefined
    : 'Hostnames may only contain alphanumeric characters, hyphens or dots'
}

/** `memory`, or the kind of a database and where it is. */
export function store(summary: string, traits?: Traits): Directive<string> {
  const check = (value: string): string | undefined =>
    /^(?:memory|sqlite:.+|file:.+|(?:postgres(?:ql)?|libsql|https?):\/\/.+)$/.test(value)
      ? undefined
      : 'argument must be memory, sqlite:PATH, postgres://… or libsql://…'
  return {
    ...text('memory', summary, traits, check),
    kind: 'memory | sqlite:PATH | postgres://… | libsql://…',
    // Who may read the configuration need not get into the database.
    format: (value) =>
      value
        .replace(/^(\w+:\/\/[^:@/?]*):.*@/, '$1:(redacted)@')
        .replace(/([?&](?:password|authToken)=)[^&]*/g, '$1(redacted)'),
  }
}

/** What may be part of the name of a table. */
export function name(initial: string, summary: string, traits?: Traits): Directive<string> {
  return text(initial, summary, traits, (value) =>
    /^\w{1,64}$/.test(value) ? undefined : 'argument must be 1 to 64 letters, digits and underscores',
  )
}
