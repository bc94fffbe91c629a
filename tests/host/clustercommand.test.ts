/** `zerodis cluster`: its arguments, and that what it starts is a cluster. */
import { spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { Cluster } from 'ioredis'
import { expect, test } from 'vitest'
import { runCluster } from '../../lib/host/clustercommand.ts'
import { cli } from '../clients/program.ts'

test.each([
  ['--nodes', '0'],
  ['--nodes', 'x'],
  ['--nodes'],
  ['--replicas=-1'],
  ['--port', '0'],
  ['--nodes', '501', '--replicas', '1'],
  ['redis.conf'],
])('%s %s says how it is used', async (...words) => {
  await expect(runCluster(words, {})).rejects.toThrow('usage: zerodis cluster')
})

/** The first of ports in a row that are free now. */
async function freePort(): Promise<number> {
  const port = 20_000 + (process.pid % 5000)
  const isFree = (candidate: number) =>
    new Promise<boolean>((resolve) => {
      const server = createServer().once('error', () => resolve(false))
      server.listen(candidate, '127.0.0.1', () => server.close(() => resolve(true)))
    })
  for (let first = port; ; first += 10) if ((await isFree(first)) && (await isFree(first + 1))) return first
}

test('a cluster with a password, from the command line', async () => {
  const port = await freePort()
  const words = ['cluster', '--nodes', '2', '--port', `${port}`, '--requirepass', 'secret']
  const child = spawn(process.execPath, [cli(), ...words])
  try {
    await new Promise<void>((resolve, reject) => {
      child.once('exit', () => reject(new Error('it ended')))
      child.stdout.on('data', (text) => `${text}`.includes(`:${port + 1}  slots 8192-16383`) && resolve())
    })
    const client = new Cluster([{ host: '127.0.0.1', port }], { redisOptions: { password: 'secret' } })
    await client.set('a', '1')
    await client.set('b', '2')
    expect([await client.get('a'), await client.get('b'), client.nodes('master').length]).toEqual(['1', '2', 2])
    client.disconnect()
  } finally {
    child.removeAllListeners('exit')
    child.kill()
    await new Promise((resolve) => child.once('exit', resolve))
  }
}, 60_000)
