/**
 * `rdb-key-save-delay` and `key-load-delay`: so many microseconds a key, for tests that must meet a save or a load that goes on. Redis
 * sleeps after each key; here the end is put off by as much in all.
 */

/** When what has begun at a moment of `monotonic`, and has come to so many keys, may be over. A negative delay: one microsecond for so many keys. */
export function delayedEnd(startedAt: number, keys: number, delay: number): number {
  const microseconds = delay >= 0 ? keys * delay : keys / -delay
  return startedAt + microseconds / 1000
}
