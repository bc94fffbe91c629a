/** Scripts with their text, as far as a store tells it. */
import { expect, test } from 'vitest'
import { scriptState, scriptsOf } from '../../../console/server/functions.ts'
import { Failure, type Reply } from '../../../console/wire/resp.ts'
import type { Rest } from '../../../console/wire/rest.ts'
import { startStore } from '../store.ts'

const TEXT = "return '\u00e9'"

test('all scripts come with their text, and one by its SHA-1', async () => {
  const { server, rest } = startStore()
  expect(await scriptsOf(rest)).toEqual([])
  const digest = String(server.execute('SCRIPT', 'LOAD', TEXT))
  const text = Buffer.from(TEXT).toString('latin1')
  expect(await scriptsOf(rest)).toEqual([{ digest, text }])
  expect(await scriptState(rest, digest)).toEqual({ digest, text })
  expect(await scriptState(rest, '0'.repeat(40))).toBe('The store does not know this script.')
})

test('of a store that does not tell them there is whether it knows one', async () => {
  const answers = (...replies: Reply[]): Rest => ({ pipeline: async () => replies }) as unknown as Rest
  const unknown = new Failure("ERR unknown subcommand 'SHOW'. Try SCRIPT HELP.")
  expect(await scriptsOf(answers(unknown))).toBe(undefined)
  expect(await scriptState(answers(unknown, [1]), 'x')).toMatch(/knows this script/)
  expect(await scriptState(answers(unknown, [0]), 'x')).toMatch(/does not know/)
  await expect(scriptState(answers(unknown, new Failure('NOPERM no')), 'x')).rejects.toThrow('NOPERM')
})
