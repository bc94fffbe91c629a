/**
 * CONFIG through an upstream: directives of Redis are the upstream's, but for those of users, who are ours; so are those that only we
 * have: of the doors, of tokens, and of the upstream itself. One command sets either ones of ours or ones of the upstream's.
 */
import type { Bytes } from '../base/bytes.ts'
import type { Reply } from '../base/reply.ts'
import type { Config } from '../config/config.ts'
import { globMatches } from '../keyspace/glob.ts'

const OURS =
  /^(acl|requirepass$|rest-|sse-|websocket-|upstream|auth-throttle-|http-port$|client-memory-guard$|unauthenticated-timeout$)/

function isOurs(name: Bytes): boolean {
  return OURS.test(name.toLowerCase())
}

/** True for CONFIG SET of directives that are all ours. */
export function configSetIsOurs(argv: readonly Bytes[]): boolean {
  return argv.length > 2 && argv.every((word, i) => i < 2 || i % 2 === 1 || isOurs(word))
}

/** CONFIG GET: what the upstream has answered, and of ours what the patterns name. */
export function configGet(reply: Reply, patterns: readonly Bytes[], config: Config): Reply {
  if (!Array.isArray(reply)) return reply
  const found = config.get(patterns, (pattern, name) => isOurs(name) && globMatches(pattern, name, true))
  const ours = [...found].filter(([name]) => isOurs(name)).flat()
  return ours.length === 0 ? reply : [...reply, ...ours]
}
