/** What commands have changed, as those hear of it who keep it or pass it on. */
import type { Bytes } from '../base/bytes.ts'
import type { Places } from '../base/places.ts'
import type { Cause } from './sharedport.ts'

/** Where an effect goes. What changes nothing that is kept (a message) goes to replicas alone. */
export const Target = { File: 1, Replicas: 2, All: 3 } as const

/** One change, as the command that repeats it. */
export interface Effect {
  readonly db: number
  readonly argv: readonly Bytes[]
  /** OR of Target. */
  readonly targets: number
  /** Why it was, if it was nobody's command. */
  readonly cause?: Cause
}

/**
 * Hears every change, in order: the journal, checkpoints and replicas. What one command, transaction or script did comes
 * in one call and must be kept whole or not at all, unless `whole` is false.
 */
export type EffectListener = (effects: readonly Effect[], whole: boolean) => void

/** Hears of a change that is the command as it was sent, by places, in the stead of the only listener; false if that is to hear of it as text. */
export type PlacedListener = (db: number, p: Places) => boolean
