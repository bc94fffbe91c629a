import { toWebHandler } from 'zerodis/node'

const redis = toWebHandler(undefined, { base: '/redis' })

Bun.serve({
  port: Number(process.env.PORT ?? 3000),
  idleTimeout: 0, // seconds; blocking commands and subscriptions wait longer than Bun's ten
  fetch: (request) => (/^\/redis(\/|$)/.test(new URL(request.url).pathname) ? redis(request) : new Response('A page')),
})
