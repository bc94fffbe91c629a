/** The clients that people use, over TLS, at a server started from the command line. */
import { execFile, spawnSync } from 'node:child_process'
import { readFileSync as read } from 'node:fs'
import { promisify } from 'node:util'
import { Redis as IoRedis } from 'ioredis'
import { createClient } from 'redis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Authority, type Certificate } from '../clients/certificates.ts'
import { freePort } from '../clients/ports.ts'
import { Program } from '../clients/process.ts'
import { cli } from '../clients/program.ts'
import { zerodis } from './child.ts'

const run = promisify(execFile)
const installed = spawnSync('redis-cli', ['--version']).status === 0

describe('zerodis --tls-port', () => {
  const authority = new Authority()
  let client: Certificate
  let port: number
  let server: Program

  beforeAll(async () => {
    const own = authority.sign('server')
    client = authority.sign('client')
    port = await freePort()
    const files = ['--tls-cert-file', own.cert, '--tls-key-file', own.key, '--tls-ca-cert-file', authority.cert]
    const flags = ['--port', '0', '--http-port', '0', '--tls-port', `${port}`, '--requirepass', 'secret', ...files]
    server = new Program([cli(), ...flags])
    await server.until(() => server.output.includes('Ready to accept connections tls'))
  })
  afterAll(async () => {
    await server.stop()
    authority.remove()
  })

  test('redis-cli --tls', async (context) => {
    if (!installed) context.skip('redis-cli is not installed (apt-get install redis-tools, brew install redis)')
    const tls = ['--tls', '--cacert', authority.cert, '--cert', client.cert, '--key', client.key]
    const cli = ['-p', `${port}`, '-a', 'secret', '--no-auth-warning']
    expect((await run('redis-cli', [...cli, ...tls, 'SET', 'k', 'v'])).stdout).toBe('OK\n')
    await expect(run('redis-cli', [...cli, '--tls', '--cacert', authority.cert, 'GET', 'k'])).rejects.toThrow()
    await expect(run('redis-cli', [...cli, 'GET', 'k'])).rejects.toThrow()
  })

  const options = () => ({ ca: authority.pem, cert: read(client.cert), key: read(client.key) })

  test('ioredis, by rediss:// and by its option', async () => {
    for (const redis of [
      new IoRedis(`rediss://:secret@127.0.0.1:${port}`, { tls: options() }),
      new IoRedis({ host: 'localhost', port, password: 'secret', tls: options() }),
    ]) {
      await redis.set('ioredis', 'é')
      expect(await redis.get('ioredis')).toBe('é')
      expect(await redis.multi().incr('n').incr('n').exec()).toHaveLength(2)
      await redis.quit()
    }
  })

  test('node-redis', async () => {
    const redis = createClient({ url: `rediss://:secret@localhost:${port}`, socket: { tls: true, ...options() } })
    await redis.connect()
    await redis.set('node-redis', 'é')
    expect(await redis.get('node-redis')).toBe('é')
    await redis.close()
  })

  test('a server that cannot be certified does not start', async () => {
    const other = await freePort()
    const failed = zerodis(['--port', '0', '--http-port', '0', '--tls-port', `${other}`])
    expect(await failed.ended).toBe(1)
    expect(failed.output).toMatch(
      /# No tls-cert-file configured!\n.*# Failed to configure TLS\. Check logs for more info\./,
    )
  })
})
