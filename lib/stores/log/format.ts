/**
 * The format of a shared store: of its tables, and of what stands in its rows. A version of zerodis knows some formats, and works with
 * whichever of them the store has, so that old and new processes run side by side during a deployment. `zerodis store upgrade` brings it
 * to the newest: with the new number in `meta` a row `#format N` enters the log, which every process reads before it writes again.
 * One that does not know that format stops there, and whatever it has under way is never committed.
 */
import { commandBytes } from '../../journal/commandbytes.ts'

export interface Formats {
  readonly oldest: number
  readonly newest: number
}

/** Those that this version knows. */
export const FORMATS: Formats = { oldest: 1, newest: 1 }

/** The command of the row. */
export const FORMAT_MARK = '#format'

/** @throws Error that says what to do, for a format that is not known */
export function checkFormat(format: number, { oldest, newest }: Formats = FORMATS): void {
  if (format >= oldest && format <= newest) return
  const known = oldest === newest ? `format ${newest}` : `formats ${oldest} to ${newest}`
  const advice =
    format > newest
      ? 'a newer version has upgraded it, and this process needs that one'
      : 'upgrade it with a version in between'
  throw new Error(`the shared store has format ${format}, this version of zerodis knows ${known}: ${advice}`)
}

/** What stands in the row that says so. */
export function formatEffects(format: number): Uint8Array {
  return Buffer.from(commandBytes([FORMAT_MARK, `${format}`]), 'latin1')
}
