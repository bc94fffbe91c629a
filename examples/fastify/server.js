import Fastify from 'fastify'
import { toNodeHandler } from 'zerodis/node'

const app = Fastify()
app.register(async (scope) => {
  // Bodies are left to the handler.
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser('*', (_request, _payload, done) => done(null))
  const redis = toNodeHandler(undefined, { base: '/redis' })
  const handle = (request, reply) => {
    reply.hijack()
    redis(request.raw, reply.raw)
  }
  scope.all('/redis', handle)
  scope.all('/redis/*', handle)
})
app.get('/', async () => 'A page')
await app.listen({ port: Number(process.env.PORT ?? 3000) })
