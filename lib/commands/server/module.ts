/**
 * MODULE. Redis's modules are native code, of which nothing can be loaded here: every attempt fails as one on a file that is
 * no module, and there are none to list. Who may try at all is up to `enable-module-command`.
 */

import type { Reply } from '../../base/reply.ts'
import { isLocalClient } from '../../session/session.ts'
import type { Context } from '../command.ts'
import { MODULE_NOT_ALLOWED, MODULE_NOT_LOADED, NO_SUCH_MODULE } from './errors.ts'

/** MODULE LIST */
export function list(): Reply {
  return []
}

/** MODULE LOAD path [arg …], MODULE LOADEX path [CONFIG name value …] [ARGS arg …] */
export function load(c: Context): Reply {
  return isAllowed(c) ? MODULE_NOT_LOADED : MODULE_NOT_ALLOWED
}

/** MODULE UNLOAD name */
export function unload(c: Context): Reply {
  return isAllowed(c) ? NO_SUCH_MODULE : MODULE_NOT_ALLOWED
}

function isAllowed({ config, session }: Context): boolean {
  const who = config['enable-module-command']
  return who === 'yes' || (who === 'local' && isLocalClient(session))
}
