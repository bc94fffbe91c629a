/** CONFIG: reads and changes the directives while the store runs. What they are stands in `lib/config/directives.ts`. */
import type { Bytes } from '../../base/bytes.ts'
import { LOADING, SYNTAX } from '../../base/errors.ts'
import { MapReply, OK, type Reply } from '../../base/reply.ts'
import { directive, directiveName } from '../../config/config.ts'
import { globMatches } from '../../keyspace/glob.ts'
import { isLocalClient } from '../../session/session.ts'
import type { Args } from '../args.ts'
import { type Command, type Context, command } from '../command.ts'
import { container } from '../container.ts'

/** CONFIG GET parameter [parameter …] */
function get(c: Context, a: Args): Reply {
  const found = c.ports.config.get(a.rest(), (pattern, name) => globMatches(pattern, name, true))
  return new MapReply([...found].flat())
}

/** CONFIG SET parameter value [parameter value …]. All of them are set, or none. */
function set(c: Context, a: Args): Reply | Promise<Reply> {
  if (a.left % 2 !== 0) return SYNTAX
  const pairs: [string, string][] = []
  while (!a.done) pairs.push([a.next(), a.next()])
  if (isLoading(c) && pairs.some(([name]) => isFixedWhileLoading(name))) return LOADING
  const refused = c.ports.config.set(pairs, isLocalClient(c.session))
  return refused instanceof Promise ? refused.then((error) => error ?? OK) : (refused ?? OK)
}

function isLoading({ ports }: Context): boolean {
  const { saving, appending } = ports.persistence
  return saving.loading !== undefined || appending.loading !== undefined
}

function isFixedWhileLoading(given: Bytes): boolean {
  const name = directiveName(given)
  return name !== undefined && directive(name).fixedWhileLoading === true
}

/** The values of directives that hold secrets. */
function redactSet(argv: readonly Bytes[]): readonly Bytes[] {
  return argv.map((argument, i) => {
    const name = i > 2 && i % 2 === 1 ? directiveName(argv[i - 1]) : undefined
    return name !== undefined && directive(name).sensitive ? '(redacted)' : argument
  })
}

/** CONFIG RESETSTAT */
function resetstat(c: Context): Reply {
  c.ports.figures.info.resetStats()
  return OK
}

/** CONFIG REWRITE */
function rewrite(c: Context): Reply {
  return c.ports.process.rewriteConfig()
}

const words = 'admin noscript loading stale'

const configSubcommands = [
  command('get', 'server', -3, words, [], get),
  command('resetstat', 'server', 2, words, [], resetstat),
  command('rewrite', 'server', 2, words, [], rewrite),
  command('set', 'server', -4, words, [], set, { redact: redactSet }),
]

const configHelp = [
  ['GET <pattern>', 'Return parameters matching the glob-like <pattern> and their values.'],
  ['SET <directive> <value>', 'Set the configuration <directive> to <value>.'],
  ['RESETSTAT', 'Reset statistics reported by the INFO command.'],
  ['REWRITE', 'Rewrite the configuration file.'],
]

export const configCommands: readonly Command[] = [container('config', 'server', '', configSubcommands, configHelp)]
