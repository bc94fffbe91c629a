/** What the store does now: figures over time, delays, slow commands, clients, commands, messages and events as they come, and what weighs. */
import type { ReactNode } from 'react'
import { Parts } from '../parts/partlinks.tsx'
import { ClientsPart } from './clientspart.tsx'
import { FiguresPart } from './figurespart.tsx'
import { KeyEventsPart } from './keyeventspart.tsx'
import { LatencyPart } from './latencypart.tsx'
import { MemoryPart } from './memorypart.tsx'
import { MonitorPart } from './monitorpart.tsx'
import { PubSubPart } from './pubsubpart.tsx'
import { SlowLogPart } from './slowlogpart.tsx'

const PARTS = [
  { name: 'figures', label: 'Figures' },
  { name: 'latency', label: 'Latency' },
  { name: 'slowlog', label: 'Slow log' },
  { name: 'clients', label: 'Clients' },
  { name: 'monitor', label: 'Monitor' },
  { name: 'pubsub', label: 'Pub/Sub' },
  { name: 'events', label: 'Key events' },
  { name: 'memory', label: 'Memory' },
]

export default function LivePage({ part }: { part: string }) {
  return (
    <section className="page live" aria-label="Live">
      <Parts page="live" parts={PARTS} current={part} />
      {partOf(part)}
    </section>
  )
}

function partOf(part: string): ReactNode {
  switch (part) {
    case 'latency':
      return <LatencyPart />
    case 'slowlog':
      return <SlowLogPart />
    case 'clients':
      return <ClientsPart />
    case 'monitor':
      return <MonitorPart />
    case 'pubsub':
      return <PubSubPart />
    case 'events':
      return <KeyEventsPart />
    case 'memory':
      return <MemoryPart />
  }
  return <FiguresPart />
}
