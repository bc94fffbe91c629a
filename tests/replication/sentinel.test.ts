/**
 * A pair of stores under three genuine Sentinels, and ioredis that asks those where the master is: the master is killed, the
 * replica is promoted, the client goes on, and what WAIT had confirmed is there.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freePort } from '../clients/ports.ts'
import { cli } from '../clients/program.ts'
import { RespClient } from '../clients/resp.ts'
import { show } from '../contract/harness/seen.ts'
import { linked, type OwnPeer, startOurs, until } from './peers.ts'

const isInstalled = spawnSync('redis-sentinel', ['--version']).status === 0

describe.skipIf(!isInstalled)('under three genuine Sentinels', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sentinel-'))
  const children: ChildProcess[] = []
  let sentinels: readonly number[]
  let masterPort: number
  let replica: OwnPeer
  let redis: Redis

  /** Its end is that of this process at the latest. */
  function start(program: string, ...argv: string[]): ChildProcess {
    const child = spawn(program, argv, { stdio: 'ignore', cwd: folder })
    children.push(child)
    return child
  }

  async function answers(port: number): Promise<RespClient> {
    for (;;) {
      try {
        return await RespClient.connect({ port, host: '127.0.0.1' })
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    }
  }

  beforeAll(async () => {
    masterPort = await freePort()
    const flags = ['--port', `${masterPort}`, '--http-port', '0', '--repl-diskless-sync-delay', '0']
    start(process.execPath, cli(), ...flags)
    ;(await answers(masterPort)).socket.destroy()
    replica = await startOurs({ dir: folder, replicaof: `127.0.0.1 ${masterPort}` })
    await linked(replica)
    sentinels = await Promise.all([1, 2, 3].map(() => freePort()))
    for (const port of sentinels) {
      const file = join(folder, `sentinel-${port}.conf`)
      writeFileSync(
        file,
        [
          `port ${port}`,
          'bind 127.0.0.1',
          `dir ${folder}`,
          `sentinel monitor pair 127.0.0.1 ${masterPort} 2`,
          'sentinel down-after-milliseconds pair 1000',
          'sentinel failover-timeout pair 10000',
          'sentinel parallel-syncs pair 1',
        ].join('\n'),
      )
      start('redis-sentinel', file)
    }
    for (const port of sentinels) {
      const client = await answers(port)
      const known = async (): Promise<string> => show(await client.send(['SENTINEL', 'MASTER', 'pair']))
      while (!/"num-slaves", "1", "num-other-sentinels", "2"/.test(await known())) {
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
      client.socket.destroy()
    }
    redis = new Redis({
      sentinels: sentinels.map((port) => ({ host: '127.0.0.1', port })),
      name: 'pair',
      retryStrategy: () => 50,
      sentinelRetryStrategy: () => 50,
      maxRetriesPerRequest: null,
    })
    redis.on('error', () => {})
  }, 60_000)

  afterAll(async () => {
    redis?.disconnect()
    for (const child of children) child.kill('SIGKILL')
    await replica?.stop()
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 })
  })

  test('a killed master is replaced in their time, and nothing that WAIT confirmed is lost', async () => {
    const confirmed: number[] = []
    let written = 0
    const writeOne = async (): Promise<boolean> => {
      const number = written++
      const [, [, copies]] = (await redis.pipeline().set(`key:${number}`, number).call('WAIT', '1', '500').exec()) as [
        unknown,
        [unknown, number],
      ]
      const isConfirmed = copies === 1
      if (isConfirmed) confirmed.push(number)
      return isConfirmed
    }
    while (confirmed.length < 200) await writeOne()
    children[0].kill('SIGKILL')
    const killedAt = Date.now()
    await redis.set('after', 'the failover')
    const seconds = (Date.now() - killedAt) / 1000
    expect(seconds).toBeLessThan(20)
    // As in Redis, Sentinel ends the links of all clients, so each question has one of its own.
    const tell = async (line: string): Promise<string> => {
      const client = await answers(replica.port)
      const reply = show(await client.send(line.split(' ')))
      client.socket.destroy()
      return reply
    }
    const promoted = { ...replica, tell }
    expect(await promoted.tell('ROLE')).toContain('"master"')
    expect(await promoted.tell('GET after')).toBe('"the failover"')
    const values = await redis.mget(confirmed.map((number) => `key:${number}`))
    expect(values).toEqual(confirmed.map(String))
    // Who was the master comes again, and is a replica now.
    const flags = ['--port', `${masterPort}`, '--http-port', '0']
    start(process.execPath, cli(), ...flags)
    await until(promoted, 'INFO replication', new RegExp(`port=${masterPort},state=online`), 60)
    await redis.set('both', '1')
    expect(await redis.call('WAIT', '1', '5000')).toBe(1)
    console.log(`failed over in ${seconds} s; ${confirmed.length} writes confirmed`)
  }, 120_000)
})
