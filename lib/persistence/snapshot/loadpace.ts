/**
 * When the loading of a snapshot or a log beside other work goes on: when others have had their turn, or later where
 * `key-load-delay` asks for it, so that one can meet it in its midst. Redis sleeps after each key; here the steps are short then, and
 * each is followed by the delays of its keys.
 */
import { immediately, monotonic, soon } from '../../base/runtime.ts'
import type { Directives } from '../../config/config.ts'

/** How long a step takes. Unit: ms. */
const STEP_MS = 5
/** Between two looks whether it was stopped. Unit: ms. */
const LOOK_MS = 20

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

  /** Calls back when it is to go on. */
  goOn(keys: number, run: () => void): void {
    after(this.#delayOf(keys), run)
  }

  /** Settled when it is to go on, or soon after it was stopped. */
  async rest(keys: number, isStopped: () => boolean): Promise<void> {
    const endsAt = monotonic() + this.#delayOf(keys)
    do await new Promise<void>((resolve) => after(Math.min(endsAt - monotonic(), LOOK_MS), resolve))
    while (!isStopped() && monotonic() < endsAt)
  }

  /** In ms, for those of so many keys that had none yet. The directive is in microseconds a key; -n: one for n keys. */
  #delayOf(keys: number): number {
    const delay = this.#config['key-load-delay']
    const ms = (keys - this.#keys) * (delay < 0 ? -0.001 / delay : delay / 1000)
    this.#keys = keys
    return ms
  }
}

function after(ms: number, run: () => void): void {
  if (ms > 0) soon(ms, run)
  else immediately(run)
}
