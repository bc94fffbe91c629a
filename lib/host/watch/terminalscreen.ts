/** A terminal that is painted over and over, on its other screen, and left as it was. `q`, Ctrl-C and signals end it. */

const ENTER = '\x1b[?1049h\x1b[?25l'
const LEAVE = '\x1b[?25h\x1b[?1049l'
const HOME = '\x1b[H'
const TO_LINE_END = '\x1b[K'
const TO_SCREEN_END = '\x1b[J'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

export class TerminalScreen {
  readonly #stdin: NodeJS.ReadStream
  readonly #stdout: NodeJS.WriteStream
  readonly #end: () => void
  #isOpen = true
  onResize: () => void = () => {}
  readonly #resized = (): void => this.onResize()
  readonly #typed = (keys: Buffer): void => {
    if (/[qQ\x03\x04]/.test(keys.latin1Slice())) this.#end()
  }

  constructor(stdin: NodeJS.ReadStream, stdout: NodeJS.WriteStream, end: () => void) {
    this.#stdin = stdin
    this.#stdout = stdout
    this.#end = end
    if (stdin.isTTY) stdin.setRawMode(true)
    stdin.on('data', this.#typed).resume()
    stdout.on('resize', this.#resized)
    for (const signal of SIGNALS) process.on(signal, end)
    stdout.write(ENTER)
  }

  paint(lines: readonly string[]): void {
    if (!this.#isOpen) return
    this.#stdout.write(`${HOME}${lines.map((line) => line + TO_LINE_END).join('\r\n')}${TO_SCREEN_END}`)
  }

  close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#stdout.write(LEAVE)
    this.#stdout.off('resize', this.#resized)
    this.#stdin.off('data', this.#typed).pause()
    if (this.#stdin.isTTY) this.#stdin.setRawMode(false)
    for (const signal of SIGNALS) process.off(signal, this.#end)
  }
}
