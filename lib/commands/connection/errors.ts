/** What commands about connections refuse, each text once, byte-equal to Redis. See base/errors.ts. */
import type { Bytes } from '../../base/bytes.ts'
import { oneLine } from '../../base/errors.ts'
import { error, type ReplyError } from '../../base/reply.ts'

export const NO_PROTO = error('NOPROTO unsupported protocol version')
export const NO_PASSWORD_CONFIGURED = error(
  'ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?',
)
export const PROTOCOL_NOT_INTEGER = error('ERR Protocol version is not an integer or out of range')
export const HELLO_UNAUTHENTICATED = error(
  'NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time',
)
export const INVALID_CLIENT_NAME = error('ERR Client names cannot contain spaces, newlines or special characters.')
export const INVALID_CLIENT_ID = error('ERR Invalid client ID')
export const CLIENT_ID_NOT_POSITIVE = error('ERR client-id should be greater than 0')
export const MAXAGE_NOT_INTEGER = error('ERR maxage is not an integer or out of range')
export const MAXAGE_NOT_POSITIVE = error('ERR maxage should be greater than 0')
export const NO_SUCH_CLIENT = error('ERR No such client')
export const UNBLOCK_REASON = error('ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR')
export const PAUSE_MODE = error('ERR CLIENT PAUSE mode must be WRITE or ALL')

export function helloSyntax(option: Bytes): ReplyError {
  return error(`ERR Syntax error in HELLO option '${oneLine(option)}'`)
}

export function invalidClientAttribute(attribute: Bytes): ReplyError {
  return error(`ERR ${attribute} cannot contain spaces, newlines or special characters.`)
}

export function unrecognizedOption(option: Bytes): ReplyError {
  return error(`ERR Unrecognized option '${oneLine(option)}'`)
}

export function unknownClientType(type: Bytes): ReplyError {
  return error(`ERR Unknown client type '${oneLine(type)}'`)
}

export function noSuchUser(user: Bytes): ReplyError {
  return error(`ERR No such user '${oneLine(user)}'`)
}

export const CACHING_NEEDS_MODE = error(
  'ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode enabled',
)
export const CACHING_YES_NEEDS_OPTIN = error(
  'ERR CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.',
)
export const CACHING_NO_NEEDS_OPTOUT = error(
  'ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.',
)
export const NO_REDIRECT_TARGET = error('ERR The client ID you want redirect to does not exist')
export const ONE_REDIRECT = error('ERR A client can only redirect to a single other client')
export const OPT_AND_BCAST = error('ERR OPTIN and OPTOUT are not compatible with BCAST')
export const OPTIN_AND_OPTOUT = error("ERR You can't specify both OPTIN mode and OPTOUT mode")
export const PREFIX_NEEDS_BCAST = error('ERR PREFIX option requires BCAST mode to be enabled')
export const SWITCHES_BCAST = error(
  "ERR You can't switch BCAST mode on/off before disabling tracking for this client, and then re-enabling it with a different mode.",
)
export const SWITCHES_OPT = error(
  "ERR You can't switch OPTIN/OPTOUT mode before disabling tracking for this client, and then re-enabling it with a different mode.",
)

export function prefixesOverlap(prefix: Bytes, which: 'an existing' | 'another provided', other: Bytes): ReplyError {
  return error(
    oneLine(
      `ERR Prefix '${prefix}' overlaps with ${which} prefix '${other}'. Prefixes for a single client must not overlap.`,
    ),
  )
}

export const SELECT_IN_CLUSTER = error('ERR SELECT is not allowed in cluster mode')
