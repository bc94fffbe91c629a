/**
 * Next's side of the bare deployment URL: clients take `https://host` for their REST URL and call `/`, `/pipeline` and
 * `/get/key` there. What brings a token goes on to the route before pages are looked at; a browser sees the page.
 */
const route = '/api/redis'
const bearer = [{ type: 'header', key: 'authorization', value: '[Bb]earer .*' }]
const tokenInQuery = [{ type: 'query', key: '_token' }]
const preflight = [{ type: 'header', key: 'access-control-request-method' }]
/** JSON without a token is answered with 401, not with the page. */
const json = [{ type: 'header', key: 'content-type', value: 'application/json.*' }]
/** Every path but those of Next itself and of the app's own routes. */
const paths = '/:path((?!_next/|api/).*)'

/** Below which the app stands, as in `/store`: set BASE_PATH for `next build` and for `next start`, which reads this file again. */
const basePath = process.env.BASE_PATH ?? ''

/** Of everything but REST, which has its own; the policy for contents comes with each page (proxy.ts). */
const securityHeaders = [
  { key: 'X-Content-Type-Options', value: 'nosniff' },
  { key: 'X-Frame-Options', value: 'DENY' },
  { key: 'Referrer-Policy', value: 'no-referrer' },
]

/** @type {import('next').NextConfig} */
export default {
  ...(basePath === '' ? {} : { basePath }),
  poweredByHeader: false,
  // A query may hold a token: development does not print such addresses.
  logging: { incomingRequests: { ignore: [/\?/] } },
  // `npm run typecheck` looks at everything, tests included; a deployment need not do it again.
  typescript: { ignoreBuildErrors: true },
  // Put into the code when it is built: see instrumentation.ts and app/page.tsx.
  env: { ON_VERCEL: process.env.VERCEL ?? '', BASE_PATH: basePath },
  // What runs is in the bundles. The sources are traced for the store's work with files, and would go into each function.
  outputFileTracingExcludes: { '*': ['lib/**/*', 'console/**/*'] },
  // A REST path may end in a slash, and means what it says.
  skipTrailingSlashRedirect: true,
  async rewrites() {
    return {
      beforeFiles: [
        ...[bearer, tokenInQuery, preflight].flatMap((has) => [
          { source: '/', has, destination: route },
          { source: paths, has, destination: `${route}/:path` },
        ]),
        { source: '/', has: json, destination: route },
        { source: '/:path(pipeline|multi-exec|healthz|readyz|metrics)', destination: `${route}/:path` },
      ],
    }
  },
  async headers() {
    return [{ source: '/((?!api/redis).*)', headers: securityHeaders }]
  },
}
