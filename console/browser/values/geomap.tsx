/**
 * Members of a sorted set as places on a plain map: a grid of degrees, drawn here, without tiles of any server. Any score can be read
 * as a place; whether it was meant as one, only its owner knows.
 */
import { useStore } from '../../parts/store.tsx'
import { useLoaded } from '../../parts/useloaded.ts'
import { type Bytes, brief } from '../../wire/bytes.ts'

const [WIDTH, HEIGHT] = [720, 360]
/** Around the places that are shown. Unit: degrees. */
const MARGIN = 0.02
/** What a line of text takes. Unit: px. */
const LABEL_PX = 16
/** So many places have their names beside them; more would cover each other. */
const NAMED = 25

interface Place {
  readonly member: Bytes
  readonly longitude: number
  readonly latitude: number
}

export function GeoMap({ name, members }: { name: Bytes; members: readonly Bytes[] }) {
  const { rest } = useStore()
  const asked = useLoaded(async () => {
    const replies =
      members.length === 0 ? [] : ((await rest.run('GEOPOS', name, ...members)) as ([Bytes, Bytes] | null)[])
    return replies.flatMap((reply, i): Place[] =>
      reply === null ? [] : [{ member: members[i], longitude: Number(reply[0]), latitude: Number(reply[1]) }],
    )
  }, [rest, name, members.join('\0')])
  const places = asked.value ?? []
  if (asked.error !== '') return <p className="problem">{asked.error}</p>
  if (places.length === 0) return null
  const box = boxOf(places)
  const x = (longitude: number): number => ((longitude - box.west) / (box.east - box.west)) * WIDTH
  const y = (latitude: number): number => ((box.north - latitude) / (box.north - box.south)) * HEIGHT
  const [meridians, parallels] = [linesOf(box.west, box.east), linesOf(box.south, box.north)]
  return (
    <svg className="geo-map" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={`${places.length} places`}>
      {meridians.map((degree) => (
        <g key={`m${degree}`}>
          <line x1={x(degree)} x2={x(degree)} y1={0} y2={HEIGHT} />
          <text x={x(degree) + 4} y={HEIGHT - 6}>
            {degreeText(degree, 'E', 'W')}
          </text>
        </g>
      ))}
      {parallels.map((degree) => (
        <g key={`p${degree}`}>
          <line x1={0} x2={WIDTH} y1={y(degree)} y2={y(degree)} />
          {y(degree) < LABEL_PX ? null : (
            <text x={4} y={y(degree) - 4}>
              {degreeText(degree, 'N', 'S')}
            </text>
          )}
        </g>
      ))}
      {places.map(({ member, longitude, latitude }) => (
        <g key={member}>
          <circle cx={x(longitude)} cy={y(latitude)} r={5}>
            <title>{`${brief(member, 80)}: ${latitude.toFixed(5)}, ${longitude.toFixed(5)}`}</title>
          </circle>
          {places.length > NAMED ? null : (
            <text className="named" x={x(longitude) + 9} y={y(latitude) + 4}>
              {brief(member, 24)}
            </text>
          )}
        </g>
      ))}
    </svg>
  )
}

interface Box {
  readonly west: number
  readonly east: number
  readonly south: number
  readonly north: number
}

/** Twice as wide as high, with all places in it. */
function boxOf(places: readonly Place[]): Box {
  const longitudes = places.map(({ longitude }) => longitude)
  const latitudes = places.map(({ latitude }) => latitude)
  const [west, east] = [Math.min(...longitudes), Math.max(...longitudes)]
  const [south, north] = [Math.min(...latitudes), Math.max(...latitudes)]
  const half = Math.max((east - west) / 2, north - south, MARGIN) * 0.6
  const [middleX, middleY] = [(west + east) / 2, (south + north) / 2]
  return { west: middleX - half * 2, east: middleX + half * 2, south: middleY - half, north: middleY + half }
}

/** Degrees at which a line stands: some five of them. */
function linesOf(from: number, to: number): number[] {
  const rough = (to - from) / 5
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= rough)!
  const lines: number[] = []
  for (let at = Math.ceil(from / step) * step; at < to; at += step) lines.push(Number(at.toFixed(6)))
  return lines
}

function degreeText(degree: number, positive: string, negative: string): string {
  return `${Math.abs(degree)}°${degree === 0 ? '' : degree > 0 ? positive : negative}`
}
