/** One figure over time, as a line. What it says in numbers stands beside it, for who does not see it. */
import { useState } from 'react'
import { durationText } from '../model/figures.ts'

export interface Point {
  /** Unix ms. */
  readonly at: number
  /** NaN where there is none: the line has a gap. */
  readonly value: number
}

interface ChartProps {
  readonly title: string
  readonly points: readonly Point[]
  readonly format: (value: number) => string
  /** The highest that can be, as 1 for a share; without it the highest that there is. */
  readonly max?: number
  /** The time that is seen, where it is another than the last minutes. Unit: ms. */
  readonly spanMs?: number
}

const [WIDTH, HEIGHT] = [320, 96]
/** The time that is seen: it grows with what there is. Unit: ms. */
const [SPAN_MIN_MS, SPAN_MAX_MS] = [60_000, 300_000]

export function Chart({ title, points, format, max, spanMs = SPAN_MAX_MS }: ChartProps) {
  const [pointed, setPointed] = useState<number>()
  const last = points.at(-1)
  const known = points.filter(({ value }) => !Number.isNaN(value))
  const top = max ?? niceTop(Math.max(0, ...known.map(({ value }) => value)))
  const end = last?.at ?? 0
  const span = Math.min(spanMs, Math.max(SPAN_MIN_MS, end - (points[0]?.at ?? end)))
  const x = (at: number): number => WIDTH - ((end - at) / span) * WIDTH
  const y = (value: number): number => HEIGHT - 2 - (value / top) * (HEIGHT - 8)
  const shown = pointed === undefined ? last : nearest(points, end - ((WIDTH - pointed) / WIDTH) * span)
  const text = shown === undefined || Number.isNaN(shown.value) ? '–' : format(shown.value)
  const line = pathOf(points, x, y)
  return (
    <figure className="chart">
      <figcaption>
        <span>{title}</span>
        <strong>{text}</strong>
      </figcaption>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        aria-hidden="true"
        onPointerMove={(event) => {
          const box = event.currentTarget.getBoundingClientRect()
          setPointed(((event.clientX - box.left) / box.width) * WIDTH)
        }}
        onPointerLeave={() => setPointed(undefined)}
      >
        {[0.25, 0.5, 0.75].map((share) => (
          <line key={share} className="grid" x1={0} x2={WIDTH} y1={y(top * share)} y2={y(top * share)} />
        ))}
        {line === '' ? null : (
          <>
            <path className="area" d={areaOf(points, x, y)} />
            <path className="line" d={line} />
          </>
        )}
        {pointed === undefined || shown === undefined ? null : (
          <line className="pointed" x1={x(shown.at)} x2={x(shown.at)} y1={0} y2={HEIGHT} />
        )}
      </svg>
      <p className="scale">
        <span>
          {pointed === undefined || shown === undefined
            ? `last ${durationText(span / 1000)}`
            : new Date(shown.at).toLocaleTimeString('en-GB')}
        </span>
        <span>up to {format(top)}</span>
      </p>
    </figure>
  )
}

type Scale = (value: number) => number

function pathOf(points: readonly Point[], x: Scale, y: Scale): string {
  let path = ''
  let isDrawing = false
  for (const { at, value } of points) {
    if (Number.isNaN(value)) isDrawing = false
    else {
      path += `${isDrawing ? 'L' : 'M'}${x(at).toFixed(1)} ${y(value).toFixed(1)}`
      isDrawing = true
    }
  }
  return path
}

function areaOf(points: readonly Point[], x: Scale, y: Scale): string {
  return pathOf(points, x, y)
    .split('M')
    .filter((part) => part !== '')
    .map((part) => {
      const ends = part.split('L')
      return `M${ends[0].split(' ')[0]} ${HEIGHT}L${part}L${ends.at(-1)!.split(' ')[0]} ${HEIGHT}Z`
    })
    .join('')
}

function nearest(points: readonly Point[], at: number): Point | undefined {
  let best: Point | undefined
  for (const point of points) {
    if (best === undefined || Math.abs(point.at - at) < Math.abs(best.at - at)) best = point
  }
  return best
}

/** A round figure at or above the highest. */
function niceTop(highest: number): number {
  if (highest <= 1) return 1
  const power = 10 ** Math.floor(Math.log10(highest))
  return [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= highest)!
}
