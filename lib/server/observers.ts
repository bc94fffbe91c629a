/** Who hears of every command, as directives say: the channels of Node, and OpenTelemetry. */
import type { Config } from '../config/config.ts'
import { publishEvents } from '../observability/diagnostics.ts'
import { traceCommands } from '../observability/tracing.ts'
import type { Store } from './store.ts'

/** @throws Error where a package is not there that is asked for from the start */
export function followObservers({ config, engine, slowCommands }: Store): void {
  const publish = follower(() => publishEvents(engine, slowCommands))
  config.onApply('diagnostics-channel', publish)
  const traced = follower(() => traceCommands(engine, slowCommands))
  config.onApply('opentelemetry', traced)
  begin(config, publish, traced)
}

type Follower = (isOn: boolean) => string | undefined

/** Begins and ends what a flag says. `begins` gives what ends it, or the reason why it cannot be. */
function follower(begins: () => (() => void) | string): Follower {
  let end: (() => void) | undefined
  return (isOn) => {
    if (!isOn) {
      end?.()
      end = undefined
    } else if (end === undefined) {
      const begun = begins()
      if (typeof begun === 'string') return begun
      end = begun
    }
    return undefined
  }
}

function begin({ values }: Config, publish: Follower, traced: Follower): void {
  publish(values['diagnostics-channel'])
  const reason = traced(values.opentelemetry)
  if (reason !== undefined) throw new Error(reason)
}
