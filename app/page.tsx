import { headers } from 'next/headers'
import { reachedUrl } from './reached.ts'
import { Store } from './store.tsx'

export const dynamic = 'force-dynamic'

/** The page knows nothing of the store: the browser asks for it (status.ts). */
export default async function Page() {
  const { origin, hostname } = reachedUrl(await headers())
  return (
    <main>
      <Store origin={origin} hostname={hostname} />
    </main>
  )
}
