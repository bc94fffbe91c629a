import { randomUUID } from 'node:crypto'
import type { Redis } from '@upstash/redis'

export interface Session {
  readonly user: string
  readonly cart: readonly string[]
}

const LIFE_SECONDS = 30 * 60

/** Sessions that end half an hour after they were last used. */
export class Sessions {
  constructor(private readonly redis: Redis) {}

  async open(session: Session): Promise<string> {
    const id = randomUUID()
    await this.redis.set(`session:${id}`, session, { ex: LIFE_SECONDS })
    return id
  }

  /** Reading a session prolongs it. */
  read(id: string): Promise<Session | null> {
    return this.redis.getex<Session>(`session:${id}`, { ex: LIFE_SECONDS })
  }

  async close(id: string): Promise<void> {
    await this.redis.del(`session:${id}`)
  }
}
