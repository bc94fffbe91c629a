/** Queues of jobs that libraries keep in the store, and the jobs of one of them. */
import { useEffect, useState } from 'react'
import { hashOf } from '../model/route.ts'
import { useStore } from '../parts/store.tsx'
import { useInterval, useLoaded } from '../parts/useloaded.ts'
import { type Bytes, shown } from '../wire/bytes.ts'
import { JobsView } from './jobsview.tsx'
import { LimiterView } from './limiterview.tsx'
import { countsOf, findQueues, type Queue } from './queues.ts'

const REFRESH_MS = 3000

export default function QueuesPage({ queue: open }: { queue: Bytes | undefined }) {
  const { rest } = useStore()
  const asked = useLoaded(() => findQueues(rest), [rest])
  const current = asked.value?.find(({ prefix }) => prefix === open)
  return (
    <section className="page" aria-label="Queues">
      {asked.error === '' ? null : <p className="problem">{asked.error}</p>}
      {asked.value === undefined && asked.error === '' ? <p className="waiting">Looking for queues …</p> : null}
      {asked.value?.length === 0 ? (
        <p className="waiting">No queue of BullMQ, Bull or Bottleneck is in this store.</p>
      ) : (
        <div className="queues">
          {asked.value?.map((queue) => (
            <QueueCard key={queue.prefix} queue={queue} isCurrent={queue === current} />
          ))}
        </div>
      )}
      {current === undefined ? null : current.kind === 'Bottleneck' ? (
        <LimiterView key={current.prefix} prefix={current.prefix} />
      ) : (
        <JobsView key={current.prefix} queue={current} />
      )}
    </section>
  )
}

function QueueCard({ queue, isCurrent }: { queue: Queue; isCurrent: boolean }) {
  const { rest } = useStore()
  const [counts, setCounts] = useState<ReadonlyMap<string, number>>(new Map())
  const ask = (): void => {
    countsOf(rest, queue).then(setCounts, () => {}) // the list of queues says what is wrong
  }
  useEffect(ask, [rest, queue])
  useInterval(ask, REFRESH_MS)
  return (
    <a className="queue" href={hashOf('queues', { queue: queue.prefix })} aria-current={isCurrent ? 'true' : undefined}>
      <strong>
        <bdi>{shown(queue.name)}</bdi>
      </strong>
      <span className="soft">{queue.kind}</span>
      <span className="counts">
        {[...counts]
          .filter(([, count]) => count > 0)
          .map(([name, count]) => (
            <span key={name}>
              {count.toLocaleString('en')} {name}
            </span>
          ))}
      </span>
    </a>
  )
}
