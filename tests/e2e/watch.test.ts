/** `zerodis top` and `zerodis tail` as people run them: against this store by RESP and by REST, and against a genuine Redis. */
import { spawnSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createServer, type Server } from '../../lib/server.ts'
import { cli } from '../clients/program.ts'
import { RespClient } from '../clients/resp.ts'
import { Genuine, genuineVersion } from '../contract/harness/genuine.ts'
import { Child, zerodis } from './child.ts'

let server: Server
let [resp, rest] = ['', '']
let client: RespClient
let load: NodeJS.Timeout

beforeAll(async () => {
  server = createServer({ requirepass: 'pass', 'rest-token': 't', 'client-output-buffer-limit': 'pubsub 1mb 0 0' })
  const { port, httpPort } = await server.listen({ port: 0, httpPort: 0 })
  resp = `redis://:pass@127.0.0.1:${port}/2`
  rest = `http://127.0.0.1:${httpPort}`
  client = await RespClient.connect({ port, host: '127.0.0.1' })
  load = setInterval(() => {
    for (const argv of [
      ['AUTH', 'pass'],
      ['SELECT', '2'],
      ['SET', 'user:1', 'a b'],
      ['GET', 'user:1'],
      ['GET', 'other'],
    ]) {
      client.send(argv).catch(() => {})
    }
  }, 20)
})
afterAll(async () => {
  clearInterval(load)
  client.close()
  await server.close()
})

/** The command line for a shell. */
const inShell = (...more: string[]): string => [process.execPath, cli(), ...more].map((word) => `'${word}'`).join(' ')

const COLUMNS = / ops\/s .* loop +p50 +p99 +p99\.9 +most time\n/

describe('zerodis top', { timeout: 60_000 }, () => {
  test.each([
    ['RESP', () => [resp]],
    ['REST', () => [rest, '--token', 't']],
  ])('writes a line a sample where there is no terminal, by %s', async (_, words) => {
    const top = zerodis(['top', ...words(), '--interval', '0.3', '--count', '2'])
    expect(await top.ended, top.output).toBe(0)
    expect(top.output).toMatch(COLUMNS)
    const [head, ...lines] = top.output.trimEnd().split('\n')
    expect([head.split(/ +/).length, lines.length]).toEqual([15, 2])
    const [, keys, , , clients, , perSecond] = lines[1].split(/ +/)
    expect([keys, Number(clients) > 0, Number(perSecond) > 20]).toEqual(['1', true, true])
    expect(top.output).not.toMatch(/pass|NaN|undefined/)
  })

  test.skipIf(spawnSync('script', ['--version']).status !== 0)(
    'paints a terminal until q, and leaves it as it was',
    async () => {
      const command = `stty rows 20 cols 80; ${inShell('top', resp, '--interval', '0.2')}`
      const typed = new Child('script', ['-qec', command, '/dev/null'], { isTypedTo: true })
      await typed.sees(/OF THE TIME/)
      typed.process.stdin!.write('q')
      expect(await typed.ended, typed.output).toBe(0)
      expect(typed.output).toContain('\x1b[?1049h')
      expect(typed.output).toMatch(/COMMAND +CALLS\/S +EACH +OF THE TIME/)
      expect(typed.output.trimEnd()).toMatch(/\x1b\[\?25h\x1b\[\?1049l$/)
    },
  )

  test('says what is wrong, in a line', async () => {
    const [refused, misspelt] = [zerodis(['top', resp.replace('pass', 'wrong')]), zerodis(['tpo'])]
    expect([await refused.ended, await misspelt.ended]).toEqual([1, 1])
    expect(refused.output).toMatch(/^zerodis top: redis:\/\/127\.0\.0\.1:\d+: WRONGPASS .*\n$/)
    expect(misspelt.output).toBe("zerodis: there is no file 'tpo'. Did you mean 'zerodis top'?\n")
  })
})

describe('zerodis tail', { timeout: 60_000 }, () => {
  test.each([
    ['RESP', () => [resp]],
    ['REST', () => [rest, '--token', 't']],
  ])('shows commands through its filters, by %s', async (_, words) => {
    const tail = zerodis(['tail', ...words(), '--type', 'read', '--key', 'user:*', '--db', '2', '--limit', '3'])
    expect(await tail.ended, tail.output).toBe(0)
    expect(tail.output).toMatch(/^(\d+\.\d{6} \[2 127\.0\.0\.1:\d+\] "GET" "user:1"\n){3}$/)
  })

  test('writes objects of JSON, never a password, and ends by SIGINT', async () => {
    const tail = zerodis(['tail', resp, '--json'])
    await tail.sees(/"SELECT"[\s\S]*"SET"[\s\S]*"GET".*\n.*\n/)
    expect(await tail.kill('SIGINT')).toBe('SIGINT')
    const lines = tail.output.trimEnd().split('\n').slice(0, -1)
    const commands = lines.map((line) => (JSON.parse(line) as { command: string }).command)
    expect(new Set(commands)).toEqual(new Set(['SELECT', 'SET', 'GET']))
    expect(tail.output).not.toContain('pass')
  })

  test('ends when nobody reads any more, and says when the store has ended it', async () => {
    const head = new Child('bash', ['-c', `set -o pipefail; ${inShell('tail', resp)} | head -2`])
    expect(await head.ended, head.output).toBe(0)
    expect(head.output.trimEnd().split('\n')).toHaveLength(2)
    const tail = zerodis(['tail', resp])
    await tail.sees(/"GET"/)
    server.execute('CLIENT', 'KILL', 'TYPE', 'normal')
    expect(await tail.ended).toBe(1)
    expect(tail.output).toMatch(/has ended it\n$/)
  })
})

describe.skipIf(genuineVersion === undefined)('against a genuine Redis', { timeout: 60_000 }, () => {
  test('both work', async () => {
    const genuine = await Genuine.start()
    const other = await RespClient.connect({ path: genuine.path })
    const writing = setInterval(() => void other.send(['SET', 'k\xff', 'v']).catch(() => {}), 20)
    try {
      const top = zerodis(['top', `unix:${genuine.path}`, '--interval', '0.3', '--count', '1'])
      expect(await top.ended, top.output).toBe(0)
      expect(top.output).toMatch(COLUMNS)
      const tail = zerodis(['tail', `unix:${genuine.path}`, '--command', 'set', '--limit', '2'])
      expect(await tail.ended, tail.output).toBe(0)
      expect(tail.output).toMatch(/^(\d+\.\d+ \[0 unix:.*\] "SET" "k\\xff" "v"\n){2}$/)
    } finally {
      clearInterval(writing)
      other.close()
      await genuine.stop()
    }
  })
})
