/** `zerodis tail`: the commands that a store runs, as MONITOR tells them, through filters. */
import { createCommandTable } from '../../commands/index.ts'
import type { Environment } from '../../config/environment.ts'
import { LineOutput } from './lineoutput.ts'
import { LinkFault } from './link.ts'
import { MonitorFilter, type Wanted } from './monitorfilter.ts'
import { monitorJson, monitorText, parseMonitorLine, printable } from './monitorline.ts'
import { Options } from './options.ts'
import { LINK_OPTIONS, linkTo } from './target.ts'

const OPTIONS = new Map<string, string>([
  ...LINK_OPTIONS,
  ['command', 'NAME'],
  ['key', 'PATTERN'],
  ['client', 'ADDRESS'],
  ['db', 'NUMBER'],
  ['type', 'read or write'],
  ['json', ''],
  ['limit', 'NUMBER'],
])

/** Returns the exit code. Runs until the store ends it, `limit` lines were shown, or the process is ended. @throws StartupError */
export async function runTail(
  words: readonly string[],
  environment: Environment,
  out: NodeJS.WriteStream = process.stdout,
): Promise<number> {
  const options = new Options('tail', OPTIONS, words)
  const filter = new MonitorFilter(createCommandTable(), wantedOf(options))
  const limit = options.integer('limit', 1, Number.MAX_SAFE_INTEGER) ?? Number.POSITIVE_INFINITY
  const isJson = options.has('json')
  const link = linkTo(options, environment)
  const output = new LineOutput(out, () => link.close())
  const note = (count: number): string =>
    isJson ? JSON.stringify({ leftOut: count }) : `# ${count} lines were left out`
  let shown = 0
  try {
    await link.monitor((text) => {
      const parsed = parseMonitorLine(text)
      const line = parsed === undefined ? undefined : filter.pass(parsed)
      if (line === undefined || shown >= limit) return
      output.write(isJson ? monitorJson(line) : monitorText(line), note)
      if (++shown >= limit) link.close()
    })
  } catch (error) {
    if (!(error instanceof LinkFault)) throw error
    process.stderr.write(`zerodis tail: ${link.label}: ${printable(error.message)}\n`)
    return 1
  }
  if (shown >= limit || output.isClosed) return 0
  process.stderr.write(`zerodis tail: ${link.label} has ended it\n`)
  return 1
}

function wantedOf(options: Options): Wanted {
  const type = options.text('type')
  if (type !== undefined && type !== 'read' && type !== 'write') throw options.refusal('--type is read or write')
  return {
    commands: options.list('command').map((name) => name.toLowerCase().replace(' ', '|')),
    keys: options.all('key'),
    clients: options.list('client'),
    db: options.integer('db', 0, Number.MAX_SAFE_INTEGER),
    type,
  }
}
