/** The wire over HTTP, against a server that answers as it is told; and the reading of events, cut anywhere. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { messagesIn, readEvents } from '../../lib/bottleneck/events.ts'
import { RestWire } from '../../lib/bottleneck/rest.ts'
import type { WireError } from '../../lib/bottleneck/wire.ts'

function streamOf(...chunks: Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk)
      controller.close()
    },
  })
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const item of items) list.push(item)
  return list
}

describe('events', () => {
  const text =
    ': ping\n\ndata: subscribe,b_é,1\n\ndata:two\ndata: lines\r\n\r\nevent: x\ndata: message,b_é,a:1\n\ndata: cut'
  const bytes = new TextEncoder().encode(text)

  it('are read wherever the stream is cut', async () => {
    for (let cut = 0; cut <= bytes.length; cut++) {
      const events = await all(readEvents(streamOf(bytes.subarray(0, cut), bytes.subarray(cut))))
      expect(events).toEqual(['subscribe,b_é,1', 'two\nlines', 'message,b_é,a:1'])
    }
  })

  it('hold messages whose channel and text have commas', async () => {
    const channels = new Set(['b_a', 'b_a,b', 'b_a,b_c'])
    const said = ['message,b_a,message:x,y', 'message,b_a,b,capacity:1', 'message,b_a,b_c,message:,', 'message,no,a:1']
    const body = streamOf(new TextEncoder().encode(['subscribe,b_a,1', ...said].map((e) => `data: ${e}\n\n`).join('')))
    expect(await all(messagesIn(readEvents(body), channels))).toEqual([
      { channel: 'b_a', message: 'message:x,y' },
      { channel: 'b_a,b', message: 'capacity:1' },
      { channel: 'b_a,b_c', message: 'message:,' },
    ])
  })

  it('end if the heartbeats that a server sends are missing, and not if it sends none', async () => {
    vi.useFakeTimers()
    const ends = async (first: string): Promise<boolean> => {
      let ended = false
      const stream = new ReadableStream<Uint8Array>({ start: (c) => c.enqueue(new TextEncoder().encode(first)) })
      void all(readEvents(stream)).then(() => {
        ended = true
      })
      await vi.advanceTimersByTimeAsync(60_000)
      return ended
    }
    expect([await ends(': ping\n\n'), await ends('data: subscribe,a,1\n\n')]).toEqual([true, false])
    vi.useRealTimers()
  })
})

describe('the wire', () => {
  let server: Server
  let url: string
  let wire: RestWire
  let requests: { line: string; headers: IncomingMessage['headers']; body: string }[]
  let answer: (response: ServerResponse) => void
  const never = new AbortController().signal

  beforeEach(async () => {
    requests = []
    server = createServer(async (request, response) => {
      let body = ''
      for await (const chunk of request) body += chunk
      requests.push({ line: `${request.method} ${request.url}`, headers: request.headers, body })
      answer(response)
    })
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
    url = `http://127.0.0.1:${(server.address() as { port: number }).port}/api/redis/`
    wire = new RestWire({ url, token: 'secret' })
  })
  afterEach(async () => {
    server.closeAllConnections()
    await new Promise((closed) => server.close(closed))
  })

  const failure = async (promise: Promise<unknown>): Promise<string> => {
    const { name, message, isRefusal } = await promise.then(
      () => new Error('it succeeded') as WireError,
      (error: WireError) => error,
    )
    return `${name} ${isRefusal} ${message.replace(/http:\S+/, 'URL')}`
  }

  it('sends commands as a pipeline, with every argument as text', async () => {
    answer = (response) => response.end('[{"result":[1,null]},{"error":"ERR x"}]')
    expect(await wire.send([['A', 1, 'é', true, null], ['B']], never)).toEqual([
      { result: [1, null] },
      { error: 'ERR x' },
    ])
    const { line, headers, body } = requests[0]
    expect([line, body]).toEqual(['POST /api/redis/pipeline', '[["A","1","é","true","null"],["B"]]'])
    expect([headers.authorization, headers['content-type']]).toEqual(['Bearer secret', 'application/json'])
  })

  it.each([
    ['refuses', 401, 'no token', 'WireError true URL answers 401 no token'],
    ['is not Redis', 200, '{"hello":"world"}', 'WireError true URL does not answer as Redis over REST does'],
    ['is starting', 503, '', 'WireError false URL answers 503 '],
    ['is busy', 429, 'later', 'WireError false URL answers 429 later'],
  ])('tells a server that %s from one that will answer later', async (_, status, body, expected) => {
    answer = (response) => response.writeHead(status).end(body)
    expect(await failure(wire.send([['A']], never))).toBe(expected)
    expect(await failure(wire.subscribe(['a'], never))).toMatch(status === 200 ? /^WireError/ : expected)
  })

  it('tells of an answer that breaks off, that does not come, and of nobody', async () => {
    answer = (response) => response.writeHead(200).write('[{"result"', () => response.destroy())
    expect(await failure(wire.send([['A']], never))).toMatch(/^WireError false URL is not reached: /)
    answer = () => {}
    const hasty = new RestWire({ url, token: '', timeoutMs: 50 })
    expect(await failure(hasty.send([['A']], never))).toBe('WireError false URL does not answer in time')
    expect(await failure(hasty.subscribe(['a'], never))).toBe('WireError false URL does not answer in time')
    const nobody = new RestWire({ url: 'http://127.0.0.1:1', token: '' })
    expect(await failure(nobody.send([['A']], never))).toMatch(/^WireError false URL is not reached: .+/)
  })

  it('subscribes, and waits for all channels to be confirmed', async () => {
    let stream: ServerResponse | undefined
    answer = (response) => {
      stream = response.writeHead(200, { 'content-type': 'text/event-stream' })
      stream.write('data: subscribe,b_a/b,1\n\n')
    }
    let confirmed = false
    const ended = new AbortController()
    const subscribing = wire.subscribe(['b_a/b', 'b_é,'], ended.signal).then((messages) => {
      confirmed = true
      return messages
    })
    await vi.waitFor(() => expect(stream).toBeDefined())
    expect(requests[0].line).toBe('POST /api/redis/subscribe/b_a%2Fb/b_%C3%A9%2C')
    expect(confirmed).toBe(false)
    stream!.write('data: subscribe,b_é,,2\n\ndata: message,b_é,,capacity:\n\n')
    const messages = (await subscribing)[Symbol.asyncIterator]()
    expect((await messages.next()).value).toEqual({ channel: 'b_é,', message: 'capacity:' })
    const gone = new Promise((resolve) => stream!.once('close', resolve))
    ended.abort()
    await gone
  })
})
