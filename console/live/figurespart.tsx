/** The state of the store in figures, and how they went over the last minutes. */
import { useEffect, useRef, useState } from 'react'
import { countText, durationText, microsText, shortCount, sizeText } from '../model/figures.ts'
import { fieldsOf, type Status, statusOf } from '../model/info.ts'
import { useStore } from '../parts/store.tsx'
import { useInterval } from '../parts/useloaded.ts'
import { Failure } from '../wire/resp.ts'
import { Chart, type Point } from './chart.tsx'
import { histogramOf } from './percentiles.ts'
import { type Sample, Samples } from './samples.ts'

const REFRESH_MS = 2000

export function FiguresPart() {
  const { rest } = useStore()
  const [info, setInfo] = useState('')
  const [error, setError] = useState('')
  const [samples, setSamples] = useState<readonly Sample[]>([])
  const totals = useRef(new Samples())
  const shown = useRef(samples)
  shown.current = samples
  const ask = (): void => {
    rest
      .pipeline([
        ['INFO', 'everything'],
        ['LATENCY', 'HISTOGRAM'],
      ])
      .then(
        ([reply, histogram]) => {
          if (reply instanceof Failure) return setError(reply.text)
          const text = String(reply)
          setInfo(text)
          setError('')
          setSamples(totals.current.with(shown.current, text, histogramOf(histogram), Date.now()))
        },
        (reason: Error) => setError(reason.message),
      )
  }
  useEffect(ask, [rest])
  useInterval(ask, REFRESH_MS)
  if (info === '') return <p className={error === '' ? 'waiting' : 'problem'}>{error || 'Loading …'}</p>
  const points = (value: (sample: Sample) => number): Point[] =>
    samples.map((sample) => ({ at: sample.at, value: value(sample) }))
  const rate = (value: number): string => `${shortCount(value)}/s`
  const bytesRate = (value: number): string => `${sizeText(value)}/s`
  return (
    <>
      {error === '' ? null : <p className="problem">{error}</p>}
      <Figures status={statusOf(info)} />
      <div className="charts">
        <Chart title="Commands" points={points(({ opsPerSecond }) => opsPerSecond)} format={rate} />
        <Chart title="Hits among lookups" points={points(({ hitRate }) => hitRate)} format={percentText} max={1} />
        <Chart title="Memory of keys and clients" points={points(({ memoryBytes }) => memoryBytes)} format={sizeText} />
        <Chart title="Clients" points={points(({ clients }) => clients)} format={shortCount} />
        <Chart title="Received" points={points(({ inputPerSecond }) => inputPerSecond)} format={bytesRate} />
        <Chart title="Sent" points={points(({ outputPerSecond }) => outputPerSecond)} format={bytesRate} />
        <Chart title="Latency, p50" points={points(({ latency }) => latency.p50)} format={microsText} />
        <Chart title="Latency, p99" points={points(({ latency }) => latency.p99)} format={microsText} />
        <Chart title="Latency, p99.9" points={points(({ latency }) => latency.p999)} format={microsText} />
        <Chart title="Event loop, one round" points={points(({ cycleMicros }) => cycleMicros)} format={microsText} />
        <Chart title="Event loop, busy" points={points(({ busy }) => busy)} format={percentText} max={1} />
      </div>
      <Everything info={info} />
    </>
  )
}

function percentText(share: number): string {
  return `${Math.round(share * 100)} %`
}

function Figures({ status }: { status: Status }) {
  const figures: [string, string][] = [
    ['Version', status.version || status.redisVersion],
    ['Uptime', durationText(status.uptimeSeconds)],
    ['Keys', countText(status.keys)],
    ['Memory', status.memory],
    ['Clients', countText(status.clients)],
    ['Commands', countText(status.commands)],
  ]
  return (
    <dl className="figures">
      {figures.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

/** All of INFO, to look through. */
function Everything({ info }: { info: string }) {
  const [filter, setFilter] = useState('')
  const wanted = filter.trim().toLowerCase()
  const fields = [...fieldsOf(info)].filter(([name]) => name.includes(wanted))
  return (
    <details className="everything">
      <summary>All figures of INFO</summary>
      <input
        type="search"
        aria-label="Filter figures"
        placeholder="Filter figures"
        value={filter}
        onChange={(event) => setFilter(event.target.value)}
      />
      <dl className="fields">
        {fields.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <bdi>{value}</bdi>
            </dd>
          </div>
        ))}
      </dl>
    </details>
  )
}
