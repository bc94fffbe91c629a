/**
 * What must hold of the built package on every runtime: each door, Lua, and a store that comes back from its file. Runs in an
 * application's folder, on the runtime itself, with nothing but the package and what the runtime brings. Plain JavaScript, as
 * the oldest runtime knows no types. Its last line is a JSON of what passed, failed and was skipped.
 *
 *   SMOKE='{"cert":…,"key":…,"ca":…,"folder":…,"cli":…,"args":[…]}' node smoke.mjs
 */
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import net from 'node:net'
import { join } from 'node:path'
import tls from 'node:tls'
import { createRedis, createServer, execute, executeBuffer } from 'zerodis'

const { cert, key, ca, folder, cli, args } = JSON.parse(process.env.SMOKE)
const HOST = '127.0.0.1'
const TOKEN = 'token-of-tests'
const CHECK_MS = 30_000
const MB = 1024 * 1024

const passed = []
const failed = []
const skipped = []

class Skip extends Error {}

async function check(name, run) {
  let timer
  const limit = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`took longer than ${CHECK_MS} ms`)), CHECK_MS)
  })
  try {
    await Promise.race([run(), limit])
    passed.push(name)
  } catch (error) {
    if (error instanceof Skip) skipped.push({ name, message: error.message })
    else failed.push({ name, message: `${error?.stack ?? error}` })
  }
  clearTimeout(timer)
}

function equal(seen, expected) {
  const [a, b] = [JSON.stringify(seen), JSON.stringify(expected)]
  if (a !== b) throw new Error(`expected ${b?.slice(0, 500)}, not ${a?.slice(0, 500)}`)
}

const command = (...words) => `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`

/** A connection of bare bytes. */
class Wire {
  received = ''
  #look = () => {}

  constructor(socket) {
    this.socket = socket
    this.closed = new Promise((resolve) => socket.once('close', resolve))
    socket.setEncoding('latin1')
    socket.on('error', () => {})
    socket.on('data', (text) => {
      this.received += text
      this.#look()
    })
    void this.closed.then(() => this.#look())
  }

  /** Sends, and waits until so many bytes have come; they are taken away. */
  async ask(text, bytes) {
    if (text !== '') this.socket.write(text, 'latin1')
    await new Promise((resolve) => {
      this.#look = () => {
        if (this.received.length >= bytes || this.socket.destroyed) resolve()
      }
      this.#look()
    })
    const answer = this.received.slice(0, bytes)
    this.received = this.received.slice(bytes)
    return answer
  }

  async says(text, expected) {
    equal(await this.ask(text, expected.length), expected)
  }
}

/** What every connection of RESP must do, whatever carries it. */
async function tryResp(wire) {
  await wire.says('PING\r\n', '+PONG\r\n')
  await wire.says(command('SET', 'k', 'v\xff\0'), '+OK\r\n')
  await wire.says(command('GET', 'k').repeat(3), '$3\r\nv\xff\0\r\n'.repeat(3))
  await wire.says(command('GET', 'none'), '$-1\r\n')
  await wire.says('NOSUCH\r\n', "-ERR unknown command 'NOSUCH', with args beginning with: \r\n")
  // Long both ways, and more than a kernel takes at once.
  const value = 'x'.repeat(MB)
  await wire.says(command('SET', 'large', value), '+OK\r\n')
  const reply = `$${MB}\r\n${value}\r\n`
  const answer = await wire.ask(command('GET', 'large').repeat(20), reply.length * 20)
  if (answer !== reply.repeat(20)) throw new Error('long replies are not what was set')
  // Waits for another, and gives up by itself.
  await wire.says(command('BLPOP', 'list', '0.05'), '*-1\r\n')
  const waits = wire.says(command('BLPOP', 'list', '0'), '*2\r\n$4\r\nlist\r\n$7\r\nelement\r\n')
  setTimeout(() => server.inProcess().execute('RPUSH', 'list', 'element'), 50)
  await waits
  await wire.says(command('SUBSCRIBE', 'c'), '*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n')
  server.inProcess().execute('PUBLISH', 'c', 'hello')
  await wire.says('', '*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$5\r\nhello\r\n')
  await wire.says('UNSUBSCRIBE\r\n', '*3\r\n$11\r\nunsubscribe\r\n$1\r\nc\r\n:0\r\n')
  await wire.says('QUIT\r\n', '+OK\r\n')
  await wire.closed
}

const settings = { bind: HOST, dir: folder, save: '', 'rest-token': TOKEN, log: () => {} }
const server = createServer({
  ...settings,
  'tls-cert-file': cert,
  'tls-key-file': key,
  'tls-ca-cert-file': ca,
  'tls-auth-clients': 'no',
})
const open = await server.listen({ port: 0, tlsPort: 0, httpPort: 0 })
const url = `http://${HOST}:${open.httpPort}`
const headers = { authorization: `Bearer ${TOKEN}` }
const rest = async (path, body) => {
  const init = body === undefined ? { headers } : { method: 'POST', headers, body: JSON.stringify(body) }
  return (await fetch(url + path, init)).json()
}

await check('in process', async () => {
  equal(execute('SET', 'k', 'v'), 'OK')
  equal(execute('INCRBY', 'n', '41'), 41)
  equal([...executeBuffer('GET', 'k')], [118])
  equal(await execute('BLPOP', 'none', '0.05'), null)
  const redis = createRedis()
  await redis.hset('h', { a: 1, b: 'two' })
  equal(await redis.hgetall('h'), { a: 1, b: 'two' })
  execute('SET', 'gone', '1', 'PX', '20')
  await new Promise((resolve) => setTimeout(resolve, 40))
  equal(execute('GET', 'gone'), null)
})

await check('Lua', async () => {
  equal(execute('EVAL', "return redis.call('INCRBY', KEYS[1], ARGV[1])", '1', 'lua', '7'), 7)
  equal(execute('EVAL', "return cjson.encode({1, 'a', cmsgpack.unpack(cmsgpack.pack(true))})", '0'), '[1,"a",true]')
  equal(execute('FUNCTION', 'LOAD', "#!lua name=l\nredis.register_function('f', function() return 'called' end)"), 'l')
  equal(execute('FCALL', 'f', '0'), 'called')
  let message = ''
  try {
    execute('EVAL', "return redis.call('LPUSH', 'lua', '1')", '0')
  } catch (error) {
    message = error.message
  }
  if (!message.startsWith('WRONGTYPE')) throw new Error(`expected WRONGTYPE, not ${message}`)
})

await check('REST', async () => {
  equal(await rest('/set/rest/1'), { result: 'OK' })
  equal(await rest('/', ['APPEND', 'rest', 'é']), { result: 3 })
  equal(await rest('/pipeline', [['INCR', 'a'], ['NOSUCH'], ['GET', 'rest']]), [
    { result: 1 },
    { error: "ERR unknown command 'NOSUCH', with args beginning with: " },
    { result: '1é' },
  ])
  equal(
    await rest('/multi-exec', [
      ['INCR', 'a'],
      ['INCR', 'a'],
    ]),
    [{ result: 2 }, { result: 3 }],
  )
  equal((await fetch(`${url}/get/rest`)).status, 401)
  await rest('/', ['SET', 'large', 'x'.repeat(MB)])
  equal((await rest('/get/large')).result.length, MB)
})

await check('REST: events', async () => {
  const abort = new AbortController()
  const response = await fetch(`${url}/subscribe/c`, { method: 'POST', headers, signal: abort.signal })
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  const until = async (part) => {
    while (!text.includes(part)) text += (await reader.read()).value
  }
  await until('data: subscribe,c,1\n\n')
  server.inProcess().execute('PUBLISH', 'c', 'hello')
  await until('data: message,c,hello\n\n')
  abort.abort()
  await reader.read().catch(() => {})
})

await check('a Request in process', async () => {
  const response = await server.fetch(new Request('http://x/api/redis/get/rest', { headers }), '/api/redis')
  equal(await response.json(), { result: '1é' })
})

await check('RESP over TCP', () => tryResp(new Wire(net.connect(open.port, HOST))))

await check('RESP over TCP: a client that ends its side', async () => {
  const wire = new Wire(net.connect(open.port, HOST))
  wire.socket.end(command('GET', 'k').repeat(2))
  await wire.closed
  equal(wire.received, '$3\r\nv\xff\0\r\n'.repeat(2))
})

await check('RESP over TCP: a reader that stops is not served further, and gets all', async () => {
  const socket = net.connect(open.port, HOST)
  socket.on('error', () => {})
  await new Promise((resolve) => socket.once('connect', resolve))
  socket.pause()
  socket.write(command('GET', 'large').repeat(40))
  const { stats } = server.engine
  // Until nothing more is executed.
  for (let before = -1; before !== stats.commands; ) {
    before = stats.commands
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  const expected = 40 * (MB + 12)
  const sent = stats.netOutputBytes
  let left = expected
  await new Promise((resolve, reject) => {
    socket.on('data', (chunk) => {
      left -= chunk.length
      if (left === 0) resolve()
    })
    socket.on('close', () => reject(new Error(`closed with ${left} bytes to come`)))
    socket.resume()
  })
  if (stats.netOutputBytes - sent < 10 * MB) throw new Error('it was served while it did not read')
  socket.destroy()
})

await check('RESP over TLS', async () => {
  const socket = tls.connect({ port: open.tlsPort, host: HOST, ca: readFileSync(ca), servername: 'localhost' })
  await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject))
  await tryResp(new Wire(socket))
})

await check('RESP over a Unix socket', async () => {
  const path = join(folder, 'socket')
  const other = createServer({ ...settings, unixsocket: path })
  await other.listen({ port: false, httpPort: false })
  const wire = new Wire(net.connect(path))
  await wire.says('PING\r\n', '+PONG\r\n')
  wire.socket.destroy()
  await other.close()
})

await check('RESP over WebSocket', async () => {
  // Node 20 has no client of its own.
  const Client = globalThis.WebSocket ?? (await import('ws')).WebSocket
  const socket = new Client(`ws://${HOST}:${open.httpPort}/ws?token=${TOKEN}`)
  socket.binaryType = 'arraybuffer'
  let received = ''
  let look = () => {}
  socket.onmessage = ({ data }) => {
    received += Buffer.from(data).toString('latin1')
    look()
  }
  await new Promise((resolve, reject) => {
    socket.onopen = resolve
    socket.onerror = () => reject(new Error('no WebSocket'))
  })
  const says = async (text, expected) => {
    socket.send(Buffer.from(text, 'latin1'))
    await new Promise((resolve) => {
      look = () => {
        if (received.length >= expected.length) resolve()
      }
      look()
    })
    if (received !== expected) equal(received, expected)
    received = ''
  }
  await says('PING\r\n', '+PONG\r\n')
  await says(command('GET', 'k').repeat(2), '$3\r\nv\xff\0\r\n'.repeat(2))
  await says(command('GET', 'large').repeat(5), `$${MB}\r\n${'x'.repeat(MB)}\r\n`.repeat(5))
  const closed = new Promise((resolve) => {
    socket.onclose = resolve
  })
  socket.close()
  await closed
})

await check('persistence: SAVE, and a store that loads it', async () => {
  const file = { ...settings, save: '3600 1', dbfilename: 'smoke.rdb' }
  const first = createServer(file)
  first.persist()
  const one = first.inProcess()
  one.execute('SET', 'text', 'é', 'EX', '1000')
  one.execute('ZADD', 'z', '1.5', 'a')
  one.execute('XADD', 's', '1-1', 'f', 'v')
  one.execute('SET', 'large', 'y'.repeat(MB))
  equal(await one.execute('SAVE'), 'OK')
  await first.close()
  if (statSync(join(folder, 'smoke.rdb')).size < 100) throw new Error('nothing was written')
  const second = createServer(file)
  second.persist()
  const two = second.inProcess()
  equal([two.execute('GET', 'text'), two.execute('ZSCORE', 'z', 'a'), two.execute('XLEN', 's')], ['é', '1.5', 1])
  equal(two.execute('TTL', 'text') > 900, true)
  equal(two.execute('STRLEN', 'large'), MB)
  await second.close()
})

await check('the command zerodis: serves, and saves when it is told to end', async () => {
  if (!existsSync(cli)) throw new Error(`no ${cli}`)
  // A free port: 0 opens none there.
  const probe = net.createServer()
  const port = await new Promise((resolve) => probe.listen(0, HOST, () => resolve(probe.address().port)))
  await new Promise((resolve) => probe.close(resolve))
  const flags = ['--port', `${port}`, '--http-port', '0', '--bind', HOST, '--dir', folder]
  flags.push('--save', '3600 1', '--dbfilename', 'cli.rdb')
  const child = spawn(process.execPath, [...args, cli, ...flags], { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  const ended = new Promise((resolve) => child.once('close', (code, signal) => resolve(code ?? signal)))
  try {
    await new Promise((resolve, reject) => {
      for (const stream of [child.stdout, child.stderr]) {
        stream.on('data', (text) => {
          output += text
          if (output.includes('Ready to accept connections tcp')) resolve()
        })
      }
      void ended.then(() => reject(new Error(`ended:\n${output}`)))
    })
    const wire = new Wire(net.connect(port, HOST))
    await wire.says(command('SET', 'k', 'v'), '+OK\r\n')
    child.kill('SIGTERM')
    // Its exit code is not asked for: Deno takes the signal that was sent for what has ended the child.
    await ended
    if (!output.includes('Redis is now ready to exit')) throw new Error(`no orderly end:\n${output}`)
  } finally {
    child.kill('SIGKILL')
  }
  if (!existsSync(join(folder, 'cli.rdb'))) throw new Error(`nothing was saved:\n${output}`)
})

await check('the server closes', async () => {
  await server.close()
})

console.log(JSON.stringify({ passed, failed, skipped }))
process.exit(failed.length === 0 ? 0 : 1)
