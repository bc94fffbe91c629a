/** createTestCluster: nodes that send clients to each other, slots that move, masters that fail; with the real clients. */
import { type Job, Queue, Worker } from 'bullmq'
import { Cluster, Redis } from 'ioredis'
import { Cluster as Cluster5 } from 'ioredis5'
import { createCluster } from 'redis'
import { afterEach, describe, expect, test } from 'vitest'
import { createTestCluster, type TestCluster, type TestClusterOptions, type TestNode } from '../../lib/testing.ts'

const ends: (() => Promise<unknown> | unknown)[] = []

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

async function create(options?: TestClusterOptions): Promise<TestCluster> {
  const cluster = await createTestCluster(options)
  ends.push(() => cluster.close())
  return cluster
}

function clientOf(cluster: TestCluster, options = {}): Cluster {
  const client = new Cluster(cluster.addresses, { clusterRetryStrategy: () => 10, ...options })
  client.on('error', () => {})
  ends.push(() => client.disconnect())
  return client
}

function answer(node: TestNode, ...words: (string | number)[]): unknown {
  try {
    return node.execute(...words)
  } catch (error) {
    return (error as Error).message
  }
}

describe('createTestCluster', () => {
  test('masters share the slots as redis-cli cuts them, and replicas follow them in turn', async () => {
    const cluster = await create({ masters: 3, replicas: 1 })
    expect(cluster.masters.map(({ slots }) => slots)).toEqual([[[0, 5460]], [[5461, 10922]], [[10923, 16383]]])
    expect(cluster.replicas.map(({ slots }) => slots)).toEqual([[[0, 5460]], [[5461, 10922]], [[10923, 16383]]])
    for (const node of cluster.nodes) {
      const info = String(node.execute('CLUSTER', 'INFO'))
      expect(info).toContain('cluster_state:ok')
      expect(info).toContain('cluster_known_nodes:6')
      expect(info).toContain('cluster_size:3')
    }
    const [first, second] = cluster.masters
    expect(second.execute('CLUSTER', 'SLOTS')).toEqual(first.execute('CLUSTER', 'SLOTS'))
    expect((first.execute('CLUSTER', 'SLOTS') as unknown[][])[0]).toHaveLength(4)
    expect((first.execute('CLUSTER', 'REPLICAS', first.id) as string[])[0]).toMatch(/ slave [0-9a-f]{40} /)
  })

  test('a node sends clients to who has the slot', async () => {
    const cluster = await create()
    const owner = cluster.nodeOf('foo')
    expect(cluster.slotOf('foo')).toBe(12182)
    for (const node of cluster.nodes) {
      expect(answer(node, 'SET', 'foo', '1')).toBe(node === owner ? 'OK' : `MOVED 12182 127.0.0.1:${owner.port}`)
    }
  })

  test('a replica answers reads to who asks for them', async () => {
    const cluster = await create({ masters: 1, replicas: 1 })
    const [master] = cluster.masters
    const [replica] = cluster.replicas
    master.execute('SET', 'a', '1')
    const redis = new Redis(replica.port)
    ends.push(() => redis.disconnect())
    await expect(redis.get('a')).rejects.toThrow(`MOVED 15495 127.0.0.1:${master.port}`)
    await redis.readonly()
    await expect.poll(() => redis.get('a')).toBe('1')
    await expect(redis.set('a', '2')).rejects.toThrow('MOVED')
    await expect(redis.multi().get('a').get('a').exec()).resolves.toEqual([
      [null, '1'],
      [null, '1'],
    ])
    await redis.readwrite()
    await expect(redis.get('a')).rejects.toThrow('MOVED')
  })

  test('a slot on its way: ASK for what is not there any more, TRYAGAIN for what is half there', async () => {
    const cluster = await create()
    const from = cluster.nodeOf('foo')
    const to = cluster.masters.find((node) => node !== from)!
    from.execute('MSET', '{foo}1', '1', '{foo}2', '2')
    cluster.openSlot(12182, to)
    const client = clientOf(cluster)
    expect(await client.get('{foo}1')).toBe('1')
    expect(answer(from, 'GET', '{foo}3')).toBe(`ASK 12182 127.0.0.1:${to.port}`)
    expect(answer(to, 'GET', '{foo}3')).toBe(`MOVED 12182 127.0.0.1:${from.port}`)
    await client.set('{foo}3', '3')
    expect(to.server.engine.keyspace.dbs[0].size).toBe(1)
    await cluster.moveKeys(12182, ['{foo}1'])
    expect(answer(from, 'MGET', '{foo}1', '{foo}2')).toBe('TRYAGAIN Multiple keys request during rehashing of slot')
    expect(await client.get('{foo}1')).toBe('1')
    await cluster.closeSlot(12182)
    expect(answer(from, 'GET', '{foo}2')).toBe(`MOVED 12182 127.0.0.1:${to.port}`)
    expect(await client.mget('{foo}1', '{foo}2', '{foo}3')).toEqual(['1', '2', '3'])
    expect(cluster.nodeOf(12182)).toBe(to)
    for (const node of cluster.nodes) expect(node.execute('CLUSTER', 'SLOTS')).toHaveLength(5)
  })

  test('who waits for a key is sent on when its slot leaves, and subscribers of a shard channel are told', async () => {
    const cluster = await create()
    const from = cluster.nodeOf('foo')
    const to = cluster.masters.find((node) => node !== from)!
    const [waiting, subscriber] = [new Redis(from.port), new Redis(from.port)]
    ends.push(() => waiting.disconnect())
    ends.push(() => subscriber.disconnect())
    const popped = waiting.blpop('foo', 0).catch((error: Error) => error.message)
    await subscriber.ssubscribe('foo')
    const told = new Promise((resolve) => subscriber.on('sunsubscribe', resolve))
    await expect.poll(() => from.server.engine.blocking.size).toBe(1)
    await cluster.moveSlots([12182], to)
    expect(await popped).toBe(`MOVED 12182 127.0.0.1:${to.port}`)
    await expect.poll(() => answer(from, 'PUBSUB', 'SHARDNUMSUB', 'foo')).toEqual(['foo', 0])
    void told
  })

  test('the last slot of a master makes it a replica of who has it', async () => {
    const cluster = await create({ masters: 2 })
    const [first, second] = cluster.masters
    first.execute('CLUSTER', 'DELSLOTSRANGE', 1, 8191)
    expect(answer(first, 'GET', 'a')).toBe('CLUSTERDOWN The cluster is down')
    expect(String(second.execute('CLUSTER', 'INFO'))).toContain('cluster_state:ok')
    await cluster.moveSlots([0], second)
    expect(first.isMaster).toBe(false)
    expect(first.execute('ROLE')).toEqual(expect.arrayContaining(['slave', '127.0.0.1', second.port]))
  })

  test('messages reach subscribers of all nodes; those of a shard channel, of the shard', async () => {
    const cluster = await create({ masters: 2, replicas: 1 })
    const got: string[] = []
    for (const node of cluster.nodes) {
      const redis = new Redis(node.port)
      ends.push(() => redis.disconnect())
      await redis.subscribe('news')
      redis.on('message', () => got.push('news'))
      redis.on('smessage', () => got.push('shard'))
      if (node.slots[0][0] === 0) await redis.ssubscribe('b') // slot 3300
    }
    expect(cluster.nodes[1].execute('PUBLISH', 'news', 'x')).toBe(1)
    expect(cluster.nodes[0].execute('SPUBLISH', 'b', 'x')).toBe(1)
    await expect.poll(() => got.sort()).toEqual(['news', 'news', 'news', 'news', 'shard', 'shard'])
  })

  test('a failover while all live: the replica has everything, the master follows it', async () => {
    const cluster = await create({ masters: 3, replicas: 1 })
    const client = clientOf(cluster)
    for (let i = 0; i < 100; i++) await client.set(`k${i}`, `${i}`)
    const [master] = cluster.masters
    const replica = cluster.replicas.find(({ slots }) => slots[0][0] === 0)!
    expect(await cluster.failover(master)).toBe(replica)
    expect([replica.isMaster, master.isMaster, cluster.nodeOf(0)]).toEqual([true, false, replica])
    for (let i = 0; i < 100; i++) expect(await client.get(`k${i}`)).toBe(`${i}`)
    for (let i = 0; i < 100; i++) await client.set(`k${i}`, `${i + 1}`)
    expect(answer(master, 'SET', 'b', '1')).toBe(`MOVED 3300 127.0.0.1:${replica.port}`)
    for (const node of cluster.nodes) expect(String(node.execute('CLUSTER', 'INFO'))).toContain('cluster_state:ok')
  })

  test('a master that is killed: its slots are down until a replica takes over; it comes back as a replica', async () => {
    const cluster = await create({ masters: 3, replicas: 1 })
    const client = clientOf(cluster, { maxRedirections: 3, retryDelayOnClusterDown: 5 })
    await client.set('b', '1')
    const owner = cluster.nodeOf('b')
    await expect
      .poll(() => cluster.replicas.find(({ slots }) => slots[0][0] === 0)!.server.engine.keyspace.dbs[0].size)
      .toBe(1)
    const { id, port } = owner
    await cluster.kill(owner)
    const [other] = cluster.masters
    expect(answer(other, 'GET', 'foo')).toBe('CLUSTERDOWN The cluster is down')
    expect(String(other.execute('CLUSTER', 'NODES'))).toMatch(
      new RegExp(`${id} .* master,fail - .* disconnected 0-5460`),
    )
    await expect(client.get('b')).rejects.toThrow()
    const replica = await cluster.failover(owner)
    expect(await client.get('b')).toBe('1')
    const back = await cluster.restart(owner)
    expect([back.id, back.port, back.isMaster]).toEqual([id, port, false])
    expect(back.slots).toEqual([[0, 5460]])
    await expect.poll(() => back.server.engine.keyspace.dbs[0].size).toBe(1)
    expect(String(replica.execute('CLUSTER', 'NODES'))).not.toContain('fail')
    for (const node of cluster.nodes) expect(node.execute('CLUSTER', 'SLOTS')).toHaveLength(3)
  })

  test('a master without replicas that was killed comes back with its slots, and empty', async () => {
    const cluster = await create({ masters: 2 })
    const owner = cluster.nodeOf('b')
    owner.execute('SET', 'b', '1')
    await cluster.kill(owner)
    await expect(cluster.failover(owner)).rejects.toThrow('no replica')
    const back = await cluster.restart(owner)
    expect([back.isMaster, back.slots, back.execute('GET', 'b')]).toEqual([true, [[0, 8191]], null])
    for (const node of cluster.nodes) expect(String(node.execute('CLUSTER', 'INFO'))).toContain('cluster_state:ok')
  })

  test('the time is one for all nodes', async () => {
    const cluster = await create({ masters: 2, frozen: true, now: 1_000_000 })
    for (const node of cluster.nodes) expect(node.execute('TIME')).toEqual(['1000', '0'])
    cluster.clock.advance(5000)
    for (const node of cluster.nodes) expect(node.execute('TIME')).toEqual(['1005', '0'])
  })
})

describe('clients', () => {
  test.each([
    ['6', Cluster],
    ['5', Cluster5],
  ])('ioredis %s: commands, pipelines, scripts, transactions of one slot, subscriptions', async (_, Kind) => {
    const cluster = await create({ masters: 3, replicas: 1 })
    const client = new (Kind as typeof Cluster)(cluster.addresses, { scaleReads: 'slave' })
    ends.push(() => client.disconnect())
    for (let i = 0; i < 50; i++) await client.set(`k${i}`, `${i}`)
    expect(await client.mget('{t}a', '{t}b')).toEqual([null, null])
    await expect(client.mget('a', 'b')).rejects.toThrow('CROSSSLOT')
    expect(await client.eval('return redis.call("incr", KEYS[1])', 1, 'n')).toBe(1)
    expect(await client.multi().set('{t}a', '1').incr('{t}a').exec()).toEqual([
      [null, 'OK'],
      [null, 2],
    ])
    const pipeline = client.pipeline()
    for (let i = 0; i < 10; i++) pipeline.set(`{p}${i}`, i)
    expect(await pipeline.exec()).toHaveLength(10)
    const subscriber = client.duplicate()
    ends.push(() => subscriber.disconnect())
    await subscriber.subscribe('news')
    const heard = new Promise((resolve) => subscriber.once('message', (_channel, message) => resolve(message)))
    await client.publish('news', 'x')
    expect(await heard).toBe('x')
    expect(client.nodes('master')).toHaveLength(3)
    expect(client.nodes('slave')).toHaveLength(3)
  })

  test('ioredis 6 with subscribers of shards, one of whose slots moves', async () => {
    const cluster = await create({ masters: 3 })
    const client = clientOf(cluster, { shardedSubscribers: true })
    const heard = new Set<string>()
    client.on('smessage', (name: string, text: string) => heard.add(`${name} ${text}`))
    await client.ping()
    for (const name of ['b', 'foo', 'a']) await client.ssubscribe(name)
    for (const name of ['b', 'foo', 'a']) await client.spublish(name, '1')
    await expect.poll(() => [...heard].toSorted()).toEqual(['a 1', 'b 1', 'foo 1'])
    const to = cluster.masters.find((node) => node !== cluster.nodeOf('b'))!
    await cluster.moveSlots([cluster.slotOf('b')], to)
    await expect
      .poll(
        async () => {
          await client.spublish('b', '2')
          return heard
        },
        { timeout: 10_000 },
      )
      .toContain('b 2')
  })

  test('ioredis without sockets for its commands', async () => {
    const cluster = await create({ masters: 3 })
    const client = clientOf(cluster, { redisOptions: { Connector: cluster.Connector } })
    for (let i = 0; i < 50; i++) await client.set(`k${i}`, `${i}`)
    for (let i = 0; i < 50; i++) expect(await client.get(`k${i}`)).toBe(`${i}`)
    await cluster.moveSlots([cluster.slotOf('k1')], cluster.masters.find((node) => node !== cluster.nodeOf('k1'))!)
    expect(await client.get('k1')).toBe('1')
  })

  test('node-redis: createCluster', async () => {
    const cluster = await create({ masters: 3, replicas: 1 })
    const client = createCluster({ rootNodes: cluster.urls.map((url) => ({ url })), useReplicas: true })
    client.on('error', () => {})
    await client.connect()
    ends.push(() => client.destroy())
    for (let i = 0; i < 50; i++) await client.set(`k${i}`, `${i}`)
    expect(await client.multi().set('{t}a', '1').incr('{t}a').exec()).toEqual(['OK', 2])
    const slot = cluster.slotOf('k1')
    const to = cluster.masters.find((node) => node !== cluster.nodeOf(slot))!
    await cluster.moveSlots([slot], to)
    await expect.poll(() => client.get('k1')).toBe('1')
    await client.set('k1', 'x')
    expect(to.execute('GET', 'k1')).toBe('x')
    const heard = new Promise<string>((resolve) => {
      client.sSubscribe('b', (message) => resolve(message)).then(() => client.sPublish('b', 'hello'))
    })
    expect(await heard).toBe('hello')
  })

  test('BullMQ with a hash tag as its prefix', async () => {
    const cluster = await create({ masters: 3 })
    const connection = () => {
      const client = new Cluster(cluster.addresses, { redisOptions: { maxRetriesPerRequest: null } })
      ends.push(() => client.disconnect())
      return client
    }
    const queue = new Queue('mail', { connection: connection(), prefix: '{bull}' })
    const done: number[] = []
    const worker = new Worker('mail', async (job: Job<{ n: number }>) => done.push(job.data.n), {
      connection: connection(),
      prefix: '{bull}',
    })
    ends.push(() => queue.close())
    ends.push(() => worker.close())
    await queue.addBulk(Array.from({ length: 20 }, (_, n) => ({ name: 'send', data: { n } })))
    await expect.poll(() => done.length, { timeout: 10_000 }).toBe(20)
  })
})
