import { headers } from 'next/headers'
import { reachedUrl } from './reached.ts'
import { Store } from './store.tsx'

export const dynamic = 'force-dynamic'

/** Below which the app stands (next.config.mjs). */
const BASE = process.env.BASE_PATH ?? ''

/**
 * The page knows nothing of the store: the browser asks the route of REST for it, with its reader's token. On a host that makes a
 * function of each route the page is another process than the route, with another store, which is empty.
 */
export default async function Page() {
  const { origin, hostname } = reachedUrl(await headers())
  return <Store rest={`${BASE}/api/redis`} url={origin + BASE} hostname={hostname} />
}
