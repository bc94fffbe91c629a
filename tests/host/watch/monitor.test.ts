/** Lines of MONITOR taken apart, filtered and written again; what is secret in none of them. */
import { PassThrough } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { createCommandTable } from '../../../lib/commands/index.ts'
import { LineOutput } from '../../../lib/host/watch/lineoutput.ts'
import { Lines } from '../../../lib/host/watch/lines.ts'
import { MonitorFilter, type Wanted } from '../../../lib/host/watch/monitorfilter.ts'
import { monitorJson, monitorText, parseMonitorLine } from '../../../lib/host/watch/monitorline.ts'

const EVERYTHING: Wanted = { commands: [], keys: [], clients: [], db: undefined, type: undefined }
const table = createCommandTable()

/** The lines that pass, as they are written. */
function passing(lines: readonly string[], wanted: Partial<Wanted> = {}): string[] {
  const filter = new MonitorFilter(table, { ...EVERYTHING, ...wanted })
  return lines.flatMap((line) => {
    const passed = filter.pass(parseMonitorLine(line)!)
    return passed === undefined ? [] : [monitorText(passed)]
  })
}

const LINES = [
  '1700000000.000001 [0 127.0.0.1:5000] "set" "user:1" "a b"',
  '1700000000.000002 [1 127.0.0.1:5001] "GET" "user:1"',
  '1700000000.000003 [0 [::1]:5002] "mget" "other" "user:2"',
  '1700000000.000004 [0 lua] "incr" "n"',
  '1700000000.000005 [0 unix:/tmp/s] "config" "get" "maxmemory"',
  '1700000000.000006 [0 127.0.0.1:5000] "nosuch" "user:1"',
]

describe('a line of MONITOR', () => {
  test('is the same when it is written again', () => {
    expect(passing(LINES)).toEqual(LINES)
  })

  test('is an object of JSON, bytes as escapes', () => {
    const line = parseMonitorLine('1700000000.5 [3 127.0.0.1:1] "SET" "\\xc3\\xa9" "\\xff\\"\\n"')!
    expect(JSON.parse(monitorJson(line))).toEqual({
      time: 1700000000.5,
      db: 3,
      client: '127.0.0.1:1',
      command: 'SET',
      args: ['é', '\\xff\\"\\n'],
    })
  })

  test('commands no terminal', () => {
    const line = parseMonitorLine('1700000000.5 [3 \x1b[31mx:1] "GET" "k"')!
    expect(monitorText(line)).toBe('1700000000.5 [3 ?[31mx:1] "GET" "k"')
  })

  test('may be anything', () => {
    for (const line of ['', 'OK', '1.1 [0 x]', '1.1 [0 x] get', '1.1 [x x] "get"']) {
      expect(parseMonitorLine(line)).toBe(undefined)
    }
    expect(parseMonitorLine('1.1 [0 x] "set" "k" "cut of')!.argv).toEqual(['set', 'k', 'cut of'])
  })
})

describe('filters', () => {
  test.each([
    [{ commands: ['get', 'mget'] }, [1, 2]],
    [{ commands: ['config|get'] }, [4]],
    [{ commands: ['config'] }, [4]],
    [{ keys: ['user:*'] }, [0, 1, 2]],
    [{ keys: ['n', 'other'] }, [2, 3]],
    [{ clients: ['127.0.0.1'] }, [0, 1, 5]],
    [{ clients: ['127.0.0.1:5001', 'lua'] }, [1, 3]],
    [{ clients: ['[::1]'] }, [2]],
    [{ clients: ['unix:/tmp/s'] }, [4]],
    [{ db: 1 }, [1]],
    [{ type: 'read' }, [1, 2]],
    [{ type: 'write' }, [0, 3]],
    [{ type: 'write', keys: ['user:*'], db: 0 }, [0]],
  ] as const)('%j', (wanted, expected) => {
    expect(passing(LINES, wanted as Partial<Wanted>)).toEqual(expected.map((i) => LINES[i]))
  })

  test('let no secret through, whoever the server is', () => {
    const secret = (words: string): string => `1.1 [0 x:1] ${words}`
    const lines = [
      secret('"AUTH" "hunter2"'),
      secret('"auth" "bob" "hunter2"'),
      secret('"HELLO" "3" "AUTH" "bob" "hunter2" "SETNAME" "me"'),
      secret('"config" "set" "requirepass" "hunter2" "maxmemory" "1mb"'),
      secret('"acl" "setuser" "bob" "on" ">hunter2"'),
      secret('"migrate" "h" "1" "k" "0" "10" "AUTH" "hunter2"'),
    ]
    const passed = passing(lines)
    expect(passed).toHaveLength(4)
    expect(passed.join()).not.toContain('hunter2')
    expect(passed[0]).toBe('1.1 [0 x:1] "HELLO" "3" "AUTH" "(redacted)" "(redacted)" "SETNAME" "me"')
    expect(passed[1]).toContain('"maxmemory" "1mb"')
  })
})

test('lines are whole however they are cut, and cut where they are long', () => {
  for (const step of [1, 3, 1000]) {
    const found: string[] = []
    const lines = new Lines()
    const text = Buffer.from('+OK\r\nab\n\nlast without an end')
    for (let i = 0; i < text.length; i += step) lines.feed(text.subarray(i, i + step), (line) => found.push(line))
    expect(found).toEqual(['+OK', 'ab', ''])
  }
  const found: string[] = []
  const lines = new Lines()
  for (let i = 0; i < 40; i++) lines.feed(Buffer.alloc(64 * 1024, 'x'), (line) => found.push(line))
  lines.feed(Buffer.from('\nnext\n'), (line) => found.push(line))
  expect(found.map(({ length }) => length)).toEqual([1024 * 1024 + 3, 4])
})

test('what nobody takes is left out past a bound, and it is said how much', async () => {
  const out = new PassThrough({ highWaterMark: 10 })
  const output = new LineOutput(out, () => {})
  const note = (count: number): string => `# ${count} left out`
  for (let i = 0; i < 100; i++) output.write('x'.repeat(100_000), note)
  expect(out.writableLength + out.readableLength).toBeLessThan(4_500_000)
  let text = ''
  out.on('data', (piece) => {
    text += piece
  })
  await expect.poll(() => out.writableLength).toBe(0)
  output.write('last', note)
  await expect.poll(() => text).toMatch(/x\n# \d\d left out\nlast\n$/)
})
