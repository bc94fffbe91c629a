/**
 * Spans of OpenTelemetry, one a command, by the names of its semantic conventions for databases. What is active when a
 * command is called, as with `execute` in a request, is the parent. No argument and no value is in a span.
 */
import { type Reply, ReplyError } from '../base/reply.ts'
import { unawaited } from '../base/unawaited.ts'
import { ZERODIS_VERSION } from '../base/version.ts'
import type { Engine } from '../engine/engine.ts'
import { errorCode } from '../engine/stats.ts'
import { loadPeer } from '../peers/peer.ts'
import type { SlowCommands } from './slowcommands.ts'

type Api = typeof import('@opentelemetry/api')

export const NO_OPENTELEMETRY = 'spans need the package @opentelemetry/api: npm i @opentelemetry/api'

/** Traces until the function is called that is returned. A reason if the package is not there. */
export function traceCommands(
  { clock, config }: Engine,
  slowCommands: SlowCommands,
  loadApi: () => Api | undefined = () => loadPeer('@opentelemetry/api'),
): (() => void) | string {
  const api = loadApi()
  if (api === undefined) return NO_OPENTELEMETRY
  const { SpanKind, SpanStatusCode, trace } = api
  const tracer = trace.getTracer('zerodis', ZERODIS_VERSION)
  return slowCommands.observe((session, command, _argv, microseconds, reply) => {
    const ends = clock.now()
    const operation = command.fullName.replace('|', ' ').toUpperCase()
    const span = tracer.startSpan(operation, {
      kind: session.door === 'inprocess' ? SpanKind.INTERNAL : SpanKind.SERVER,
      startTime: ends - microseconds / 1000,
      attributes: {
        'db.system.name': 'redis',
        'db.operation.name': operation,
        'db.namespace': `${session.db.index}`,
        'zerodis.door': session.door,
      },
    })
    const end = (answer: Reply, at: number): void => {
      if (answer instanceof ReplyError) {
        const code = errorCode(answer)
        span.setAttributes({ 'db.response.status_code': code, 'error.type': code })
        span.setStatus({ code: SpanStatusCode.ERROR })
      }
      span.end(at)
    }
    if (!(reply instanceof Promise)) end(reply, ends)
    else
      unawaited(
        reply.then((answer) => end(answer, clock.now())),
        config,
        () => span.end(),
      )
  })
}
