import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { ManualClock } from '../../lib/base/clock.ts'
import { createServer, type Server, type ServerOptions } from '../../lib/server.ts'
import { freePort, takePort } from '../clients/ports.ts'
import { programOfText } from '../clients/program.ts'
import { RespClient } from '../clients/resp.ts'

const folder = mkdtempSync(join(tmpdir(), 'server-'))
const opened: Server[] = []

function open(options: ServerOptions = {}): Server {
  const server = createServer({ log() {}, ...options })
  opened.push(server)
  return server
}

async function connect(server: Server): Promise<RespClient> {
  return RespClient.connect({ port: server.doors.port, host: '127.0.0.1' })
}

/** Runs a program on the sources in a process of its own. */
function run(program: string, environment: Record<string, string> = {}): { status: number | null; out: string } {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '-e', program],
    { encoding: 'utf8', env: { ...process.env, ...environment }, timeout: 60_000 },
  )
  return { status, out: stdout + stderr }
}

afterEach(() => Promise.all(opened.splice(0).map((server) => server.close())))
afterAll(() => rmSync(folder, { recursive: true }))

describe('one store or several', () => {
  test('servers that are created share nothing', () => {
    const [a, b] = [open().inProcess(), open().inProcess()]
    a.execute('SET', 'k', 'v')
    expect(b.execute('GET', 'k')).toBe(null)
  })

  test('every copy of the module finds the one server of the process, made from the environment', () => {
    const { out } = run(
      `const a = await import('./lib/server/server.ts?a'), b = await import('./lib/server/server.ts?b')
       console.log(a.createServer !== b.createServer, a.getServer() === b.getServer())
       console.log(a.getServer().config.values.maxmemory, a.getServer().config.values['rest-token'])
       b.getServer().inProcess().execute('SET', 'k', 'v')
       console.log(a.getServer().inProcess().execute('GET', 'k'))
       try { b.shareServer(b.createServer()) } catch (error) { console.log(error.message) }`,
      { ZERODIS_MAXMEMORY: '5mb', KV_REST_API_TOKEN: 't' },
    )
    expect(out).toBe('true true\n5242880 t\nv\nthis process has a zerodis server already\n')
  }, 60_000)

  test('a slip of the pen in the environment is told; variables of the application are its own', () => {
    const { out } = run("(await import('./lib/server/server.ts')).getServer()", {
      ZERODIS_MAXMEMROY: '5mb',
      ZERODIS_FRUIT_BASKET: '1',
    })
    expect(out).toBe('zerodis: Unknown variable ZERODIS_MAXMEMROY is ignored. Did you mean ZERODIS_MAXMEMORY?\n')
  }, 60_000)

  test('a server that nobody closes does not keep the process alive', () => {
    const program = programOfText(
      'server-left',
      `import { createServer } from './lib/server.ts'
       createServer().inProcess().execute('SET', 'k', 'v', 'PX', '5')`,
    )
    expect(spawnSync(process.execPath, [program], { timeout: 15_000 }).status).toBe(0)
  })
})

describe('doors', () => {
  test('listen on the ports of the configuration, on any free one, or not at all', async () => {
    const server = open({ port: 0, 'http-port': 0 })
    expect(await server.listen()).toEqual({ port: 0, tlsPort: 0, httpPort: 0, unixsocket: '' })
    const other = open()
    const doors = await other.listen({ port: 0, httpPort: false })
    expect(doors.port).toBeGreaterThan(0)
    expect(doors.httpPort).toBe(0)
  })

  test('a port in use is told in one line with the flag, and nothing stays open', async () => {
    const taken = await takePort()
    const server = open()
    await expect(server.listen({ port: 0, httpPort: taken.port })).rejects.toThrow(
      `Failed listening on port ${taken.port} (http) of 127.0.0.1: address already in use; choose another with --http-port or ZERODIS_HTTP_PORT.`,
    )
    expect(server.doors).toEqual({ port: 0, tlsPort: 0, httpPort: 0, unixsocket: '' })
    await taken.free()
  })

  test('an address that this host does not have is refused, or passed over where it is marked optional', async () => {
    await expect(open({ bind: '192.0.2.1' }).listen({ port: 0, httpPort: false })).rejects.toThrow('of 192.0.2.1')
    const server = open({ bind: '127.0.0.1 -192.0.2.1' })
    expect((await server.listen({ port: 0, httpPort: false })).port).toBeGreaterThan(0)
  })

  test('a Unix socket in a folder that is not there is refused in words of Redis', async () => {
    const server = open({ unixsocket: '/no/such/folder/s' })
    await expect(server.listen({ port: 0, httpPort: false })).rejects.toThrow(
      /^Failed opening Unix socket: bind: No such file or directory$/,
    )
  })

  test('a Unix socket serves RESP with the permissions of unixsocketperm, also where a dead process left one', async () => {
    const path = join(folder, 'socket')
    const program = `import { createServer } from 'node:net'
      createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`
    spawnSync(process.execPath, ['--input-type=module', '-e', program])
    const server = open({ unixsocket: path, unixsocketperm: '700' })
    await server.listen({ port: false, httpPort: false })
    expect(statSync(path).mode & 0o777).toBe(0o700)
    const client = await RespClient.connect({ path })
    expect(await client.send(['PING'])).toMatchObject({ text: 'PONG' })
    client.close()
  })

  test('CONFIG SET port moves the listener and leaves those who are connected', async () => {
    const old = await freePort()
    const server = open({ port: old })
    await server.listen({ httpPort: false })
    const client = await connect(server)
    const taken = await takePort()
    expect(await client.send(['CONFIG', 'SET', 'timeout', '5', 'port', `${taken.port}`])).toMatchObject({
      text: "ERR CONFIG SET failed (possibly related to argument 'port') - Unable to listen on this port. Check server logs.",
    })
    expect(await client.send(['CONFIG', 'GET', 'timeout'])).toEqual(['timeout', '0'])
    await taken.free()
    expect(await client.send(['CONFIG', 'SET', 'port', `${taken.port}`])).toMatchObject({ text: 'OK' })
    expect(server.doors.port).toBe(taken.port)
    const second = await connect(server)
    expect(await second.send(['PING'])).toMatchObject({ text: 'PONG' })
    expect(await client.send(['PING'])).toMatchObject({ text: 'PONG' })
    await expect(RespClient.connect({ port: old, host: '127.0.0.1' })).rejects.toThrow()
    client.close()
    second.close()
  })

  test('CONFIG SET bind to what cannot be had keeps the old address', async () => {
    const server = open({ port: await freePort() })
    await server.listen({ httpPort: false })
    const client = await connect(server)
    expect(await client.send(['CONFIG', 'SET', 'bind', '192.0.2.1'])).toMatchObject({
      text: "ERR CONFIG SET failed (possibly related to argument 'bind') - Failed to bind to specified addresses.",
    })
    client.close()
    const again = await connect(server)
    expect(await again.send(['CONFIG', 'GET', 'bind'])).toEqual(['bind', '127.0.0.1'])
    again.close()
  })
})

describe('the end', () => {
  test('answers what waits over REST, ends the connections, and may be asked for twice', async () => {
    const server = open({ 'rest-token': 't' })
    const { port, httpPort } = await server.listen({ port: 0, httpPort: 0 })
    const client = await connect(server)
    const waiting = fetch(`http://127.0.0.1:${httpPort}/blpop/nothing/0?_token=t`)
    while (server.engine.blocking.size === 0) await new Promise((resolve) => setImmediate(resolve))
    await Promise.all([server.close(), server.close()])
    expect(await (await waiting).json()).toEqual({ result: null })
    await expect(client.send(['PING'])).rejects.toThrow()
    await expect(RespClient.connect({ port, host: '127.0.0.1' })).rejects.toThrow()
  })

  test('SHUTDOWN closes, then tells the host; the client gets no answer', async () => {
    let ended = false
    const server = open({ onShutdown: () => (ended = true) })
    await server.listen({ port: 0, httpPort: false })
    const client = await connect(server)
    expect(await client.send(['SHUTDOWN', 'ABORT'])).toMatchObject({ text: 'ERR No shutdown in progress.' })
    await expect(client.send(['SHUTDOWN', 'NOSAVE'])).rejects.toThrow()
    await server.close()
    expect(ended).toBe(true)
  })
})

describe('configuration', () => {
  test('requirepass holds for those who come after it was set', async () => {
    const server = open({ requirepass: 'secret' })
    await server.listen({ port: 0, httpPort: false })
    const client = await connect(server)
    expect(await client.send(['GET', 'k'])).toMatchObject({ text: 'NOAUTH Authentication required.' })
    expect(await client.send(['AUTH', 'secret'])).toMatchObject({ text: 'OK' })
    await client.send(['CONFIG', 'SET', 'requirepass', ''])
    const second = await connect(server)
    expect(await second.send(['GET', 'k'])).toBe(null)
    client.close()
    second.close()
  })

  test('timeout cuts who has been idle for longer', async () => {
    const clock = new ManualClock()
    const server = open({ timeout: 10, clock })
    await server.listen({ port: 0, httpPort: false })
    const idle = await connect(server)
    await idle.send(['PING'])
    clock.advance(9_000)
    server.cron()
    expect(await idle.send(['PING'])).toMatchObject({ text: 'PONG' })
    clock.advance(11_000)
    server.cron()
    await expect(idle.send(['PING'])).rejects.toThrow()
  })

  test('active expiry removes what nobody asks for', () => {
    const clock = new ManualClock()
    const server = open({ clock })
    const door = server.inProcess()
    for (let i = 0; i < 100; i++) door.execute('SET', `k${i}`, 'v', 'PX', '5')
    clock.advance(6)
    // A round has a share of the real time, which a busy machine may use up.
    for (let round = 0; round < 20 && door.execute('DBSIZE') !== 0; round++) server.cron()
    expect(door.execute('DBSIZE')).toBe(0)
  })

  test('CONFIG REWRITE writes the file that the server was started with, and says where there is none', () => {
    const file = join(folder, 'r.conf')
    writeFileSync(file, '# mine\nhz 10\n')
    const door = open({ configFile: file }).inProcess()
    door.execute('CONFIG', 'SET', 'hz', '20')
    expect(door.execute('CONFIG', 'REWRITE')).toBe('OK')
    expect(readFileSync(file, 'latin1')).toMatch(/^# mine\nhz 20\n/)
    expect(() => open().inProcess().execute('CONFIG', 'REWRITE')).toThrow(
      'ERR The server is running without a config file',
    )
    const gone = open({ configFile: join(folder, 'gone', 'r.conf') }).inProcess()
    expect(() => gone.execute('CONFIG', 'REWRITE')).toThrow('ERR Rewriting config file: No such file or directory')
  })

  test('renamed commands answer to their new names only', () => {
    const renamedCommands = [
      ['GET', 'Fetch'],
      ['FLUSHALL', ''],
    ] as const
    const door = open({ renamedCommands }).inProcess()
    door.execute('SET', 'k', 'v')
    expect(door.execute('fetch', 'k')).toBe('v')
    expect(() => door.execute('GET', 'k')).toThrow("ERR unknown command 'GET'")
    expect(() => door.execute('flushall')).toThrow("ERR unknown command 'flushall'")
  })

  test('an LFU policy counts accesses from the moment it is set', () => {
    const door = open().inProcess()
    door.execute('SET', 'k', 'v')
    expect(() => door.execute('OBJECT', 'FREQ', 'k')).toThrow('LFU maxmemory policy is not selected')
    door.execute('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lfu')
    door.execute('SET', 'other', 'v')
    expect(door.execute('OBJECT', 'FREQ', 'other')).toBe(5)
  })
})
