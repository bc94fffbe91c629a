/**
 * How a process that hosts a store is configured: the arguments of the command line are those of redis-server, and like
 * there all sources (file, standard input, environment, arguments, in this order) are lines of a redis.conf. A fault is reported
 * with the source it came from: the line of the file, the variable, the option.
 */
import { appendFileSync, readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Bytes, fromText, toText } from '../base/bytes.ts'
import { Late } from '../base/late.ts'
import { systemReason } from '../base/systemreason.ts'
import { REDIS_VERSION, ZERODIS_VERSION } from '../base/version.ts'
import { splitWords } from '../base/words.ts'
import { createCommandTable } from '../commands/index.ts'
import { Config, type DirectiveName, directive, directiveName, type Refusal } from '../config/config.ts'
import { quote } from '../config/directive.ts'
import { type Environment, readVariables, variableWarnings } from '../config/environment.ts'
import type { ConfFault } from '../config/redisconf.ts'
import { suggestName } from '../config/suggest.ts'
import type { Log } from '../observability/log.ts'
import { loadConf, readConfFile, UnreadableFile } from '../server/configfile.ts'
import { DoorError } from '../server/doors.ts'
import { secrets } from '../server/secrets.ts'
import {
  type AclCommands,
  joinSelectors,
  type RuleBook,
  RuleFault,
  Unclosed,
  withoutSecret,
} from '../session/acl-rules.ts'
import { User } from '../session/acl-user.ts'
import { parseAddress } from '../upstream/address.ts'
import { TokensFileError } from './tokensfile.ts'

/** What the command line asks for. */
export interface Arguments {
  readonly wants: 'run' | 'version' | 'help' | 'memory test' | 'system check'
  readonly file: string | undefined
  readonly fromStdin: boolean
  /** The options as lines of a redis.conf. */
  readonly options: Bytes
}

/** What a process starts with. */
export interface Startup {
  readonly config: Config
  /** Absolute path. */
  readonly configFile: string | undefined
  readonly renamedCommands: readonly (readonly [Bytes, Bytes])[]
  /** Users of the ACL, each as its name and its rules. */
  readonly users: readonly (readonly Bytes[])[]
  /** What came on standard input, for a process that starts another in its place. */
  readonly stdin: Bytes
}

/** A start that cannot be; `message` is what is printed, in Redis's words. */
export class StartupError extends Error {}

/** What is said, in a line, of a start that failed for a reason outside of the program; undefined for a fault of ours. */
export function startFailure(error: unknown): string | undefined {
  if (error instanceof StartupError || error instanceof UnreadableFile || error instanceof DoorError)
    return error.message
  if (error instanceof TokensFileError) return `Fatal error: ${error.message}`
  if (!(error instanceof Error) || !('syscall' in error)) return undefined
  return `Fatal error at the start: ${error.message.split('\n', 1)[0]}`
}

const QUESTIONS: ReadonlyMap<string, Arguments['wants']> = new Map([
  ['-v', 'version'],
  ['--version', 'version'],
  ['-h', 'help'],
  ['--help', 'help'],
  ['--test-memory', 'memory test'],
  ['--check-system', 'system check'],
])

/** `[file | -] [--directive value …] [-]` */
export function parseArguments(argv: readonly string[]): Arguments {
  const wants = QUESTIONS.get(argv[0])
  if (wants !== undefined) return { wants, file: undefined, fromStdin: false, options: '' }
  const file = argv.length > 0 && !argv[0].startsWith('-') ? argv[0] : undefined
  let fromStdin = false
  const lines: Bytes[] = []
  // A word behind a directive's name is its value even if it starts with dashes, but for --save, which may have none.
  let mayBeName = true
  for (let i = file === undefined ? 0 : 1; i < argv.length; i++) {
    const word = argv[i]
    if (word === '-' && (i === 0 || i === argv.length - 1)) fromStdin = true
    else if (mayBeName && word.startsWith('--')) {
      const [name, value] = splitAtEquals(word.slice(2))
      const next = argv[i + 1]
      if (value !== undefined) lines.push(`${name} ${quote(fromText(value))}`)
      else if (name.toLowerCase() === 'save' && (next === undefined || next.startsWith('--'))) lines.push('save ""')
      else {
        lines.push(fromText(name))
        mayBeName = /\s\S/.test(name)
      }
    } else {
      lines.push(`${lines.pop() ?? ''} ${quote(fromText(word))}`)
      mayBeName = true
    }
  }
  return { wants: 'run', file, fromStdin, options: lines.map((line) => line.trimStart()).join('\n') }
}

/** `--port=6380` is not Redis's way, but everyone else's. */
function splitAtEquals(option: string): [name: string, value?: string] {
  const equals = option.indexOf('=')
  if (equals === -1 || directiveName(option.slice(0, equals)) === undefined) return [option]
  return [option.slice(0, equals), option.slice(equals + 1)]
}

/**
 * Reads everything that the arguments and the environment name. Changes the working directory where `dir` says so.
 * @throws StartupError, UnreadableFile
 */
export function startUp(
  argument: Arguments,
  environment: Environment,
  defaults: Partial<Record<DirectiveName, string>> = {},
): Startup {
  const unfit = runtimeRefusal(process.versions)
  if (unfit !== undefined) throw new StartupError(unfit)
  const configFile = argument.file === undefined ? undefined : resolve(argument.file)
  const stdin = argument.fromStdin ? readFileSync(0, 'latin1') : ''
  const parts: readonly Part[] = [
    {
      text: (configFile === undefined ? '' : readConfFile(configFile)) + stdin,
      where: ({ lineNumber, line }) => `the configuration file, at line ${lineNumber}\n>>> '${shown(line)}'`,
    },
    ...partsOfEnvironment(environment),
    { text: argument.options, where: ({ line }) => `the command line\n>>> '${shown(line)}'` },
  ]

  const config = new Config(defaults)
  const renamedCommands: (readonly [Bytes, Bytes])[] = []
  const users: (readonly Bytes[])[] = []
  // Most name no command.
  const table = new Late(createCommandTable)
  const sink = {
    accept(name: DirectiveName): Refusal {
      return name === 'dir' ? changeDirectory(config) : undefined
    },
    renameCommand(from: Bytes, to: Bytes): Refusal {
      const refusal = table.get().rename(from, to)
      if (refusal === undefined) renamedCommands.push([from, to])
      return refusal
    },
    user(words: readonly Bytes[]): Refusal {
      const refusal = userRefusal(words, users, table.get())
      users.push(words)
      return refusal
    },
  }
  const seen = new Set<DirectiveName>()
  for (const part of parts) {
    const fault = loadConf(part.text, config, sink, seen)
    if (fault === undefined) continue
    const text = `Reading ${part.where(fault)}\n${fault.reason}${suggestion(fault.line)}`
    throw fatal(text, part === parts[0] ? 'CONFIG FILE' : 'CONFIG')
  }
  const { values } = config
  const refusal = tokenRefusal(values) ?? upstreamRefusal(values)
  if (refusal !== undefined) throw fatal(refusal, 'CONFIG')
  if (values.logfile !== '') {
    try {
      appendFileSync(toText(values.logfile), '')
    } catch (error) {
      throw fatal(`Can't open the log file: ${systemReason(error)}`)
    }
  }
  return { config, configFile, renamedCommands, users, stdin }
}

/** A source of lines of a redis.conf, and how it is named where a line cannot be taken. */
interface Part {
  readonly text: Bytes
  readonly where: (fault: ConfFault) => string
}

/** As it can be shown to anyone. */
function shown(line: Bytes): string {
  return toText(withoutSecrets(line))
}

/** A line of its own for a name that is nearly one of ours. */
function suggestion(line: Bytes): string {
  const name = suggestName(line.split(/[ \t=]/, 1)[0])
  return name === undefined ? '' : `\nDid you mean '${name}'?`
}

/** A line without what it says of passwords and tokens: it goes where many can read it. */
function withoutSecrets(line: Bytes): Bytes {
  const [name, ...words] = line.split(/[ \t]+/)
  const known = directiveName(name)
  if (known !== undefined && directive(known).sensitive) return `${name} (redacted)`
  return name.toLowerCase() === 'user' ? [name, ...words.map(withoutSecret)].join(' ') : line
}

/** Why a line of a user cannot be taken. A command that nobody knows is told later, as its module may still come. */
function userRefusal(
  [name, ...words]: readonly Bytes[],
  before: readonly (readonly Bytes[])[],
  commands: AclCommands,
): Refusal {
  if (before.some(([other]) => other === name)) return `Error in user declaration '${name}': ${RuleFault.Duplicate}`
  const rules = joinSelectors(words)
  if (rules instanceof Unclosed) return `Error in user declaration '${rules.word}': Unmatched parenthesis`
  const book: RuleBook = { commands, secrets, opensChannels: false }
  const refused = User.from(name, rules, book)
  if (refused instanceof User || refused.fault === RuleFault.Unknown) return undefined
  return `Error in user declaration '${withoutSecret(refused.rule)}': ${refused.fault}`
}

/** Says what was set and is of no use. */
export function warnOfSettings(config: Config, log: Log): void {
  for (const { warning } of variableWarnings(process.env)) log('warning', warning)
  for (const name of withoutEffect(config))
    log('warning', `Warning: ${name} has no effect in zerodis ${ZERODIS_VERSION}.`)
}

/** The directives that were given a value and have no effect here. */
function withoutEffect(config: Config): readonly DirectiveName[] {
  return (Object.keys(config.values) as DirectiveName[]).filter((name) => {
    const { inert, format, initial } = directive(name)
    return inert && config.values[name] !== initial && config.text(name) !== format(initial)
  })
}

/** The oldest Node on which zerodis is tried out; `engines` of package.json says the same. */
const NODE_LEAST = [20, 19] as const

/** Why this runtime is not enough. Bun and Deno call themselves a Node that is. */
export function runtimeRefusal({ node }: { readonly node: string }): string | undefined {
  const [major, minor] = node.split('.').map(Number)
  if (major > NODE_LEAST[0] || (major === NODE_LEAST[0] && minor >= NODE_LEAST[1])) return undefined
  return `zerodis needs Node ${NODE_LEAST.join('.')} or later; this is ${node}.`
}

/** Why no client could come in by a token, or one by the wrong token. */
function tokenRefusal(values: Config['values']): string | undefined {
  for (const name of ['rest-token', 'rest-read-only-token'] as const) {
    if (/[\0-\x20\x7f]/.test(values[name])) return `${name} may hold no blank and no control character`
  }
  if (values['rest-token'] !== '' && values['rest-token'] === values['rest-read-only-token']) {
    return 'rest-read-only-token must not be the rest-token: it would let in as the full one'
  }
  return undefined
}

/** Why an upstream cannot be what it is said to be. */
function upstreamRefusal({ upstream, databases }: Config['values']): string | undefined {
  if (upstream === '') return undefined
  try {
    const { db } = parseAddress(upstream)
    return db < databases ? undefined : `upstream names database ${db}, and databases is ${databases}`
  } catch (error) {
    return `upstream: ${(error as Error).message}`
  }
}

/** `source` is what Redis blames, which reads all of it as if it stood in its file. */
function fatal(text: string, source: 'CONFIG FILE' | 'CONFIG' = 'CONFIG FILE'): StartupError {
  return new StartupError(`\n*** FATAL ${source} ERROR (Redis ${REDIS_VERSION}) ***\n${text}`)
}

/** The environment as lines of a redis.conf. PORT, which many hosts set, is the port of HTTP. */
function partsOfEnvironment(environment: Environment): Part[] {
  const settings = readVariables(environment)
  const { PORT: port = '' } = environment
  if (port !== '' && !settings.has('http-port')) settings.set('http-port', { variable: 'PORT', value: port })
  return [...settings].map(([name, { variable, value }]) => {
    const { multi, accumulates, sensitive } = directive(name)
    const words = multi ? (splitWords(fromText(value)) ?? [fromText(value)]) : [fromText(value)]
    const line = `${name} ${words.map(quote).join(' ')}`
    return {
      // A variable takes the place of what the file says.
      text: accumulates ? `${name} ""\n${line}` : line,
      where: () => `the environment variable ${variable}\n>>> '${variable}=${sensitive ? '(redacted)' : value}'`,
    }
  })
}

/** `dir` takes effect where it stands: paths behind it are relative to it. */
function changeDirectory(config: Config): Refusal {
  const refusal = enterDirectory(config.values.dir)
  if (refusal === undefined) config.values.dir = fromText(process.cwd())
  return refusal
}

/** Makes a path the working directory, or says why it cannot be. */
export function enterDirectory(name: Bytes): Refusal {
  const path = toText(name)
  try {
    if (!statSync(path).isDirectory()) return 'Not a directory'
    process.chdir(path)
    return undefined
  } catch (error) {
    return systemReason(error)
  }
}
