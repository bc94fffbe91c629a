/**
 * One process at a time keeps its data in a folder: two would overwrite each other's files. Who does holds a file there that names
 * it. A process that died without a word leaves the file behind; so it names the process not by its number alone, which
 * another may have by now (in a container it nearly always does), but also by when it started and since when its machine
 * runs. Where that cannot be asked, because the holder lives in another container, its file tells: it is touched every
 * second for as long as the holder lives.
 *
 * Servers of one process share the folder; processes that keep nothing need no lock.
 */
import {
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join, resolve } from 'node:path'
import { inBackground, pause } from '../../base/runtime.ts'

const FILE = '.zerodis.lock'
const BEAT_MS = 1000
/** So long a holder that cannot be asked is watched for a sign of life. */
const WATCH_MS = 2500
/** A holder that has given none for so long is dead. */
const LONG_AGO_MS = 30_000
/** Files that are written under another name first, which have no meaning without their process. */
const TEMPORARY = /^temp-zerodis-\d+/

interface Holder {
  readonly pid: number
  /** When the process started, in the system's own measure; '' where it does not tell. */
  readonly startedAt: string
  /** Of the run of the system. */
  readonly boot: string
  /** Within which the number of the process means something. */
  readonly space: string
}

/** Another process has the folder. */
export class DirectoryInUse extends Error {
  override readonly name = 'DirectoryInUse'
}

interface Held {
  users: number
  stopBeat: () => void
}

/** Folders that this process holds, by their absolute paths. */
const held = new Map<string, Held>()

export class DirectoryLock {
  readonly #path: string
  #isHeld = true

  private constructor(path: string) {
    this.#path = path
  }

  /** Takes a folder, or shares it within this process. @throws DirectoryInUse, or the system's error */
  static take(dir: string): DirectoryLock {
    const path = resolve(dir)
    const mine = held.get(path)
    if (mine !== undefined) mine.users++
    else {
      seize(join(path, FILE))
      removeTemporary(path)
      held.set(path, { users: 1, stopBeat: beat(join(path, FILE)) })
    }
    return new DirectoryLock(path)
  }

  /** Gives the folder free, when the last user in this process does. */
  release(): void {
    if (!this.#isHeld) return
    this.#isHeld = false
    const mine = held.get(this.#path)!
    if (--mine.users > 0) return
    mine.stopBeat()
    held.delete(this.#path)
    rmSync(join(this.#path, FILE), { force: true })
  }
}

/** The name of a file that is written first and gets its own name when it is whole. */
export function temporaryName(rest: string): string {
  return `temp-zerodis-${process.pid}${rest}`
}

function seize(file: string): void {
  const me = JSON.stringify(holderOf(process.pid))
  for (;;) {
    try {
      writeFileSync(file, me, { flag: 'wx' })
      return
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    const text = readText(file)
    const other = holderIn(text)
    if (other !== undefined && isAlive(other, file)) {
      throw new DirectoryInUse(
        `another process (pid ${other.pid}) keeps its data in ${resolve(file, '..')}: two would overwrite each other's ` +
          "files. Stop it, or give this one a folder of its own with 'dir'",
      )
    }
    putAside(file, text)
  }
}

/** Removes the file of a dead holder, but not that of somebody who has just taken its place. */
function putAside(file: string, text: string): void {
  const aside = `${file}.${process.pid}`
  try {
    renameSync(file, aside)
  } catch {
    return // it is gone
  }
  if (readText(aside) === text) rmSync(aside, { force: true })
  else renameSync(aside, file)
}

function isAlive(other: Holder, file: string): boolean {
  const me = holderOf(process.pid)
  if (other.boot !== me.boot || other.space !== me.space) return beats(file)
  if (other.pid === me.pid) return other.startedAt === me.startedAt && me.startedAt !== ''
  try {
    process.kill(other.pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
  }
  return holderOf(other.pid).startedAt === other.startedAt
}

/** Whether the file is touched while one looks. */
function beats(file: string): boolean {
  const before = touchedAt(file)
  if (Date.now() - before > LONG_AGO_MS) return false
  pause(WATCH_MS)
  return touchedAt(file) !== before
}

function touchedAt(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0
}

/** Touches the file from now on. Returns the end of it. */
function beat(file: string): () => void {
  let stop = (): void => {}
  const touch = (): void => {
    try {
      utimesSync(file, new Date(), new Date())
    } catch {
      // Somebody has removed it. Nothing depends on it but that others are told.
    }
    stop = inBackground(BEAT_MS, touch)
  }
  stop = inBackground(BEAT_MS, touch)
  return () => stop()
}

/** What a process is told apart by. Linux tells; elsewhere its number must do. */
function holderOf(pid: number): Holder {
  return {
    pid,
    startedAt: told(() => startOf(pid)),
    boot: told(() => readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()),
    space: told(() => readlinkSync('/proc/self/ns/pid')),
  }
}

/** When a process started; '' for one that has ended and of which only its parent has not heard, as of many in containers. */
function startOf(pid: number): string {
  // Behind the name, which may hold anything, in parentheses: the state is the third field of all, the threads the 20th, the start the 22nd.
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/^.*\)/s, '').trim().split(' ')
  return fields[0] === 'Z' && Number(fields[17]) <= 1 ? '' : fields[19]
}

function told(ask: () => string): string {
  try {
    return ask()
  } catch {
    return ''
  }
}

/** Undefined where it says nothing: the file of one who died while it was written. */
function holderIn(text: string): Holder | undefined {
  try {
    const { pid, startedAt, boot, space } = JSON.parse(text) as Partial<Holder>
    if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid <= 0) return undefined
    return { pid, startedAt: `${startedAt}`, boot: `${boot}`, space: `${space}` }
  } catch {
    return undefined
  }
}

function readText(file: string): string {
  return told(() => readFileSync(file, 'utf8'))
}

/** Whoever holds the folder knows that whoever wrote these is gone. */
function removeTemporary(dir: string): void {
  for (const name of readdirSync(dir)) if (TEMPORARY.test(name)) rmSync(join(dir, name), { force: true })
}
