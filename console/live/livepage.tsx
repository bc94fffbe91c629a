/** What the store does now: figures over time, slow commands, clients, all commands as they come, messages. */
import type { ReactNode } from 'react'
import { hashOf } from '../model/route.ts'
import { ClientsPart } from './clientspart.tsx'
import { FiguresPart } from './figurespart.tsx'
import { MonitorPart } from './monitorpart.tsx'
import { PubSubPart } from './pubsubpart.tsx'
import { SlowLogPart } from './slowlogpart.tsx'

const PARTS: readonly { readonly name: string; readonly label: string }[] = [
  { name: 'figures', label: 'Figures' },
  { name: 'slowlog', label: 'Slow log' },
  { name: 'clients', label: 'Clients' },
  { name: 'monitor', label: 'Monitor' },
  { name: 'pubsub', label: 'Pub/Sub' },
]

export default function LivePage({ part }: { part: string }) {
  return (
    <section className="page live" aria-label="Live">
      <nav className="parts" aria-label="Parts of this page">
        {PARTS.map(({ name, label }) => (
          <a key={name} href={hashOf('live', { part: name })} aria-current={name === part ? 'page' : undefined}>
            {label}
          </a>
        ))}
      </nav>
      {partOf(part)}
    </section>
  )
}

function partOf(part: string): ReactNode {
  switch (part) {
    case 'slowlog':
      return <SlowLogPart />
    case 'clients':
      return <ClientsPart />
    case 'monitor':
      return <MonitorPart />
    case 'pubsub':
      return <PubSubPart />
  }
  return <FiguresPart />
}
