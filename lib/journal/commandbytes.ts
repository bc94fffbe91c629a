/** Commands as the bytes in which they are sent and kept: arrays of bulk strings, in RESP. */
import type { Bytes } from '../base/bytes.ts'

/** `$0\r\n` to `$255\r\n`, each behind the end of the line before. */
const HEADERS: readonly Bytes[] = Array.from({ length: 256 }, (_, length) => `\r\n$${length}\r\n`)

/** Text from which on it is passed on: no string can exceed V8's bound. Unit: bytes. */
const PART_BYTES = 32 * 1024

/** One short command. */
export function commandBytes(argv: readonly Bytes[]): Bytes {
  let bytes = '*' + argv.length
  for (let i = 0; i < argv.length; i++) bytes += headerOf(argv[i].length) + argv[i]
  return bytes + '\r\n'
}

/** What stands before an argument of so many bytes: the end of the line before, too. */
export function headerOf(length: number): Bytes {
  return length < 256 ? HEADERS[length] : `\r\n$${length}\r\n`
}

const SELECTS: Bytes[] = []

/** The command that selects a database. */
export function selectBytes(db: number): Bytes {
  return (SELECTS[db] ??= commandBytes(['SELECT', '' + db]))
}

/** Commands one behind the other, in parts: a long argument is a part of its own. */
export class CommandParts {
  readonly parts: Bytes[] = []
  #text = ''

  /** Adds bytes as they are. */
  raw(bytes: Bytes): void {
    this.#text += bytes
  }

  add(argv: readonly Bytes[]): void {
    let text = this.#text + '*' + argv.length
    for (let i = 0; i < argv.length; i++) {
      const argument = argv[i]
      text += headerOf(argument.length)
      if (argument.length < PART_BYTES) text += argument
      else {
        this.parts.push(text, argument)
        text = ''
      }
    }
    this.#text = text + '\r\n'
    if (this.#text.length > PART_BYTES) this.end()
  }

  /** All that was added is in `parts`. */
  end(): void {
    if (this.#text !== '') this.parts.push(this.#text)
    this.#text = ''
  }

  /** For what comes next. */
  clear(): void {
    this.parts.length = 0
  }
}
