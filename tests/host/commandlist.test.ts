import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { DOCS } from '../../lib/commands/docs.ts'
import { createCommandTable } from '../../lib/commands/index.ts'
import { ABSENT, commandsText, DIFFERS, listCommands, OURS, type Remark, remarkOn } from '../../lib/host/commandlist.ts'
import { REDIS_8 } from '../../lib/host/redis8.ts'
import { cli } from '../clients/program.ts'
import { Genuine, genuineVersion } from '../contract/harness/genuine.ts'
import { commandsPage } from './commands-page.ts'

const table = createCommandTable().all.map(({ fullName }) => fullName)
const typed = (fullName: string) => fullName.toUpperCase().replace('|', ' ')
const listed = new Map(listCommands().map((command) => [command.name, command]))
const namesOf = (remarks: readonly Remark[]) => remarks.flatMap(([names]) => names.split(', '))

describe('the list of commands', () => {
  test('knows every command of the table, and tells of no other that it is here', () => {
    const here = [...listed.values()].filter(({ state }) => state !== 'not here').map(({ name }) => name)
    expect(here.sort()).toEqual(table.map(typed).sort())
  })

  test('has each command once, and gives the version that COMMAND DOCS gives', () => {
    const names = Object.values(REDIS_8).flatMap((versions) =>
      Object.values(versions).flatMap((line) => line.split(', ')),
    )
    expect(new Set(names).size).toBe(names.length)
    for (const name of table) {
      const { state, since } = listed.get(typed(name))!
      if (state !== 'ours') expect([name, since]).toEqual([name, DOCS[name].since])
    }
  })

  test.skipIf(genuineVersion === undefined)('has every command of genuine Redis', async () => {
    const genuine = await Genuine.start()
    const client = await genuine.connect()
    const names = (await client.send(['COMMAND', 'LIST'])) as string[]
    client.close()
    await genuine.stop()
    expect(names.filter((name) => !listed.has(typed(name)))).toEqual([])
  })

  test('says why of all that is not here, and of nothing that is', () => {
    for (const { name, state, note } of listed.values())
      if (state === 'not here') expect([name, note]).not.toContain(undefined)
    const gone = [...listed.values()].filter(({ state }) => state === 'not here')
    for (const [names, remark] of ABSENT)
      for (const pattern of names.split(', '))
        expect([pattern, gone.some(({ name }) => remarkOn(name, [[pattern, remark]]) !== undefined)]).toEqual([
          pattern,
          true,
        ])
  })

  test('remarks on commands that are here, each once', () => {
    const names = namesOf([...DIFFERS, ...OURS])
    expect(names.filter((name) => !table.map(typed).includes(name))).toEqual([])
    expect(new Set(names).size).toBe(names.length)
  })
})

test('zerodis commands prints a line for each, and with --json the list itself', () => {
  expect(commandsText(false).trimEnd().split('\n')).toHaveLength(listed.size)
  expect(JSON.parse(commandsText(true)).commands).toEqual([...listed.values()])
})

test('a reader who has enough before the end is no fault', () => {
  const command = `"${process.execPath}" "${cli()}"`
  const options = { encoding: 'utf8' } as const
  const { stdout, stderr } = spawnSync('sh', ['-c', `${command} commands --json | head -n 1`], options)
  expect([stdout, stderr]).toEqual(['{\n', ''])
  const unknown = spawnSync('sh', ['-c', `${command} commands --jsn`], options)
  expect([unknown.status, unknown.stderr]).toEqual([
    1,
    "zerodis commands: unknown option '--jsn', only --json is known\n",
  ])
})

test('docs/reference/commands.md is what the list says (npx vitest run tests/host/commandlist.test.ts -u writes it)', async () => {
  await expect(commandsPage()).toMatchFileSnapshot('../../docs/reference/commands.md')
})
