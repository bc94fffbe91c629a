/** Who is connected, in order of arrival, whoever has left meanwhile. */
import { describe, expect, it } from 'vitest'
import { Clients } from '../../lib/session/clients.ts'
import type { Session } from '../../lib/session/session.ts'

function arrive(clients: Clients): Session {
  const session = { id: clients.nextId() } as Session
  clients.add(session)
  return session
}

describe('Clients', () => {
  it('counts, finds and lists whoever is there', () => {
    const clients = new Clients()
    const [first, second, third] = [arrive(clients), arrive(clients), arrive(clients)]
    expect(clients.size).toBe(3)
    expect([...clients]).toEqual([first, second, third])
    for (const session of [first, second, third]) expect(clients.get(session.id)).toBe(session)
    const fourth = arrive(clients)
    expect(clients.get(fourth.id)).toBe(fourth)
    clients.remove(second)
    expect(clients.get(second.id)).toBeUndefined()
    expect([...clients]).toEqual([first, third, fourth])
    expect(clients.size).toBe(3)
  })

  it('forgets the newest, and who was removed twice once', () => {
    const clients = new Clients()
    const first = arrive(clients)
    const newest = arrive(clients)
    clients.remove(newest)
    clients.remove(newest)
    expect(clients.size).toBe(1)
    expect(clients.get(newest.id)).toBeUndefined()
    expect([...clients]).toEqual([first])
    expect(arrive(clients).id).toBeGreaterThan(newest.id)
  })

  it('may be listed while clients are removed', () => {
    const clients = new Clients()
    const all = [arrive(clients), arrive(clients), arrive(clients)]
    const seen: Session[] = []
    for (const session of clients) {
      seen.push(session)
      clients.remove(session)
    }
    expect(seen).toEqual(all)
    expect(clients.size).toBe(0)
  })

  it('keeps order and size over many that come and go, whoever stays', () => {
    const clients = new Clients()
    let there: Session[] = []
    for (let i = 0; i < 5000; i++) {
      there.push(arrive(clients))
      const leaver = there[(i * 7919) % there.length]
      // One in a hundred stays.
      if (there.length > 40 && leaver.id % 100 !== 0) {
        clients.remove(leaver)
        there = there.filter((session) => session !== leaver)
        expect(clients.get(leaver.id)).toBeUndefined()
      }
      expect(clients.size).toBe(there.length)
    }
    expect([...clients]).toEqual(there)
    for (const session of there) expect(clients.get(session.id)).toBe(session)
  })
})
