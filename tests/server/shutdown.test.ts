/** SHUTDOWN of a master: it waits for replicas, lets nobody write meanwhile, and may be given up; the same on genuine Redis. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { RespClient } from '../clients/resp.ts'
import { genuineVersion } from '../contract/harness/genuine.ts'
import { type Seen, show } from '../contract/harness/seen.ts'
import { fieldOf, type Peer, until } from '../replication/peers.ts'
import { type Ends, PlayedReplica, startMaster } from '../replication/playedreplica.ts'

const FAILED = '-ERR Errors trying to SHUTDOWN. Check logs.'

const ends: Ends = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

describe.each(genuineVersion === undefined ? ['ours'] : ['ours', 'genuine'])('SHUTDOWN of %s', (kind) => {
  let master: Peer
  let replica: PlayedReplica

  beforeEach(async () => {
    master = await startMaster(kind, ends)
    replica = await PlayedReplica.attach(master, ends)
  })

  /** Another client asks for something. What it is answered; `gone` if its connection ends instead. */
  async function ask(...argv: string[]): Promise<string> {
    const client = await RespClient.connect({ port: master.port, host: '127.0.0.1' })
    ends.push(() => client.close())
    return client.send(argv).then(
      (reply: Seen) => show(reply),
      () => 'gone',
    )
  }

  test('waits for a replica, and ends when that has all', async () => {
    const asked = [ask('SHUTDOWN', 'NOSAVE'), ask('SHUTDOWN')]
    await until(master, 'INFO clients', /blocked_clients:2/)
    expect(Number(await fieldOf(master, 'shutdown_in_milliseconds', 'server'))).toBeGreaterThan(5000)
    expect(await master.tell('GET a')).toBe('"1"')
    expect(await fieldOf(master, 'connected_clients', 'clients')).toBe('3') // replicas are none
    const written = ask('SET', 'b', '1')
    await until(master, 'INFO clients', /blocked_clients:3/)
    replica.say('REPLCONF', 'ACK', await fieldOf(master, 'master_repl_offset'))
    expect(await Promise.all([...asked, written])).toEqual(['gone', 'gone', 'gone'])
  })

  test('may be given up, and what waited is written', async () => {
    const asked = [ask('SHUTDOWN'), ask('SHUTDOWN', 'NOSAVE')]
    await until(master, 'INFO clients', /blocked_clients:2/)
    const written = ask('SET', 'b', '1')
    await until(master, 'INFO clients', /blocked_clients:3/)
    expect(await master.tell('SHUTDOWN ABORT')).toBe('+OK')
    expect(await Promise.all([...asked, written])).toEqual([FAILED, FAILED, '+OK'])
    expect(await master.tell('SHUTDOWN ABORT')).toBe('-ERR No shutdown in progress.')
    expect(await master.tell('INFO server')).not.toContain('shutdown_in_milliseconds')
  })

  test('waits no longer than it may', async () => {
    await master.tell('CONFIG SET shutdown-timeout 1')
    expect(await ask('SHUTDOWN', 'NOSAVE')).toBe('gone')
  })

  test.each([
    ['NOW', 'NOSAVE'],
    ['NOSAVE', 'NOW', 'FORCE'],
  ])('%s %s does not wait', async (...words) => {
    const startedAt = Date.now()
    expect(await ask('SHUTDOWN', ...words)).toBe('gone')
    expect(Date.now() - startedAt).toBeLessThan(5000)
  })

  test('goes on where the snapshot cannot be written, unless by force', async () => {
    const [, dir] = (await master.client.send(['CONFIG', 'GET', 'dir'])) as string[]
    await master.tell('CONFIG SET shutdown-timeout 0')
    mkdirSync(join(dir, 'dump.rdb'))
    expect(await ask('SHUTDOWN', 'SAVE')).toBe(FAILED)
    expect(await master.tell('SET b 1')).toBe('+OK')
    expect(await ask('SHUTDOWN', 'SAVE', 'FORCE')).toBe('gone')
  })
})
