/** Logs of ours that genuine Redis loads, and its logs that we load; and what both do with files that are damaged. */
import { spawnSync } from 'node:child_process'
import { appendFileSync, mkdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { Genuine, genuineVersion } from '../contract/harness/genuine.ts'
import { show } from '../contract/harness/seen.ts'
import type { Generator } from '../differential/generator.ts'
import { generator as generic } from '../differential/generators/generic.ts'
import { generator as geo } from '../differential/generators/geo.ts'
import { generator as list } from '../differential/generators/list.ts'
import { generator as set } from '../differential/generators/set.ts'
import { generator as sortedSet } from '../differential/generators/sorted-set.ts'
import { generator as stream } from '../differential/generators/stream.ts'
import { generator as string } from '../differential/generators/string.ts'
import { Random } from '../differential/random.ts'
import { Folders, genuineDigest, openOurs } from './logs.ts'

const GENERATORS: readonly Generator[] = [generic, geo, list, set, sortedSet, stream, string]
/** What waits, ends something, or is not known to 7.0. */
const LEFT_OUT = /^(?:bl|bz|br|xread|wait|debug|client|subscribe|psubscribe|monitor|shutdown|h.*expire|migrate|object)/i

const folders = new Folders()
afterEach(() => folders.removeAll())

function commands(count: number, seed: number): string[][] {
  const random = new Random(seed)
  const drawn: string[][] = []
  while (drawn.length < count) {
    const argv = GENERATORS[random.integer(0, GENERATORS.length - 1)].next(random)
    if (argv.length > 0 && !LEFT_OUT.test(argv[0])) drawn.push(argv)
  }
  return drawn
}

const manifest = (dir: string): string => join(dir, 'appendonlydir/appendonly.aof.manifest')
const increment = (dir: string): string => join(dir, 'appendonlydir/appendonly.aof.1.incr.aof')

describe.skipIf(genuineVersion === undefined)(`beside genuine ${genuineVersion}`, () => {
  test.each([
    ['a snapshot as the base', {}],
    ['commands as the base', { 'aof-use-rdb-preamble': false, 'aof-timestamp-enabled': true }],
  ])('it loads a log of ours, with %s', async (_, settings) => {
    const dir = folders.make()
    const seed = 7
    const ours = openOurs(dir, settings)
    for (const [i, argv] of commands(1500, seed).entries()) {
      await ours.client.send(argv)
      if (i === 700) await ours.client.send(['BGREWRITEAOF'])
      if (i % 400 === 399) await ours.client.send(['SELECT', `${(i % 3) + 1}`])
      if (i % 100 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    await ours.client.send(['FUNCTION', 'LOAD', "#!lua name=l\nredis.register_function('f', function() return 1 end)"])
    await ours.client.send(['EVAL', "redis.call('SET', KEYS[1], '1') redis.call('INCR', KEYS[1])", '1', 'scripted'])
    const digest = await ours.digest()
    await ours.close()
    const check = spawnSync('redis-check-aof', [manifest(dir)], { encoding: 'utf8' })
    expect(check.stdout).toContain('All AOF files and manifest are valid')
    expect(await genuineDigest(folders.copyOf(dir)), `seed ${seed}`).toBe(digest)
    const again = openOurs(dir, settings)
    expect(await again.digest()).toBe(digest)
    await again.close()
  })

  test.each([['yes'], ['no']])('we load a log of its, with aof-use-rdb-preamble %s', async (preamble) => {
    const dir = folders.make()
    const seed = 11
    const genuine = await Genuine.start('--dir', dir, '--appendonly', 'yes', '--aof-use-rdb-preamble', preamble)
    const client = await genuine.connect()
    for (const [i, argv] of commands(1500, seed).entries()) {
      await client.send(argv)
      if (i === 700) await client.send(['BGREWRITEAOF'])
    }
    await client.send(['FUNCTION', 'LOAD', "#!lua name=l\nredis.register_function('f', function() return 1 end)"])
    const digest = show(await client.send(['DEBUG', 'DIGEST']))
    // Only then is all of it in the files, and the files are those of the manifest: a rewrite may go on, and a write be put off.
    const settled = /aof_rewrite_in_progress:0.*aof_rewrite_scheduled:0.*aof_buffer_length:0/s
    await vi.waitFor(async () => expect(show(await client.send(['INFO', 'persistence']))).toMatch(settled), 10_000)
    const copy = folders.copyOf(dir)
    client.close()
    await genuine.stop()
    const ours = openOurs(copy)
    expect(await ours.digest(), `seed ${seed}`).toBe(digest)
    expect(show(await ours.client.send(['FCALL', 'f', '0']))).toBe('1')
    await ours.close()
  })

  describe('damage', () => {
    const SET = '*3\r\n$3\r\nSET\r\n$1\r\nz\r\n$1\r\n1\r\n'

    /** A log with some keys. */
    async function log(): Promise<string> {
      const dir = folders.make()
      const ours = openOurs(dir)
      for (const line of ['SET a 1', 'RPUSH l a b c', 'MULTI', 'SET b 1', 'SET c 1', 'EXEC', 'SET d 1']) {
        await ours.client.send(line.split(' '))
      }
      await ours.close()
      return dir
    }

    const rows: readonly [name: string, damage: (dir: string) => void, settings: Record<string, string>][] = [
      ['none', () => {}, {}],
      ['a torn tail', (dir) => truncateSync(increment(dir), statSync(increment(dir)).size - 5), {}],
      [
        'a torn tail, and aof-load-truncated no',
        (dir) => truncateSync(increment(dir), statSync(increment(dir)).size - 5),
        { 'aof-load-truncated': 'no' },
      ],
      ['MULTI without EXEC', (dir) => appendFileSync(increment(dir), `*1\r\n$5\r\nMULTI\r\n${SET}`), {}],
      [
        'MULTI without EXEC, and aof-load-truncated no',
        (dir) => appendFileSync(increment(dir), `*1\r\n$5\r\nMULTI\r\n${SET}`),
        { 'aof-load-truncated': 'no' },
      ],
      [
        'a transaction that is torn',
        (dir) => appendFileSync(increment(dir), `*1\r\n$5\r\nMULTI\r\n${SET}*1\r\n$4\r\nEX`),
        {},
      ],
      ['NUL bytes at the tail', (dir) => appendFileSync(increment(dir), '\0'.repeat(100)), {}],
      ['garbage at the tail', (dir) => appendFileSync(increment(dir), 'garbage\r\n'), {}],
      ['an unknown command', (dir) => appendFileSync(increment(dir), '*1\r\n$4\r\nNOPE\r\n'), {}],
      ['annotations', (dir) => appendFileSync(increment(dir), `#TS:1628217470\r\n${SET}#TS:1628217473\r\n`), {}],
      ['a missing increment', (dir) => rmSync(increment(dir)), {}],
      ['a missing base', (dir) => rmSync(join(dir, 'appendonlydir/appendonly.aof.1.base.rdb')), {}],
      [
        'a torn file that is not the last',
        (dir) => {
          truncateSync(increment(dir), statSync(increment(dir)).size - 5)
          writeFileSync(join(dir, 'appendonlydir/appendonly.aof.2.incr.aof'), SET)
          appendFileSync(manifest(dir), 'file appendonly.aof.2.incr.aof seq 2 type i\n')
        },
        {},
      ],
      [
        'a second, empty increment',
        (dir) => {
          writeFileSync(join(dir, 'appendonlydir/appendonly.aof.2.incr.aof'), '')
          appendFileSync(manifest(dir), 'file appendonly.aof.2.incr.aof seq 2 type i\n')
        },
        {},
      ],
      ['an empty manifest', (dir) => writeFileSync(manifest(dir), ''), {}],
      ['nonsense in the manifest', (dir) => appendFileSync(manifest(dir), 'nonsense\n'), {}],
      ['no manifest', (dir) => rmSync(manifest(dir)), {}],
      ['files of history', (dir) => appendFileSync(manifest(dir), 'file appendonly.aof.0.incr.aof seq 9 type h\n'), {}],
    ]

    test.each(rows)('%s', async (_, damage, settings) => {
      const dir = await log()
      damage(dir)
      const theirs = folders.copyOf(dir)
      const flags = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value])
      const digest = await genuineDigest(theirs, ...flags)
      const messages: string[] = []
      if (digest.startsWith('refused')) {
        expect(() => openOurs(dir, settings, messages)).toThrow()
        // What is wrong is said in the words of Redis.
        const said = messages
          .join('\n')
          .split('\n')
          .filter((line) => line !== '')
        expect(
          said.some((line) => digest.includes(line)),
          `${said.join('\n')}\n--\n${digest}`,
        ).toBe(true)
        return
      }
      const ours = openOurs(dir, settings, messages)
      expect(await ours.digest()).toBe(digest)
      await ours.client.send(['SET', 'later', '1'])
      const after = await ours.digest()
      await ours.close()
      // What was cut is gone, and what comes later stands behind what is whole.
      const again = openOurs(dir)
      expect(await again.digest()).toBe(after)
      await again.close()
    })
  })

  test('a log from before there were manifests is taken in', async () => {
    const dir = folders.make()
    const SET = '*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n'
    writeFileSync(join(dir, 'appendonly.aof'), SET)
    const theirs = folders.copyOf(dir)
    const digest = await genuineDigest(theirs)
    const ours = openOurs(dir)
    expect(await ours.digest()).toBe(digest)
    await ours.close()
    expect(readFileSync(manifest(dir), 'latin1')).toBe(readFileSync(manifest(theirs), 'latin1'))
    expect(readFileSync(join(dir, 'appendonlydir/appendonly.aof'), 'latin1')).toBe(SET)
  })

  test('a log from before there were manifests may begin with a snapshot', async () => {
    const dir = folders.make()
    const genuine = await Genuine.start('--dir', dir, '--appendonly', 'yes')
    const client = await genuine.connect()
    await client.send(['SET', 'a', '1'])
    await client.send(['BGREWRITEAOF'])
    await client.send(['SAVE'])
    client.close()
    await genuine.stop()
    const snapshot = readFileSync(join(dir, 'dump.rdb'))
    const old = folders.make()
    mkdirSync(join(old, 'appendonlydir'))
    const tail = '*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n*3\r\n$3\r\nSET\r\n$1\r\nb\r\n$1\r\n1\r\n'
    writeFileSync(join(old, 'appendonly.aof'), Buffer.concat([snapshot, Buffer.from(tail)]))
    const digest = await genuineDigest(folders.copyOf(old))
    const ours = openOurs(old)
    expect(show(await ours.client.send(['MGET', 'a', 'b']))).toBe('["1", "1"]')
    expect(await ours.digest()).toBe(digest)
    await ours.close()
  })
})
