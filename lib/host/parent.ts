/**
 * A server that npm or npx has started ends with it. npm runs a program through a shell, and a shell that is ended by a signal
 * does not pass it on, so `kill` of npm would leave the server behind, with its port taken and nothing saved. The system gives an
 * orphan another parent: that is what is looked for, of the server and of the shell between, which stays where npm was ended by
 * SIGKILL.
 */
import { readFileSync } from 'node:fs'

const LOOK_MS = 250

/** Calls back once when the parent is gone. Without effect unless npm or one of its kin started this process in the foreground. */
export function whenOrphaned(run: () => void, environment: NodeJS.ProcessEnv = process.env): void {
  if (environment['npm_execpath'] === undefined || entryOf('self')?.session === process.pid) return
  const parent = process.ppid
  const shells = shellsFrom(parent)
  const timer = setInterval(() => {
    if (process.ppid === parent && shells.every((shell) => entryOf(shell.pid)?.parent === shell.parent)) return
    clearInterval(timer)
    run()
  }, LOOK_MS)
  timer.unref()
}

/** What the system tells of a process. */
interface Entry {
  readonly pid: number
  readonly parent: number
  /** Its own number for the leader of a session (setsid, a daemon), which is meant to outlive who started it. */
  readonly session: number
}

/** The process, if it is a shell that runs one line (`sh -c`), and those of its kind above it. */
function shellsFrom(pid: number): readonly Entry[] {
  const shells: Entry[] = []
  for (let entry = entryOf(pid); entry !== undefined && runsOneLine(entry.pid); entry = entryOf(entry.parent)) {
    shells.push(entry)
  }
  return shells
}

function runsOneLine(pid: number): boolean {
  const [program, option] = read(pid, 'cmdline')?.split('\0') ?? []
  return option === '-c' && /(^|\/)(sh|ash|dash|bash|ksh|zsh)$/.test(program)
}

/** Linux alone tells; elsewhere a shell puts what it runs last in its own place. */
function entryOf(pid: number | 'self'): Entry | undefined {
  const text = read(pid, 'stat')
  if (text === undefined) return undefined
  // The name in parentheses may hold anything; behind it: state, parent, process group, session.
  const [, parent, , session] = text.replace(/^.*\) /s, '').split(' ')
  return { pid: Number.parseInt(text, 10), parent: Number(parent), session: Number(session) }
}

function read(pid: number | 'self', name: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'latin1')
  } catch {
    return undefined
  }
}
