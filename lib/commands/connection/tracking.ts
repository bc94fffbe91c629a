/** CLIENT TRACKING and what belongs to it: see session/tracking.ts for how clients hear of changes. */
import type { Bytes } from '../../base/bytes.ts'
import { SYNTAX } from '../../base/errors.ts'
import { MapReply, OK, type Reply, type ReplyError, SetReply } from '../../base/reply.ts'
import type { Tracked, TrackingOptions } from '../../session/tracking.ts'
import type { Args } from '../args.ts'
import type { Context } from '../command.ts'
import {
  CACHING_NEEDS_MODE,
  CACHING_NO_NEEDS_OPTOUT,
  CACHING_YES_NEEDS_OPTIN,
  NO_REDIRECT_TARGET,
  ONE_REDIRECT,
  OPT_AND_BCAST,
  OPTIN_AND_OPTOUT,
  PREFIX_NEEDS_BCAST,
  prefixesOverlap,
  SWITCHES_BCAST,
  SWITCHES_OPT,
} from './errors.ts'

/** CLIENT TRACKING ON|OFF [REDIRECT client-id] [PREFIX prefix …] [BCAST] [OPTIN] [OPTOUT] [NOLOOP] */
export function tracking(c: Context, a: Args): Reply {
  const { session } = c
  const mode = a.word()
  const options = readOptions(c, a)
  if (a.error !== undefined) return a.error
  if (mode === 'ON') {
    const refused = refusal(options, session.tracking)
    if (refused !== undefined) return refused
    c.ports.connections.tracking.enable(session, options)
  } else if (mode === 'OFF') c.ports.connections.tracking.disable(session)
  else return SYNTAX
  return OK
}

function readOptions(c: Context, a: Args): TrackingOptions {
  const options = { redirect: 0, bcast: false, optin: false, optout: false, noloop: false }
  const prefixes: Bytes[] = []
  while (!a.done && a.error === undefined) {
    if (a.left > 1 && a.match('REDIRECT')) {
      if (options.redirect !== 0) a.fail(ONE_REDIRECT)
      options.redirect = a.integer()
      if (c.ports.connections.clients.get(options.redirect) === undefined) a.fail(NO_REDIRECT_TARGET)
    } else if (a.left > 1 && a.match('PREFIX')) prefixes.push(a.next())
    else if (a.match('BCAST')) options.bcast = true
    else if (a.match('OPTIN')) options.optin = true
    else if (a.match('OPTOUT')) options.optout = true
    else if (a.match('NOLOOP')) options.noloop = true
    else a.fail(SYNTAX)
  }
  return { ...options, prefixes }
}

/** Why these options do not go together, or not with those in force. */
function refusal(options: TrackingOptions, before: Tracked | undefined): ReplyError | undefined {
  const { bcast, optin, optout, prefixes } = options
  if (!bcast && prefixes.length !== 0) return PREFIX_NEEDS_BCAST
  if (before !== undefined && before.bcast !== bcast) return SWITCHES_BCAST
  if (bcast && (optin || optout)) return OPT_AND_BCAST
  if (optin && optout) return OPTIN_AND_OPTOUT
  if (before !== undefined && ((optin && before.optout) || (optout && before.optin))) return SWITCHES_OPT
  const existing = before?.prefixes ?? []
  const i = firstOverlapping(prefixes, existing)
  if (i === -1) return undefined
  const prefix = prefixes[i]
  const old = existing.find((other) => overlap(prefix, other))
  if (old !== undefined) return prefixesOverlap(prefix, 'an existing', old)
  const provided = prefixes.slice(i + 1).find((other) => overlap(prefix, other))
  return prefixesOverlap(prefix, 'another provided', provided!)
}

/**
 * Position of the first of `prefixes` that overlaps another of them or one of `existing`; -1 for none. In sorted order a prefix
 * stands before all that begin with it, and those together: a stack of what the current one begins with is enough, where
 * comparing each with each would take seconds for as many as a client may send.
 */
function firstOverlapping(prefixes: readonly Bytes[], existing: readonly Bytes[]): number {
  const all = [...prefixes, ...existing]
  const order = all.map((_, i) => i).sort((a, b) => (all[a] < all[b] ? -1 : all[a] > all[b] ? 1 : 0))
  const begun: number[] = []
  let first = -1
  const note = (i: number): void => {
    if (i < prefixes.length && (first === -1 || i < first)) first = i
  }
  for (const i of order) {
    while (begun.length > 0 && !all[i].startsWith(all[begun[begun.length - 1]])) begun.pop()
    if (begun.length > 0) {
      note(i)
      note(begun[0])
      // Those between are noted already: each began with the one below it.
    }
    begun.push(i)
  }
  return first
}

function overlap(one: Bytes, other: Bytes): boolean {
  return one.startsWith(other) || other.startsWith(one)
}

/** CLIENT CACHING YES|NO: whether the keys of the next command are tracked. */
export function caching(c: Context, a: Args): Reply {
  const { tracking } = c.session
  if (tracking === undefined) return CACHING_NEEDS_MODE
  if (a.match('YES')) {
    if (!tracking.optin) return CACHING_YES_NEEDS_OPTIN
  } else if (a.match('NO')) {
    if (!tracking.optout) return CACHING_NO_NEEDS_OPTOUT
  } else return SYNTAX
  tracking.caching = 2
  return OK
}

/** CLIENT GETREDIR. 0: the client is told itself; -1: it does not track keys. */
export function getredir(c: Context): Reply {
  return c.session.tracking?.redirect ?? -1
}

/** CLIENT TRACKINGINFO */
export function trackinginfo(c: Context): Reply {
  const { tracking } = c.session
  const flags = tracking === undefined ? ['off'] : flagsOf(tracking)
  return new MapReply([
    ...['flags', new SetReply(flags)],
    ...['redirect', tracking?.redirect ?? -1],
    ...['prefixes', [...(tracking?.prefixes ?? [])].sort()],
  ])
}

function flagsOf({ bcast, optin, optout, noloop, caching, isRedirectBroken }: Tracked): Bytes[] {
  const flags = ['on']
  if (bcast) flags.push('bcast')
  if (optin) flags.push('optin')
  if (optin && caching !== 0) flags.push('caching-yes')
  if (optout) flags.push('optout')
  if (optout && caching !== 0) flags.push('caching-no')
  if (noloop) flags.push('noloop')
  if (isRedirectBroken) flags.push('broken_redirect')
  return flags
}
