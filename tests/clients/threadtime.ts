/**
 * Processor time of the thread that asks. `process.cpuUsage` counts all threads, and other files of tests run in some of them.
 * Only Linux tells, in steps of 10 ms; elsewhere it is the time of the process.
 */
import { readFileSync } from 'node:fs'

/** What its readings are multiples of. */
export const TICK_MS = 10

/** Unit: ms. */
export function threadTimeMs(): number {
  let stat: string
  try {
    stat = readFileSync('/proc/thread-self/stat', 'latin1')
  } catch {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1000
  }
  // The name in parentheses may hold anything; user and system time are the 12th and 13th field behind it.
  const fields = stat.replace(/^.*\) /s, '').split(' ')
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS
}
