#!/usr/bin/env node
/**
 * The command `zerodis`. Most of its start is V8 that reads our code, so what V8 makes of it is kept, where that can be done safely.
 * Therefore nothing else of ours is imported before.
 */
import { join } from 'node:path'
import { keepCompiledCode } from './host/codecache.ts'

// The package is CommonJS; sources are compiled by whatever runs them.
if (import.meta.url === undefined) keepCompiledCode(join(__dirname, 'lib'))
import('./host/commandline.ts')
  .then(({ runCommand }) => runCommand())
  .catch((error: unknown) => {
    console.error(error)
    process.exit(1)
  })
