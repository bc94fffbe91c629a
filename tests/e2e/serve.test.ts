import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { freePort } from '../clients/ports.ts'
import { cli } from '../clients/program.ts'
import { encodeCommand, RespClient } from '../clients/resp.ts'
import { Child, root, zerodis } from './child.ts'

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'serve-')))
afterAll(() => rmSync(folder, { recursive: true }))

const [port, httpPort, otherPort] = [await freePort(), await freePort(), await freePort()]
const ports = ['--port', `${port}`, '--http-port', `${httpPort}`]

function connect(at = port): Promise<RespClient> {
  return RespClient.connect({ port: at, host: '127.0.0.1' })
}

describe('zerodis in the place of redis-server', () => {
  test('logs the lines that scripts wait for, serves RESP and REST on one store, and ends with 0', async () => {
    const pidfile = join(folder, 'pid')
    const server = zerodis([...ports, '--rest-token', 't', '--pidfile', pidfile, '--always-show-logo', 'yes'])
    await server.sees(/Ready to accept connections http/)
    const pid = server.process.pid!
    const date = '\\d\\d \\w{3} \\d{4} \\d\\d:\\d\\d:\\d\\d\\.\\d{3}'
    expect(server.output).toMatch(
      new RegExp(`^${pid}:C ${date} \\* oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo$`, 'm'),
    )
    expect(server.output).toMatch(new RegExp(` PID: ${pid}[^]*${pid}:M ${date} \\* Server initialized\n`))
    expect(server.output).toMatch(new RegExp(`${pid}:M ${date} \\* Ready to accept connections tcp\n`))
    expect(readFileSync(pidfile, 'utf8')).toBe(`${pid}\n`)

    const client = await connect()
    await client.send(['SET', 'k', 'v'])
    const answer = await fetch(`http://127.0.0.1:${httpPort}/get/k`, { headers: { authorization: 'Bearer t' } })
    expect(await answer.json()).toEqual({ result: 'v' })

    expect(await server.kill('SIGTERM')).toBe(0)
    expect(server.output).toMatch(/Received SIGTERM scheduling shutdown\.\.\.\n.*User requested shutdown\.\.\.\n/)
    expect(server.output).toMatch(/Redis is now ready to exit, bye bye\.\.\.\n$/)
    expect(existsSync(pidfile)).toBe(false)
  })

  test('logs nothing but JSON with logformat json, from its start to its end', async () => {
    const flags = ['--logformat', 'json', '--rest-token', 't', '--always-show-logo', 'yes']
    const server = zerodis([...ports, ...flags])
    await server.sees(/Ready to accept connections http/)
    expect(await server.kill('SIGTERM')).toBe(0)
    const lines = server.output.trimEnd().split('\n')
    const messages = lines.map((line) => JSON.parse(line) as { level: string; role: string; message: string })
    expect(messages[0]).toMatchObject({
      level: 'notice',
      role: 'starting',
      message: expect.stringMatching(/is starting/),
    })
    expect(messages.at(-1)).toMatchObject({ role: 'master', message: 'Redis is now ready to exit, bye bye...' })
  })

  test('in production, without a token, REST answers 503, and the log says so', async () => {
    const server = zerodis(ports, { env: { NODE_ENV: 'production' } })
    await server.sees(/answers 503 until rest-token is set/)
    expect((await fetch(`http://127.0.0.1:${httpPort}/get/k`)).status).toBe(503)
    expect(await server.kill('SIGINT')).toBe(0)
  })

  test('reads a redis.conf, standard input and the environment', async () => {
    const file = join(folder, 'a.conf')
    writeFileSync(file, `port ${port}\nhttp-port 0\nhz 20\nrename-command FLUSHALL ""\n`)
    const server = zerodis([file, '--timeout', '7', '-'], { stdin: 'maxclients 55\n', env: { ZERODIS_DATABASES: '3' } })
    await server.sees(/Ready to accept connections tcp/)
    const client = await connect()
    const found = await client.send(['CONFIG', 'GET', 'hz', 'timeout', 'maxclients', 'databases'])
    expect(found).toEqual(['hz', '20', 'timeout', '7', 'maxclients', '55', 'databases', '3'])
    expect(await client.send(['FLUSHALL'])).toMatchObject({ text: /unknown command/ })
    expect(await client.send(['CONFIG', 'REWRITE'])).toMatchObject({ text: 'OK' })
    expect(readFileSync(file, 'utf8')).toMatch(/^port .*\nhttp-port 0\nhz 20\nrename-command FLUSHALL ""\n/)
  })

  test('works in dir from the line on where it stands', async () => {
    const server = zerodis([...ports, '--dir', folder, '--logfile', 'here.log'])
    await until(() => existsSync(join(folder, 'here.log')))
    await until(() => readFileSync(join(folder, 'here.log'), 'utf8').includes('Ready to accept connections http'))
    const client = await connect()
    expect(await client.send(['CONFIG', 'GET', 'dir'])).toEqual(['dir', folder])
    expect(server.output).toBe('')
  })

  test('a port in use is one line with the port and the flag, and exit code 1', async () => {
    const first = zerodis(ports)
    await first.sees(/Ready to accept connections http/)
    const second = zerodis(['--port', `${port}`, '--http-port', '0'])
    expect(await second.ended).toBe(1)
    expect(second.output).toContain(
      `# Failed listening on port ${port} (tcp) of 127.0.0.1: address already in use; choose another with --port or ZERODIS_PORT.\n`,
    )
    const third = zerodis(['--port', `${otherPort}`, '--http-port', `${httpPort}`])
    expect(await third.ended).toBe(1)
    expect(third.output).toContain(
      `port ${httpPort} (http) of 127.0.0.1: address already in use; choose another with --http-port or ZERODIS_HTTP_PORT.`,
    )
  })

  test('a faulty line ends it with 1 before anything listens', async () => {
    const server = zerodis(['--prot', '1'])
    expect(await server.ended).toBe(1)
    expect(server.output).toBe(
      "\n*** FATAL CONFIG ERROR (Redis 7.4.1) ***\nReading the command line\n>>> 'prot \"1\"'\nBad directive or wrong number of arguments\nDid you mean 'port'?\n",
    )
  })

  test('a database that cannot be opened is one line, and exit code 1', async () => {
    const path = join(folder, 'nowhere/keys.db')
    const server = zerodis([...ports, '--store', `sqlite:${path}`])
    expect(await server.ended).toBe(1)
    expect(server.output).toMatch(/^Fatal error at the start: the database .*nowhere\/keys\.db cannot be opened: .*$/m)
    expect(server.output).not.toMatch(/^ +at /m)
  })

  test('--version and --help answer and go', async () => {
    const version = zerodis(['--version'])
    expect(await version.ended).toBe(0)
    expect(version.output).toMatch(/^Redis server v=7\.4\.1 sha=/)
    const help = zerodis(['--help'])
    expect(await help.ended).toBe(0)
    expect(help.output).toMatch(/^Usage: zerodis /)
    expect(help.output.match(/^ {2}--/gm)).toHaveLength(10)
    const all = zerodis(['--help', 'all'])
    expect(await all.ended).toBe(0)
    expect(all.output).toContain('--proto-max-bulk-len')
  })

  test('tried out, it makes a token, keeps it for the next start, and prints lines that work', async () => {
    const project = join(folder, 'project')
    mkdirSync(project)
    const tokens: string[] = []
    for (let start = 0; start < 2; start++) {
      const server = zerodis(ports, { cwd: project })
      await server.sees(/REDIS_URL=.*\n/)
      const [, token] = /^KV_REST_API_TOKEN=(.*)$/m.exec(server.output)!
      const answer = await fetch(`http://127.0.0.1:${httpPort}/ping`, { headers: { authorization: `Bearer ${token}` } })
      expect(await answer.json()).toEqual({ result: 'PONG' })
      tokens.push(token)
      expect(await server.kill('SIGTERM')).toBe(0)
    }
    expect(tokens[0]).toBe(tokens[1])
    expect(statSync(join(project, '.zerodis/token')).mode & 0o777).toBe(0o600)
    expect(readFileSync(join(project, '.zerodis/.gitignore'), 'utf8')).toBe('*\n')
    writeFileSync(join(project, '.zerodis/token'), 'no token of ours')
    const server = zerodis(ports, { cwd: project })
    await server.sees(/REDIS_URL=.*\n/)
    expect(server.output).toMatch(/The token is for this run alone, since .*token cannot be written: .*delete it/)
    expect(readFileSync(join(project, '.zerodis/token'), 'utf8')).toBe('no token of ours')
  })

  test('a server that npm started ends with it, and one of its own session does not', async () => {
    const started = (prefix: string): Child => {
      // npm ends, the shell that it ran with it, and the server is an orphan.
      const server = `${process.execPath} ${cli()}`
      const script = `${prefix} ${server} ${ports.join(' ')} --rest-token t & echo server $!; wait`
      return new Child('/bin/sh', ['-c', script], { env: { npm_execpath: '/usr/lib/npm-cli.js' } })
    }
    for (const prefix of ['', 'setsid']) {
      const shell = started(prefix)
      await shell.sees(/Ready to accept connections http/)
      const [, pid] = /server (\d+)/.exec(shell.output)!
      shell.process.kill('SIGKILL')
      if (prefix === '') await until(() => !isAlive(Number(pid)))
      else {
        const client = await connect()
        await new Promise((resolve) => setTimeout(resolve, 1000))
        expect(await client.send(['PING'])).toMatchObject({ text: 'PONG' })
        await expect(client.send(['SHUTDOWN', 'NOSAVE'])).rejects.toThrow()
      }
      await shell.ended
    }
  }, 60_000)

  test.each(['npm run', 'npx'])(
    'what %s started saves and ends when that is ended, and is no orphan of it',
    async (starter) => {
      const project = join(folder, starter.replace(' ', '-'))
      mkdirSync(project)
      // Our own script takes seconds to read the sources.
      writeFileSync(join(project, 'package.json'), JSON.stringify({ scripts: { serve: `node ${cli()}` } }))
      const flags = [...ports, '--rest-token', 't', '--save', '3600 1', '--dir', project]
      for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
        const script = flags.map((word) => `'${word}'`).join(' ')
        const npm =
          starter === 'npx'
            ? new Child('npx', ['-c', `node ${cli()} ${script}`])
            : new Child('npm', ['run', 'serve', '--', ...flags], { cwd: signal === 'SIGTERM' ? root : project })
        await npm.sees(/Ready to accept connections http/)
        const client = await connect()
        const [, pid] = /process_id:(\d+)/.exec((await client.send(['INFO', 'server'])) as string)!
        expect(Number(pid)).not.toBe(npm.process.pid)
        await client.send(['SET', signal, 'kept'])
        npm.process.kill(signal)
        await until(() => !isAlive(Number(pid)))
        await npm.ended
      }
      const server = zerodis(flags)
      await server.sees(/Ready to accept connections http/)
      const client = await connect()
      expect(await client.send(['MGET', 'SIGTERM', 'SIGKILL'])).toEqual(['kept', 'kept'])
      expect(await server.kill('SIGTERM')).toBe(0)
    },
    120_000,
  )

  test('behind nohup it outlives the shell that started it, and the terminal', async () => {
    const server = `${process.execPath} ${cli()}`
    const script = `nohup ${server} ${ports.join(' ')} --rest-token t & echo server $!; wait`
    const shell = new Child('/bin/sh', ['-c', script], { cwd: folder })
    await shell.sees(/Ready to accept connections http/)
    const pid = Number(/server (\d+)/.exec(shell.output)![1])
    shell.process.kill('SIGKILL')
    process.kill(pid, 'SIGHUP')
    const client = await connect()
    // Longer than it takes to notice that the parent is gone.
    await new Promise((resolve) => setTimeout(resolve, 1000))
    expect(await client.send(['PING'])).toMatchObject({ text: 'PONG' })
    await expect(client.send(['SHUTDOWN', 'NOSAVE'])).rejects.toThrow()
    await shell.ended
  }, 60_000)

  test('daemonize leaves a process behind that logs to logfile and obeys SHUTDOWN', async () => {
    const logfile = join(folder, 'log')
    const pidfile = join(folder, 'daemon.pid')
    const args = [
      '--port',
      `${port}`,
      '--http-port',
      '0',
      '--daemonize',
      'yes',
      '--logfile',
      logfile,
      '--pidfile',
      pidfile,
    ]
    expect(await zerodis(args).ended).toBe(0)
    await until(() => existsSync(logfile) && readFileSync(logfile, 'utf8').includes('Ready to accept'))
    const pid = Number(readFileSync(pidfile, 'utf8'))
    const client = await connect()
    await expect(client.send(['SHUTDOWN', 'NOSAVE'])).rejects.toThrow()
    await until(() => !isAlive(pid))
    expect(readFileSync(logfile, 'utf8')).toMatch(/Redis is now ready to exit, bye bye\.\.\.\n$/)
    expect(existsSync(pidfile)).toBe(false)
  })
})

describe('the end', () => {
  test('Ctrl-C answers what is under way first', async () => {
    const server = zerodis([...ports, '--rest-token', 't'])
    await server.sees(/Ready to accept connections http/)
    const waiting = fetch(`http://127.0.0.1:${httpPort}/blpop/k/0?_token=t`)
    const client = await connect()
    while (!/blocked_clients:1/.test((await client.send(['INFO', 'clients'])) as string)) {}
    expect(await server.kill('SIGINT')).toBe(0)
    expect(await (await waiting).json()).toEqual({ result: null })
  })

  test('a second Ctrl-C, later than the same keystroke, ends at once', async () => {
    const server = zerodis([...ports, '--shutdown-timeout', '30'])
    await server.sees(/Ready to accept connections http/)
    // A client that does not take its reply holds the first one up.
    const client = await connect()
    await client.send(['SETRANGE', 'k', '50000000', 'x'])
    client.socket.pause()
    client.write(encodeCommand(['GET', 'k']))
    const other = await connect()
    while (!/ omem=[1-9]/.test((await other.send(['CLIENT', 'LIST'])) as string)) {}
    other.close()
    server.process.kill('SIGINT')
    server.process.kill('SIGINT')
    await new Promise((resolve) => setTimeout(resolve, 700))
    expect(server.process.exitCode).toBe(null)
    expect(await server.kill('SIGINT')).toBe(1)
    expect(server.output).toContain('You insist... exiting now.')
  })
})

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; !condition(); tries++) {
    if (tries === 1000) throw new Error('waited for nothing')
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
