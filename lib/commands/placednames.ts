/** Commands that take arguments by places, found by names that stand in a buffer, in any case. */
import type { Bytes } from '../base/bytes.ts'
import type { Command } from './command.ts'
import type { CommandTable } from './table.ts'

/** A power of 2, more than twice as many as there are commands. */
const PLACES = 1024
const LOWER_CASE = 32

export class PlacedNames {
  readonly #names = new Array<Bytes>(PLACES).fill('')
  readonly #commands = new Array<Command | undefined>(PLACES).fill(undefined)

  /** To be made when the table is settled; `takes` says which. */
  constructor(table: CommandTable, takes: (command: Command) => boolean = hasForm) {
    for (const [name, command] of table.names()) {
      if (!takes(command) || name !== name.toLowerCase()) continue
      const { length } = name
      let place = placeOf(name.charCodeAt(0), name.charCodeAt(length - 1), length)
      while (this.#names[place] !== '') place = (place + 1) & (PLACES - 1)
      this.#names[place] = name
      this.#commands[place] = command
    }
  }

  find(bytes: Uint8Array, start: number, end: number): Command | undefined {
    const length = end - start
    if (length === 0) return undefined
    const names = this.#names
    let place = placeOf(bytes[start] | LOWER_CASE, bytes[end - 1] | LOWER_CASE, length)
    for (; names[place] !== ''; place = (place + 1) & (PLACES - 1)) {
      const name = names[place]
      if (name.length !== length) continue
      let i = 0
      while (i < length && (bytes[start + i] | LOWER_CASE) === name.charCodeAt(i)) i++
      if (i === length) return this.#commands[place]
    }
    return undefined
  }
}

function hasForm({ placed }: Command): boolean {
  return placed !== undefined
}

function placeOf(first: number, last: number, length: number): number {
  return (first * 31 + last * 7 + length) & (PLACES - 1)
}
