/**
 * What a request over HTTP holds, which has no connection of its own to be counted with: its body while it comes, what its
 * commands have answered so far, the answer until it is taken. Nothing is made for a request that holds little.
 */
import type { Bytes } from '../base/bytes.ts'
import { type ClientMemory, type Holder, LITTLE_BYTES } from '../session/clientmemory.ts'
import type { HoldsTexts, TextVisitor } from '../session/longtexts.ts'

export class Held implements Holder, HoldsTexts {
  readonly #memory: ClientMemory
  readonly #cutIt: () => void
  readonly addr: Bytes
  readonly link = this
  countedBytes = 0
  cut = false
  #texts: HoldsTexts | undefined
  #isOver = false

  /** `cutIt` ends the request now. */
  constructor(memory: ClientMemory, addr: Bytes, cutIt: () => void) {
    this.#memory = memory
    this.addr = addr
    this.#cutIt = cutIt
  }

  /** It holds this much from here on, or as much as before (-1), and among it these texts. */
  set(bytes: number, texts?: HoldsTexts): void {
    if (this.cut || this.#isOver) return
    this.#texts = texts
    if (bytes !== -1 && (bytes > LITTLE_BYTES || this.countedBytes !== 0)) this.#memory.hold(this, bytes)
  }

  /** The request is over. */
  end(): void {
    this.#isOver = true
    this.#texts = undefined
    this.#memory.forget(this)
  }

  visitTexts(visit: TextVisitor): void {
    this.#texts?.visitTexts?.(visit)
  }

  close(): void {
    this.#cutIt()
  }
}
