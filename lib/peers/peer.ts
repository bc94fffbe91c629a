/**
 * Packages that are there only where somebody has installed them: drivers, printers of metrics. They are looked up when the
 * program runs, out of sight of bundlers: these would ask every application for all of them, or end its build.
 */
import { createRequire } from 'node:module'
import { join } from 'node:path'

/**
 * Undefined where it is not installed, neither for the program in the current directory nor beside this package.
 * @throws whatever the package throws while it loads
 */
export function loadPeer<Peer>(name: string): Peer | undefined {
  // As CommonJS, a module has no URL.
  for (const place of [join(process.cwd(), 'package.json'), import.meta.url ?? __filename]) {
    try {
      return createRequire(place)(name) as Peer
    } catch (error) {
      if (!isMissing(error, name)) throw error
    }
  }
  return undefined
}

function isMissing(error: unknown, name: string): boolean {
  const { code, message = '' } = error as { readonly code?: string; readonly message?: string }
  return (code === 'MODULE_NOT_FOUND' || code === 'ERR_MODULE_NOT_FOUND') && message.includes(`'${name}'`)
}
