#!/usr/bin/env node
/**
 * The command `zerodis`. Most of its start is V8 that reads our code, so what V8 makes of it is kept where Node can do that
 * (22.1, in the system's folder for temporary files; NODE_DISABLE_COMPILE_CACHE=1 forbids it). Therefore nothing of ours is
 * imported before.
 */
import nodeModule from 'node:module'

if ('enableCompileCache' in nodeModule && typeof nodeModule.enableCompileCache === 'function') {
  nodeModule.enableCompileCache()
}
import('./host/commandline.ts')
  .then(({ runCommand }) => runCommand())
  .catch((error: unknown) => {
    console.error(error)
    process.exit(1)
  })
