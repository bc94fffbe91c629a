/** Snapshots on disk: written so that genuine Redis loads them, loaded when asked for, whole or not at all. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ManualClock } from '../../lib/base/clock.ts'
import { UNSAVED } from '../../lib/base/errors.ts'
import { createServer, type Server, type ServerOptions } from '../../lib/server.ts'
import { Genuine, genuineVersion } from '../contract/harness/genuine.ts'
import { show } from '../contract/harness/seen.ts'
import { type Client, engineClient } from '../contract/harness/subjects.ts'

let dir: string
const servers: Server[] = []

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'zerodis-'))
})
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
  rmSync(dir, { recursive: true, force: true })
})

function open(options: ServerOptions = {}): { server: Server; tell: (line: string) => Promise<string> } {
  const server = createServer({ dir, 'enable-debug-command': 'yes', log() {}, ...options })
  servers.push(server)
  const client: Client = engineClient(server)
  return { server, tell: async (line) => show(await client.send(line.split(' '))) }
}

/** But for the file by which a process holds the folder. */
function filesIn(folder: string): string[] {
  return readdirSync(folder).filter((name) => name !== '.zerodis.lock')
}

async function fill(tell: (line: string) => Promise<string>): Promise<void> {
  for (const line of [
    'SET k v PXAT 4000000000000',
    'RPUSH l a b 1',
    'SADD s a b',
    'ZADD z 1 a 2.5 b',
    'HSET h f v',
    'XADD x 1-1 f v',
    'SELECT 3',
    'SET other 1',
    'SELECT 0',
  ])
    await tell(line)
}

describe('snapshots on disk', () => {
  test('SAVE writes the file, and a server that is to persist loads it', async () => {
    const first = open()
    await fill(first.tell)
    expect(await first.tell('SAVE')).toBe('+OK')
    expect(filesIn(dir)).toEqual(['dump.rdb'])
    expect(await first.tell('INFO persistence')).toMatch(/rdb_changes_since_last_save:0.*rdb_saves:1/s)
    const second = open({ save: '3600 1' })
    second.server.persist()
    expect(await second.tell('DEBUG DIGEST')).toBe(await first.tell('DEBUG DIGEST'))
    expect(await second.tell('DBSIZE')).toBe('6')
  })

  test('FLUSHALL saves the empty store where `save` asks for snapshots, and voids one that is being written', async () => {
    const first = open({ save: '3600 1' })
    first.server.persist()
    await fill(first.tell)
    expect(await first.tell('BGSAVE')).toBe('+Background saving started')
    expect(await first.tell('FLUSHALL')).toBe('+OK')
    expect(await first.tell('INFO persistence')).toMatch(
      /rdb_changes_since_last_save:0.*rdb_bgsave_in_progress:1.*rdb_saves:1/s,
    )
    await expect.poll(() => first.tell('INFO persistence')).toMatch(/rdb_bgsave_in_progress:0.*rdb_saves:1/s)
    expect(filesIn(dir)).toEqual(['dump.rdb'])
    const second = open({ save: '3600 1' })
    second.server.persist()
    expect(await second.tell('DBSIZE')).toBe('0')
    expect(await second.tell('INFO keyspace')).not.toContain('db3')
  })

  test('FLUSHALL writes nothing where nothing is to be saved', async () => {
    const { server, tell } = open()
    server.persist()
    await fill(tell)
    expect(await tell('FLUSHALL')).toBe('+OK')
    expect(filesIn(dir)).toEqual([])
  })

  test('libraries of functions are part of it', async () => {
    const code = "#!lua name=lib\nredis.register_function('f', function() return 'hello' end)"
    const first = open()
    await engineClient(first.server).send(['FUNCTION', 'LOAD', code])
    expect(await first.tell('SAVE')).toBe('+OK')
    const second = open({ save: '3600 1' })
    second.server.persist()
    expect(await second.tell('FCALL f 0')).toBe('"hello"')
    expect(await second.tell('FUNCTION LIST WITHCODE')).toBe(await first.tell('FUNCTION LIST WITHCODE'))
  })

  test('without save points nothing is loaded, and nothing is written at the end', async () => {
    const first = open()
    await fill(first.tell)
    await first.server.close()
    expect(filesIn(dir)).toEqual([])
    writeFileSync(join(dir, 'dump.rdb'), 'not a snapshot')
    const second = open()
    second.server.persist()
    expect(await second.tell('DBSIZE')).toBe('0')
  })

  test('a server with save points saves at the end', async () => {
    const first = open({ save: '3600 1' })
    first.server.persist()
    await first.tell('SET k v')
    await first.server.close()
    const second = open({ save: '3600 1' })
    second.server.persist()
    expect(await second.tell('GET k')).toBe('"v"')
  })

  test('a file that was not loaded is never overwritten', async () => {
    const path = join(dir, 'dump.rdb')
    writeFileSync(path, 'of somebody else')
    expect(() => open({ save: '3600 1' })).toThrow('not a snapshot')
    const clock = new ManualClock()
    const log: string[] = []
    const { server, tell } = open({ clock, log: (_, line) => log.push(line) })
    await tell('SET k v')
    expect(await tell('SAVE')).toMatch(/^-ERR the file of the snapshot is there, and this process has not loaded it/)
    expect(await tell('BGSAVE')).toMatch(/^-ERR the file of the snapshot is there/)
    await tell('CONFIG SET save 1')
    expect(await engineClient(server).send(['CONFIG', 'SET', 'save', '1 1'])).toMatchObject({ text: 'OK' })
    clock.advance(3000)
    server.cron()
    expect(log.at(-1)).toMatch(/^Failed opening or writing the RDB file .*: ERR the file of the snapshot is there/)
    await tell('FLUSHALL')
    await server.close()
    expect(log.at(-1)).toMatch(/dump\.rdb is not overwritten: this process has not loaded it$|^Failed/)
    expect(readFileSync(path, 'latin1')).toBe('of somebody else')
    rmSync(path)
    const other = open()
    await other.tell('SET k v')
    expect(await other.tell('SAVE')).toBe('+OK')
    expect(await other.tell('SAVE')).toBe('+OK')
  })

  test('BGSAVE within a transaction is scheduled, for the next round of the cron', async () => {
    const { server, tell } = open()
    await tell('MULTI')
    await tell('BGSAVE')
    await tell('BGSAVE SCHEDULE')
    expect(await tell('EXEC')).toBe('[+Background saving scheduled, +Background saving scheduled]')
    expect(await tell('INFO persistence')).toContain('rdb_bgsave_in_progress:0')
    server.cron()
    expect(await tell('INFO persistence')).toContain('rdb_bgsave_in_progress:1')
    await expect.poll(() => tell('INFO persistence')).toMatch(/rdb_bgsave_in_progress:0.*rdb_saves:1/s)
    server.cron()
    expect(await tell('INFO persistence')).toContain('rdb_bgsave_in_progress:0')
  })

  test('BGSAVE writes the state of the moment at which it began', async () => {
    const { tell } = open()
    await tell('SET k before')
    expect(await tell('BGSAVE')).toBe('+Background saving started')
    expect(await tell('BGSAVE')).toBe('-ERR Background save already in progress')
    expect(await tell('SAVE')).toBe('-ERR Background save already in progress')
    await tell('SET k after')
    while ((await tell('INFO persistence')).includes('rdb_bgsave_in_progress:1')) {
      await new Promise(setImmediate)
    }
    expect(await tell('INFO persistence')).toMatch(/rdb_changes_since_last_save:1.*rdb_last_bgsave_status:ok/s)
    expect(await tell('DEBUG RELOAD NOSAVE')).toBe('+OK')
    expect(await tell('GET k')).toBe('"before"')
  })

  test('a save point is reached by so many changes in so many seconds', async () => {
    const clock = new ManualClock()
    const { server, tell } = open({ clock, save: '10 2' })
    const saves = async () => /rdb_bgsave_in_progress:(\d)/.exec(await tell('INFO persistence'))?.[1]
    server.persist()
    await tell('SET a 1')
    clock.advance(11_000)
    server.cron()
    expect(await saves()).toBe('0')
    await tell('SET b 1')
    clock.advance(1000)
    server.cron()
    expect(await saves()).toBe('1')
  })

  test('a file that cannot be written is an error that leaves nothing behind', async () => {
    const { tell } = open({ dir: join(dir, 'missing') })
    expect(await tell('SAVE')).toBe('-ERR')
    // As in Redis, it is the background ones of which there is a status.
    expect(await tell('INFO persistence')).toContain('rdb_last_bgsave_status:ok')
    await tell('BGSAVE')
    while (!(await tell('INFO persistence')).includes('rdb_last_bgsave_status:err')) await new Promise(setImmediate)
    expect(filesIn(dir)).toEqual([])
  })

  test('a file that is cut off anywhere is refused, and nothing of it is applied', async () => {
    const first = open()
    await fill(first.tell)
    await first.tell('SAVE')
    const whole = readFileSync(join(dir, 'dump.rdb'))
    const { server, tell } = open()
    server.config.set([['save', '3600 1']], true)
    for (let length = 0; length < whole.length; length += 7) {
      writeFileSync(join(dir, 'dump.rdb'), whole.subarray(0, length))
      expect(() => server.persist()).toThrow()
    }
    expect(await tell('DBSIZE')).toBe('0')
    rmSync(join(dir, 'dump.rdb'))
  })

  test.skipIf(genuineVersion === undefined)(
    'genuine Redis loads our file, and we load that of genuine Redis',
    async () => {
      const first = open()
      await fill(first.tell)
      await first.tell('SAVE')
      const genuine = await Genuine.start('--dir', dir)
      const client = await genuine.connect()
      const tellGenuine = async (line: string) => show(await client.send(line.split(' ')))
      expect(await tellGenuine('DEBUG DIGEST')).toBe(await first.tell('DEBUG DIGEST'))
      await client.send(['SET', 'long', 'abc'.repeat(1000)])
      await tellGenuine('SAVE')
      const second = open({ save: '3600 1' })
      second.server.persist()
      expect(await second.tell('DEBUG DIGEST')).toBe(await tellGenuine('DEBUG DIGEST'))
      client.close()
      await genuine.stop()
    },
  )

  test.each(['zerodis', 'genuine'])('after a failed one in the background %s refuses writes', async (which) => {
    if (which === 'genuine' && genuineVersion === undefined) return
    const gone = join(dir, 'gone')
    mkdirSync(gone)
    const genuine = which === 'genuine' ? await Genuine.start('--dir', gone, '--save', '3600 1') : undefined
    const client = genuine === undefined ? undefined : await genuine.connect()
    const own = genuine === undefined ? open({ dir: gone, save: '3600 1' }) : undefined
    const send = async (...argv: string[]) =>
      client === undefined ? show(await engineClient(own!.server).send(argv)) : show(await client.send(argv))
    const tell = (line: string) => send(...line.split(' '))
    const status = async () => /rdb_last_bgsave_status:(\w+)/.exec(await tell('INFO persistence'))?.[1]
    rmSync(gone, { recursive: true })
    await tell('SET k v')
    expect(await tell('BGSAVE')).toBe('+Background saving started')
    while ((await status()) !== 'err') await new Promise(setImmediate)
    expect(await tell('SET k w')).toBe(`-${UNSAVED.text}`)
    expect(await tell('PING')).toBe(`-${UNSAVED.text}`)
    expect(await tell('GET k')).toBe('"v"')
    expect(await tell('PUBLISH c m')).toBe('0')
    expect(await send('EVAL', "return redis.pcall('SET', 'k', 'w')", '0')).toBe(`-${UNSAVED.text}`)
    expect(await send('EVAL', '#!lua\nreturn 1', '0')).toBe(`-${UNSAVED.text}`)
    expect(await send('EVAL', "#!lua flags=no-writes\nreturn redis.pcall('PING')", '0')).toBe('+PONG')
    expect(await tell('CONFIG SET save ')).toBe('+OK')
    expect(await tell('SET k w')).toBe('+OK')
    expect(await send('CONFIG', 'SET', 'save', '3600 1')).toBe('+OK')
    expect(await tell('PING')).toBe(`-${UNSAVED.text}`)
    expect(await tell('CONFIG SET stop-writes-on-bgsave-error no')).toBe('+OK')
    expect(await tell('SET k x')).toBe('+OK')
    expect(await tell('CONFIG SET stop-writes-on-bgsave-error yes')).toBe('+OK')
    mkdirSync(gone)
    if (client === undefined) {
      // A genuine server stands in the folder that is gone.
      expect(await tell('SAVE')).toBe('+OK')
      expect(await tell('SET k y')).toBe('+OK')
      expect(await tell('PING')).toBe('+PONG')
    }
    client?.close()
    await genuine?.stop()
  })
})
