import { createClient, type VercelKV } from '@vercel/kv'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { httpRest, type RestServer, TOKEN } from '../clients/rest.ts'

describe('@vercel/kv', () => {
  let rest: RestServer
  let kv: VercelKV
  beforeAll(async () => {
    rest = await httpRest()
    kv = createClient({ url: rest.url, token: TOKEN })
  })
  afterAll(() => rest.close())
  beforeEach(() => kv.flushall())

  it('sets and gets objects', async () => {
    await kv.set('user', { name: 'é' }, { ex: 60 })
    expect(await kv.get('user')).toEqual({ name: 'é' })
    expect(await kv.incr('visits')).toBe(1)
    expect(await Promise.all([kv.get('user'), kv.get('none'), kv.incr('visits')])).toEqual([{ name: 'é' }, null, 2])
  })

  it('iterates over keys, fields and members to the end', async () => {
    for (let i = 0; i < 30; i++) {
      await Promise.all([kv.set(`key:${i}`, i), kv.hset('hash', { [`f${i}`]: i }), kv.sadd('set', `m${i}`)])
    }
    const keys = new Set<string>()
    for await (const key of kv.scanIterator({ match: 'key:*', count: 5 })) keys.add(key)
    expect(keys.size).toBe(30)
    const fields: unknown[] = []
    for await (const item of kv.hscanIterator('hash')) fields.push(item)
    expect(fields).toHaveLength(60)
    const members = new Set<unknown>()
    for await (const member of kv.sscanIterator('set')) members.add(member)
    expect(members.size).toBe(30)
  })

  it('runs transactions', async () => {
    expect(await kv.multi().set('a', 1).incr('a').exec()).toEqual(['OK', 2])
  })
})
