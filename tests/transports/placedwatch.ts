/** What is seen of a store beside its answers: how much ran by places, and what it told of changes. */
import type { Server } from '../../lib/server.ts'

export class PlacedWatch {
  readonly effects: unknown[] = []
  /** Commands that ran by places. */
  placed = 0

  /** @param takesPlaces false: everything runs as text */
  constructor({ engine }: Server, takesPlaces: boolean) {
    if (!takesPlaces) engine.takesPlaces = () => false
    const { callPlaced } = engine
    engine.callPlaced = (...args) => {
      this.placed++
      return callPlaced.apply(engine, args)
    }
    engine.effectListeners.push((effects) => this.effects.push(...effects))
  }
}
