import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { toWebHandler } from 'zerodis/node'

const app = new Hono()
const redis = toWebHandler(undefined, { base: '/redis' })
app.all('/redis/*', (c) => redis(c.req.raw))
app.get('/', (c) => c.text('A page'))
serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 3000) })
