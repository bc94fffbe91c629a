import { createRoute } from 'zerodis/next'

export const runtime = 'nodejs'
export const dynamic = 'force-dynamic'
/** Seconds. Routes of equal settings are one function on Vercel, and share its store. */
export const maxDuration = 300

export const { GET, POST, PUT, HEAD, OPTIONS, PATCH, DELETE } = createRoute()
