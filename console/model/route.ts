/** What is seen, behind the `#` of the address: no server hears of it, and it can be kept and sent to others. */
import { useSyncExternalStore } from 'react'
import { type Bytes, percentDecoded, percentEncoded } from '../wire/bytes.ts'

export interface Route {
  readonly page: string
  /** As text or bytes; names are those of the page. */
  readonly query: ReadonlyMap<string, Bytes>
}

/** `#/browser?key=a%3A1`. */
export function routeOf(hash: string): Route {
  const [path, query = ''] = hash.replace(/^#\/?/, '').split('?', 2)
  const pairs = query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const equals = pair.indexOf('=')
      return equals === -1
        ? ([pair, ''] as const)
        : ([pair.slice(0, equals), percentDecoded(pair.slice(equals + 1))] as const)
    })
  return { page: path, query: new Map(pairs) }
}

export function hashOf(page: string, query: Readonly<Record<string, Bytes | undefined>> = {}): string {
  const pairs = Object.entries(query)
    .filter((pair): pair is [string, Bytes] => pair[1] !== undefined && pair[1] !== '')
    .map(([name, value]) => `${name}=${percentEncoded(value)}`)
  return `#/${page}${pairs.length === 0 ? '' : `?${pairs.join('&')}`}`
}

function subscribe(listener: () => void): () => void {
  window.addEventListener('hashchange', listener)
  return () => window.removeEventListener('hashchange', listener)
}

export function useRoute(): Route {
  return routeOf(
    useSyncExternalStore(
      subscribe,
      () => location.hash,
      () => '',
    ),
  )
}

/** Goes to what a hash shows; without a step back where only details of the page have changed. */
export function go(hash: string, isDetail = false): void {
  if (!isDetail) {
    location.hash = hash
    return
  }
  history.replaceState(null, '', hash)
  window.dispatchEvent(new HashChangeEvent('hashchange'))
}
