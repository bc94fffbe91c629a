/** The command in the place of serverless-redis-http: its environment and its file, as they are. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { configOf } from '../../lib/config/environment.ts'
import { freePort } from '../clients/ports.ts'
import { Program } from '../clients/process.ts'
import { cli } from '../clients/program.ts'
import { Genuine, genuineVersion } from '../contract/harness/genuine.ts'

test('its environment says where to listen', () => {
  const { values } = configOf({ SRH_MODE: 'env', SRH_TOKEN: 't', SRH_CONNECTION_STRING: 'redis://h' })
  const { port, bind, upstream } = values
  expect([values['http-port'], port, bind, values['rest-token'], upstream]).toEqual([80, 0, ['*'], 't', 'redis://h'])
  const other = configOf({ SRH_MODE: 'file', SRH_PORT: '8080', SRH_IPV6: 'true', SRH_MAX_CONNECTIONS: '7' }).values
  expect([other['http-port'], other.bind, other['upstream-max-connections']]).toEqual([8080, ['*', '::*'], 7])
  expect(configOf({ SRH_MODE: 'env', ZERODIS_PORT: '6380' }).values.port).toBe(6380)
  const without = configOf({ SRH_TOKEN: 't' }).values
  expect([without['http-port'], without.port]).toEqual([8079, 6379])
})

describe.skipIf(genuineVersion === undefined)('the command', () => {
  let genuine: Genuine
  let folder: string
  let program: Program | undefined

  beforeAll(async () => {
    genuine = await Genuine.start()
    folder = mkdtempSync(join(tmpdir(), 'srh-'))
    mkdirSync(join(folder, 'srh-config'))
  })
  afterEach(() => program?.stop())
  afterAll(async () => {
    await genuine.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  async function start(environment: Record<string, string>): Promise<string> {
    const port = await freePort()
    const args = [cli(), '--dir', folder]
    program = new Program(args, { SRH_PORT: `${port}`, ...environment })
    await program.until(() => /Ready to accept connections http/.test(program!.output))
    return `http://127.0.0.1:${port}`
  }

  const get = async (url: string, token: string): Promise<unknown> =>
    (await fetch(url, { headers: { authorization: `Bearer ${token}` } })).json()

  test('by its environment', async () => {
    const url = await start({ SRH_MODE: 'env', SRH_TOKEN: 'one', SRH_CONNECTION_STRING: `unix:${genuine.path}` })
    expect(await get(`${url}/set/k/v`, 'one')).toEqual({ result: 'OK' })
    expect(await get(`${url}/get/k`, 'two')).toEqual({ error: 'WRONGPASS invalid or missing auth token' })
  }, 60_000)

  test('by its file of tokens', async () => {
    const entry = { srh_id: 'a', connection_string: `unix:${genuine.path}`, max_connections: 3 }
    writeFileSync(join(folder, 'srh-config/tokens.json'), JSON.stringify({ two: entry }))
    const url = await start({ SRH_MODE: 'file' })
    expect(await get(`${url}/get/k`, 'two')).toEqual({ result: 'v' })
    expect(await get(`${url}/get/k`, 'one')).toEqual({ error: 'WRONGPASS invalid or missing auth token' })
    await program!.stop()
    writeFileSync(
      join(folder, 'srh-config/tokens.json'),
      '{"secret": {"srh_id": "a", "connection_string": "h:topsecret"}}',
    )
    program = new Program([cli(), '--dir', folder], {
      SRH_MODE: 'file',
      SRH_PORT: '1',
    })
    expect(await program.ended).toBe(1)
    expect(program.output).toMatch(/srh-config\/tokens\.json: entry "a", connection_string: /)
    expect(program.output).not.toMatch(/topsecret|"secret"/)
  }, 60_000)
})
