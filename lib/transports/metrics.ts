/** What REST needs to answer who reads the metrics. */
import type { Bytes } from '../base/bytes.ts'
import type { User } from '../session/acl-user.ts'
import { Pass } from '../session/pass.ts'

/** The page, as text of a certain format. */
export interface Exposition {
  readonly contentType: string
  readonly body: Bytes
}

export interface MetricsPort {
  /** Undefined where the package that prints them is not installed. */
  expose(): Promise<Exposition | undefined>
}

/** Lets in to the metrics, and to nothing else: no command runs by it. */
export class MetricsPass extends Pass {
  readonly user: User
  readonly holds = true

  constructor(user: User) {
    super()
    this.user = user
  }
}
