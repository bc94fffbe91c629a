/**
 * A Chromium for tests in a browser: one of the system, or the one that Playwright keeps, which is installed where it is
 * missing. Only where neither can be had does a test in a browser skip, and says so.
 */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, chromium } from 'playwright'

const SYSTEM_PATHS = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

/** Bounds Playwright's download. */
const INSTALL_MS = 300_000

export type FoundChromium = { readonly executablePath: string } | { readonly missing: string }

/** Finds a Chromium; takes minutes where one must be installed first. `CHROMIUM` names one. */
export function findChromium(): FoundChromium {
  const named = process.env.CHROMIUM
  if (named !== undefined && named !== '') {
    return existsSync(named) ? { executablePath: named } : { missing: `CHROMIUM names ${named}, which does not exist` }
  }
  const kept = chromium.executablePath()
  const found = [...SYSTEM_PATHS, kept].find((path) => existsSync(path))
  if (found !== undefined) return { executablePath: found }
  const cli = join(import.meta.dirname, '../node_modules/.bin/playwright')
  try {
    execFileSync(cli, ['install', 'chromium'], { stdio: 'ignore', timeout: INSTALL_MS })
  } catch {
    return { missing: 'no Chromium on this system, and `npx playwright install chromium` could not get one' }
  }
  return existsSync(kept) ? { executablePath: kept } : { missing: 'Playwright installed no Chromium' }
}

/** It draws without the emulation of a graphics processor, which took a sixth of its time. */
export function launchChromium(found: FoundChromium): Promise<Browser> {
  return chromium.launch({ ...found, args: ['--no-sandbox', '--disable-background-networking', '--disable-gpu'] })
}
