/**
 * `npm run test:redis`: Redis's own test suite against zerodis, unit file by unit file, beside what genuine redis-server
 * gets from the same command (genuine.json, measured with --genuine). Fails where a test that genuine Redis passes does
 * not pass here and is not excused.
 *
 *   npm run test:redis -- [unit …] [--tls] [--long] [--source PATH] [--genuine] [--limit SECONDS] [--jobs N] [--report FILE]
 *                         [--summary FILE]
 *
 * With --tls the suite and the servers speak TLS (tcl-tls and openssl are needed): the units that have to do with who may
 * come in, beside what genuine Redis gets over TLS (genuine-tls.json).
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { suiteCertificates } from './certificates.ts'
import { leftOut, raceIn } from './excused.ts'
import { type Baseline, type Comparison, compare, lostRaces, reportText, totals, unexcusedFailures } from './report.ts'
import { suiteSource } from './source.ts'
import { runUnit, type UnitResult } from './unit.ts'
import { LONG_UNITS, TLS_UNITS, UNITS } from './units.ts'

/** Of a unit in which nothing fails but what genuine Redis loses now and then, too (RACES in excused.ts). */
const ATTEMPTS_MAX = 3

const root = join(import.meta.dirname, '../..')
const cache = join(root, '.cache/redis-suite')
/** Of this run alone: several may go on at once. */
const runFolder = join(cache, `run-${process.pid}`)
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    source: { type: 'string' },
    genuine: { type: 'boolean', default: false },
    limit: { type: 'string', default: '300' },
    jobs: { type: 'string', default: '2' },
    report: { type: 'string' },
    summary: { type: 'string' },
    port: { type: 'string', default: '7300' },
    tls: { type: 'boolean', default: false },
    long: { type: 'boolean', default: false },
  },
})
const baselineFile = join(import.meta.dirname, options.tls ? 'genuine-tls.json' : 'genuine.json')

mkdirSync(join(cache, 'output'), { recursive: true })
mkdirSync(runFolder, { recursive: true })
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
process.once('exit', () => rmSync(runFolder, { recursive: true, force: true }))
const source = suiteSource(options.source, cache)
const certificates = options.tls ? suiteCertificates(source, cache) : undefined
const units = positionals.length > 0 ? positionals : options.tls ? TLS_UNITS : options.long ? LONG_UNITS : UNITS
const server = options.genuine ? 'redis-server' : builtServer()
const results = await runAll(units)
if (options.genuine) saveBaseline(results)
else report(results)

/** The command line built once: starting it must not cost a compilation each time. */
function builtServer(): string {
  const folder = join(runFolder, 'server')
  const flags = ['lib/cli.ts', '--config', 'false', '--format', 'esm', '--target', 'node20', '--out-dir', folder]
  execFileSync(join(root, 'node_modules/.bin/tsup'), [...flags, '--external', '@next/env'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  return `${process.execPath} ${join(folder, 'cli.js')}`
}

async function runAll(names: readonly string[]): Promise<Map<string, UnitResult>> {
  const waiting = [...names]
  const found = new Map<string, UnitResult>()
  await Promise.all(
    Array.from({ length: Number(options.jobs) }, async (_, job) => {
      for (let unit = waiting.shift(); unit !== undefined; unit = waiting.shift()) {
        const attempt = () =>
          runUnit(unit, {
            source,
            workFolder: join(runFolder, `work-${job}`),
            outputFile: join(cache, 'output', `${unit.replaceAll('/', '-')}.txt`),
            server,
            basePort: Number(options.port) + job * 50,
            limitSeconds: Number(options.limit),
            leaveOut: options.genuine ? [] : leftOut(unit),
            certificates,
          })
        let result = await attempt()
        for (let attempts = 1; attempts < ATTEMPTS_MAX; attempts++) {
          const races = options.genuine ? [] : lostRaces(unit, result, readBaseline().units[unit])
          if (races.length === 0) break
          for (const name of races) console.error(`${unit}: run again, as '${name}' failed: ${raceIn(unit, name)}`)
          result = await attempt()
        }
        found.set(unit, result)
        if (options.report !== undefined && !options.genuine) writeFileSync(options.report, textOf(found))
        const { passed, failed, seconds, brokeOff } = result
        console.error(
          `${unit}: ${passed.length} passed, ${failed.length} failed, ${seconds} s${brokeOff ? `, broke off: ${brokeOff.split('\n')[0]}` : ''}`,
        )
      }
    }),
  )
  return new Map(names.map((name) => [name, found.get(name)!]))
}

function readBaseline(): Baseline {
  return JSON.parse(readFileSync(baselineFile, 'utf8'))
}

function saveBaseline(measured: ReadonlyMap<string, UnitResult>): void {
  const version = /v=([\d.]+)/.exec(execFileSync('redis-server', ['--version'], { encoding: 'utf8' }))![1]
  const before: Baseline = existsSync(baselineFile) ? readBaseline() : { version, units: {} }
  const merged = { ...before.units }
  for (const [unit, { passed, failed, skipped }] of measured) {
    merged[unit] = { passed, failed: failed.map(({ name }) => name), skipped }
  }
  writeFileSync(baselineFile, `${JSON.stringify({ version, units: merged }, null, 1)}\n`)
}

function compareAll(measured: ReadonlyMap<string, UnitResult>): Comparison[] {
  const { units: genuine } = readBaseline()
  return [...measured].map(([unit, result]) => compare(unit, result, genuine[unit]))
}

function textOf(measured: ReadonlyMap<string, UnitResult>): string {
  return reportText(compareAll(measured), readBaseline().version)
}

function report(measured: ReadonlyMap<string, UnitResult>): void {
  const comparisons = compareAll(measured)
  console.log(textOf(measured))
  const { passed, failed, skipped } = totals(comparisons)
  const failures = unexcusedFailures(comparisons)
  for (const failure of failures) console.log(`FAILED ${failure}`)
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`)
  if (options.summary !== undefined)
    writeFileSync(options.summary, JSON.stringify({ passed, failed, skipped, failures }))
  if (failures.length > 0) process.exitCode = 1
}
