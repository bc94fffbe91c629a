/** FAILOVER where things go wrong: a replica that never gets there, is gone, or will not lead; the same on genuine Redis. */
import { createServer as createTcpServer } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { freePort } from '../clients/ports.ts'
import { RespClient } from '../clients/resp.ts'
import { genuineVersion } from '../contract/harness/genuine.ts'
import { show } from '../contract/harness/seen.ts'
import { fieldOf, type Peer, until } from './peers.ts'
import { type Ends, PlayedReplica, startMaster } from './playedreplica.ts'

const ends: Ends = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

describe.each(genuineVersion === undefined ? ['ours'] : ['ours', 'genuine'])('FAILOVER of %s', (kind) => {
  let master: Peer
  let replica: PlayedReplica
  /** Where the replica says that it listens. */
  let port: number
  let target: string

  beforeEach(async () => {
    master = await startMaster(kind, ends)
    port = await freePort()
    target = `FAILOVER TO 127.0.0.1 ${port}`
    replica = await PlayedReplica.attach(master, ends, 'listening-port', `${port}`)
  })

  const state = (): Promise<string> => fieldOf(master, 'master_failover_state')

  test('to one that never gets there ends with its time, and then is written', async () => {
    expect(await master.tell(`${target} TIMEOUT 300`)).toBe('+OK')
    expect(await state()).toBe('waiting-for-sync')
    const client = await RespClient.connect({ port: master.port, host: '127.0.0.1' })
    ends.push(() => client.close())
    const written = client.send(['SET', 'late', '1']).then(show)
    await until(master, 'INFO replication', /master_failover_state:no-failover/)
    expect(await written).toBe('+OK')
    expect(await fieldOf(master, 'role')).toBe('master')
  })

  test('to one that is gone waits until it is given up', async () => {
    expect(await master.tell(target)).toBe('+OK')
    replica.leave()
    await until(master, 'INFO replication', /connected_slaves:0/)
    expect(await state()).toBe('waiting-for-sync')
    expect(await master.tell('FAILOVER')).toBe('-ERR FAILOVER already in progress.')
    expect(await master.tell('REPLICAOF NO ONE')).toBe('-ERR REPLICAOF not allowed while failing over.')
    expect(await master.tell('FAILOVER ABORT')).toBe('+OK')
    expect(await master.tell('FAILOVER ABORT')).toBe('-ERR No failover in progress.')
    expect(await master.tell('SET b 1')).toBe('+OK')
  })

  test('by force to one that does not answer is tried until it is given up', async () => {
    const id = await fieldOf(master, 'master_replid')
    expect(await master.tell(`${target} FORCE TIMEOUT 50`)).toBe('+OK')
    await until(master, 'INFO replication', /master_failover_state:failover-in-progress/)
    expect(await master.tell('ROLE')).toContain('"slave"')
    expect(await master.tell('REPLICAOF NO ONE')).toBe('-ERR REPLICAOF not allowed while failing over.')
    expect(await master.tell('FAILOVER ABORT')).toBe('+OK')
    expect(await master.tell('ROLE')).toContain('"master"')
    expect(await master.tell('SET b 1')).toBe('+OK')
    expect(await fieldOf(master, 'master_replid2')).toBe(id)
  })

  test('to one that will not lead leaves all as it was', async () => {
    const unwilling = createTcpServer((socket) => {
      socket.on('error', () => {})
      socket.on('data', (chunk) => {
        const text = chunk.toString('latin1')
        for (const _ of text.matchAll(/\$\d+\r\n(PING|REPLCONF)/gi)) socket.write('+OK\r\n')
        if (/PSYNC/i.test(text)) socket.write(/FAILOVER/i.test(text) ? '-ERR I will not\r\n' : '+OK\r\n')
      })
    })
    ends.push(() => unwilling.close())
    await new Promise<void>((resolve) => unwilling.listen(port, '127.0.0.1', resolve))
    replica.say('REPLCONF', 'ACK', await fieldOf(master, 'master_repl_offset'))
    expect(await master.tell(target)).toBe('+OK')
    await until(master, 'INFO replication', /role:master[\s\S]*master_failover_state:no-failover/)
    expect(await master.tell('SET b 1')).toBe('+OK')
  })

  test.each([
    ['FAILOVER TO 127.0.0.1 1', '-ERR FAILOVER target HOST and PORT is not a replica.'],
    ['FAILOVER FORCE', '-ERR FAILOVER with force option requires both a timeout and target HOST and IP.'],
    ['FAILOVER TIMEOUT 0', '-ERR FAILOVER timeout must be greater than 0'],
    ['FAILOVER TIMEOUT x', '-ERR value is not an integer or out of range'],
    ['FAILOVER TO', '-ERR syntax error'],
    ['FAILOVER ABORT TIMEOUT 5', '-ERR syntax error'],
    ['FAILOVER TIMEOUT 5 TIMEOUT 5', '-ERR syntax error'],
  ])('%s', async (line, wanted) => {
    expect(await master.tell(line)).toBe(wanted)
    expect(await state()).toBe('no-failover')
  })
})
