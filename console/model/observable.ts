/** Something that changes by itself, and tells who looks at it: React reads it by its version. */
import { useSyncExternalStore } from 'react'

export class Observable {
  readonly #listeners = new Set<() => void>()
  #version = 0

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  readonly version = (): number => this.#version

  protected changed(): void {
    this.#version++
    for (const listener of this.#listeners) listener()
  }
}

/** Renders anew whenever it changes. */
export function useObservable<T extends Observable>(observable: T): T {
  useSyncExternalStore(observable.subscribe, observable.version, observable.version)
  return observable
}
