/** Keeps what goes wrong in a page to that page: a part of the console that could not be loaded, as when the host is gone, is asked for again. */
import { Component, type ReactNode } from 'react'

interface BoundaryState {
  readonly reason: string | undefined
}

export class Boundary extends Component<{ readonly children: ReactNode }, BoundaryState> {
  override state: BoundaryState = { reason: undefined }

  static getDerivedStateFromError(error: unknown): BoundaryState {
    return { reason: error instanceof Error ? error.message : String(error) }
  }

  override render(): ReactNode {
    const { reason } = this.state
    if (reason === undefined) return this.props.children
    return (
      <section className="page" aria-label="Not shown">
        <p className="problem" role="alert">
          This page could not be shown: {reason}
        </p>
        <p>
          <button type="button" onClick={() => location.reload()}>
            Load it again
          </button>
        </p>
      </section>
    )
  }
}
