/**
 * Long replies to readers of every kind, at a server of its own process: what goes wrong in a write ends that process, not an
 * exception that a test could see.
 */
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Bytes } from '../../lib/base/bytes.ts'
import { freePort } from '../clients/ports.ts'
import { Program } from '../clients/process.ts'
import { cli } from '../clients/program.ts'
import { openRaw } from '../clients/raw.ts'
import { encodeCommand, RespClient } from '../clients/resp.ts'
import { Random } from '../differential/random.ts'

const KB = 1024
const MB = 1024 * KB
const HOST = '127.0.0.1'

describe('long replies', () => {
  let program: Program
  let port: number

  beforeAll(async () => {
    port = await freePort()
    const flags = ['--port', `${port}`, '--http-port', '0', '--save', '', '--bind', HOST]
    program = new Program([cli(), ...flags])
    await program.until(() => program.output.includes('Ready to accept connections tcp'))
    const client = await RespClient.connect({ port, host: HOST })
    for (const [key, size] of Object.entries({ '64k': 64 * KB, '1m': MB })) {
      await client.send(['SET', key, value(size)])
    }
    client.close()
  })
  afterAll(() => program.stop())

  /** Each reply as it comes over the wire. */
  const value = (size: number): Bytes => 'x'.repeat(size)
  const reply = (size: number): Bytes => `$${size}\r\n${value(size)}\r\n`
  const gets = (key: string, count: number): Bytes => encodeCommand(['GET', key]).repeat(count)

  /** Reads to the end of what is expected, and compares all of it. */
  const readReplies = (socket: Socket, one: Bytes, count: number): Promise<void> =>
    new Promise((resolve, reject) => {
      const expected = Buffer.from(one, 'latin1')
      let [at, left] = [0, count]
      socket.on('close', () => reject(new Error(`closed with ${left} replies to come\n${program.output}`)))
      socket.on('data', (chunk: Buffer) => {
        for (let from = 0; from < chunk.length; ) {
          const length = Math.min(chunk.length - from, expected.length - at)
          if (expected.compare(chunk, from, from + length, at, at + length) !== 0) reject(new Error('other bytes'))
          from += length
          at += length
          if (at < expected.length) continue
          at = 0
          if (--left === 0) resolve()
        }
      })
    })

  /** Counts only: a reader that is quick enough to make room while a reply is being written. */
  const readBytes = (socket: Socket, bytes: number): Promise<void> =>
    new Promise((resolve, reject) => {
      let left = bytes
      socket.on('close', () => reject(new Error(`closed with ${left} bytes to come\n${program.output}`)))
      socket.on('data', (chunk: Buffer) => {
        left -= chunk.length
        if (left === 0) resolve()
      })
    })

  const alive = async (): Promise<void> => {
    const client = await RespClient.connect({ port, host: HOST })
    expect(await client.send(['PING', 'still here'])).toBe('still here')
    client.close()
  }

  test.each([
    ['1m', MB, 600],
    ['64k', 64 * KB, 2000],
  ])('a pipeline of %s each, to a reader that keeps up', async (key, size, count) => {
    const socket = await openRaw({ port, host: HOST })
    socket.write(gets(key, count))
    await readBytes(socket, reply(size).length * count)
    socket.destroy()
    await alive()
  })

  test('ten at once through ioredis', async () => {
    const redis = new Redis(port, HOST)
    for (let round = 0; round < 10; round++) {
      const values = await Promise.all(Array.from({ length: 10 }, () => redis.get('1m')))
      for (const each of values) expect(each?.length).toBe(MB)
    }
    redis.disconnect()
    await alive()
  })

  test('readers that stop and go on get every byte', async () => {
    const random = new Random(20261130)
    const sockets = await Promise.all(Array.from({ length: 8 }, () => openRaw({ port, host: HOST })))
    await Promise.all(
      sockets.map(async (socket, i) => {
        const [key, size, count] = i % 2 === 0 ? (['1m', MB, 12] as const) : (['64k', 64 * KB, 200] as const)
        socket.on('data', () => {
          if (random.integer(0, 3) !== 0) return
          socket.pause()
          setImmediate(() => socket.resume())
        })
        const read = readReplies(socket, reply(size), count)
        socket.write(gets(key, count))
        await read
        socket.destroy()
      }),
    )
    await alive()
  })

  test('readers that go in the midst of a reply, by themselves or cut by CLIENT KILL', async () => {
    const random = new Random(20261201)
    const killer = await RespClient.connect({ port, host: HOST })
    for (let round = 0; round < 20; round++) {
      const sockets = await Promise.all(Array.from({ length: 6 }, () => openRaw({ port, host: HOST })))
      const gone = sockets.map((socket, i) => {
        let left = random.integer(1, 3 * MB)
        socket.on('data', (chunk: Buffer) => {
          left -= chunk.length
          if (left > 0) return
          if (i % 3 === 0) socket.destroy()
          else if (i % 3 === 1) socket.resetAndDestroy()
          else void killer.send(['CLIENT', 'KILL', 'ADDR', `${HOST}:${socket.localPort}`])
          left = Number.POSITIVE_INFINITY
        })
        socket.write(gets(i % 2 === 0 ? '1m' : '64k', 100))
        return once(socket, 'close')
      })
      await Promise.all(gone)
    }
    killer.close()
    await alive()
  })

  test('a peer that has ended its side gets all replies to what it sent', async () => {
    const socket = await openRaw({ port, host: HOST })
    socket.end(gets('64k', 300))
    await readReplies(socket, reply(64 * KB), 300)
    await alive()
  })
})
