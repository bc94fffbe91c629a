import Koa from 'koa'
import { toNodeHandler } from 'zerodis/node'

const app = new Koa()
const redis = toNodeHandler(undefined, { base: '/redis' })
app.use((ctx, next) => {
  if (ctx.path !== '/redis' && !ctx.path.startsWith('/redis/')) return next()
  ctx.respond = false // the handler answers
  redis(ctx.req, ctx.res)
})
app.use((ctx) => {
  ctx.body = 'A page'
})
app.listen(Number(process.env.PORT ?? 3000))
