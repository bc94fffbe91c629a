/** The store as something that runs: its state with what can be done about it, its configuration, its users, its functions. */
import type { ReactNode } from 'react'
import { Parts } from '../parts/partlinks.tsx'
import { ConfigPart } from './configpart.tsx'
import { FunctionsPart } from './functionspart.tsx'
import { StatePart } from './statepart.tsx'
import { UsersPart } from './userspart.tsx'

const PARTS = [
  { name: 'state', label: 'State' },
  { name: 'configuration', label: 'Configuration' },
  { name: 'users', label: 'Users' },
  { name: 'functions', label: 'Functions' },
]

export default function ServerPage({ part }: { part: string }) {
  return (
    <section className="page live" aria-label="Server">
      <Parts page="server" parts={PARTS} current={part} />
      {partOf(part)}
    </section>
  )
}

function partOf(part: string): ReactNode {
  switch (part) {
    case 'configuration':
      return <ConfigPart />
    case 'users':
      return <UsersPart />
    case 'functions':
      return <FunctionsPart />
  }
  return <StatePart />
}
