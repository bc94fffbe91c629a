/** Which keys weigh how much: by what their names begin with, and the heaviest ones. */
import { useEffect, useMemo, useState } from 'react'
import { countText, sizeText } from '../model/figures.ts'
import { globEscaped } from '../model/glob.ts'
import { useObservable } from '../model/observable.ts'
import { hashOf } from '../model/route.ts'
import { typeLabel } from '../model/types.ts'
import { Segments } from '../parts/buttons.tsx'
import { useStore } from '../parts/store.tsx'
import { type Bytes, brief } from '../wire/bytes.ts'
import { type BigKey, type Estimate, MemorySample, NO_PREFIX } from './memorysample.ts'

const FIRST = 5000
const MORE = 50_000
const SHOWN_PREFIXES = 100

export function MemoryPart() {
  const { rest } = useStore()
  const sample = useObservable(useMemo(() => new MemorySample(rest), [rest]))
  const [parts, setParts] = useState('1')
  const [round, setRound] = useState(0)
  useEffect(() => () => sample.stop(), [sample])
  const look = (count: number): void => {
    sample
      .more(count)
      .then(() => setRound((round) => round + 1))
      .catch(() => {}) // the sample holds what went wrong
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: the sample grows by itself
  const [all, ...byPrefix] = useMemo(() => sample.estimates(Number(parts)), [sample, parts, round])
  return (
    <>
      <div className="bar">
        <p className="grow soft" role="status">
          {said(sample)}
        </p>
        {sample.isRunning ? (
          <button type="button" onClick={() => sample.stop()}>
            Stop
          </button>
        ) : sample.isComplete ? null : (
          <>
            <button type="button" className="primary" onClick={() => look(sample.seen === 0 ? FIRST : MORE)}>
              {sample.seen === 0 ? 'Take a sample' : 'Look at more'}
            </button>
            {sample.seen === 0 ? null : (
              <button type="button" onClick={() => look(Number.POSITIVE_INFINITY)}>
                Look at all
              </button>
            )}
          </>
        )}
      </div>
      {sample.error === '' ? null : <p className="problem">{sample.error}</p>}
      {sample.isRunning || sample.seen === 0 ? null : (
        <>
          <Segments
            label="Parts of a prefix"
            value={parts}
            choices={[
              { value: '1', label: 'a:' },
              { value: '2', label: 'a:b:' },
              { value: '3', label: 'a:b:c:' },
            ]}
            onChange={setParts}
          />
          <Prefixes all={all} byPrefix={byPrefix.slice(0, SHOWN_PREFIXES)} />
          <Biggest keys={sample.biggest} isComplete={sample.isComplete} />
        </>
      )}
    </>
  )
}

function Prefixes({ all, byPrefix }: { all: Estimate; byPrefix: readonly Estimate[] }) {
  const margin = ({ marginBytes }: Estimate): string => (marginBytes === 0 ? '' : ` ± ${sizeText(marginBytes)}`)
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is to be reached by the keyboard
    <section className="table tall" aria-label="Memory by prefix" tabIndex={0}>
      <table>
        <thead>
          <tr>
            {['Prefix', 'Keys', 'Memory', 'Share', 'Largest key'].map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {[all, ...byPrefix].map((each, i) => (
            <tr key={i === 0 ? 'all' : `p${each.prefix}`}>
              <td className="mono">{i === 0 ? 'All keys' : <PrefixName prefix={each.prefix} />}</td>
              <td className="number">{countText(each.keys)}</td>
              <td className="number">
                {sizeText(each.bytes)}
                {margin(each)}
              </td>
              <td className="number">{all.bytes === 0 ? '' : `${((each.bytes / all.bytes) * 100).toFixed(1)} %`}</td>
              <td className="number">{sizeText(each.largest)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

function PrefixName({ prefix }: { prefix: Bytes }) {
  if (prefix === NO_PREFIX) return <>without a prefix</>
  return (
    <a href={hashOf('browser', { match: `${globEscaped(prefix)}*` })}>
      <bdi>{brief(prefix, 80)}</bdi>
    </a>
  )
}

function Biggest({ keys, isComplete }: { keys: readonly BigKey[]; isComplete: boolean }) {
  return (
    <>
      <h2>{isComplete ? 'The heaviest keys' : 'The heaviest keys of the sample'}</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is to be reached by the keyboard */}
      <section className="table tall" aria-label="Heaviest keys" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">Key</th>
              <th scope="col">Type</th>
              <th scope="col">Memory</th>
            </tr>
          </thead>
          <tbody>
            {keys.map(({ key, type, bytes }) => (
              <tr key={key}>
                <td className="mono">
                  <a href={hashOf('browser', { key: `=${key}` })}>
                    <bdi>{key === '' ? '(the empty name)' : brief(key, 120)}</bdi>
                  </a>
                </td>
                <td>{typeLabel(type)}</td>
                <td className="number">{sizeText(bytes)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </>
  )
}

function said({ seen, total, isRunning, isComplete }: MemorySample): string {
  const counts = `${countText(seen)} of ${countText(total)} keys`
  if (isRunning) return `${counts} were looked at …`
  if (seen === 0) return `What ${countText(FIRST)} keys weigh, which SCAN draws at random, says what all of them weigh.`
  if (isComplete) return `All ${countText(seen)} keys were looked at.`
  return `${counts} were looked at. What all weigh lies with 95 % within what stands behind ±.`
}
