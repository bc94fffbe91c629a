/**
 * A world of a simulation: a time of its own, what is to be done at which moment, and chance, which a seed decides. What a process of
 * it has scheduled waits while that is frozen, and is never done once it is killed. `runtime` takes the place of lib/base/runtime.ts.
 */
import type { Clock } from '../../../lib/base/clock.ts'
import { Random } from '../../differential/random.ts'

/** A process, as far as time is concerned. */
export interface Owner {
  isKilled: boolean
  /** Time of the world before which it does nothing. */
  frozenUntil: number
}

interface Task {
  readonly at: number
  readonly number: number
  readonly owner: Owner | null
  readonly run: () => void
}

/** Unix ms at which each world begins. */
const BEGIN = 1_700_000_000_000
/** One thing is done after the other, never at the same moment. Unit: ms. */
const STEP_MS = 0.0001

export class World {
  readonly random: Random
  /** Milliseconds since its begin. */
  now = 0
  /** Whose task is done now. */
  owner: Owner | null = null
  #tasks: Task[] = []
  #number = 0
  readonly clock: Clock

  constructor(seed: number) {
    this.random = new Random(seed)
    this.clock = {
      isManual: true,
      now: () => BEGIN + Math.floor(this.now),
      after: (ms, run) => this.after(ms, run),
    }
  }

  /** Has something done later, by whoever asks now, or by no process. Returns its cancellation. */
  after(ms: number, run: () => void, owner: Owner | null = this.owner): () => void {
    const task = { at: this.now + ms, number: this.#number++, owner, run }
    this.#add(task)
    return () => {
      const place = this.#tasks.indexOf(task)
      if (place !== -1) this.#tasks.splice(place, 1)
    }
  }

  /** In the order of their times. */
  #add(task: Task): void {
    let place = this.#tasks.length
    while (place > 0 && this.#tasks[place - 1].at > task.at) place--
    this.#tasks.splice(place, 0, task)
  }

  /** Does something as a process. */
  as<T>(owner: Owner | null, run: () => T): T {
    const before = this.owner
    this.owner = owner
    try {
      return run()
    } finally {
      this.owner = before
    }
  }

  /** Does what is next, and all that it has promised. False if there is nothing, or not until then. */
  async step(until: number): Promise<boolean> {
    const task = this.#tasks[0]
    if (task === undefined || task.at > until) return false
    this.#tasks.shift()
    const { owner } = task
    if (owner?.isKilled) return true
    if (owner !== null && owner.frozenUntil > task.at) {
      this.#add({ ...task, at: owner.frozenUntil })
      return true
    }
    this.now = Math.max(this.now + STEP_MS, task.at)
    this.owner = owner
    task.run()
    // It comes when all that was promised is done: see the order of process.nextTick in Node's documentation.
    await new Promise<void>((resolve) => process.nextTick(resolve))
    this.owner = null
    return true
  }
}

let world: World | undefined

/** The world in which all that runs now is. */
export function enter(entered: World | undefined): void {
  world = entered
}

export function current(): World {
  return world!
}

/** In the place of Math.random, also before there is a world. */
export function draw(): number {
  return world?.random.next() ?? 0.5
}

export const runtime = {
  monotonic: (): number => world?.now ?? 0,
  immediately(run: () => void): void {
    world!.after(world!.random.next() * 0.2, run)
  },
  soon(ms: number, run: () => void): void {
    world!.after(ms, run)
  },
  pause(ms: number): void {
    world!.now += ms
  },
  inBackground: (ms: number, run: () => void): (() => void) => world!.after(ms, run),
}
