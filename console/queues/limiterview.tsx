/** A limiter of Bottleneck: its settings, the jobs that run, and what can be done from here. */
import { countText, durationText } from '../model/figures.ts'
import { useStore } from '../parts/store.tsx'
import { TableHead } from '../parts/tablehead.tsx'
import { useInterval, useLoaded } from '../parts/useloaded.ts'
import { type Bytes, shown } from '../wire/bytes.ts'
import { giveBack, limiterOf, pauseLimiter } from './limiters.ts'

const REFRESH_MS = 3000

export function LimiterView({ prefix }: { prefix: Bytes }) {
  const { rest, access, notices } = useStore()
  const asked = useLoaded(() => limiterOf(rest, prefix), [rest, prefix])
  useInterval(asked.reload, REFRESH_MS)
  if (asked.value === undefined)
    return <p className={asked.error === '' ? 'waiting' : 'problem'}>{asked.error || 'Loading …'}</p>
  const { maxConcurrent, minTime, reservoir, refills, isPaused, jobs } = asked.value
  const canWrite = access.canWrite && access.canScript
  const act = (work: Promise<void>, said: string): void => {
    work.then(
      () => {
        notices.say(said)
        asked.reload()
      },
      (error) => notices.fail(error),
    )
  }
  const bounds = [
    maxConcurrent === '' ? 'any number of jobs at once' : `${shown(maxConcurrent)} jobs at once`,
    `${minTime === '' ? 0 : shown(minTime)} ms between them`,
    reservoir === '' ? '' : `${shown(reservoir)} left in the reservoir`,
  ].filter((bound) => bound !== '')
  return (
    <>
      <div className="bar">
        <p className="grow">{isPaused ? 'Paused: no job begins.' : bounds.join(', ')}</p>
        {!canWrite ? null : refills && !isPaused ? (
          <p className="soft">Its reservoir is filled up by itself, so it cannot be paused.</p>
        ) : (
          <button
            type="button"
            onClick={() => act(pauseLimiter(rest, prefix, !isPaused), isPaused ? 'It goes on.' : 'It is paused.')}
          >
            {isPaused ? 'Resume the limiter' : 'Pause the limiter'}
          </button>
        )}
      </div>
      {asked.error === '' ? null : <p className="problem">{asked.error}</p>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is to be reached by the keyboard */}
      <section className="table" aria-label="Jobs that run" tabIndex={0}>
        <table>
          <TableHead columns={['Job', 'Weight', 'Client', 'Its time']} />
          <tbody>
            {jobs.map(({ id, weight, client, endsAt }) => (
              <tr key={id}>
                <td className="mono">
                  <bdi>{shown(id)}</bdi>
                </td>
                <td className="number">{countText(weight)}</td>
                <td className="mono">
                  <bdi>{shown(client)}</bdi>
                </td>
                <td>{endsAt < 0 ? 'as long as it takes' : endText(endsAt)}</td>
                <td className="row-actions">
                  {canWrite ? (
                    <button
                      type="button"
                      aria-label={`Give back the place of ${shown(id)}`}
                      onClick={() => act(giveBack(rest, prefix, id), 'Its place is free for another job.')}
                    >
                      Give back
                    </button>
                  ) : null}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
        {jobs.length === 0 ? <p className="waiting">No job runs.</p> : null}
      </section>
      <p className="hint">
        Jobs that wait are in the processes that hold them: only their number is known here. A place is given back where
        a process has gone with its job.
      </p>
    </>
  )
}

function endText(endsAt: number): string {
  const left = (endsAt - Date.now()) / 1000
  return left <= 0 ? 'over' : `${durationText(left)} left`
}
