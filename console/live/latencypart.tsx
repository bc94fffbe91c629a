/** Delays as LATENCY keeps them, how long the calls of each command took, and what the doctors of latency and memory say. */
import { useState } from 'react'
import { countText, durationText, microsText } from '../model/figures.ts'
import { fieldsOf, numbersOf } from '../model/info.ts'
import { FormDialog } from '../parts/dialog.tsx'
import { useStore } from '../parts/store.tsx'
import { useInterval, useLoaded } from '../parts/useloaded.ts'
import { type Bytes, shown, toText } from '../wire/bytes.ts'
import { Failure, type Reply } from '../wire/resp.ts'
import type { Rest } from '../wire/rest.ts'
import { Chart } from './chart.tsx'

type DelayEvent = readonly [name: Bytes, at: number, ms: number, maxMs: number]

interface Latencies {
  readonly events: readonly DelayEvent[]
  /** -1 where this user may not know. Unit: ms. */
  readonly thresholdMs: number
  readonly calls: readonly CommandCalls[]
  readonly doctor: string
  readonly memoryDoctor: string
}

interface CommandCalls {
  readonly name: string
  readonly calls: number
  readonly micros: number
  readonly percentiles: ReadonlyMap<string, number>
}

const REFRESH_MS = 5000
const SHOWN_COMMANDS = 50
const THRESHOLD_MS = 100

export function LatencyPart() {
  const { rest, access, notices } = useStore()
  const asked = useLoaded(() => latenciesOf(rest), [rest])
  useInterval(asked.reload, REFRESH_MS)
  const [isAsking, setAsking] = useState(false)
  const [event, setEvent] = useState<Bytes>()
  if (asked.value === undefined)
    return <p className={asked.error === '' ? 'waiting' : 'problem'}>{asked.error || 'Loading …'}</p>
  const { events, thresholdMs, calls, doctor, memoryDoctor } = asked.value
  const reset = (): void => {
    rest.run('LATENCY', 'RESET').then(asked.reload, (error) => notices.fail(error))
  }
  return (
    <>
      <div className="bar">
        <p className="grow soft">
          {thresholdMs === 0
            ? 'Delays are not kept: latency-monitor-threshold is 0.'
            : `Delays${thresholdMs > 0 ? ` of ${thresholdMs} ms and more` : ''}, the latest of each event.`}
        </p>
        {access.canWrite && thresholdMs === 0 ? (
          <button type="button" onClick={() => setAsking(true)}>
            Keep delays
          </button>
        ) : null}
        {access.canWrite && events.length > 0 ? (
          <button type="button" onClick={reset}>
            Forget them
          </button>
        ) : null}
      </div>
      {asked.error === '' ? null : <p className="problem">{asked.error}</p>}
      {events.length === 0 ? null : <Events events={events} current={event} onOpen={setEvent} />}
      {event === undefined ? null : <History key={event} event={event} />}
      <Calls calls={calls} />
      <Advice title="What the doctor of latency says" text={doctor} />
      <Advice title="What the doctor of memory says" text={memoryDoctor} />
      {isAsking ? (
        <FormDialog
          title="Keep delays?"
          action="Keep them"
          onClose={() => setAsking(false)}
          onSubmit={async () => {
            await rest.run('CONFIG', 'SET', 'latency-monitor-threshold', THRESHOLD_MS)
            asked.reload()
          }}
        >
          <p>It sets latency-monitor-threshold to {THRESHOLD_MS} ms. Set it to 0 in the configuration to end it.</p>
        </FormDialog>
      ) : null}
    </>
  )
}

interface EventsProps {
  readonly events: readonly DelayEvent[]
  readonly current: Bytes | undefined
  readonly onOpen: (event: Bytes) => void
}

function Events({ events, current, onOpen }: EventsProps) {
  return (
    <section className="table whole" aria-label="Delays">
      <table>
        <thead>
          <tr>
            <th scope="col">Event</th>
            <th scope="col">Last</th>
            <th scope="col">Took</th>
            <th scope="col">Longest</th>
          </tr>
        </thead>
        <tbody>
          {events.map(([name, at, ms, maxMs]) => (
            <tr key={name}>
              <td>
                <button type="button" className="link" aria-pressed={name === current} onClick={() => onOpen(name)}>
                  <bdi>{shown(name)}</bdi>
                </button>
              </td>
              <td>
                <time>{new Date(at * 1000).toISOString().slice(0, 19).replace('T', ' ')}</time>
              </td>
              <td className="number">{countText(ms)} ms</td>
              <td className="number">{countText(maxMs)} ms</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

function History({ event }: { event: Bytes }) {
  const { rest } = useStore()
  const asked = useLoaded(
    async () => (await rest.run('LATENCY', 'HISTORY', event)) as [number, number][],
    [rest, event],
  )
  useInterval(asked.reload, REFRESH_MS)
  if (asked.error !== '') return <p className="problem">{asked.error}</p>
  const points = (asked.value ?? []).map(([at, ms]) => ({ at: at * 1000, value: ms }))
  return (
    <div className="charts">
      <Chart
        title={`Delays by ${shown(event)}`}
        points={points}
        format={(ms) => `${countText(Math.round(ms))} ms`}
        spanMs={Number.POSITIVE_INFINITY}
      />
    </div>
  )
}

function Calls({ calls }: { calls: readonly CommandCalls[] }) {
  const names = [...new Set(calls.flatMap(({ percentiles }) => [...percentiles.keys()]))]
  if (calls.length === 0) return null
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is to be reached by the keyboard
    <section className="table tall" aria-label="Calls of commands" tabIndex={0}>
      <table>
        <thead>
          <tr>
            {['Command', 'Calls', 'All together', 'Mean', ...names].map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {calls.map(({ name, calls, micros, percentiles }) => (
            <tr key={name}>
              <td className="mono">{name}</td>
              <td className="number">{countText(calls)}</td>
              <td className="number">{micros < 6e7 ? microsText(micros) : durationText(micros / 1e6)}</td>
              <td className="number">{calls === 0 ? '' : microsText(micros / calls)}</td>
              {names.map((each) => (
                <td key={each} className="number">
                  {percentiles.has(each) ? microsText(percentiles.get(each)!) : ''}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

function Advice({ title, text }: { title: string; text: string }) {
  return (
    <section className="advice">
      <h2>{title}</h2>
      <p>{text}</p>
    </section>
  )
}

/** @throws RestError */
async function latenciesOf(rest: Rest): Promise<Latencies> {
  const [events, threshold, info, doctor, memoryDoctor] = await rest.pipeline([
    ['LATENCY', 'LATEST'],
    ['CONFIG', 'GET', 'latency-monitor-threshold'],
    ['INFO', 'commandstats', 'latencystats'],
    ['LATENCY', 'DOCTOR'],
    ['MEMORY', 'DOCTOR'],
  ])
  if (events instanceof Failure) throw new Error(events.text)
  return {
    events: events as unknown as readonly DelayEvent[],
    thresholdMs: Array.isArray(threshold) && threshold.length > 1 ? Number(threshold[1]) : -1,
    calls: callsOf(info instanceof Failure ? '' : String(info)),
    doctor: said(doctor),
    memoryDoctor: said(memoryDoctor),
  }
}

/** The commands that took most time, the first of them the one that took most. */
function callsOf(info: string): CommandCalls[] {
  const fields = fieldsOf(info)
  const calls: CommandCalls[] = []
  for (const [field, value] of fields) {
    if (!field.startsWith('cmdstat_')) continue
    const name = field.slice('cmdstat_'.length)
    const numbers = numbersOf(value)
    calls.push({
      name,
      calls: numbers.get('calls') ?? 0,
      micros: numbers.get('usec') ?? 0,
      percentiles: numbersOf(fields.get(`latency_percentiles_usec_${name}`) ?? ''),
    })
  }
  return calls.sort((one, other) => other.micros - one.micros).slice(0, SHOWN_COMMANDS)
}

function said(reply: Reply): string {
  return reply instanceof Failure ? reply.text : (toText(String(reply)) ?? '').trim()
}
