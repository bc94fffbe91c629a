/**
 * Promises that nobody waits for. One that rejects would end the process (`unhandledRejection`), so each has somebody who
 * is told; tests/architecture.test.ts lets no other way pass.
 */

import { type FaultSettings, faultText } from './fault.ts'

/** Lets a promise go its way. `tell` hears of a rejection, which is a fault of ours. */
export function unawaited(promise: Promise<unknown>, settings: FaultSettings, tell: (message: string) => void): void {
  promise.catch((error) => tell(`Internal error: ${faultText(error, settings)}`))
}
