/** CONFIG: reads and changes the directives while the store runs. What they are stands in `lib/config/directives.ts`. */
import type { Bytes } from '../../base/bytes.ts'
import { LOADING, SYNTAX } from '../../base/errors.ts'
import { MapReply, OK, type Reply } from '../../base/reply.ts'
import { directive, directiveName } from '../../config/config.ts'
import { globMatches } from '../../keyspace/glob.ts'
import { isLocalClient } from '../../session/session.ts'
import type { Args } from '../args.ts'
import type { Context } from '../command.ts'

/** CONFIG GET parameter [parameter …] */
export function get(c: Context, a: Args): Reply {
  const found = c.ports.config.get(a.rest(), (pattern, name) => globMatches(pattern, name, true))
  return new MapReply([...found].flat())
}

/** CONFIG SET parameter value [parameter value …]. All of them are set, or none. */
export function set(c: Context, a: Args): Reply | Promise<Reply> {
  if (a.left % 2 !== 0) return SYNTAX
  const pairs: [string, string][] = []
  while (!a.done) pairs.push([a.next(), a.next()])
  if (isLoading(c) && pairs.some(([name]) => isFixedWhileLoading(name))) return LOADING
  const refused = c.ports.config.set(pairs, isLocalClient(c.session))
  return refused instanceof Promise ? refused.then((error) => error ?? OK) : (refused ?? OK)
}

function isLoading({ ports }: Context): boolean {
  const { saving, appending, following } = ports.persistence
  return saving.loading !== undefined || appending.loading !== undefined || following.isLoading
}

function isFixedWhileLoading(given: Bytes): boolean {
  const name = directiveName(given)
  return name !== undefined && directive(name).fixedWhileLoading === true
}

/** The values of directives that hold secrets. */
export function redactSet(argv: readonly Bytes[]): readonly Bytes[] {
  return argv.map((argument, i) => {
    const name = i > 2 && i % 2 === 1 ? directiveName(argv[i - 1]) : undefined
    return name !== undefined && directive(name).sensitive ? '(redacted)' : argument
  })
}

/** CONFIG RESETSTAT */
export function resetstat(c: Context): Reply {
  c.ports.figures.info.resetStats()
  return OK
}

/** CONFIG REWRITE */
export function rewrite(c: Context): Reply {
  return c.ports.process.rewriteConfig()
}
