/** What holds on node:http besides what REST answers: bodies cut anywhere, hang-ups, slow readers, whom a request is for. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createServer } from '../../lib/server.ts'
import { httpRest, type RestServer, TOKEN } from '../clients/rest.ts'

let rest: RestServer
beforeEach(async () => {
  rest = await httpRest()
})
afterEach(() => rest.close())

const AUTHORIZATION = `Authorization: Bearer ${TOKEN}\r\n`

const turn = () => new Promise((resolve) => setTimeout(resolve, 1))

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await turn()
}

/** A connection that sends what it is told, byte for byte. */
class Raw {
  readonly socket: Socket
  received = ''
  closed = false

  constructor(url: string) {
    this.socket = connect(Number(new URL(url).port), '127.0.0.1')
    this.socket.setEncoding('latin1').on('data', (text: string) => {
      this.received += text
    })
    this.socket
      .on('error', () => {})
      .on('close', () => {
        this.closed = true
      })
  }

  send(text: string): this {
    this.socket.write(text, 'latin1')
    return this
  }

  /** The answers received so far: status and body of each. */
  get answers(): string[] {
    return this.received
      .split(/(?=HTTP\/1\.1 )/)
      .filter((text) => text.includes('\r\n\r\n'))
      .map((text) => `${text.slice(9, 12)} ${text.slice(text.indexOf('\r\n\r\n') + 4)}`)
  }
}

const execute = (...argv: string[]) => rest.server.inProcess().execute(...argv)

function setRequest(key: string, value: string): string {
  const body = JSON.stringify(['SET', key, value])
  return `POST / HTTP/1.1\r\nHost: x\r\n${AUTHORIZATION}Content-Length: ${body.length}\r\n\r\n${body}`
}

describe('a request', () => {
  it('may arrive byte by byte', async () => {
    const raw = new Raw(rest.url)
    for (const byte of setRequest('k', 'v')) {
      raw.send(byte)
      await new Promise((resolve) => setImmediate(resolve))
    }
    await until(() => raw.answers.length === 1)
    expect(raw.answers).toEqual(['200 {"result":"OK"}'])
    raw.socket.destroy()
  })

  it('may come in chunks without a length', async () => {
    const raw = new Raw(rest.url)
    raw.send(`POST / HTTP/1.1\r\nHost: x\r\n${AUTHORIZATION}Transfer-Encoding: chunked\r\n\r\n`)
    raw.send('7\r\n["SET",\r\n').send('8\r\n"k","v"]\r\n').send('0\r\n\r\n')
    await until(() => raw.answers.length === 1)
    expect(raw.answers).toEqual(['200 {"result":"OK"}'])
    raw.socket.destroy()
  })

  it('may follow another before that is answered', async () => {
    const raw = new Raw(rest.url)
    raw.send(setRequest('a', '1') + setRequest('b', '2') + `GET /mget/a/b HTTP/1.1\r\nHost: x\r\n${AUTHORIZATION}\r\n`)
    await until(() => raw.answers.length === 3)
    expect(raw.answers).toEqual(['200 {"result":"OK"}', '200 {"result":"OK"}', '200 {"result":["1","2"]}'])
    raw.socket.destroy()
  })

  it('may name the host in its target', async () => {
    const raw = new Raw(rest.url)
    raw.send(`GET http://store.test/ping HTTP/1.1\r\nHost: store.test\r\n${AUTHORIZATION}\r\n`)
    await until(() => raw.answers.length === 1)
    expect(raw.answers).toEqual(['200 {"result":"PONG"}'])
    raw.socket.destroy()
  })

  it('is asked for its token each time, also on a connection that had the right one', async () => {
    const raw = new Raw(rest.url)
    raw.send(`GET /ping HTTP/1.1\r\nHost: x\r\n${AUTHORIZATION}\r\n`)
    raw.send('GET /ping HTTP/1.1\r\nHost: x\r\n\r\n')
    raw.send('GET /ping HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer wrong\r\n\r\n')
    await until(() => raw.answers.length === 3)
    expect(raw.answers.map((answer) => answer.slice(0, 3))).toEqual(['200', '401', '401'])
    execute('CONFIG', 'SET', 'rest-token', 'another')
    raw.send(`GET /ping HTTP/1.1\r\nHost: x\r\n${AUTHORIZATION}\r\n`)
    await until(() => raw.answers.length === 4)
    expect(raw.answers[3].slice(0, 3)).toBe('401')
    raw.socket.destroy()
  })
})

describe('a client that hangs up', () => {
  it('in the midst of its body has run nothing', async () => {
    const whole = setRequest('k', 'v')
    for (const cut of [whole.length - 1, whole.length - 10, whole.indexOf('\r\n\r\n') + 5]) {
      const raw = new Raw(rest.url).send(whole.slice(0, cut))
      await turn()
      raw.socket.destroy()
    }
    const pipeline = JSON.stringify([
      ['SET', 'k', 'v'],
      ['SET', 'l', 'v'],
    ])
    const head = `POST /pipeline HTTP/1.1\r\nHost: x\r\n${AUTHORIZATION}Content-Length: ${pipeline.length + 1}\r\n\r\n`
    const raw = new Raw(rest.url).send(head + pipeline)
    await turn()
    raw.socket.end()
    await until(() => raw.closed)
    expect((await rest.call('GET', '/dbsize')).json).toEqual({ result: 0 })
    expect(rest.server.clientCount).toBe(0)
  })

  it('while it waits ends its wait, and what stood behind it is not run', async () => {
    const body = JSON.stringify([
      ['BLPOP', 'list', '0'],
      ['SET', 'behind', '1'],
    ])
    const raw = new Raw(rest.url)
    raw.send(`POST /pipeline HTTP/1.1\r\nHost: x\r\n${AUTHORIZATION}Content-Length: ${body.length}\r\n\r\n${body}`)
    await until(() => rest.server.engine.blocking.size === 1)
    raw.socket.destroy()
    await until(() => rest.server.engine.blocking.size === 0)
    execute('RPUSH', 'list', 'x')
    expect(execute('LLEN', 'list')).toBe(1)
    expect(execute('EXISTS', 'behind')).toBe(0)
  })

  it('is cut off by CLIENT KILL', async () => {
    const raw = new Raw(rest.url).send(`GET /blpop/list/0 HTTP/1.1\r\nHost: x\r\n${AUTHORIZATION}\r\n`)
    await until(() => rest.server.engine.blocking.size === 1)
    const [line] = /id=(\d+)[^\n]*cmd=blpop/.exec(execute('CLIENT', 'LIST') as string)!
    expect(execute('CLIENT', 'KILL', 'ID', /id=(\d+)/.exec(line)![1])).toBe(1)
    await until(() => raw.closed)
    expect(rest.server.engine.blocking.size).toBe(0)
  })
})

describe('a body past the limit', () => {
  it('is discarded as it comes, and the connection stays', async () => {
    const raw = new Raw(rest.url)
    raw.send(`POST / HTTP/1.1\r\nHost: x\r\n${AUTHORIZATION}Transfer-Encoding: chunked\r\n\r\n`)
    const chunk = 'x'.repeat(2 ** 20)
    for (let i = 0; i < 12; i++) raw.send(`100000\r\n${chunk}\r\n`)
    raw.send('0\r\n\r\n').send(setRequest('k', 'v'))
    await until(() => raw.answers.length === 2)
    expect(raw.answers).toEqual(['413 {"error":"ERR max request size exceeded"}', '200 {"result":"OK"}'])
    raw.socket.destroy()
  })

  it('without end is cut off', async () => {
    execute('CONFIG', 'SET', 'rest-max-request-size', '64kb')
    const raw = new Raw(rest.url)
    raw.send(`POST / HTTP/1.1\r\nHost: x\r\n${AUTHORIZATION}Transfer-Encoding: chunked\r\n\r\n`)
    const chunk = `10000\r\n${'x'.repeat(2 ** 16)}\r\n`
    for (let i = 0; i < 100 && !raw.closed; i++) {
      raw.send(chunk)
      await turn()
    }
    await until(() => raw.closed)
    expect(raw.answers).toEqual(['413 {"error":"ERR max request size exceeded"}'])
  })

  it('is not taken in from a stranger', async () => {
    const raw = new Raw(rest.url)
    raw.send('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n').send('x'.repeat(100))
    await until(() => raw.answers.length === 1)
    expect(raw.answers[0]).toMatch(/^401 /)
    raw.socket.destroy()
  })
})

describe('a long answer', () => {
  it('waits for a client that reads slowly, and is not made in advance', async () => {
    execute('SET', 'big', 'x'.repeat(5_000_000))
    const body = JSON.stringify(new Array(100).fill(['GET', 'big']))
    const raw = new Raw(rest.url)
    raw.socket.pause()
    const before = rest.server.engine.stats.netOutputBytes
    raw.send(`POST /pipeline HTTP/1.1\r\nHost: x\r\n${AUTHORIZATION}Content-Length: ${body.length}\r\n\r\n${body}`)
    await until(() => rest.server.engine.stats.netOutputBytes > before)
    for (let i = 0; i < 100; i++) await turn()
    expect(rest.server.engine.stats.netOutputBytes - before).toBeLessThan(100_000_000)
    expect((await rest.call('GET', '/ping')).json).toEqual({ result: 'PONG' })
    raw.socket.destroy()
  })

  it('arrives whole', async () => {
    execute('SET', 'big', 'x'.repeat(3_000_000))
    const { json } = await rest.call('POST', '/pipeline', {
      body: [
        ['GET', 'big'],
        ['STRLEN', 'big'],
        ['GET', 'big'],
      ],
    })
    const items = json as { result: unknown }[]
    expect(items.map(({ result }) => String(result).length)).toEqual([3_000_000, 7, 3_000_000])
  })

  it('in one piece comes before the next, where the kernel takes them by and by', async () => {
    const value = 'x'.repeat(60_000)
    execute('SET', 'big', value)
    const raw = new Raw(rest.url)
    raw.socket.pause()
    raw.send(`GET /get/big HTTP/1.1\r\nHost: x\r\n${AUTHORIZATION}\r\n`.repeat(100))
    raw.send(`GET /ping HTTP/1.1\r\nHost: x\r\n${AUTHORIZATION}\r\n`)
    for (let i = 0; i < 100; i++) await turn()
    raw.socket.resume()
    await until(() => raw.received.endsWith('PONG"}'))
    const whole = new Array(100).fill(`200 {"result":"${value}"}`)
    expect(raw.answers).toEqual([...whole, '200 {"result":"PONG"}'])
    raw.socket.destroy()
  })
})

describe('beside another server', () => {
  it('REST takes what is meant for it and leaves the rest', async () => {
    const server = createServer({ port: 0, 'rest-token': TOKEN, log: () => {} })
    const { httpPort } = await server.listen({
      httpPort: 0,
      fallback: (_, response) => {
        response.end('the other')
      },
    })
    const ask = async (method: string, path: string, headers: Record<string, string> = {}, body?: string) => {
      const response = await fetch(`http://127.0.0.1:${httpPort}${path}`, { method, headers, body })
      const text = await response.text()
      return text === 'the other' ? text : response.status
    }
    const bearer = { authorization: `Bearer ${TOKEN}` }
    expect(await ask('GET', '/')).toBe('the other')
    expect(await ask('GET', '/some/page')).toBe('the other')
    expect(await ask('GET', '/', { authorization: 'Basic eDp5' })).toBe('the other')
    expect(await ask('GET', '/_next/static/x.js', bearer)).toBe('the other')
    expect(await ask('GET', '/api/redisx')).toBe('the other')
    expect(await ask('OPTIONS', '/')).toBe('the other')
    expect(await ask('POST', '/', bearer, '["PING"]')).toBe(200)
    expect(await ask('GET', '/ping', bearer)).toBe(200)
    expect(await ask('GET', `/ping?_token=${TOKEN}`)).toBe(200)
    expect(await ask('POST', '/api/redis', bearer, '["PING"]')).toBe(200)
    expect(await ask('POST', '/api/redis/pipeline', bearer, '[["PING"]]')).toBe(200)
    expect(await ask('GET', '/api/redis/ping', bearer)).toBe(200)
    expect(await ask('GET', '/api/redis/ping')).toBe(401)
    expect(await ask('GET', '/get/key')).toBe(401)
    expect(await ask('GET', '/get/key', { accept: 'text/html,*/*' })).toBe('the other')
    expect(await ask('POST', '/', {}, '["PING"]')).toBe(401)
    expect(await ask('POST', '/pipeline', {}, '[["PING"]]')).toBe(401)
    expect(await ask('OPTIONS', '/get/x', { 'access-control-request-method': 'POST' })).toBe(204)
    await server.close()
  })
})

describe('closing', () => {
  it('answers what is in flight, then ends idle connections', async () => {
    const waiting = rest.call('GET', '/blpop/list/0')
    await until(() => rest.server.engine.blocking.size === 1)
    await rest.server.close()
    expect((await waiting).json).toEqual({ result: null })
    await expect(fetch(rest.url)).rejects.toThrow()
  })
  it('does not wait for a connection that has asked for nothing', async () => {
    await rest.server.inProcess().execute('CONFIG', 'SET', 'shutdown-timeout', '3600')
    const socket = connect(Number(new URL(rest.url).port), '127.0.0.1')
    await once(socket, 'connect')
    await rest.call('GET', '/ping')
    const ended = once(socket, 'close')
    socket.resume()
    await rest.server.close()
    await ended
  })
})
