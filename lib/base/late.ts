/**
 * A part of a store that is made when it is first asked for. What is not switched on is neither made nor, in the package,
 * loaded (LAZY in packaging/entries.ts).
 */
export class Late<T> {
  readonly #make: () => T
  #made: T | undefined

  constructor(make: () => T) {
    this.#make = make
  }

  /** The part. It is made if it is not there. */
  get(): T {
    return (this.#made ??= this.#make())
  }

  /** The part, where it was made. */
  get made(): T | undefined {
    return this.#made
  }
}
