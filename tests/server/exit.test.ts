/** The store that nobody owns (`getServer`) is kept when its process exits, whoever ends it: `next start` does so by itself. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createServer } from '../../lib/server.ts'
import { programOf } from '../clients/program.ts'
import { Child } from '../e2e/child.ts'

/** A process takes its time to start where the machine is busy. Unit: ms. */
const TIMEOUT_MS = 60_000

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'zerodis-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

/** Runs a program with the store at hand. Its exit code. */
function run(program: string, env: Record<string, string>): Promise<number | string> {
  const code = `import { getServer } from '${programOf('lib/server.ts')}'\nconst server = getServer()\n${program}`
  const args = ['--input-type=module', '-e', code]
  return new Child(process.execPath, args, { env: { ZERODIS_DIR: dir, ...env } }).ended
}

test.each([
  ['process.exit(0)', 0],
  ['process.exit(3)', 3],
  ['process.on("SIGTERM", () => process.exit(0)); process.kill(process.pid, "SIGTERM"); setTimeout(() => {}, 5000)', 0],
])(
  'by %s',
  async (ending, code) => {
    expect(await run(`server.execute('SET', 'a', '1')\n${ending}`, { ZERODIS_SAVE: '3600 1' })).toBe(code)
    const again = createServer({ dir, save: '3600 1' })
    expect(again.execute('GET', 'a')).toBe('1')
    await again.close()
  },
  TIMEOUT_MS,
)

test(
  'with an append-only file, what was not written yet is',
  async () => {
    const program = "server.execute('SET', 'a', '1')\nprocess.exit(0)"
    expect(await run(program, { ZERODIS_APPENDONLY: 'yes', ZERODIS_APPENDFSYNC: 'no' })).toBe(0)
    const again = createServer({ dir, appendonly: true })
    expect(again.execute('GET', 'a')).toBe('1')
    await again.close()
  },
  TIMEOUT_MS,
)

test(
  'without save points nothing is written, nor after the server was closed',
  async () => {
    expect(await run("server.execute('SET', 'a', '1')\nprocess.exit(0)", {})).toBe(0)
    expect(existsSync(join(dir, 'dump.rdb'))).toBe(false)
    const program =
      "server.execute('SET', 'a', '1')\nawait server.close()\nserver.execute('SET', 'a', '2')\nprocess.exit(0)"
    expect(await run(program, { ZERODIS_SAVE: '3600 1' })).toBe(0)
    const again = createServer({ dir, save: '3600 1' })
    expect(again.execute('GET', 'a')).toBe('1')
    await again.close()
  },
  TIMEOUT_MS,
)
