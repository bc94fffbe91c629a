/**
 * One unit file of Redis's suite, run in the suite's own mode: it starts `src/redis-server` itself, as often as it likes.
 * Each run has a work folder of its own, since the suite cleans up tests/tmp when it begins, and a process group of its
 * own, which is ended as a whole when the time is over.
 */
import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface UnitResult {
  /** Names of tests; a name that comes again has ` #2` behind it, and so on. */
  readonly passed: readonly string[]
  readonly failed: readonly Failure[]
  readonly skipped: readonly Skip[]
  /** How the file broke off; undefined if it ran to its end. */
  readonly brokeOff: string | undefined
  readonly seconds: number
}

export interface Failure {
  readonly name: string
  readonly detail: string
}

export interface Skip {
  readonly name: string
  readonly reason: string
}

export interface UnitOptions {
  /** Root of the Redis source tree. */
  readonly source: string
  readonly workFolder: string
  /** Gets all that the suite printed. */
  readonly outputFile: string
  /** Shell words that start a server; its arguments follow. */
  readonly server: string
  /** A range of 50 ports is used from here. */
  readonly basePort: number
  readonly limitSeconds: number
  /** Names of tests that are not run. */
  readonly leaveOut: readonly string[]
  /** Folder of certificates: then everything goes over TLS. */
  readonly certificates: string | undefined
  /** Port of a server that is there: the suite's external mode, which starts none. */
  readonly external?: number
}

export async function runUnit(unit: string, options: UnitOptions): Promise<UnitResult> {
  layOut(options)
  const startedAt = Date.now()
  const { output, timedOut } = await runTcl(unit, options)
  writeFileSync(options.outputFile, output)
  const brokeOff = timedOut
    ? `not finished within ${options.limitSeconds} s`
    : /\n\[\d+\/\d+ done\]/.test(output)
      ? undefined
      : lastWords(output)
  return { ...parse(output), brokeOff, seconds: Math.round((Date.now() - startedAt) / 1000) }
}

/**
 * Three things are changed in the suite, so that it holds for 7.0, whose suite this is, and for what came later. Redis 7.2 gave small lists and sets the encoding listpack, where 7.0 says quicklist and hashtable.
 */
const ENCODINGS_OF_7_2 = `
proc assert_encoding {enc key} {
    if {$::ignoreencoding} return
    set val [r object encoding $key]
    if {$val eq {listpack} && $enc in {quicklist hashtable} && [r type $key] in {list set}} return
    assert_match $enc $val
}
`

/** And its refusals are in other words: `User alice has no permissions …`, `No permissions to access a key`. */
function withRefusalsOf72(unit: string): string {
  return unit
    .replaceAll('*NOPERM*keys*', '*NOPERM*key*')
    .replaceAll('*NOPERM*channels*', '*NOPERM*channel*')
    .replace(/assert_equal "This user( has no permissions[^"]*")/g, 'assert_match "*ser*$1')
}
const UNITS_WITH_REFUSALS = ['acl.tcl', 'acl-v2.tcl']

/**
 * It starts a server in the folder of one that has ended, to see whether what that appended is whole. Since 7.0 the suite removes
 * the files of a server that ends, unless it is told to keep them, so that nothing is there any more.
 */
const UNIT_THAT_KEEPS = 'aof-race.tcl'
function withFilesKept(unit: string): string {
  return unit.replace(
    'start_server [list overrides $config] $code',
    'start_server [list overrides $config keep_persistence true] $code',
  )
}

/** What tests run besides the server. */
const TOOLS = ['redis-cli', 'redis-benchmark', 'redis-check-aof', 'redis-check-rdb']

/** The suite's folders as links, with a wrapper in the place of src/redis-server. */
function layOut({ source, workFolder, server, certificates }: UnitOptions): void {
  rmSync(workFolder, { recursive: true, force: true })
  mkdirSync(join(workFolder, 'src'), { recursive: true })
  mkdirSync(join(workFolder, 'tests/tmp'), { recursive: true })
  linkAll(join(source, 'tests'), join(workFolder, 'tests'), ['tmp', 'support', 'unit', 'integration'])
  if (certificates !== undefined) symlinkSync(certificates, join(workFolder, 'tests/tls'))
  mkdirSync(join(workFolder, 'tests/support'))
  linkAll(join(source, 'tests/support'), join(workFolder, 'tests/support'), ['test.tcl'])
  const words = readFileSync(join(source, 'tests/support/test.tcl'), 'utf8')
  writeFileSync(join(workFolder, 'tests/support/test.tcl'), words + ENCODINGS_OF_7_2)
  mkdirSync(join(workFolder, 'tests/unit'))
  linkAll(join(source, 'tests/unit'), join(workFolder, 'tests/unit'), UNITS_WITH_REFUSALS)
  for (const name of UNITS_WITH_REFUSALS) {
    const unit = readFileSync(join(source, 'tests/unit', name), 'utf8')
    writeFileSync(join(workFolder, 'tests/unit', name), withRefusalsOf72(unit))
  }
  mkdirSync(join(workFolder, 'tests/integration'))
  linkAll(join(source, 'tests/integration'), join(workFolder, 'tests/integration'), [UNIT_THAT_KEEPS])
  const unit = readFileSync(join(source, 'tests/integration', UNIT_THAT_KEEPS), 'utf8')
  writeFileSync(join(workFolder, 'tests/integration', UNIT_THAT_KEEPS), withFilesKept(unit))
  symlinkSync(join(source, 'utils'), join(workFolder, 'utils'))
  const wrapper = join(workFolder, 'src/redis-server')
  writeFileSync(wrapper, `#!/bin/sh\nexec ${server} "$@"\n`)
  chmodSync(wrapper, 0o755)
  for (const tool of TOOLS) symlinkSync(`/usr/bin/${tool}`, join(workFolder, 'src', tool))
}

function linkAll(from: string, to: string, except: readonly string[]): void {
  for (const name of readdirSync(from)) if (!except.includes(name)) symlinkSync(join(from, name), join(to, name))
}

function runTcl(unit: string, options: UnitOptions): Promise<{ output: string; timedOut: boolean }> {
  const flags = ['--single', unit, '--clients', '1', '--durable', '--dont-clean']
  const leaveOut = options.leaveOut.flatMap((name) => ['--skiptest', name])
  const tls = options.certificates === undefined ? [] : ['--tls']
  const ports =
    options.external === undefined
      ? ['--baseport', `${options.basePort + 32}`, '--portcount', '18']
      : ['--host', '127.0.0.1', '--port', `${options.external}`, '--tags', '-needs:repl']
  const child = spawn('tclsh', ['tests/test_helper.tcl', ...flags, ...tls, ...leaveOut, ...ports], {
    cwd: options.workFolder,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TERM: 'dumb', ZERODIS_HTTP_PORT: '0' },
  })
  const endGroup = (): void => {
    try {
      process.kill(-child.pid!, 'SIGKILL')
    } catch {
      // All of them have ended.
    }
  }
  return new Promise((resolve, reject) => {
    let output = ''
    let timedOut = false
    const timer = setTimeout(() => {
      timedOut = true
      endGroup()
    }, options.limitSeconds * 1000)
    process.once('exit', endGroup)
    child.once('error', reject)
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('latin1').on('data', (text: string) => {
        output += text
      })
    }
    child.once('exit', () => {
      clearTimeout(timer)
      process.off('exit', endGroup)
      endGroup()
      setImmediate(() => resolve({ output, timedOut }))
    })
  })
}

const LINE = /^\[(ok|err|skip|ignore|exception|ready|testing|\d+\/\d+ done)\]:? ?(.*)$/

function parse(output: string): Pick<UnitResult, 'passed' | 'failed' | 'skipped'> {
  const passed: string[] = []
  const failed: { name: string; detail: string }[] = []
  const skipped: { name: string; reason: string }[] = []
  const seen = new Map<string, number>()
  const unique = (name: string): string => {
    const times = (seen.get(name) ?? 0) + 1
    seen.set(name, times)
    return times === 1 ? name : `${name} #${times}`
  }
  let failure: { name: string; detail: string } | undefined
  for (const line of output.slice(0, endOfRun(output)).split('\n')) {
    const match = LINE.exec(line)
    if (match === null) {
      if (failure !== undefined) failure.detail += `${line}\n`
      continue
    }
    failure = undefined
    const [, kind, rest] = match
    if (kind === 'ok') passed.push(unique(settled(rest.replace(/ \(\d+ ms\)$/, ''))))
    else if (kind === 'skip') skipped.push({ name: unique(settled(rest)), reason: 'left out' })
    else if (kind === 'ignore') {
      const colon = rest.lastIndexOf(': ')
      if (colon === -1) skipped.push({ name: unique('a block of tests'), reason: rest })
      else skipped.push({ name: unique(settled(rest.slice(0, colon))), reason: rest.slice(colon + 2) })
    } else if (kind === 'err') {
      const name = / in tests\/[\w/-]+\.tcl$/.test(rest)
        ? rest.replace(/ in tests\/[\w/-]+\.tcl$/, '')
        : `outside of tests: ${rest}`
      failure = { name: unique(settled(name)), detail: '' }
      failed.push(failure)
    }
  }
  return { passed, failed, skipped }
}

/** Names that hold what differs from run to run (pids, seeds, times). */
function settled(name: string): string {
  return name.replace(/\(pid \d+\)/g, '(pid)')
}

/** The summary at the end repeats the failures. */
function endOfRun(output: string): number {
  const end = output.indexOf('\n                   The End\n')
  return end === -1 ? output.length : end
}

function lastWords(output: string): string {
  const exception = output.lastIndexOf('[exception]')
  return (exception === -1 ? output.slice(-400) : output.slice(exception, exception + 400)).trim()
}
