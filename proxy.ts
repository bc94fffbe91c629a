/**
 * The Content Security Policy of pages: only what this app itself has put into them runs, by a nonce that is new for each
 * request and that Next finds in the header. REST has a policy of its own (lib/transports/rest.ts) and does not come by here:
 * what brings a token is no page.
 */
import { type NextRequest, NextResponse } from 'next/server'

export const config = {
  matcher: [
    {
      source: '/((?!api/|_next/|icon\\.svg$).*)',
      missing: [
        { type: 'header', key: 'authorization' },
        { type: 'query', key: '_token' },
      ],
    },
  ],
}

const isDev = process.env.NODE_ENV === 'development'

export function proxy(request: NextRequest): NextResponse {
  const policy = policyOf(btoa(crypto.randomUUID()))
  const headers = new Headers(request.headers)
  headers.set('content-security-policy', policy)
  const response = NextResponse.next({ request: { headers } })
  response.headers.set('content-security-policy', policy)
  return response
}

/** Development alone needs more: React's eval for traces of the server, and the styles of Next's overlay. */
function policyOf(nonce: string): string {
  return [
    "default-src 'none'",
    `script-src 'nonce-${nonce}' 'strict-dynamic'${isDev ? " 'unsafe-eval'" : ''}`,
    `style-src 'self'${isDev ? " 'unsafe-inline'" : ''}`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ')
}
