/** `zerodis cluster`: its arguments, and that what it starts is a cluster. */
import { spawn } from 'node:child_process'
import { Cluster } from 'ioredis'
import { expect, test } from 'vitest'
import { runCluster } from '../../lib/host/clustercommand.ts'
import { freePorts } from '../clients/ports.ts'
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

test('a cluster with a password, from the command line', async () => {
  const port = await freePorts(2)
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
