/** Spans of commands, as the genuine SDK of OpenTelemetry keeps them. */
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { Config } from '../../lib/config/config.ts'
import { NO_OPENTELEMETRY, traceCommands } from '../../lib/observability/tracing.ts'
import { createServer, type Server } from '../../lib/server.ts'

const exporter = new InMemorySpanExporter()
let server: Server

beforeAll(() => {
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }))
})
afterAll(() => trace.disable())
beforeEach(() => {
  exporter.reset()
  server = createServer({ opentelemetry: true })
})
afterEach(() => server.close())

test('a span has the operation, the database and the door, and no argument', () => {
  server.execute('SET', 'key', 'secret')
  const [span] = exporter.getFinishedSpans()
  expect(span).toMatchObject({
    name: 'SET',
    kind: SpanKind.INTERNAL,
    status: { code: SpanStatusCode.UNSET },
    attributes: {
      'db.system.name': 'redis',
      'db.operation.name': 'SET',
      'db.namespace': '0',
      'zerodis.door': 'inprocess',
    },
    instrumentationScope: { name: 'zerodis' },
  })
  expect(JSON.stringify(span.attributes)).not.toContain('secret')
  const [seconds] = span.endTime
  expect(Math.abs(seconds - Date.now() / 1000)).toBeLessThan(5)
})

test('a command that fails has the code of its error', () => {
  server.execute('SET', 'key', 'text')
  expect(() => server.execute('LPUSH', 'key', 'a')).toThrow()
  expect(exporter.getFinishedSpans().at(-1)).toMatchObject({
    name: 'LPUSH',
    status: { code: SpanStatusCode.ERROR },
    attributes: { 'error.type': 'WRONGTYPE', 'db.response.status_code': 'WRONGTYPE' },
  })
})

test('a command that waited has one span, when it is answered', async () => {
  const waits = server.execute('BLPOP', 'list', 0)
  expect(exporter.getFinishedSpans()).toEqual([])
  server.execute('RPUSH', 'list', 'a')
  await waits
  expect(
    exporter
      .getFinishedSpans()
      .map(({ name }) => name)
      .sort(),
  ).toEqual(['BLPOP', 'RPUSH'])
})

test('without the package the directive is refused, with what to install', () => {
  const { engine, slowCommands } = { engine: {} as never, slowCommands: {} as never }
  expect(traceCommands(engine, slowCommands, () => undefined)).toBe(NO_OPENTELEMETRY)
  expect(new Config().values.opentelemetry).toBe(false)
  expect(context.active()).toBeDefined()
})
