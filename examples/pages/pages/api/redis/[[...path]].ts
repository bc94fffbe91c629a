import { createApiRoute } from 'zerodis/next'

/** Literal, and here: Next reads it out of this file's text. */
export const config = { api: { bodyParser: false } }

export default createApiRoute()
