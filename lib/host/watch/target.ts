/** Which store is meant, by the arguments and the environment. */
import type { Environment } from '../../config/environment.ts'
import { BadAddress, parseAddress } from '../../upstream/address.ts'
import type { Link } from './link.ts'
import type { Options } from './options.ts'
import { RespLink } from './resplink.ts'
import { RestLink } from './restlink.ts'

/** The options that say where the store is. */
export const LINK_OPTIONS = [['token', 'TOKEN']] as const

const LOCAL = 'redis://127.0.0.1:6379'

/** Where a token may stand: arguments can be read by others on the machine. */
const TOKENS = ['ZERODIS_REST_TOKEN', 'KV_REST_API_TOKEN', 'UPSTASH_REDIS_REST_TOKEN']

/** What the address and the environment say; without either, a store on this machine. @throws StartupError */
export function linkTo(options: Options, environment: Environment): Link {
  const url = options.url ?? environment['REDIS_URL'] ?? LOCAL
  if (/^https?:\/\//i.test(url)) return restLink(url, options, environment)
  if (options.has('token')) throw options.refusal('--token is for REST, whose address begins with http:// or https://')
  try {
    const address = parseAddress(url)
    if (address.kind !== 'single' && address.kind !== 'unix') {
      throw options.refusal('name one server, for each of them has figures of its own')
    }
    return new RespLink(address, environment['REDISCLI_AUTH'] ?? '')
  } catch (error) {
    if (!(error instanceof BadAddress)) throw error
    throw options.refusal(
      `an address is redis://host:6379, rediss://…, unix:/path, http://… or https://…: ${error.message}`,
    )
  }
}

function restLink(url: string, options: Options, environment: Environment): Link {
  const token = options.text('token') ?? TOKENS.map((name) => environment[name]).find((text) => text)
  if (token === undefined) {
    throw options.refusal(`REST wants a token: --token, or ${TOKENS.join(', ')} in the environment`)
  }
  if (!URL.canParse(url)) throw options.refusal('this is no address of REST')
  return new RestLink(new URL(url), token)
}
