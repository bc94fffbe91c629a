/** How an error of ours is told to the log. */

export interface FaultSettings {
  readonly 'hide-user-data-from-log': boolean
}

/**
 * Its stack; with `hide-user-data-from-log` without its message, which may hold what a client sent. What is no Error says nothing
 * then but its kind.
 */
export function faultText(error: unknown, settings: FaultSettings): string {
  if (!settings['hide-user-data-from-log']) return `${error instanceof Error ? error.stack : error}`
  if (!(error instanceof Error)) return `(${typeof error}, hidden)`
  const at = (error.stack ?? '').search(/^ {4}at /m)
  return at === -1 ? error.name : `${error.name} (message hidden)\n${error.stack!.slice(at)}`
}
