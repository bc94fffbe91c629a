/** redis-cli and redis-benchmark, as people run them. */
import { execFile, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createServer, type Server } from '../../lib/server.ts'
import { TcpListener } from '../../lib/transports/tcp.ts'

const installed = spawnSync('redis-cli', ['--version']).status === 0
const run = promisify(execFile)

describe('redis-cli', () => {
  let server: Server
  let listener: TcpListener

  beforeAll(async () => {
    server = createServer({ requirepass: 'secret' })
    listener = await TcpListener.listen(server, { host: '127.0.0.1', port: 0 })
  })

  afterAll(async () => {
    await listener.close(0)
    await server.close()
  })

  beforeEach((context) => {
    if (!installed) context.skip('redis-cli is not installed (apt-get install redis-tools, brew install redis)')
    for (const db of server.engine.keyspace.dbs) db.clear()
  })

  const cli = async (args: string[], input?: string): Promise<string> => {
    const running = run('redis-cli', ['-p', `${listener.port}`, '-a', 'secret', '--no-auth-warning', ...args])
    if (input !== undefined) running.child.stdin!.end(input)
    return (await running).stdout
  }

  test('runs one command', async () => {
    expect(await cli(['SET', 'k', 'v'])).toBe('OK\n')
    expect(await cli(['GET', 'k'])).toBe('v\n')
    expect(await cli(['NOSUCH'])).toBe("ERR unknown command 'NOSUCH', with args beginning with: \n\n")
  })

  test('runs a session from its standard input', async () => {
    expect(await cli([], 'MULTI\nINCR a\nINCR a\nEXEC\nSELECT 3\nDBSIZE\n')).toBe('OK\nQUEUED\nQUEUED\n1\n2\nOK\n0\n')
  })

  test('comes in as a user of the ACL, whom it shows in its own words', async () => {
    expect(await cli(['ACL', 'SETUSER', 'alice', 'on', '>pw', '%R~a*', '+@read', '+acl|whoami'])).toBe('OK\n')
    expect(await cli(['--user', 'alice', '--pass', 'pw', 'ACL', 'WHOAMI'])).toBe('alice\n')
    expect(await cli(['--user', 'alice', '--pass', 'pw', 'SET', 'a', '1'])).toContain('NOPERM')
    expect(await cli(['ACL', 'LOG', '1'])).toContain('alice')
  })

  test('speaks RESP3', async () => {
    await cli(['HSET', 'h', 'f', 'v'])
    expect(await cli(['-3', '--no-raw', 'HGETALL', 'h'])).toBe('1# "f" => "v"\n')
  })

  test('loads by --pipe', async () => {
    const commands = Array.from({ length: 10_000 }, (_, i) => `SET key:${i} value:${i}\r\n`).join('')
    expect(await cli(['--pipe'], commands)).toContain('errors: 0, replies: 10000')
    expect(await cli(['DBSIZE'])).toBe('10000\n')
  })

  test('scans, and looks for big keys', async () => {
    await cli(['MSET', 'user:1', 'x'.repeat(1000), 'user:2', 'b', 'other', 'c'])
    expect((await cli(['--scan', '--pattern', 'user:*'])).split('\n').sort().join(' ').trim()).toBe('user:1 user:2')
    expect(await cli(['--bigkeys'])).toContain('Biggest string found \'"user:1"\' has 1000 bytes')
    expect(await cli(['--memkeys'])).toContain('Biggest string found')
  })

  test('measures latency and statistics', async () => {
    expect(await cli(['-r', '3', 'PING'])).toBe('PONG\nPONG\nPONG\n')
    expect(await cli(['INFO', 'server'])).toContain('redis_version:')
  })

  test('redis-benchmark runs its whole default list', { timeout: 120_000 }, async () => {
    const { stdout } = await run('redis-benchmark', [
      '-p',
      `${listener.port}`,
      '-a',
      'secret',
      '-n',
      '500',
      '-c',
      '10',
      '--csv',
    ])
    const names = stdout.split('\n').map((row) => /^"([^"]+)"/.exec(row)?.[1])
    for (const name of [
      'SET',
      'GET',
      'INCR',
      'LPUSH',
      'SADD',
      'HSET',
      'SPOP',
      'ZADD',
      'ZPOPMIN',
      'LRANGE_100 (first 100 elements)',
    ]) {
      expect(names).toContain(name)
    }
  })
})
