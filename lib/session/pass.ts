/**
 * A pass: what a request, a stream or a WebSocket came in by that showed a token. It is asked again whenever a session begins,
 * and whenever users or tokens have changed: rights are checked when a command runs, not when its request arrived.
 */
import type { User } from './acl-user.ts'

export abstract class Pass {
  /** Whom the token stands for. */
  abstract readonly user: User
  /** False once the token no longer lets in as this user. Costs next to nothing while no user has changed. */
  abstract readonly holds: boolean
}

/** The pass of a session that was thrown out: it is a user without any rights, and stays that. */
export class NoPass extends Pass {
  readonly user: User
  readonly holds = true

  constructor(nobody: User) {
    super()
    this.user = nobody
  }
}
