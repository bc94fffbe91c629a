/**
 * The words behind `zerodis top` and `zerodis tail`: an address, and options as `--name value` or `--name=value`. One that is none is
 * refused with the name that may have been meant.
 */
import { nearestName } from '../../config/suggest.ts'
import { StartupError } from '../startup.ts'

/** What the options of a command are called, with what stands behind them in its usage; '' for those that take nothing. */
export type OptionNames = ReadonlyMap<string, string>

export class Options {
  /** The word that belongs to no option. */
  readonly url: string | undefined
  readonly #command: string
  readonly #values = new Map<string, string[]>()

  /** @throws StartupError */
  constructor(command: string, names: OptionNames, words: readonly string[]) {
    this.#command = command
    let url: string | undefined
    for (let i = 0; i < words.length; i++) {
      const [, name, joined] = /^--([^=]*)(?:=(.*))?$/s.exec(words[i]) ?? []
      if (name === undefined) {
        if (url !== undefined) throw this.refusal(`one address is enough, and '${words[i]}' is another`)
        url = words[i]
        continue
      }
      const taken = names.get(name)
      if (taken === undefined) {
        const meant = nearestName(name, [...names.keys()])
        const known = [...names].map(([each, value]) => `--${each}${value === '' ? '' : ` ${value}`}`)
        const hint = meant === undefined ? `It has ${known.join(', ')}.` : `Did you mean '--${meant}'?`
        throw this.refusal(`there is no option --${name}. ${hint}`)
      }
      const value = taken === '' ? '' : (joined ?? words[++i])
      if (value === undefined || (taken === '' && joined !== undefined)) {
        throw this.refusal(`--${name} takes ${taken === '' ? 'nothing' : taken}`)
      }
      this.#values.set(name, [...(this.#values.get(name) ?? []), value])
    }
    this.url = url
  }

  has(name: string): boolean {
    return this.#values.has(name)
  }

  /** Of an option that may be given once; the last one counts. */
  text(name: string): string | undefined {
    return this.#values.get(name)?.at(-1)
  }

  /** Of an option that may come again, or hold several between commas. */
  list(name: string): readonly string[] {
    return (this.#values.get(name) ?? []).flatMap((value) => value.split(',')).filter((value) => value !== '')
  }

  /** All values as they were given. */
  all(name: string): readonly string[] {
    return this.#values.get(name) ?? []
  }

  /** @throws StartupError where it is no number between these */
  number(name: string, least: number, most: number): number | undefined {
    const text = this.text(name)
    if (text === undefined) return undefined
    const value = Number(text)
    if (text.trim() !== '' && value >= least && value <= most) return value
    throw this.refusal(`--${name} is a number from ${least} to ${most}`)
  }

  /** The same for whole numbers. @throws StartupError */
  integer(name: string, least: number, most: number): number | undefined {
    const value = this.number(name, least, most)
    if (value === undefined || Number.isInteger(value)) return value
    throw this.refusal(`--${name} is a whole number`)
  }

  refusal(reason: string): StartupError {
    return new StartupError(`zerodis ${this.#command}: ${reason}`)
  }
}
