/**
 * A server that npm or npx has started ends with it. npm runs a program through a shell, and a shell that is ended by a signal
 * does not pass it on, so `kill` of npm would leave the server behind, with its port taken and nothing saved. The system gives an
 * orphan another parent: that is what is looked for.
 */
import { readFileSync } from 'node:fs'

const LOOK_MS = 250

/** Calls back once when the parent is gone. Without effect unless npm or one of its kin started this process in the foreground. */
export function whenOrphaned(run: () => void, environment: NodeJS.ProcessEnv = process.env): void {
  if (environment['npm_execpath'] === undefined || isDetached()) return
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    run()
  }, LOOK_MS)
  timer.unref()
}

/** True for the leader of a session of its own (setsid, a daemon), which is meant to outlive who started it. Linux alone tells. */
function isDetached(): boolean {
  try {
    // The name in parentheses may hold anything; behind it: state, parent, process group, session.
    const [, , , session] = readFileSync('/proc/self/stat', 'latin1')
      .replace(/^.*\) /s, '')
      .split(' ')
    return Number(session) === process.pid
  } catch {
    return false
  }
}
