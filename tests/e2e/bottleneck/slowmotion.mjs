/**
 * Loaded into a process ahead of everything (NODE_OPTIONS): lets its time go by more slowly, by the factor in SLOW_MOTION from
 * the moment in SLOW_MOTION_FROM. Dates and timers agree, and so do all processes with the same two variables; what a test
 * bounds to 10 ms then may take 50.
 */
const factor = Number(process.env.SLOW_MOTION)
const from = Number(process.env.SLOW_MOTION_FROM)

const { Date: RealDate, setTimeout, setInterval } = globalThis
const realNow = RealDate.now
const now = () => Math.floor(from + (realNow() - from) / factor)

globalThis.Date = class SlowDate extends RealDate {
  static now = now
  constructor(...args) {
    if (args.length === 0) super(now())
    else super(...args)
  }
}
const slow = (start) =>
  Object.defineProperties(
    (run, ms, ...args) => start(run, Number(ms ?? 0) * factor, ...args),
    Object.getOwnPropertyDescriptors(start),
  )
globalThis.setTimeout = slow(setTimeout)
globalThis.setInterval = slow(setInterval)
