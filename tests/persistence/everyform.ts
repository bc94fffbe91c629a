/** What tests of snapshots load. */
import { createServer, type Server } from '../../lib/server.ts'

export const fresh = (): Server => createServer({ 'enable-debug-command': 'yes', log() {} })

/** A snapshot with a value of every form. */
export function everyForm(): Buffer {
  const server = fresh()
  const numbers = Array.from({ length: 300 }, (_, i) => `${i}`)
  const call = (...argv: string[]): unknown => server.execute(...(argv as [string]))
  call('SET', 'string', 'value')
  call('SET', 'integer', '12345')
  call('SET', 'long', 'ab'.repeat(2000))
  call('SET', 'expiring', 'v', 'PX', '100000000')
  for (const key of ['7', '-300', '70000', 'k'.repeat(50)]) call('SET', key, key)
  call('RPUSH', 'list', ...numbers)
  call('RPUSH', 'long-list', ...numbers, ...numbers.map((n) => `${n}: `.repeat(50)))
  call('RPUSH', 'short-list', 'a', '1', '-5', 'x'.repeat(100))
  call('SADD', 'intset', '1', '2', '70000', '-9000000000')
  call('SADD', 'small-set', 'a', 'b')
  call('SADD', 'set', ...numbers.map((n) => `m${n}`))
  call('ZADD', 'small-zset', '1.5', 'a', '-inf', 'b')
  call('ZADD', 'zset', ...numbers.flatMap((n) => [n, `m${n}`]))
  call('HSET', 'small-hash', 'f', 'v', 'g', '7')
  call('HSET', 'hash', ...numbers.flatMap((n) => [`f${n}`, n]), 'long', 'x'.repeat(100))
  call('HSET', 'timed', 'f', 'v', 'g', 'w')
  call('HPEXPIRE', 'timed', '100000000', 'FIELDS', '1', 'f')
  call('HSET', 'timed-table', ...numbers.flatMap((n) => [`f${n}`, 'y'.repeat(70)]))
  call('HPEXPIRE', 'timed-table', '100000000', 'FIELDS', '2', 'f1', 'f2')
  for (let i = 1; i < 20; i++) call('XADD', 'stream', `${i}-1`, 'f', `${i}`, 'g', 'v')
  call('XDEL', 'stream', '3-1')
  call('XGROUP', 'CREATE', 'stream', 'g', '0')
  call('XREADGROUP', 'GROUP', 'g', 'c', 'COUNT', '5', 'STREAMS', 'stream', '>')
  call('PFADD', 'hll', 'a', 'b')
  call('ARSET', 'array', '5', 'a', 'b')
  call('JSON.SET', 'json', '$', '{"a":[1,2.5,"x",null,true]}')
  return Buffer.concat(server.engine.ports.persistence.rdb.pieces([]))
}
