/** LATENCY: delays above `latency-monitor-threshold` as they came, and how long the calls of each command took. */
import type { Bytes } from '../../base/bytes.ts'
import { MapReply, type Reply, Verbatim } from '../../base/reply.ts'
import type { LatencySample, LatencySeries } from '../../session/ports.ts'
import type { Args } from '../args.ts'
import type { Command, Context } from '../command.ts'
import { noLatencySamples } from './errors.ts'

const GRAPH_COLUMNS = 80
const GRAPH_ROWS = 4
/** What fills the topmost cell of a column, from a low value in it to a high one. */
const GRAPH_TOPS = '_o#'

/** LATENCY LATEST */
export function latest(c: Context): Reply {
  return c.ports.figures.latency.events.map((event) => {
    const { samples, max } = c.ports.figures.latency.series(event)!
    const { time, delay } = samples.at(-1)!
    return [event, time, delay, max]
  })
}

/** LATENCY HISTORY event */
export function history(c: Context, a: Args): Reply {
  const series = c.ports.figures.latency.series(a.next())
  return series?.samples.map(({ time, delay }) => [time, delay]) ?? []
}

/** LATENCY RESET [event …] */
export function reset(c: Context, a: Args): Reply {
  const events = a.done ? c.ports.figures.latency.events : a.rest()
  return events.filter((event) => c.ports.figures.latency.reset(event)).length
}

/** LATENCY GRAPH event */
export function graph(c: Context, a: Args): Reply {
  const event = a.next()
  const series = c.ports.figures.latency.series(event)
  if (series === undefined) return noLatencySamples(event)
  const { samples, max } = series
  const delays = samples.map(({ delay }) => delay)
  const title = `${event} - high ${Math.max(...delays)} ms, low ${Math.min(...delays)} ms (all time high ${max} ms)`
  let text = `${title}\n${'-'.repeat(GRAPH_COLUMNS)}\n`
  for (let from = 0; from < samples.length; from += GRAPH_COLUMNS) {
    if (from > 0) text += '\n'
    text += columns(samples.slice(from, from + GRAPH_COLUMNS), Math.min(...delays), Math.max(...delays), c.now)
  }
  return new Verbatim(text)
}

/** One bar per sample, with its age written downwards below it. */
function columns(samples: readonly LatencySample[], low: number, high: number, now: number): string {
  const steps = GRAPH_ROWS * GRAPH_TOPS.length
  const heights = samples.map(({ delay }) =>
    Math.min(steps - 1, Math.floor(((delay - low) * steps) / Math.max(1, high - low))),
  )
  const ages = samples.map(({ time }) => age(Math.floor(now / 1000) - time))
  const rows: string[] = []
  for (let row = GRAPH_ROWS - 1; row >= 0; row--) {
    const base = row * GRAPH_TOPS.length
    rows.push(heights.map((height) => (height < base ? ' ' : (GRAPH_TOPS[height - base] ?? '|'))).join(''))
  }
  rows.push(' '.repeat(samples.length))
  for (let i = 0; i < Math.max(...ages.map((text) => text.length)); i++) {
    rows.push(ages.map((text) => text[i] ?? ' ').join(''))
  }
  return rows.map((row) => row + '\n').join('')
}

function age(seconds: number): string {
  if (seconds < 60) return `${seconds}s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`
  return seconds < 86400 ? `${Math.floor(seconds / 3600)}h` : `${Math.floor(seconds / 86400)}d`
}

/** LATENCY DOCTOR */
export function doctor(c: Context): Reply {
  const { events } = c.ports.figures.latency
  if (c.config['latency-monitor-threshold'] === 0 && events.length === 0) {
    return new Verbatim(
      "I'm sorry, Dave, I can't do that. Latency monitoring is disabled in this Redis instance. You may use " +
        '"CONFIG SET latency-monitor-threshold <milliseconds>." in order to enable it. If we weren\'t in a deep space ' +
        "mission I'd suggest to take a look at https://redis.io/topics/latency-monitor.\n",
    )
  }
  if (events.length === 0) {
    return new Verbatim(
      'Dave, no latency spike was observed during the lifetime of this Redis instance, not in the slightest bit. I ' +
        'honestly think you ought to sit down calmly, take a stress pill, and think things over.\n',
    )
  }
  const findings = events.map(
    (event, index) => `${index + 1}. ${event}: ${finding(c.ports.figures.latency.series(event)!, c.now)}\n`,
  )
  const advices = advicesFor(new Set(events), c.config)
  const advised =
    advices.length === 0
      ? "While there are latency events logged, I'm not able to suggest any easy fix.\n"
      : `I have a few advices for you:\n\n${advices.map((advice) => `- ${advice}\n`).join('')}`
  return new Verbatim(
    'Dave, I have observed latency spikes in this Redis instance. ' +
      `You don't mind talking about it, do you Dave?\n\n${findings.join('')}\n${advised}`,
  )
}

/** What can be done about such events; Redis's conditions, with what helps here. */
function advicesFor(events: ReadonlySet<Bytes>, config: Context['config']): readonly string[] {
  const slower = config['slowlog-log-slower-than']
  const threshold = config['latency-monitor-threshold']
  const advices: string[] = []
  if (events.has('command')) {
    const isOff = slower < 0 || config['slowlog-max-len'] === 0
    const set = `CONFIG SET slowlog-log-slower-than ${threshold * 1000}`
    if (isOff) advices.push(`The slow log is off. '${set}' has it keep slow commands.`)
    else if (slower / 1000 > threshold) advices.push(`The slow log keeps slower commands only. '${set}' widens it.`)
    advices.push('SLOWLOG GET shows which commands took long.')
    advices.push('Commands on large values take long: keep them in several smaller ones, or read them in parts.')
  }
  if (events.has('fast-command')) {
    advices.push(
      'Short commands were held up: by the collection of garbage, by other work of this process, or by others that want ' +
        "the processor. 'redis-cli --intrinsic-latency 100' shows what the machine is worth.",
    )
  }
  if (events.has('expire-cycle')) {
    advices.push("Keys expire in rounds. 'CONFIG SET hz 100' makes them shorter, and more of them.")
  }
  if (events.has('eviction-cycle') || events.has('eviction-del')) {
    advices.push(
      'Keys are evicted for others: a higher maxmemory, or fewer large values, leave less to be done at once.',
    )
  }
  return advices
}

function finding({ samples, max }: LatencySeries, now: number): string {
  const mean = Math.floor(samples.reduce((sum, { delay }) => sum + delay, 0) / samples.length)
  const deviation = samples.reduce((sum, { delay }) => sum + Math.abs(delay - mean), 0) / samples.length
  const period = (Math.floor(now / 1000) - samples[0].time) / samples.length
  const average = `average ${mean}ms, mean deviation ${Math.floor(deviation)}ms, period ${period.toFixed(2)} sec`
  return `${samples.length} latency spikes (${average}). Worst all time event ${max}ms.`
}

/** LATENCY HISTOGRAM [command …] */
export function histogram(c: Context, a: Args): Reply {
  const chosen: Command[] = []
  if (a.done) chosen.push(...c.table.all)
  while (!a.done) chosen.push(...named(c, a.next()))
  const { latencies } = c.ports.figures.stats
  return new MapReply(
    chosen
      .filter(({ id }) => latencies.count(id) > 0)
      .flatMap(({ id, fullName }) => [
        fullName,
        new MapReply([
          ...['calls', latencies.count(id)],
          ...['histogram_usec', new MapReply(latencies.distribution(id).flat())],
        ]),
      ]),
  )
}

/** A command by its full name; a container stands for all of its subcommands. */
function named(c: Context, name: Bytes): readonly Command[] {
  const [top, sub] = name.toLowerCase().split('|')
  const entry = c.table.find(top)
  if (sub === undefined) return entry === undefined ? [] : [entry, ...(entry.subcommands?.values() ?? [])]
  const found = entry?.subcommands?.get(sub)
  return found === undefined ? [] : [found]
}
