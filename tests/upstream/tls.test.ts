/** An upstream over TLS: a genuine Redis that wants certificates, and a Cluster of ours whose nodes do. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createServer } from '../../lib/server.ts'
import { Authority, type Certificate } from '../clients/certificates.ts'
import { freePort } from '../clients/ports.ts'
import { RespClient } from '../clients/resp.ts'
import { Genuine, genuineVersion } from '../contract/harness/genuine.ts'
import { show } from '../contract/harness/seen.ts'

const PASSPHRASE = 'opens the key'

describe.skipIf(genuineVersion === undefined)('rediss://', () => {
  let authority: Authority
  let stranger: Authority
  let client: Certificate
  let locked: Certificate
  let genuine: Genuine
  let port: number

  beforeAll(async () => {
    authority = new Authority()
    stranger = new Authority('Stranger')
    const server = authority.sign('server')
    client = authority.sign('client')
    locked = authority.sign('locked', PASSPHRASE)
    port = await freePort()
    genuine = await Genuine.start(
      ...['--tls-port', `${port}`, '--tls-cert-file', server.cert, '--tls-key-file', server.key],
      ...['--tls-ca-cert-file', authority.cert, '--tls-auth-clients', 'yes', '--requirepass', 'topsecret'],
    )
  }, 30_000)
  afterAll(async () => {
    await genuine?.stop()
    authority.remove()
    stranger.remove()
  })

  const url = (parameters: Readonly<Record<string, string>>, scheme = 'rediss'): string =>
    `${scheme}://:topsecret@127.0.0.1:${port}?${new URLSearchParams(parameters)}`

  async function outcome(address: string): Promise<string> {
    const server = createServer({ upstream: address, 'upstream-timeout': '2000', 'rest-token': 'token', log: () => {} })
    try {
      const response = await server.fetch(
        new Request('http://store.test/incr/n', { headers: { authorization: 'Bearer token' } }),
      )
      return `${response.status} ${await response.text()}`
    } finally {
      await server.close()
    }
  }

  test('with the certificates of both sides, by all doors', async () => {
    const upstream = url({ tls_ca: authority.cert, tls_cert: client.cert, tls_key: client.key })
    expect(await outcome(upstream)).toMatch(/^200 \{"result":\d+\}$/)
    const server = createServer({ upstream, log: () => {} })
    const { port: ours } = await server.listen({ port: 0, httpPort: false })
    const tcp = await RespClient.connect({ host: '127.0.0.1', port: ours })
    const large = 'x'.repeat(5_000_000)
    expect(show(await tcp.send(['SET', 'large', large]))).toBe('+OK')
    expect(await tcp.send(['GET', 'large'])).toBe(large)
    expect(await server.execute('STRLEN', 'large')).toBe(large.length)
    const messages = server.inProcess().subscribe('subscribe', ['news'])
    await expect.poll(() => tcp.send(['PUBLISH', 'news', 'x'])).toBe(1)
    expect(await messages.next()).toMatchObject({ value: { message: 'x' } })
    messages.close()
    tcp.close()
    await server.close()
  })

  test('with a key that a passphrase opens', async () => {
    const certificates = { tls_ca: authority.cert, tls_cert: locked.cert, tls_key: locked.key }
    expect(await outcome(url({ ...certificates, tls_passphrase: PASSPHRASE }))).toMatch(/^200/)
    await expect(outcome(url({ ...certificates, tls_passphrase: 'another' }))).resolves.toMatch(
      /^502 .*cannot be reached/,
    )
  })

  test('a server that nobody knows is not spoken to, unless that is wanted', async () => {
    const own = { tls_cert: client.cert, tls_key: client.key }
    const isRefused =
      /^502 \{"error":"ERR upstream rediss:\/\/127\.0\.0\.1:\d+ cannot be reached: .*(certificate|signed)/
    expect(await outcome(url(own))).toMatch(isRefused)
    expect(await outcome(url({ ...own, tls_ca: stranger.cert }))).toMatch(isRefused)
    expect(await outcome(url({ ...own, tls_verify: 'no' }))).toMatch(/^200/)
    expect(await outcome(url({ ...own, tls_ca: authority.cert, tls_servername: 'elsewhere.example' }))).toMatch(
      /^502 .*altnames/i,
    )
    expect(await outcome(url({ ...own, tls_ca: authority.cert, tls_servername: 'localhost' }))).toMatch(/^200/)
  })

  test('whom the server does not let in is told, and nothing of a secret', async () => {
    for (const address of [
      url({ tls_ca: authority.cert }),
      `redis://:topsecret@127.0.0.1:${port}`,
      url({ tls_ca: authority.cert, tls_cert: client.cert, tls_key: client.key }).replace('topsecret', 'wrong-one'),
    ]) {
      const said = await outcome(address)
      expect(said).toMatch(/^50[24] \{"error":"ERR upstream rediss?:\/\/127/)
      expect(said).not.toMatch(/topsecret|wrong-one/)
    }
  })
})
