/**
 * CONFIG through an upstream: directives of Redis are the upstream's, but for those of users, who are ours; so are those that only we
 * have: of the doors, of tokens, and of the upstream itself. One command sets either ones of ours or ones of the upstream's.
 */
import type { Bytes } from '../base/bytes.ts'
import { MapReply, type Reply } from '../base/reply.ts'
import type { Config } from '../config/config.ts'
import { globMatches } from '../keyspace/glob.ts'

const OURS =
  /^(acl|requirepass$|rest-|sse-|websocket-|upstream|auth-throttle-|http-port$|client-memory-guard$|unauthenticated-timeout$)/

function isOurs(name: Bytes): boolean {
  return OURS.test(name.toLowerCase())
}

/** True for CONFIG GET that would show a password of the upstream, and CONFIG SET of directives of which one is ours. */
export function configIsOurs(command: Bytes, argv: readonly Bytes[]): boolean {
  if (command === 'config|get') return argv.some((pattern, i) => i > 1 && globMatches(pattern, 'requirepass', true))
  return command === 'config|set' && argv.some((word, i) => i > 1 && i % 2 === 0 && isOurs(word))
}

/** True for CONFIG SET of directives that are not all ours. */
export function configSetIsMixed(argv: readonly Bytes[]): boolean {
  return argv.some((word, i) => i > 1 && i % 2 === 0 && !isOurs(word))
}

/** CONFIG GET: of what the upstream has answered what is its affair, no password of it, and of ours what the patterns name. */
export function configGet(reply: Reply, patterns: readonly Bytes[], config: Config): Reply {
  if (!Array.isArray(reply)) return reply
  const found = config.get(patterns, (pattern, name) => isOurs(name) && globMatches(pattern, name, true))
  const ours = [...found].filter(([name]) => isOurs(name)).flat()
  const theirs = reply.filter((_, i) => !isOurs(`${reply[i - (i % 2)]}`))
  return new MapReply([...theirs, ...ours])
}
