/** `zerodis check`: what it finds is what Redis's own tools find, in whole files and in damaged ones; and how it mends. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { check } from '../../lib/host/check.ts'
import { restore } from '../../lib/host/restore.ts'
import { DirectoryInUse } from '../../lib/persistence/files/dirlock.ts'
import { programOf } from '../clients/program.ts'
import { Folders, openOurs } from '../journal/logs.ts'

const hasTools = spawnSync('redis-check-aof', ['--version']).error === undefined
const folders = new Folders()
afterEach(() => folders.removeAll())

const SET = '*3\r\n$3\r\nSET\r\n$1\r\nz\r\n$1\r\n1\r\n'
const manifest = (dir: string): string => join(dir, 'appendonlydir/appendonly.aof.manifest')
const increment = (dir: string, n = 1): string => join(dir, `appendonlydir/appendonly.aof.${n}.incr.aof`)

/** A log with some keys. */
async function log(settings = {}): Promise<string> {
  const dir = folders.make()
  const ours = openOurs(dir, settings)
  const lines = ['SET a 1', 'RPUSH l a b c', 'JSON.SET j $ {"a":1}', 'ARSET ar 3 x']
  for (const line of [...lines, 'MULTI', 'SET b 1', 'SET c 1', 'EXEC', 'SET d 1']) {
    await ours.client.send(line.split(' '))
  }
  await ours.close()
  return dir
}

function run(...argv: string[]): { code: number; text: string } {
  const lines: string[] = []
  const code = check(argv, (line) => lines.push(line))
  return { code, text: lines.join('\n') }
}

const rows: readonly [name: string, damage: (dir: string) => void][] = [
  ['none', () => {}],
  ['a torn tail', (dir) => truncateSync(increment(dir), statSync(increment(dir)).size - 5)],
  ['MULTI without EXEC', (dir) => appendFileSync(increment(dir), `*1\r\n$5\r\nMULTI\r\n${SET}`)],
  ['EXEC without MULTI', (dir) => appendFileSync(increment(dir), `*1\r\n$4\r\nEXEC\r\n${SET}`)],
  ['MULTI within MULTI', (dir) => appendFileSync(increment(dir), '*1\r\n$5\r\nMULTI\r\n'.repeat(2))],
  ['NUL bytes at the tail', (dir) => appendFileSync(increment(dir), '\0'.repeat(100))],
  ['garbage at the tail', (dir) => appendFileSync(increment(dir), 'garbage\r\n')],
  [
    'an argument that is longer than it says',
    (dir) => appendFileSync(increment(dir), SET.replace('SET', 'SETX') + SET),
  ],
  ['annotations', (dir) => appendFileSync(increment(dir), `#TS:1628217470\r\n${SET}#TS:1628217473\r\n`)],
  ['a torn annotation', (dir) => appendFileSync(increment(dir), '#TS:16282')],
  ['a missing increment', (dir) => rmSync(increment(dir))],
  ['an empty increment', (dir) => truncateSync(increment(dir), 0)],
  ['an empty manifest', (dir) => writeFileSync(manifest(dir), '')],
  ['nonsense in the manifest', (dir) => appendFileSync(manifest(dir), 'nonsense\n')],
  [
    'a torn file that is not the last',
    (dir) => {
      truncateSync(increment(dir), statSync(increment(dir)).size - 5)
      writeFileSync(increment(dir, 2), SET)
      appendFileSync(manifest(dir), 'file appendonly.aof.2.incr.aof seq 2 type i\n')
    },
  ],
  [
    'a torn base',
    (dir) => {
      const base = join(dir, 'appendonlydir/appendonly.aof.1.base.rdb')
      truncateSync(base, statSync(base).size - 3)
    },
  ],
]

describe.skipIf(!hasTools)('an append-only file, beside redis-check-aof', () => {
  /** redis-check-aof 7.0 takes a torn line for a whole one, and a manifest without a line for a file of commands without one. */
  const STRICTER = ['a torn annotation', 'an empty manifest']

  test.each(rows)('%s', async (name, damage) => {
    const dir = await log()
    damage(dir)
    const theirs = folders.copyOf(dir)
    const genuine = spawnSync('redis-check-aof', [manifest(theirs)], { encoding: 'utf8' })
    const before = existsSync(increment(dir)) ? readFileSync(increment(dir)) : undefined
    const found = run(manifest(dir))
    expect(found.code, `${found.text}\n--\n${genuine.stdout}`).toBe(STRICTER.includes(name) ? 1 : genuine.status)
    if (before !== undefined) expect(readFileSync(increment(dir)).equals(before)).toBe(true)
    // A folder is looked through.
    expect(run(join(dir, 'appendonlydir')).code).toBe(found.code)

    const fixed = spawnSync('redis-check-aof', ['--fix', manifest(theirs)], { encoding: 'utf8', input: 'y\n' })
    const mended = run('--fix', manifest(dir))
    if (!STRICTER.includes(name)) {
      expect(mended.code, `${mended.text}\n--\n${fixed.stdout}`).toBe(fixed.status)
      if (fixed.status === 0) expect(readFileSync(increment(dir)).equals(readFileSync(increment(theirs)))).toBe(true)
    }
    if (mended.code === 0) {
      expect(run(manifest(dir)).code).toBe(0)
      const ours = openOurs(dir, { 'aof-load-truncated': 'no' })
      await ours.close()
    }
    // What was cut off is kept.
    const cut = readdirSync(join(dir, 'appendonlydir')).find((each) => each.includes('.cut-at-'))
    if (cut !== undefined && before !== undefined) {
      const kept = readFileSync(join(dir, 'appendonlydir', cut))
      expect(Buffer.concat([readFileSync(increment(dir)), kept]).equals(before)).toBe(true)
    }
  })

  test('a file of before there were manifests, with a snapshot before its commands', async () => {
    const dir = folders.make()
    const ours = openOurs(dir, { appendonly: false })
    ours.server.execute('SET', 'a', '1')
    ours.server.execute('SAVE')
    await ours.close()
    const old = join(dir, 'appendonly.aof')
    writeFileSync(old, Buffer.concat([readFileSync(join(dir, 'dump.rdb')), Buffer.from(SET)]))
    expect(run(old)).toMatchObject({ code: 0, text: expect.stringMatching(/1 keys \(1 string\).*; 1 commands/) })
    expect(spawnSync('redis-check-aof', [old]).status).toBe(0)
    appendFileSync(old, '*1\r\n$4\r\nPI')
    expect(run(old).code).toBe(1)
    expect(spawnSync('redis-check-aof', [old]).status).toBe(1)
  })
})

describe.skipIf(!hasTools)('a snapshot, beside redis-check-rdb', () => {
  test('of ours, whole and with each byte changed', async () => {
    const dir = folders.make()
    const ours = openOurs(dir, { appendonly: false })
    for (const line of ['SET a 1', 'SET t 1 PX 1000000', 'RPUSH l a b', 'HSET h f v', 'JSON.SET j $ {"a":1}']) {
      await ours.client.send(line.split(' '))
    }
    await ours.client.send(['SAVE'])
    await ours.close()
    const path = join(dir, 'dump.rdb')
    const whole = readFileSync(path)
    const found = run(path)
    expect(found.code).toBe(0)
    expect(found.text).toMatch(/5 keys \(.*1 ReJSON-RL.*\), 1 with a time, 0 of them past it/)
    expect(spawnSync('redis-check-rdb', [path]).status).toBe(0)
    // As many as fit into a test of a few seconds.
    for (let at = 0; at < whole.length; at += 7) {
      const bytes = Buffer.from(whole)
      bytes[at] ^= 1
      writeFileSync(path, bytes)
      expect(run(path).code, `byte ${at}`).toBe(spawnSync('redis-check-rdb', [path]).status === 0 ? 0 : 1)
    }
    for (const length of [3, 9, 50, whole.length - 1]) {
      writeFileSync(path, whole.subarray(0, length))
      expect(run(path).code, `cut at ${length}`).toBe(1)
    }
  })
})

test('what is wrong is told, and what can be done about it', async () => {
  const dir = await log()
  const path = increment(dir)
  const size = statSync(path).size
  appendFileSync(path, '*1\r\n$4\r\nNOPE\r\n*2\r\n$3\r\nGET\r\n$9\r\nto')
  const { text } = run(dir)
  expect(text).toContain(`${path}: ${size + 33} bytes; 9 commands, 1 transactions`)
  expect(text).toContain('Note: commands that zerodis does not know: NOPE')
  expect(text).toContain(`NOT WHOLE: it ends within the command at offset ${size + 14}.`)
  expect(text).toContain("'zerodis check --fix' cuts them off")
  const mended = run('--fix', dir)
  expect(mended).toMatchObject({ code: 0, text: expect.stringContaining('19 bytes are in ') })
})

test('a file has no say at the terminal, and its times may be any', async () => {
  const dir = await log()
  const path = increment(dir)
  appendFileSync(path, '#TS:999999999999999\r\n#TS:-5\r\n#TS:x\r\n*1\r\n$4\r\n\x1b[1m\r\n')
  const { code, text } = run(dir)
  expect(code).toBe(0)
  expect(text).toContain('from 999999999999999 to 999999999999999')
  expect(text).toContain('does not know: ?[1m')
})

test('what is no regular file is not waited for', () => {
  const dir = folders.make()
  const path = join(dir, 'dump.rdb')
  spawnSync('mkfifo', [path])
  expect(() => run(dir)).toThrow(`${path} is no regular file`)
  expect(() => run(path)).toThrow(`${path} is no regular file`)
  expect(() => restore(['--to', '1', path], () => {})).toThrow('no regular file')
  rmSync(path)
  symlinkSync('nowhere', path)
  expect(() => run(dir)).toThrow(`${path}: no such file or folder`)
})

test.each(['-5', '11-30', 'May 5', '2026-13-45', ''])('restore takes no date that is none: %j', (text) => {
  expect(() => restore(['--to', text, folders.make()], () => {})).toThrow('TIME is in unix seconds')
})

test('--fix changes nothing while a store is at work there', async () => {
  const dir = await log()
  appendFileSync(increment(dir), 'garbage')
  const { size } = statSync(increment(dir))
  // Holds the folder as a store does, from another process, which lives as long as its stdin is open.
  const holder = spawn(
    process.execPath,
    [
      '-e',
      `import(${JSON.stringify(programOf('lib/persistence/files/dirlock.ts'))}).then((m) => { m.DirectoryLock.take(process.argv[1]); process.stdin.resume(); console.log('held') })`,
      dir,
    ],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  )
  try {
    await once(holder.stdout!, 'data')
    expect(() => run('--fix', dir)).toThrow(DirectoryInUse)
    expect(statSync(increment(dir)).size).toBe(size)
  } finally {
    holder.kill('SIGKILL')
  }
})
