/** What a client that tracks keys hears of those that are evicted for its own command. */
import { expect, test } from 'vitest'
import { createServer } from '../../lib/server.ts'
import { encodeCommand, RespClient } from '../clients/resp.ts'

test('a client hears of a key that was evicted for its command before it has the reply', async () => {
  const server = createServer({ log: () => {} })
  const { port } = await server.listen({ port: 0, httpPort: false })
  const client = await RespClient.connect({ port, host: '127.0.0.1' })
  await client.send(['HELLO', '3'])
  await client.send(['CLIENT', 'TRACKING', 'ON'])
  await client.send(['SETEX', 'volatile', '1000', 'x'])
  await client.send(['GET', 'volatile'])
  await client.send(['SETBIT', 'big', '8000000', '0'])
  await client.send(['CONFIG', 'SET', 'maxmemory-policy', 'volatile-lru', 'maxmemory', '900000'])
  let received = ''
  client.socket.on('data', (chunk) => {
    received += chunk.toString('latin1')
  })
  client.write(encodeCommand(['GETBIT', 'big', '0']) + encodeCommand(['PING', 'end']))
  while (!received.includes('end')) await new Promise(setImmediate)
  expect(received).toBe('>2\r\n$10\r\ninvalidate\r\n*1\r\n$8\r\nvolatile\r\n:0\r\n$3\r\nend\r\n')
  client.close()
  await server.close()
})
