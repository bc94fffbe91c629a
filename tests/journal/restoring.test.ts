/** `zerodis restore`: a log taken back to a moment, as redis-check-aof does it, and nothing lost of what was there. */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { ManualClock } from '../../lib/base/clock.ts'
import { restore } from '../../lib/host/restore.ts'
import { createServer } from '../../lib/server.ts'
import { Folders, filesOf, genuineDigest, openOurs } from './logs.ts'

const hasTools = spawnSync('redis-check-aof', ['--version']).error === undefined
const folders = new Folders()
afterEach(() => folders.removeAll())

const START = 1_700_000_000
const manifest = (dir: string): string => join(dir, 'appendonlydir/appendonly.aof.manifest')

function run(...argv: string[]): { code: number; text: string } {
  const lines: string[] = []
  const code = restore(argv, (line) => lines.push(line))
  return { code, text: lines.join('\n') }
}

/** A log in which key `k<n>` was set n seconds after START. */
async function log(seconds: number, settings = {}, rewriteAt = -1): Promise<string> {
  const dir = folders.make()
  const clock = new ManualClock(START * 1000)
  const server = createServer({ dir, appendonly: true, 'aof-timestamp-enabled': true, clock, log() {}, ...settings })
  for (let n = 0; n < seconds; n++) {
    server.execute('SET', `k${n}`, `${n}`)
    clock.advance(1000)
    if (n !== rewriteAt) continue
    server.execute('BGREWRITEAOF')
    const { appending } = server.engine.ports.persistence
    while (appending.isRewriting) await new Promise((resolve) => setTimeout(resolve, 1))
  }
  await server.close()
  return dir
}

async function keys(dir: string): Promise<string[]> {
  const ours = openOurs(dir)
  const found = (ours.server.execute('KEYS', '*') as string[]).sort()
  await ours.close()
  return found
}

test('what is later goes, and is kept in a folder beside', async () => {
  const dir = await log(6)
  const before = filesOf(dir)
  const { code, text } = run('--to', `${START + 3}`, dir)
  expect(code, text).toBe(0)
  expect(await keys(dir)).toEqual(['k0', 'k1', 'k2', 'k3'])
  const backup = join(dir, 'appendonlydir.before-restore')
  expect(text).toContain(backup)
  for (const [name, bytes] of before) expect(readFileSync(join(backup, name), 'latin1'), name).toBe(bytes)
})

test('a date is as good as seconds', async () => {
  const dir = await log(6)
  expect(run('--to', new Date((START + 1) * 1000).toISOString(), manifest(dir)).code).toBe(0)
  expect(await keys(dir)).toEqual(['k0', 'k1'])
})

test('a moment that lies in an earlier increment takes the later ones away', async () => {
  const dir = await log(3)
  const first = filesOf(dir).get('appendonly.aof.1.incr.aof')!
  // A second increment, as a rewrite that has failed leaves it.
  writeFileSync(
    join(dir, 'appendonlydir/appendonly.aof.2.incr.aof'),
    `#TS:${START + 9}\r\n${first.slice(first.indexOf('*'))}`,
  )
  writeFileSync(manifest(dir), `${readFileSync(manifest(dir), 'latin1')}file appendonly.aof.2.incr.aof seq 2 type i\n`)
  const { code, text } = run('--to', `${START + 1}`, dir)
  expect(code, text).toBe(0)
  expect(text).toContain('appendonly.aof.2.incr.aof: all of it was later.')
  expect(readdirSync(join(dir, 'appendonlydir'))).not.toContain('appendonly.aof.2.incr.aof')
  expect(await keys(dir)).toEqual(['k0', 'k1'])
})

test.each([
  ['snapshot', true],
  ['commands', false],
])('a moment before the base, which is a %s, is refused', async (_, preamble) => {
  const dir = await log(6, { 'aof-use-rdb-preamble': preamble }, 3)
  const before = filesOf(dir)
  const { code, text } = run('--to', `${START + 1}`, dir)
  expect(code).toBe(1)
  expect(text).toMatch(/^Nothing was changed: /)
  expect(filesOf(dir)).toEqual(before)
  expect(readdirSync(dir).filter((name) => name.includes('before-restore'))).toEqual([])
  // The moment of the base itself is one that can be gone back to.
  expect(run('--to', `${START + 4}`, dir)).toMatchObject({ code: 0 })
  expect(await keys(dir)).toEqual(['k0', 'k1', 'k2', 'k3', 'k4'])
})

test('without annotations it is refused, and where nothing is later nothing changes', async () => {
  const plain = await log(3, { 'aof-timestamp-enabled': false })
  expect(run('--to', `${START}`, plain)).toMatchObject({
    code: 1,
    text: expect.stringContaining('aof-timestamp-enabled'),
  })
  const dir = await log(3)
  const before = filesOf(dir)
  expect(run('--to', `${START + 100}`, dir)).toMatchObject({ code: 0, text: expect.stringContaining('stays as it is') })
  expect(filesOf(dir)).toEqual(before)
})

test('a log that is not whole is refused', async () => {
  const dir = await log(3)
  const path = join(dir, 'appendonlydir/appendonly.aof.1.incr.aof')
  writeFileSync(path, readFileSync(path).subarray(0, -3))
  expect(run('--to', `${START + 9}`, dir)).toMatchObject({ code: 1, text: expect.stringContaining('is not whole') })
})

describe.skipIf(!hasTools)('beside redis-check-aof --truncate-to-timestamp', () => {
  test.each([0, 1, 2, 3, 4, 5, 6])('%i seconds after the start', async (n) => {
    const dir = await log(5)
    const theirs = folders.copyOf(dir)
    const to = `${START + n}`
    const genuine = spawnSync('redis-check-aof', ['--truncate-to-timestamp', to, manifest(theirs)], {
      encoding: 'utf8',
    })
    const { code, text } = run('--to', to, dir)
    expect(code, `${text}\n--\n${genuine.stdout}`).toBe(genuine.status)
    expect(filesOf(dir).get('appendonly.aof.1.incr.aof')).toBe(filesOf(theirs).get('appendonly.aof.1.incr.aof'))
    expect(await genuineDigest(folders.copyOf(dir))).toBe(await genuineDigest(folders.copyOf(theirs)))
  })
})
