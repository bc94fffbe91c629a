import { createRedis, createWorker } from 'zerodis/cloudflare'

export { RedisDurableObject } from 'zerodis/cloudflare'

const redis = createWorker({ base: '/redis' })

export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url)
    if (pathname === '/redis' || pathname.startsWith('/redis/')) return redis.fetch(request, env)
    const store = createRedis(env.REDIS.get(env.REDIS.idFromName('default')))
    return new Response(`A page, which was asked for ${await store.incr('pages')} times`)
  },
}
