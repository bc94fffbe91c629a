import process from 'node:process'
import { toWebHandler } from 'zerodis/node'

const redis = toWebHandler(undefined, { base: '/redis' })

Deno.serve({ port: Number(process.env.PORT ?? 3000) }, (request) =>
  /^\/redis(\/|$)/.test(new URL(request.url).pathname) ? redis(request) : new Response('A page'),
)
