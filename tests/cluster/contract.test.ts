/**
 * One node that has all slots, beside a genuine redis-server of one: the same commands in the same order, and the replies as they come
 * over RESP2 and RESP3. Ids of nodes, which are random, read ID. Where 7.4 answers otherwise than 7.0.15, 7.4's answer stands here.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createServer, type Server } from '../../lib/server.ts'
import { RespClient } from '../clients/resp.ts'
import { Genuine, genuineVersion } from '../contract/harness/genuine.ts'
import { argvOf } from '../contract/harness/line.ts'
import { show } from '../contract/harness/seen.ts'

const SETTINGS = {
  'cluster-enabled': 'yes',
  'cluster-announce-ip': '127.0.0.1',
  'cluster-announce-port': '7001',
  'cluster-announce-bus-port': '17001',
} as const

/** Commands in their order. */
const CASES: Readonly<Record<string, readonly string[]>> = {
  'what the cluster is': [
    'CLUSTER INFO',
    'CLUSTER NODES',
    'CLUSTER SLOTS',
    'CLUSTER SHARDS',
    'CLUSTER MYID',
    'CLUSTER LINKS',
    'CLUSTER REPLICAS ID',
    'CLUSTER SLAVES ID',
    'CLUSTER REPLICAS x',
    'CLUSTER COUNT-FAILURE-REPORTS ID',
    'CLUSTER COUNT-FAILURE-REPORTS x',
    'CLUSTER SAVECONFIG',
    'INFO cluster',
    'ROLE',
    'CLUSTER',
    'CLUSTER colour',
    'CLUSTER NODES x',
    'CLUSTER MYID x',
  ],
  'keys and slots': [
    'CLUSTER KEYSLOT foo',
    'CLUSTER KEYSLOT a{foo}b',
    'CLUSTER KEYSLOT {}foo',
    'CLUSTER KEYSLOT ""',
    'SET foo 1',
    'SET {foo}a 1',
    'SET {foo}b 1 EX 100',
    'CLUSTER COUNTKEYSINSLOT 12182',
    'CLUSTER GETKEYSINSLOT 12182 0',
    'DEL foo {foo}b',
    'CLUSTER GETKEYSINSLOT 12182 10',
    'RENAME {foo}a {foo}c',
    'CLUSTER GETKEYSINSLOT 12182 10',
    'CLUSTER COUNTKEYSINSLOT 0',
    'CLUSTER COUNTKEYSINSLOT 16384',
    'CLUSTER COUNTKEYSINSLOT -1',
    'CLUSTER COUNTKEYSINSLOT x',
    'CLUSTER GETKEYSINSLOT 16384 1',
    'CLUSTER GETKEYSINSLOT 1 -1',
    'CLUSTER GETKEYSINSLOT 1 x',
    'FLUSHALL',
    'CLUSTER COUNTKEYSINSLOT 12182',
  ],
  'several slots': [
    'MSET {a}1 x {a}2 y',
    'MGET {a}1 {a}2',
    'MGET {a}1 {b}1',
    'MSET a 1 b 2',
    'DEL a b',
    'DEL a a',
    'EVAL "return 1" 2 a b',
    'EVAL "return redis.call(\'get\', KEYS[1])" 1 {a}1',
    'SINTERSTORE a b c',
    'XREAD STREAMS a b 0 0',
    'PFMERGE a b',
    'SORT a STORE b',
    'GEOSEARCHSTORE a b FROMLONLAT 1 1 BYRADIUS 1 m',
    'COPY a b',
    'WATCH a b',
    'WATCH {a}1 {a}2',
    'UNWATCH',
    'FCALL x 2 a b',
    'EVAL "return 1" x a b',
    'FLUSHALL',
  ],
  transactions: [
    'MULTI',
    'SET a 1',
    'SET b 2',
    'EXEC',
    'MULTI',
    'SET {a}1 1',
    'GET {a}1',
    'EXEC',
    'MULTI',
    'MGET a b',
    'SET a 1',
    'EXEC',
    'EXEC',
    'MULTI',
    'PING',
    'EXEC',
    'GET a',
    'FLUSHALL',
  ],
  scripts: [
    "EVAL \"redis.call('set', 'a', 1) redis.call('set', 'b', 2) return 3\" 0",
    "EVAL \"#!lua\\nredis.call('set', 'a', 1) return redis.pcall('set', 'b', 2)\" 0",
    "EVAL \"#!lua\\nreturn redis.pcall('set', 'b', 2)\" 1 a",
    "EVAL \"#!lua\\nreturn redis.pcall('mget', 'a', 'b')\" 0",
    "EVAL \"#!lua flags=allow-cross-slot-keys\\nredis.call('set', 'a', 1) redis.call('set', 'b', 2) return 3\" 0",
    'EVAL "#!lua flags=no-cluster\\nreturn 1" 0',
    "EVAL \"return redis.pcall('mget', 'a', 'b')\" 0",
    "FUNCTION LOAD \"#!lua name=l\\nredis.register_function('f', function() redis.call('set', 'a', 1) return redis.pcall('set', 'b', 2) end) redis.register_function{function_name='g', callback=function() redis.call('set', 'a', 1) redis.call('set', 'b', 2) return 3 end, flags={'allow-cross-slot-keys'}} redis.register_function{function_name='h', callback=function() return 1 end, flags={'no-cluster'}}\"",
    'FCALL f 0',
    'FCALL f 1 a',
    'FCALL f 1 b',
    'FCALL g 0',
    'FCALL h 0',
    'FUNCTION FLUSH',
    'FLUSHALL',
  ],
  'one database': [
    'SELECT 0',
    'SELECT 1',
    'SELECT x',
    'SET a 1',
    'MOVE a 1',
    'SWAPDB 0 1',
    'COPY a {a}b DB 1',
    'COPY a {a}b DB 0',
    'COPY a {a}b DB 99',
    'REPLICAOF NO ONE',
    'REPLICAOF 127.0.0.1 1',
    'FAILOVER',
    'CONFIG GET databases',
    'FLUSHALL',
  ],
  'READONLY, READWRITE, ASKING': ['READONLY', 'READWRITE', 'ASKING', 'GET a', 'ASKING', 'ASKING x', 'READONLY x'],
  'the ways of slots': [
    'CLUSTER SETSLOT 1 STABLE',
    'CLUSTER SETSLOT 16384 STABLE',
    'CLUSTER SETSLOT x STABLE',
    'CLUSTER SETSLOT 1 STABLE x',
    'CLUSTER SETSLOT 1 IMPORTING ID',
    'CLUSTER SETSLOT 1 IMPORTING x',
    'CLUSTER SETSLOT 1 MIGRATING x',
    'CLUSTER SETSLOT 1 MIGRATING',
    'CLUSTER SETSLOT 1 COLOUR x',
    'CLUSTER SETSLOT 1 NODE x',
    'CLUSTER SETSLOT 1 NODE ID',
    'CLUSTER SETSLOT 1 MIGRATING ID',
    'CLUSTER NODES',
    'GET key:1',
    'CLUSTER SETSLOT 1 STABLE',
    'CLUSTER NODES',
  ],
  'a slot that migrates to the node itself': [
    'CLUSTER SETSLOT 12182 MIGRATING ID',
    'SET foo 1',
    'CLUSTER SETSLOT 12182 STABLE',
    'SET foo 1',
    'CLUSTER SETSLOT 12182 MIGRATING ID',
    'GET foo',
    'GET {foo}2',
    'MGET foo {foo}2',
    'MULTI',
    'GET foo',
    'EXEC',
    'MIGRATE 127.0.0.1 1 nokey{foo} 0 10',
    'SPUBLISH foo x',
    "EVAL \"return redis.pcall('get', '{foo}2')\" 0",
    'CLUSTER SETSLOT 12182 STABLE',
    'FLUSHALL',
  ],
  'slots that nobody has': [
    'CLUSTER DELSLOTS 5 5',
    'CLUSTER DELSLOTS 5 x',
    'CLUSTER DELSLOTS 12182 7 9',
    'CLUSTER DELSLOTS 7',
    'CLUSTER NODES',
    'CLUSTER SLOTS',
    'CLUSTER SHARDS',
    'CLUSTER ADDSLOTS 8',
    'CLUSTER ADDSLOTS 7 7',
    'CLUSTER ADDSLOTS 16384',
    'CLUSTER DELSLOTSRANGE 1 2 3',
    'CLUSTER DELSLOTSRANGE 3 2',
    'CLUSTER DELSLOTSRANGE 10 20 15 16',
    'CLUSTER DELSLOTSRANGE 5 8',
    'CLUSTER ADDSLOTSRANGE 1 2 3',
    'CLUSTER ADDSLOTSRANGE 3 2',
    'CLUSTER ADDSLOTSRANGE 7 7 7 7',
    'CLUSTER ADDSLOTSRANGE 7 8',
  ],
  'what is down': [
    'GET foo',
    'SET foo 1',
    'GET a',
    'SET a 1',
    'PING',
    "EVAL \"return redis.pcall('get', 'a')\" 0",
    'SPUBLISH a x',
    'SPUBLISH foo x',
    'CONFIG SET cluster-allow-pubsubshard-when-down no',
    'SPUBLISH a x',
    'CONFIG SET cluster-allow-reads-when-down yes',
    'GET foo',
    'GET a',
    'SET a 1',
    "EVAL \"return redis.pcall('get', 'a')\" 0",
    "EVAL \"return redis.pcall('set', 'a', 1)\" 0",
    'MULTI',
    'SET a 1',
    'EXEC',
    'CONFIG SET cluster-require-full-coverage no',
  ],
  'what is there again': [
    'CLUSTER ADDSLOTS 12182 7 9',
    'CONFIG SET cluster-require-full-coverage yes cluster-allow-reads-when-down no cluster-allow-pubsubshard-when-down yes',
    'CLUSTER NODES',
  ],
  'sharded channels': [
    'SSUBSCRIBE a b',
    'SPUBLISH a x',
    'MULTI',
    'SPUBLISH a x',
    'SPUBLISH b x',
    'EXEC',
    'MULTI',
    'SPUBLISH {a}1 x',
    'SET {a}2 x',
    'EXEC',
    'FLUSHALL',
  ],
  'nodes and epochs': [
    'CLUSTER FORGET x',
    'CLUSTER FORGET ID',
    'CLUSTER REPLICATE x',
    'CLUSTER REPLICATE ID',
    'CLUSTER FAILOVER',
    'CLUSTER FAILOVER FORCE',
    'CLUSTER FAILOVER COLOUR',
    'CLUSTER FAILOVER FORCE x',
    'CLUSTER MEET 127.0.0.1 99999',
    'CLUSTER MEET x 7000',
    'CLUSTER MEET 127.0.0.1 7000 99999',
    'CLUSTER MEET 127.0.0.1 0',
    'CLUSTER SET-CONFIG-EPOCH x',
    'CLUSTER SET-CONFIG-EPOCH -1',
    'CLUSTER SET-CONFIG-EPOCH 7',
    'CLUSTER SET-CONFIG-EPOCH 8',
    'CLUSTER BUMPEPOCH',
    'CLUSTER INFO',
    'CLUSTER NODES',
  ],
  'the end of it': [
    'SET a 1',
    'CLUSTER RESET',
    'CLUSTER RESET COLOUR',
    'CLUSTER RESET HARD x',
    'CLUSTER FLUSHSLOTS',
    'FLUSHALL',
    'CLUSTER FLUSHSLOTS',
    'CLUSTER SLOTS',
    'CLUSTER SHARDS',
    'CLUSTER NODES',
    'SSUBSCRIBE a',
    'CLUSTER RESET HARD',
    'CLUSTER INFO',
    'CLUSTER NODES',
    'CLUSTER RESET SOFT',
  ],
}

describe.skipIf(genuineVersion === undefined).each([2, 3])('beside a genuine node, over RESP%i', (proto) => {
  let genuine: Genuine
  let server: Server
  let clients: { readonly theirs: RespClient; readonly ours: RespClient }
  const ids = { theirs: '', ours: '' }

  beforeAll(async () => {
    const busPort = 20_000 + (process.pid % 5000) + proto
    const flags = Object.entries(SETTINGS).flatMap(([name, value]) => [`--${name}`, value])
    genuine = await Genuine.start(...flags, '--cluster-port', `${busPort}`)
    server = createServer({ ...SETTINGS, log: () => {} })
    await server.listen({ port: 0, httpPort: false })
    const theirs = await genuine.connect()
    const ours = await RespClient.connect({ port: server.doors.port, host: '127.0.0.1' })
    for (const client of [theirs, ours]) await client.send(['HELLO', `${proto}`])
    clients = { theirs, ours }
    await theirs.send(argvOf('CLUSTER ADDSLOTSRANGE 0 16383'))
    for (;;) {
      const info = show(await theirs.send(argvOf('CLUSTER INFO')))
      if (info.includes('cluster_state:ok')) break
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    ids.theirs = String(await theirs.send(argvOf('CLUSTER MYID')))
    ids.ours = String(await ours.send(argvOf('CLUSTER MYID')))
  }, 30_000)

  afterAll(async () => {
    clients?.theirs.close()
    clients?.ours.close()
    await server?.close()
    await genuine?.stop()
  })

  test.each(Object.entries(CASES))('%s', async (_, lines) => {
    const theirs: string[] = []
    const ours: string[] = []
    for (const line of lines) {
      const ask = async (side: 'theirs' | 'ours') =>
        plain(show(await clients[side].send(argvOf(line.replace(/\bID\b/, ids[side])))))
      theirs.push(`${line} -> ${await ask('theirs')}`)
      ours.push(`${line} -> ${await ask('ours')}`)
      // A genuine node takes a moment to see that it is up or down again.
      if (/SLOTS|coverage/.test(line)) await new Promise((resolve) => setTimeout(resolve, 120))
    }
    expect(ours).toEqual(theirs)
  })
})

function plain(text: string): string {
  return text.replace(/[0-9a-f]{40}/g, 'ID')
}
