/**
 * The log, in Redis's own form (`pid:role date mark message`), because people and tools read it by that, or as JSON for
 * what collects logs. Whoever hosts the store says where lines go; what is worth a line is decided by `loglevel`, and how
 * it is written by `logformat`.
 */

export const LOG_LEVELS = ['debug', 'verbose', 'notice', 'warning'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** Takes a message that is worth a line. */
export type Log = (level: LogLevel, message: string) => void

const MARKS: Readonly<Record<LogLevel, string>> = { debug: '.', verbose: '-', notice: '*', warning: '#' }
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** C until the configuration is in force, then M. */
export type LogRole = 'C' | 'M'

/** One line with its newline; the time is local, as in Redis. */
export function formatLogLine(pid: number, role: LogRole, at: Date, level: LogLevel, message: string): string {
  const two = (value: number): string => `${value}`.padStart(2, '0')
  const day = `${two(at.getDate())} ${MONTHS[at.getMonth()]} ${at.getFullYear()}`
  const time = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`
  return `${pid}:${role} ${day} ${time}.${`${at.getMilliseconds()}`.padStart(3, '0')} ${MARKS[level]} ${message}\n`
}

const ROLES: Readonly<Record<LogRole, string>> = { C: 'starting', M: 'master' }

/** One line of JSON with its newline: `time` in UTC as ISO 8601, `level`, `pid`, `role` (starting, master), `message`. */
export function formatJsonLine(pid: number, role: LogRole, at: Date, level: LogLevel, message: string): string {
  return `${JSON.stringify({ time: at.toISOString(), level, pid, role: ROLES[role], message })}\n`
}

/** True if `loglevel` lets messages of a level through. */
export function isLogged(level: LogLevel, loglevel: LogLevel | 'nothing'): boolean {
  return loglevel !== 'nothing' && LOG_LEVELS.indexOf(level) >= LOG_LEVELS.indexOf(loglevel)
}
