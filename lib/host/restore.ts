/**
 * `zerodis restore --to TIME [path]`: takes an append-only log back to a moment, as `redis-check-aof --truncate-to-timestamp`
 * does, and keeps all that was there in a folder beside it. Exit codes: 0 if that is done or nothing is later, else 1.
 */
import { basename } from 'node:path'
import { kindOf } from '../journal/logcheck.ts'
import { ManifestFault } from '../journal/manifest.ts'
import { planRestoration, RestoreRefusal, restore as restoreLog, timeText } from '../journal/restoring.ts'
import { alone, systemParts, targetsOf } from './files.ts'
import { StartupError } from './startup.ts'

const USAGE = `Usage: zerodis restore --to TIME [file or folder]
TIME is in unix seconds, or a date such as 2026-11-30T12:00:00Z`

const DATE = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/

/** Returns the exit code. */
export function restore(argv: readonly string[], print: (line: string) => void): number {
  const at = argv.indexOf('--to')
  const [path = '.', ...more] = argv.filter((_, i) => at === -1 || (i !== at && i !== at + 1))
  const to = at === -1 ? undefined : timeIn(argv[at + 1] ?? '')
  if (to === undefined || more.length > 0 || path.startsWith('-')) throw new StartupError(USAGE)
  const parts = systemParts()
  const logs = targetsOf(path).filter((target) => target === path || kindOf(parts.files, target) !== 'snapshot')
  if (logs.length !== 1) throw new StartupError(`${path} holds ${logs.length} append-only files: name one`)
  const [log] = logs
  try {
    return alone(log, () => {
      const plan = planRestoration(parts, log, to)
      if (plan === undefined) {
        print(`Nothing in ${log} is later than ${timeText(to)}: it stays as it is.`)
        return 0
      }
      const backup = restoreLog(parts.files, plan)
      const { cut, dropped, undated } = plan
      print(`${log} is as it was at ${timeText(to)}.`)
      print(`  ${basename(cut.path)}: ${cut.size - cut.at} of ${cut.size} bytes were later.`)
      for (const file of dropped) print(`  ${basename(file)}: all of it was later.`)
      if (undated > 0)
        print(`  ${undated} commands have no time, as they stand before the first that has one: they are kept.`)
      print(`All that was there stands in ${backup}; remove that when you do not need it.`)
      return 0
    })
  } catch (error) {
    if (!(error instanceof RestoreRefusal || error instanceof ManifestFault)) throw error
    print(`Nothing was changed: ${error.message}.`)
    return 1
  }
}

/** Unix seconds. */
function timeIn(text: string): number | undefined {
  if (/^\d+$/.test(text)) return Number(text)
  // Date.parse takes much for a date that nobody means: '-5' is in May 2001.
  const time = DATE.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(time) ? undefined : Math.floor(time / 1000)
}
