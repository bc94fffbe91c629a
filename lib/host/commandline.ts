/**
 * What the command `zerodis` does: RESP and REST without Next, with the command line, the log and the manners of redis-server,
 * so that it can stand where redis-server stood.
 */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { toText } from '../base/bytes.ts'
import { MONOTONIC_CLOCK } from '../base/runtime.ts'
import { REDIS_VERSION, ZERODIS_VERSION } from '../base/version.ts'
import type { Config, DirectiveName, Settings } from '../config/config.ts'
import { variableWarnings } from '../config/environment.ts'
import { nearestName } from '../config/suggest.ts'
import { formatLogLine } from '../observability/log.ts'
import { DoorError } from '../server/doors.ts'
import { createServer, shareServer } from '../server/server.ts'
import { banner } from './banner.ts'
import { developmentToken } from './developmenttoken.ts'
import { helpText } from './help.ts'
import { Host } from './host.ts'
import { parseArguments, type Startup, StartupError, startFailure, startUp, warnOfSettings } from './startup.ts'

/** What it does besides running a server. */
const WORDS = ['commands', 'check', 'restore', 'cluster', 'store', 'top', 'tail'] as const

/** Set in the process that runs in the background. */
const IN_BACKGROUND = 'ZERODIS_IN_BACKGROUND'

async function main(): Promise<void> {
  const [word, ...options] = process.argv.slice(2)
  switch (word) {
    case 'commands':
      return printCommands(options)
    case 'check':
      process.exitCode = (await import('./check.ts')).check(options, printLine)
      return
    case 'restore':
      process.exitCode = (await import('./restore.ts')).restore(options, printLine)
      return
    case 'cluster':
      return (await import('./clustercommand.ts')).runCluster(options, process.env)
    case 'store':
      process.exitCode = await (await import('./storecommand.ts')).runStoreCommand(options, process.env, printLine)
      return
    case 'top':
      process.exitCode = await (await import('./watch/watch.ts')).runTop(options, process.env)
      return
    case 'tail':
      process.exitCode = await (await import('./watch/watch.ts')).runTail(options, process.env)
      return
  }
  const meant = word === undefined ? undefined : misspelt(word)
  if (meant !== undefined)
    throw new StartupError(`zerodis: there is no file '${word}'. Did you mean 'zerodis ${meant}'?`)
  const argument = parseArguments(process.argv.slice(2))
  switch (argument.wants) {
    case 'version':
      console.log(
        `Redis server v=${REDIS_VERSION} sha=00000000:0 malloc=v8-${process.versions.v8} bits=64 build=zerodis-${ZERODIS_VERSION}`,
      )
      return
    case 'help':
      print(helpText(process.argv[3] === 'all'))
      return
    case 'memory test':
    case 'system check':
      process.stderr.write(`zerodis has no ${argument.wants}: its memory is that of Node.\n`)
      process.exitCode = 1
      return
    case 'run':
  }
  const inBackground = process.env[IN_BACKGROUND] !== undefined
  delete process.env[IN_BACKGROUND]
  const startup = startUp(argument, process.env)
  if (process.env['SRH_MODE'] === 'file') await serveTokens(startup)
  else if (startup.config.values.daemonize && !inBackground) await daemonize(startup)
  else await serve(startup)
}

/** One of our words that may have been meant by what can be no file. */
function misspelt(word: string): string | undefined {
  return /^[a-z]+$/i.test(word) && !existsSync(word) ? nearestName(word.toLowerCase(), WORDS) : undefined
}

/** `zerodis commands [--json]`: what is here of Redis. */
async function printCommands(options: readonly string[]): Promise<void> {
  const unknown = options.find((option) => option !== '--json')
  if (unknown !== undefined)
    throw new StartupError(`zerodis commands: unknown option '${unknown}', only --json is known`)
  const { commandsText } = await import('./commandlist.ts')
  print(commandsText(options.length > 0))
}

/** Whoever reads it may have enough before the end, as \`head\` has. */
function print(text: string): void {
  process.stdout.off('error', ignoreClosedPipe).on('error', ignoreClosedPipe)
  process.stdout.write(text)
}

function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
}

function printLine(line: string): void {
  print(`${line}\n`)
}

async function serve(startup: Startup): Promise<void> {
  const { config, configFile, renamedCommands, users } = startup
  const { values } = config
  const host = new Host(config, true)
  const { log } = host
  const madeToken = isForDevelopment(startup)
  if (madeToken) {
    values['rest-token'] = developmentToken(toText(values.dir) || process.cwd(), (reason) => log('warning', reason))
    values['console-signed-in'] = true
  }
  log('notice', 'oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo')
  log(
    'notice',
    `Redis version=${REDIS_VERSION}, bits=64, commit=00000000, modified=0, pid=${process.pid}, just started`,
  )
  if (process.argv.length > 2) log('notice', 'Configuration loaded')
  else
    log(
      'warning',
      'Warning: no config file specified, using the default config. In order to specify a config file use zerodis /path/to/redis.conf',
    )
  warnOfSettings(config, log)

  host.initialized()
  log('notice', `monotonic clock: ${MONOTONIC_CLOCK}`)
  const server = shareServer(
    built(() =>
      createServer({
        config,
        configFile,
        renamedCommands,
        users,
        log,
        onShutdown: () => host.exit(),
        onLost: () => process.exit(1),
      }),
    ),
  )
  if (values.upstream !== '') log('notice', 'Commands are run by the upstream; nothing is kept here.')
  // Clients are told LOADING from the first on, and what is wrong with the files once all else is in order.
  let begin!: () => void
  const loaded = host.load(server, new Promise<void>((resolve) => (begin = resolve)))
  const open = await listen(() => server.listen(), log)
  const isTerminal = values.logfile === '' && process.stdout.isTTY
  if (values['always-show-logo'] || (isTerminal && configFile !== undefined))
    host.write(logo(values.port || values['tls-port']))
  else
    log(
      'notice',
      `Running mode=${values['cluster-enabled'] ? 'cluster' : 'standalone'}, port=${values.port || values['tls-port']}.`,
    )
  host.run(server, open)
  log('notice', 'Server initialized')
  begin()
  await loaded
  if (open.port !== 0) log('notice', 'Ready to accept connections tcp')
  if (open.unixsocket !== '') log('notice', 'Ready to accept connections unix')
  if (open.tlsPort !== 0) log('notice', 'Ready to accept connections tls')
  if (open.httpPort !== 0) {
    const answers = values['rest-token'] === '' ? ', which answers 503 until rest-token is set' : ''
    log('notice', `Ready to accept connections http (REST on port ${open.httpPort}${answers})`)
  }
  if (configFile === undefined && values.logfile === '') {
    host.write(banner(open, values, { http: 'REST', showsToken: madeToken, showsLines: true }))
  }
}

/** In the place of serverless-redis-http, with its file of tokens: HTTP alone. */
async function serveTokens({ config }: Startup): Promise<void> {
  const { TokensHost } = await import('./tokenshost.ts')
  const { values } = config
  const host = new Host(config, true)
  const { log } = host
  for (const { warning } of variableWarnings(process.env)) log('warning', warning)
  host.initialized()
  const tokens = await TokensHost.listen(
    {
      path: tokensFile(toText(values.dir)),
      settings: doorSettings(config),
      idleMs: values['upstream-idle-timeout'] * 1000,
      log,
    },
    { port: values['http-port'], host: values.bind.includes('::*') ? '::' : values.bind[0].replace('*', '0.0.0.0') },
  )
  host.run(tokens.nobody, { port: 0, tlsPort: 0, httpPort: tokens.port, unixsocket: '' }, () => tokens.close())
  log('notice', `Ready to accept connections http (REST on port ${tokens.port}, by the tokens of ${TOKENS_FILE})`)
}

/** Where serverless-redis-http looks for it, from the folder in which it runs; in its image that is /app. */
const TOKENS_FILE = 'srh-config/tokens.json'

function tokensFile(dir: string): string {
  const here = resolve(dir, TOKENS_FILE)
  const there = `/app/${TOKENS_FILE}`
  return !existsSync(here) && existsSync(there) ? there : here
}

/** The directives of the doors and of upstreams, which hold for each token's server. */
function doorSettings(config: Config): Settings {
  const names = (Object.keys(config.values) as DirectiveName[]).filter((name) => DOORS.test(name))
  return Object.fromEntries(names.map((name) => [name, config.text(name)]))
}

const DOORS =
  /^(rest-(max|blocking)|sse-|websocket-|upstream-(timeout|idle|cluster|multi)|auth-throttle-|client-memory-guard|maxclients|loglevel|hide-user)/

/** Somebody tries it out on his machine: no file, no token, nobody from outside. */
function isForDevelopment({ config, configFile }: Startup): boolean {
  const { bind, daemonize, 'rest-token': token, 'http-port': httpPort } = config.values
  if (configFile !== undefined || daemonize || token !== '' || httpPort === 0) return false
  return process.env['NODE_ENV'] !== 'production' && bind.every((address) => LOOPBACK.test(address))
}

const LOOPBACK = /^-?(127(\.\d+){3}|::1|localhost)$/

/** What we say of a database, a driver or directives that do not go together is for whoever starts us, and no fault of the program. */
function built<T>(build: () => T): T {
  try {
    return build()
  } catch (error) {
    if (!(error instanceof Error) || Object.getPrototypeOf(error) !== Error.prototype) throw error
    throw new StartupError(`Fatal error at the start: ${error.message}`)
  }
}

async function listen<T>(open: () => Promise<T>, log: Host['log']): Promise<T> {
  try {
    return await open()
  } catch (error) {
    if (!(error instanceof DoorError)) throw error
    log('warning', error.message)
    process.exit(1)
  }
}

/** Starts the same again, cut off from the terminal, and goes. */
function daemonize({ stdin }: Startup): Promise<void> {
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    env: { ...process.env, [IN_BACKGROUND]: '1' },
  })
  child.unref()
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.stdin.end(stdin, 'latin1', () => resolve())
  })
}

function logo(port: number): string {
  return `
        .-"""-.
      .'  ___  '.         Redis ${REDIS_VERSION} (zerodis ${ZERODIS_VERSION}) 64 bit
     /  .'   '.  \\
    |  /   o   \\  |       Running in standalone mode
    |  \\       /  |       Port: ${port}
     \\  '.___.'  /        PID: ${process.pid}
      '.       .'
        '-...-'

`
}

/** Runs the command with the arguments of this process. What cannot be is said in a line, and the exit code is 1. */
export async function runCommand(): Promise<void> {
  try {
    await main()
  } catch (error) {
    const failure = startFailure(error)
    if (failure === undefined) throw error
    if (error instanceof StartupError) process.stderr.write(`${failure}\n`)
    else process.stdout.write(formatLogLine(process.pid, 'C', new Date(), 'warning', failure))
    process.exitCode = 1
  }
}
