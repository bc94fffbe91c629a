/** What all pages work on: the store that they speak to, what may be done there, and where they say what has happened. */
import { createContext, useContext } from 'react'
import type { Access } from '../model/access.ts'
import type { KeyChanges } from '../model/keychanges.ts'
import type { KeyFactsCache } from '../model/keyfacts.ts'
import type { Rest } from '../wire/rest.ts'
import type { Notices } from './notices.tsx'

export interface Store {
  readonly rest: Rest
  readonly access: Access
  readonly facts: KeyFactsCache
  readonly changes: KeyChanges
  readonly notices: Notices
  /** The address that clients are given. */
  readonly place: Place
  /** What was typed in; undefined where a cookie has let in. */
  readonly token: string | undefined
}

/** Where the store is reached. */
export interface Place {
  /** URL for clients of REST. */
  readonly url: string
  readonly hostname: string
}

export const StoreContext = createContext<Store | undefined>(undefined)

export function useStore(): Store {
  return useContext(StoreContext)!
}
