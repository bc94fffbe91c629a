/** What commands ask of the process: to end, to rewrite its configuration file, to log. */

import { createHash } from 'node:crypto'
import { getHeapStatistics } from 'node:v8'
import { NO_CONFIG_FILE, NO_SHUTDOWN, rewriteFailed, SHUTDOWN_FAILED } from '../base/errors.ts'
import type { Late } from '../base/late.ts'
import { NO_REPLY, OK } from '../base/reply.ts'
import { systemReason } from '../base/systemreason.ts'
import { unawaited } from '../base/unawaited.ts'
import type { Config } from '../config/config.ts'
import type { Log } from '../observability/log.ts'
import type { Acl } from '../session/acl.ts'
import type { ProcessPort } from '../session/ports.ts'
import type { Closing } from './closing.ts'
import { rewriteConfFile } from './configfile.ts'
import type { Cron } from './cron.ts'
import type { Shutdown } from './shutdown.ts'

export interface ProcessParts {
  readonly config: Config
  /** Path of the configuration file, if there is one. */
  readonly configFile: string | undefined
  readonly log: Log
  readonly acl: Acl
  readonly cron: Cron
  readonly ending: Late<Shutdown>
  readonly closing: Closing
  /** Called when a client said SHUTDOWN, and the server is closed. */
  readonly onShutdown: (() => void) | undefined
}

export function createProcessPort(parts: ProcessParts): ProcessPort {
  const { config, configFile, log, acl, cron, ending, closing, onShutdown } = parts
  return {
    get asksForEnd() {
      return ending.made?.asking ?? 0
    },
    get endsInMs() {
      return ending.made?.remainingMs ?? -1
    },
    async shutdown(wish) {
      if (!(await ending.get().prepare(wish))) return SHUTDOWN_FAILED
      closing.savesAtEnd = false
      unawaited(closing.close().then(onShutdown), config.values, (message) => log('warning', message))
      return NO_REPLY // the connection ends instead
    },
    async prepareToEnd(wish) {
      const isKept = await ending.get().prepare(wish)
      if (isKept) closing.savesAtEnd = false
      return isKept
    },
    abortShutdown: () => (ending.made?.abort() ? OK : NO_SHUTDOWN),
    pauseCron(paused) {
      cron.paused = paused
    },
    log: (message) => log('warning', message),
    heapRoom() {
      const { heap_size_limit, used_heap_size } = getHeapStatistics()
      return heap_size_limit - used_heap_size
    },
    sha1: (data) => createHash('sha1').update(data, 'latin1').digest().toString('latin1'),
    rewriteConfig(all) {
      if (configFile === undefined) return NO_CONFIG_FILE
      try {
        rewriteConfFile(configFile, config, config.values.aclfile === '' ? acl.users.map(({ line }) => line) : [], all)
      } catch (error) {
        log('warning', `CONFIG REWRITE failed: ${systemReason(error)}`)
        return rewriteFailed(systemReason(error))
      }
      log('notice', 'CONFIG REWRITE executed with success.')
      return OK
    },
  }
}
