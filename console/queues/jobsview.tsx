/** The jobs of one queue, by their state, with what can be done to them. */

import { useMemo, useState } from 'react'
import { bestFormat } from '../model/formats.ts'
import { IconButton, Segments } from '../parts/buttons.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { useStore } from '../parts/store.tsx'
import { TableHead } from '../parts/tablehead.tsx'
import { useInterval, useLoaded } from '../parts/useloaded.ts'
import { type Bytes, brief, shown, toText } from '../wire/bytes.ts'
import { isPaused, type Job, jobName, jobsOf, pauseQueue, type Queue, removeJob, retryJob, statesOf } from './queues.ts'

const REFRESH_MS = 3000
const FINISHED = new Set(['failed', 'completed'])

export function JobsView({ queue }: { queue: Queue }) {
  const { rest, access, notices } = useStore()
  const [stateName, setState] = useState('failed')
  const states = useMemo(() => statesOf(queue.kind), [queue.kind])
  const state = states.find(({ name }) => name === stateName)!
  const jobs = useLoaded(() => jobsOf(rest, queue, state), [rest, queue, state])
  const paused = useLoaded(() => isPaused(rest, queue), [rest, queue])
  const [open, setOpen] = useState<Job>()
  useInterval(jobs.reload, REFRESH_MS)
  const act = (work: Promise<void>, said: string): void => {
    work.then(
      () => {
        notices.say(said)
        jobs.reload()
        paused.reload()
      },
      (error) => notices.fail(error),
    )
  }
  const canWrite = access.canWrite && access.canScript
  return (
    <>
      <div className="bar">
        <Segments
          label="State of the jobs"
          value={stateName}
          choices={states.map(({ name }) => ({ value: name, label: name }))}
          onChange={setState}
        />
        <span className="grow" />
        {canWrite ? (
          <button
            type="button"
            onClick={() => act(pauseQueue(rest, queue, !paused.value), paused.value ? 'It goes on.' : 'It is paused.')}
          >
            {paused.value ? 'Resume the queue' : 'Pause the queue'}
          </button>
        ) : null}
      </div>
      {jobs.error === '' ? null : <p className="problem">{jobs.error}</p>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is to be reached by the keyboard */}
      <section className="table" aria-label="Jobs" tabIndex={0}>
        <table>
          <TableHead columns={['ID', 'Name', 'Data', 'Tries', 'Reason']} />
          <tbody>
            {jobs.value?.map((job) => (
              <tr key={job.id}>
                <td className="mono">
                  <bdi>{shown(job.id)}</bdi>
                </td>
                <td>
                  <bdi>{brief(jobName(job), 60)}</bdi>
                </td>
                <td>
                  <bdi className="cell">{brief(job.fields.get('data') ?? '', 120)}</bdi>
                </td>
                <td className="number">{job.fields.get('atm') ?? job.fields.get('attemptsMade') ?? '0'}</td>
                <td>
                  <bdi>{brief(job.fields.get('failedReason') ?? '', 120)}</bdi>
                </td>
                <td className="row-actions">
                  <IconButton icon="search" label={`Look at job ${shown(job.id)}`} onClick={() => setOpen(job)} />
                  {canWrite && FINISHED.has(stateName) ? (
                    <IconButton
                      icon="refresh"
                      label={`Run job ${shown(job.id)} again`}
                      onClick={() => act(retryJob(rest, queue, state, job), 'The job waits again.')}
                    />
                  ) : null}
                  {canWrite && stateName !== 'active' ? (
                    <IconButton
                      icon="trash"
                      label={`Remove job ${shown(job.id)}`}
                      onClick={() => act(removeJob(rest, queue, state, job), 'The job is removed.')}
                    />
                  ) : null}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
        {jobs.value?.length === 0 ? <p className="waiting">No job is in this state.</p> : null}
      </section>
      {open === undefined ? null : (
        <Dialog title={`Job ${shown(open.id)}`} onClose={() => setOpen(undefined)}>
          <div className="dialog-body wide-body">
            {[...open.fields].map(([field, value]) => (
              <div key={field} className="field">
                <strong>
                  <bdi>{shown(field)}</bdi>
                </strong>
                <pre className="value">{readable(value)}</pre>
              </div>
            ))}
          </div>
        </Dialog>
      )}
    </>
  )
}

function readable(value: Bytes): string {
  const format = bestFormat(value)
  const text = format.show(value)
  return typeof text === 'string' ? text : (toText(value) ?? shown(value))
}
