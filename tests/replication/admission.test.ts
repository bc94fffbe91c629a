/** A replica whose user at the master may not do all that it needs (`masteruser`), both ways with a genuine redis-server. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { genuineVersion } from '../contract/harness/genuine.ts'
import { fieldOf, linked, type Peer, startGenuine, startOurs, until } from './peers.ts'

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

async function start(kind: string): Promise<Peer> {
  const dir = mkdtempSync(join(tmpdir(), 'admission-'))
  ends.push(() => rmSync(dir, { recursive: true, force: true }))
  const peer = kind === 'ours' ? await startOurs({ dir, 'repl-diskless-sync-delay': 0 }) : await startGenuine()
  ends.push(() => peer.stop())
  return peer
}

describe.skipIf(genuineVersion === undefined)('a user who', () => {
  describe.each([
    ['ours', 'genuine'],
    ['genuine', 'ours'],
    ['ours', 'ours'],
  ])('follows %s from %s', (masterKind, replicaKind) => {
    test.each([
      ['may do nothing', 'on >p'],
      ['may not ask for the data', 'on >p +ping +replconf'],
      ['is not on', 'off >p +psync +replconf +ping'],
      ['has another password', 'on >q +psync +replconf +ping'],
    ])('%s gets nothing until he may', async (_, rules) => {
      const [master, replica] = [await start(masterKind), await start(replicaKind)]
      await master.tell('SET a 1')
      await replica.tell('SET mine 1')
      await master.tell(`ACL SETUSER half ${rules}`)
      await replica.tell('CONFIG SET masteruser half masterauth p')
      await replica.tell(`REPLICAOF 127.0.0.1 ${master.port}`)
      const denied = await fieldOf(master, 'total_connections_received', 'stats')
      await until(master, 'INFO stats', new RegExp(`total_connections_received:(?!${denied}\\n)`))
      expect(await fieldOf(replica, 'master_link_status')).toBe('down')
      expect(await replica.tell('GET mine')).toBe('"1"')
      await master.tell('ACL SETUSER half on >p +psync +replconf +ping')
      await linked(replica)
      expect(await replica.tell('KEYS *')).toBe('["a"]')
      // Who is gone is cut, as any other client of that user.
      await master.tell('ACL DELUSER half')
      await until(replica, 'INFO replication', /master_link_status:down/)
    })
  })
})
