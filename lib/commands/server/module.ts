/**
 * MODULE. Redis's modules are native code, of which nothing can be loaded here: every attempt fails as one on a file that is
 * no module, and there are none to list. Who may try at all is up to `enable-module-command`.
 */

import type { Reply } from '../../base/reply.ts'
import { isLocalClient } from '../../session/session.ts'
import { type Command, type Context, command } from '../command.ts'
import { container } from '../container.ts'
import { MODULE_NOT_ALLOWED, MODULE_NOT_LOADED, NO_SUCH_MODULE } from './errors.ts'

/** MODULE LIST */
function list(): Reply {
  return []
}

/** MODULE LOAD path [arg …], MODULE LOADEX path [CONFIG name value …] [ARGS arg …] */
function load(c: Context): Reply {
  return isAllowed(c) ? MODULE_NOT_LOADED : MODULE_NOT_ALLOWED
}

/** MODULE UNLOAD name */
function unload(c: Context): Reply {
  return isAllowed(c) ? NO_SUCH_MODULE : MODULE_NOT_ALLOWED
}

function isAllowed({ config, session }: Context): boolean {
  const who = config['enable-module-command']
  return who === 'yes' || (who === 'local' && isLocalClient(session))
}

const words = 'admin noscript no_async_loading'

const moduleSubcommands = [
  command('list', 'server', 2, 'admin noscript', [], list),
  command('load', 'server', -3, words, [], load),
  command('loadex', 'server', -3, words, [], load),
  command('unload', 'server', 3, words, [], unload),
]

const moduleHelp = [
  ['LIST', 'Return a list of loaded modules.'],
  ['LOAD <path> [<arg> ...]', 'Load a module library from <path>, passing to it any optional arguments.'],
  [
    'LOADEX <path> [[CONFIG NAME VALUE] [CONFIG NAME VALUE]] [ARGS ...]',
    'Load a module library from <path>, while passing it module configurations and optional arguments.',
  ],
  ['UNLOAD <name>', 'Unload a module.'],
]

export const moduleCommands: readonly Command[] = [container('module', 'server', '', moduleSubcommands, moduleHelp)]
