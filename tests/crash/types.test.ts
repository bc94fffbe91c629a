/** Documents and arrays after a store was killed: what it has in its files makes them again, bit for bit. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { freePort } from '../clients/ports.ts'
import { Program } from '../clients/process.ts'
import { cli } from '../clients/program.ts'
import { RespClient } from '../clients/resp.ts'
import type { Seen } from '../contract/harness/seen.ts'
import { generator as array } from '../differential/generators/array.ts'
import { generator as json } from '../differential/generators/json.ts'
import { Random, seedOfRun } from '../differential/random.ts'

const KEYS = [...json.keys, ...array.keys, 'large', 'sparse']

/** What a killed store must have: all that is kept, as DUMP and the commands of the types tell it. */
async function stateOf(client: RespClient): Promise<Seen> {
  const replies = await client.pipeline([
    ['DEBUG', 'DIGEST'],
    ...KEYS.flatMap((key) => [
      ['DUMP', key],
      ['JSON.GET', key],
      ['ARNEXT', key],
    ]),
  ])
  return replies as Seen
}

async function fill(client: RespClient): Promise<void> {
  const random = new Random(seedOfRun())
  const commands = Array.from({ length: 600 }, (_, i) => (i % 2 === 0 ? json : array).next(random))
  const document = JSON.stringify({
    users: Array.from({ length: 500 }, (_, i) => ({ id: i, score: i / 8, name: `n${i}` })),
  })
  await client.pipeline([
    ...commands,
    ['JSON.SET', 'large', '$', document],
    ['JSON.NUMINCRBY', 'large', '$.users[*].score', '0.1'],
    ['JSON.SET', 'large', '$.big', '[18446744073709551615,-9223372036854775808,1.0,-0.0,1e300]'],
    ['JSON.ARRPOP', 'large', '$.users', '17'],
    ['ARMSET', 'sparse', '0', 'a', '9007199254740993', 'b', '18446744073709551614', 'c'],
    ['ARSEEK', 'sparse', '18446744073709551615'],
  ])
}

test.each([
  ['an append-only file', ['--appendonly', 'yes', '--appendfsync', 'always'], []],
  [
    'a rewritten append-only file of commands',
    ['--appendonly', 'yes', '--appendfsync', 'always', '--aof-use-rdb-preamble', 'no'],
    [['BGREWRITEAOF'], ['JSON.TOGGLE', 'j1', '$..*'], ['ARINSERT', 'sparse2', 'after']],
  ],
  ['a snapshot', [], [['SAVE']]],
] as const)(
  '%s makes documents and arrays again after kill -9',
  async (_, settings, commands) => {
    const dir = mkdtempSync(join(tmpdir(), 'zerodis-'))
    const start = async (): Promise<{ program: Program; client: RespClient }> => {
      const port = await freePort()
      const own = ['--port', `${port}`, '--http-port', '0', '--dir', dir, '--save', '', '--enable-debug-command', 'yes']
      const program = new Program([cli(), ...own, ...settings])
      let client: RespClient | undefined
      await program.until(async () => {
        client = await RespClient.connect({ host: '127.0.0.1', port }).catch(() => undefined)
        return client !== undefined && typeof (await client.send(['DBSIZE'])) === 'number'
      })
      return { program, client: client! }
    }
    try {
      const first = await start()
      await fill(first.client)
      for (const argv of commands) await first.client.send(argv)
      await first.program.until(async () => {
        const info = (await first.client.send(['INFO', 'persistence'])) as string
        return info.includes('aof_rewrite_in_progress:0')
      })
      const before = await stateOf(first.client)
      await first.program.stop('SIGKILL')
      const second = await start()
      expect(await stateOf(second.client)).toEqual(before)
      second.client.close()
      await second.program.stop('SIGKILL')
    } finally {
      rmSync(dir, { recursive: true, force: true })
    }
  },
  120_000,
)
