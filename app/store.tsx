'use client'
/** The console in this app: REST is at its own route, and, for clients, at the app's own address. */
import { useMemo } from 'react'
import { Console } from '../console/console.tsx'
import type { Place } from '../console/parts/store.tsx'

export function Store({ rest, url, hostname }: Place & { rest: string }) {
  const place = useMemo(() => ({ url, hostname }), [url, hostname])
  return <Console rest={rest} place={place} />
}
