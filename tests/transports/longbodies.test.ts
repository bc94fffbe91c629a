/** Long bodies: read in slices while others are served, with the answers of short ones, and nothing half run. */
import { setImmediate as turn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { JsonReader } from '../../lib/protocol/jsonreader.ts'
import { httpRest, type RestServer, TOKEN, webRest } from '../clients/rest.ts'
import { TICK_MS, threadTimeMs } from '../clients/threadtime.ts'
import { TextSocket } from '../clients/websocket.ts'
import { lengthOf } from '../length.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** As much as is allowed, or enough for many slices. */
const BODY_BYTES = lengthOf(3, 10) * 2 ** 20

function filled(unit: string, bytes = BODY_BYTES): string {
  return `[${new Array(Math.floor((bytes - 2) / (unit.length + 1))).fill(unit).join(',')}]`
}

describe(`a body of ${BODY_BYTES / 2 ** 20} MB`, () => {
  it.each<[string, 1 | 2, string]>([
    ['brackets', 1, '['.repeat(BODY_BYTES)],
    ['brackets in a pipeline', 2, '['.repeat(BODY_BYTES)],
    ['empty commands', 2, filled('[]')],
    ['empty commands, for one command', 1, filled('[]')],
    ['short commands', 2, filled('[1]')],
    ['digits', 1, filled('1')],
    ['three digits each', 1, filled('100')],
    ['three digits each, in one command of a pipeline', 2, `[${filled('100', BODY_BYTES - 2)}]`],
    ['empty strings', 1, filled('""')],
    ['escapes', 1, `["${'\\n'.repeat(BODY_BYTES / 2 - 3)}"]`],
    ['escapes of characters', 1, `["${'\\u00e9'.repeat(BODY_BYTES / 6 - 3)}"]`],
    ['one number', 1, `[${'1'.repeat(BODY_BYTES - 2)}]`],
    ['white space', 1, `${' '.repeat(BODY_BYTES - 8)}["PING"]`],
  ])('of %s is read in slices, and takes less than ten times its size', (_, depth, text) => {
    const body = Buffer.from(text, 'latin1')
    const { slices, isRight, longestMs, mostBytes } = readWhole(body, depth)
    expect(slices).toBeGreaterThan(isRight ? 3 : 0)
    expect(longestMs).toBeLessThan(100 + 2 * TICK_MS) // each of the two readings may be one late
    expect(mostBytes + body.length).toBeLessThan(10 * BODY_BYTES)
  })
})

interface Reading {
  readonly isRight: boolean
  readonly slices: number
  /** Processor time of the longest slice. */
  readonly longestMs: number
  /** What was held at the most besides the body. */
  readonly mostBytes: number
}

function readWhole(body: Buffer, depth: 1 | 2): Reading {
  collectGarbage()
  const before = process.memoryUsage().heapUsed
  let longestMs = 0
  let slices = 0
  const slice = (run: () => boolean): boolean => {
    const started = threadTimeMs()
    const isDone = run()
    longestMs = Math.max(longestMs, threadTimeMs() - started)
    slices++
    return isDone
  }
  const reader = new JsonReader(body, depth)
  while (!slice(() => reader.check())) {}
  let commands = 0
  let mostBytes = 0
  // Short commands are timed together: to ask for the time takes longer than to make one.
  const some = (): boolean => {
    for (let i = 0; i < 500 && commands < reader.length; i++) {
      if (!reader.advance()) return false
      commands++
    }
    return true
  }
  while (reader.isRight && commands < reader.length) {
    slice(some)
    if (slices % 500 === 0 || commands === reader.length) {
      collectGarbage()
      mostBytes = Math.max(mostBytes, process.memoryUsage().heapUsed - before)
    }
  }
  return { isRight: reader.isRight, slices, longestMs, mostBytes }
}

describe.each([
  ['node:http', httpRest],
  ['Request and Response', webRest],
])('over %s', (_, start) => {
  let rest: RestServer
  beforeEach(async () => {
    rest = await start()
  })
  afterEach(() => rest.close())

  const long = 'x'.repeat(100_000)
  const post = async (path: string, body: string) => {
    const { status, json } = await rest.call('POST', path, { body })
    return [status, json]
  }

  it('a long command runs as a short one does', async () => {
    expect(await post('/', `["SET", "k\\u00e9\\n", "${long}"]`)).toEqual([200, { result: 'OK' }])
    expect(await post('/', `["STRLEN","k\\u00e9\\n"${' '.repeat(20_000)}]`)).toEqual([200, { result: 100_000 }])
    expect(await post('/', filled('12345678901234567890', 200_000).replace('[', '["DEL",'))).toEqual([
      200,
      { result: 0 },
    ])
    const body = new Array(70_000).fill(0).map((_, i) => `"${i}"`)
    expect(await post('/', `["SADD","set",${body.join(',')}]`)).toEqual([200, { result: 70_000 }])
  })

  it('what is wrong with it is said as of a short one', async () => {
    const failed = [400, { error: 'ERR failed to parse command' }]
    expect(await post('/', `["SET","k","${long}"`)).toEqual(failed)
    expect(await post('/', `["SET","k",["${long}"]]`)).toEqual(failed)
    expect(await post('/', `["SET","k","${long}"],`)).toEqual(failed)
    expect(await post('/', '['.repeat(100_000))).toEqual(failed)
    expect(await post('/', `[${' '.repeat(100_000)}]`)).toEqual([400, { error: 'ERR empty command' }])
    const badPipeline = [400, { error: 'ERR failed to parse pipeline request' }]
    expect(await post('/pipeline', `[["SET","k","${long}"],1]`)).toEqual(badPipeline)
    expect(await post('/multi-exec', `[["SET","k","${long}"]`)).toEqual(badPipeline)
    expect(await post('/pipeline', `[${' '.repeat(100_000)}]`)).toEqual([400, { error: 'ERR empty pipeline request' }])
    expect(await post('/', '["DBSIZE"]')).toEqual([200, { result: 0 }])
    rest.server.engine.config['rest-max-pipeline-length'] = 10_000
    const many = filled('["PING"]', 100_000)
    expect((await post('/pipeline', many))[0]).toBe(400)
  })

  it('a long pipeline and a long transaction answer for each command', async () => {
    const body = new Array(20_000).fill(0).map((_, i) => (i % 1000 === 7 ? '[]' : '["INCR","n"]'))
    const [status, answers] = await post('/pipeline', `[${body.join(',')}]`)
    expect(status).toBe(200)
    expect((answers as object[]).slice(5, 9)).toEqual([
      { result: 6 },
      { result: 7 },
      { error: 'ERR empty pipeline command' },
      { result: 8 },
    ])
    expect(await post('/', '["GET","n"]')).toEqual([200, { result: '19980' }])
    const transaction = `[${body.map((each) => (each === '[]' ? '["PING"]' : each)).join(',')},["COPY","n","n"]]`
    const [, executed] = await post('/multi-exec', transaction)
    expect((executed as object[]).slice(-2)).toEqual([{ result: 39_960 }, { result: 0 }])
    const spoilt = `[${body.map((each) => (each === '[]' ? '["NOSUCH"]' : each)).join(',')}]`
    expect((await post('/multi-exec', spoilt))[0]).toBe(400)
    expect(await post('/', '["GET","n"]')).toEqual([200, { result: '39960' }])
  })

  it('others are served while it is read and run, and whoever is thrown out meanwhile runs no more of it', async () => {
    const { engine } = rest.server
    const control = rest.server.inProcess()
    const commands = filled('["INCR","n"]', 4_000_000)
    const answer = rest.call('POST', '/pipeline', { body: commands })
    while (!control.execute('EXISTS', 'n')) await turn()
    const count = Number(control.execute('GET', 'n'))
    expect(count).toBeLessThan(100_000)
    engine.config['rest-token'] = 'another'
    for (const session of engine.ports.connections.clients) if (session.door === 'rest') session.link.close()
    await answer.catch(() => {})
    const stopped = Number(control.execute('GET', 'n'))
    expect(stopped).toBeLessThan(300_000)
    for (let i = 0; i < 100; i++) await turn()
    expect(Number(control.execute('GET', 'n'))).toBe(stopped)
  })
})

describe('a long message of a WebSocket in JSON mode', () => {
  it('is read in slices, in the order of the messages', async () => {
    const rest = await httpRest()
    const client = new TextSocket(`ws${rest.url.slice(4)}/ws?format=json&token=${TOKEN}`)
    await client.opened
    const value = 'x'.repeat(1_000_000)
    for (const message of [`["SET","k","${value}"]`, '["STRLEN","k"]', `["SET","k",["${value}"]]`, '["PING"]']) {
      client.socket.send(message)
    }
    expect([await client.next(), await client.next(), await client.next(), await client.next()]).toEqual([
      { result: 'OK' },
      { result: 1_000_000 },
      { error: 'ERR failed to parse command' },
      { result: 'PONG' },
    ])
    client.socket.close()
    await rest.close()
  })
})
