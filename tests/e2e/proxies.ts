/** Proxies as they stand before a host: each takes a path prefix off, has a Host of its own, and says for whom it asks. */
import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Proxies {
  /** Of the outermost. */
  readonly url: string
  close(): void
}

/** Puts proxies before a host, the innermost first, each with the prefix that it takes off; '' for none. */
export async function proxiesBefore(url: string, prefixes: readonly string[]): Promise<Proxies> {
  const servers: Server[] = []
  let inner = url
  for (const prefix of prefixes) {
    const server = proxyBefore(inner, prefix)
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    inner = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }
  return {
    url: inner,
    close() {
      for (const server of servers) {
        server.closeAllConnections()
        server.close()
      }
    },
  }
}

function proxyBefore(inner: string, prefix: string): Server {
  return createServer((incoming, response) => {
    const { method, headers, url = '' } = incoming
    if (!url.startsWith(prefix)) {
      response.writeHead(404).end()
      return
    }
    const forwarded = {
      ...headers,
      host: new URL(inner).host,
      'x-forwarded-host': headers['x-forwarded-host'] ?? headers.host,
      'x-forwarded-proto': headers['x-forwarded-proto'] ?? 'http',
      'x-forwarded-for': [headers['x-forwarded-for'], '127.0.0.1'].filter((each) => each !== undefined).join(', '),
    }
    const onward = request(inner + url.slice(prefix.length), { method, headers: forwarded }, (answer) => {
      response.writeHead(answer.statusCode!, answer.headers)
      answer.pipe(response)
    })
    onward.on('error', () => response.destroy())
    response.on('close', () => onward.destroy())
    incoming.pipe(onward)
  })
}
