/**
 * When the loading of what a master sends goes on: when others have had their turn, or later where `key-load-delay` asks for it, so
 * that one can meet a synchronisation in its midst.
 */
import { immediately, monotonic, soon } from '../base/runtime.ts'
import type { Directives } from '../config/config.ts'

/** How long a step takes. Unit: ms. */
const STEP_MS = 5

export class LoadPace {
  readonly #config: Pick<Directives, 'key-load-delay'>
  /** Keys that the delays were for. */
  #keys = 0

  constructor(config: Pick<Directives, 'key-load-delay'>) {
    this.#config = config
  }

  /** When a step that begins now is to end, by `monotonic`. */
  get stepEndsAt(): number {
    return this.#config['key-load-delay'] === 0 ? monotonic() + STEP_MS : 0
  }

  /** True if it is not to go on at once, now that so many keys are loaded. */
  isDelayed(keys: number): boolean {
    return this.#config['key-load-delay'] !== 0 && keys > this.#keys
  }

  /** Calls back when it is to go on. The directive is in microseconds a key; -n: one for n keys. */
  goOn(keys: number, run: () => void): void {
    const delay = this.#config['key-load-delay']
    const ms = (keys - this.#keys) * (delay < 0 ? -0.001 / delay : delay / 1000)
    this.#keys = keys
    if (ms > 0) soon(ms, run)
    else immediately(run)
  }
}
