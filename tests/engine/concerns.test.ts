import { expect, test } from 'vitest'
import { Concern, Concerns } from '../../lib/engine/concerns.ts'

test('each concern has a bit of its own: one that ends takes no other with it', () => {
  for (const one of Object.values(Concern)) {
    const concerns = new Concerns()
    for (const concern of Object.values(Concern)) concerns.set(concern, true)
    const all = concerns.bits
    concerns.set(one, false)
    expect(concerns.bits).toBe(all - one)
    expect(Object.values(Concern).filter((concern) => concern === one)).toHaveLength(1)
  }
})
