/**
 * Promises that nobody waits for. One that rejects would end the process (`unhandledRejection`), so each has somebody who
 * is told; tests/architecture.test.ts lets no other way pass.
 */

/** Lets a promise go its way. `tell` hears of a rejection, which is a fault of ours. */
export function unawaited(promise: Promise<unknown>, tell: (message: string) => void): void {
  promise.catch((error) => tell(`Internal error: ${error instanceof Error ? error.stack : error}`))
}
