/**
 * `zerodis top`: the figures of a store as they change, from INFO and LATENCY HISTOGRAM alone. A terminal is painted over and over
 * until `q`; into anything else goes one line a sample.
 */
import { ReplyError } from '../../base/reply.ts'
import { monotonic } from '../../base/runtime.ts'
import type { Environment } from '../../config/environment.ts'
import { type Link, LinkFault } from './link.ts'
import { printable } from './monitorline.ts'
import { Options } from './options.ts'
import { QUESTIONS, type StoreSample, StoreSampler } from './storesample.ts'
import { LINK_OPTIONS, linkTo } from './target.ts'
import { TerminalScreen } from './terminalscreen.ts'
import { TOP_HEAD, topLine, topScreen } from './topscreen.ts'

const OPTIONS = new Map<string, string>([...LINK_OPTIONS, ['interval', 'SECONDS'], ['count', 'NUMBER']])

/** Lines below one head. */
const PAGE = 20

interface Look {
  readonly sample: StoreSample
  readonly answeredMs: number
}

/** Shows what was found. */
interface View {
  /** `isFirst`: it has no figures of time yet. */
  show(look: Look, isFirst: boolean): void
  problem(reason: string): void
  close(): void
}

/** Returns the exit code. @throws StartupError */
export async function runTop(
  words: readonly string[],
  environment: Environment,
  { stdin, stdout } = process as Pick<NodeJS.Process, 'stdin' | 'stdout'>,
): Promise<number> {
  const options = new Options('top', OPTIONS, words)
  const intervalMs = (options.number('interval', 0.1, 86_400) ?? 1) * 1000
  const count = options.integer('count', 1, Number.MAX_SAFE_INTEGER) ?? Number.POSITIVE_INFINITY
  const link = linkTo(options, environment)
  const ending = new AbortController()
  const end = (): void => ending.abort()
  const view = stdout.isTTY ? terminalView(link.label, stdin, stdout, end) : lineView(stdout, end)
  const sampler = new StoreSampler()
  let [shown, isFirst] = [0, true]
  try {
    while (shown < count && !ending.signal.aborted) {
      try {
        const look = await lookAt(link, sampler)
        view.show(look, isFirst)
        if (!isFirst) shown++
        isFirst = false
      } catch (error) {
        if (!(error instanceof LinkFault)) throw error
        if (isFirst || error.isRefusal) {
          view.close()
          process.stderr.write(`zerodis top: ${link.label}: ${printable(error.message)}\n`)
          return 1
        }
        view.problem(printable(error.message))
      }
      if (shown < count) await pause(intervalMs, ending.signal)
    }
  } finally {
    view.close()
    link.close()
  }
  return 0
}

async function lookAt(link: Link, sampler: StoreSampler): Promise<Look> {
  const askedAt = monotonic()
  const [info, histogram] = await link.run(QUESTIONS)
  if (info instanceof ReplyError) throw new LinkFault(info.text, true)
  const now = monotonic()
  return { sample: sampler.take(info, histogram, now), answeredMs: now - askedAt }
}

/** Waits so long, or until it is over. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
    if (signal.aborted) done()
  })
}

function lineView(stdout: NodeJS.WriteStream, end: () => void): View {
  let lines = 0
  const write = (line: string): void => {
    stdout.write(`${line}\n`)
  }
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    end()
  })
  return {
    show({ sample }, isFirst) {
      if (isFirst) return
      if (lines++ % PAGE === 0) write(TOP_HEAD)
      write(topLine(sample))
    },
    problem: (reason) => write(`# ${reason}`),
    close() {},
  }
}

function terminalView(label: string, stdin: NodeJS.ReadStream, stdout: NodeJS.WriteStream, end: () => void): View {
  const screen = new TerminalScreen(stdin, stdout, end)
  let last: Look | undefined
  let problem = ''
  const paint = (): void => {
    if (last === undefined) return
    const { columns, rows } = stdout
    screen.paint(topScreen(label, last.sample, { answeredMs: last.answeredMs, columns, rows, problem }))
  }
  screen.onResize = paint
  return {
    show(look) {
      last = look
      problem = ''
      paint()
    },
    problem(reason) {
      problem = reason
      paint()
    },
    close: () => screen.close(),
  }
}
