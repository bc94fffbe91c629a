/** The calls of Upstash's documentation, as people type them. */
import { execFile, spawnSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { httpRest, type RestServer, TOKEN } from '../clients/rest.ts'

const AUTHORIZATION = ['-H', `Authorization: Bearer ${TOKEN}`]

describe.skipIf(spawnSync('curl', ['--version']).status !== 0)('curl', () => {
  let rest: RestServer
  beforeAll(async () => {
    rest = await httpRest()
  })
  afterAll(() => rest.close())

  const curl = (path: string, ...args: string[]) =>
    new Promise<string>((resolve, reject) => {
      execFile(
        'curl',
        ['-sS', ...args, rest.url + path],
        { encoding: 'latin1', maxBuffer: 2 ** 26 },
        (error, stdout) => (error === null ? resolve(stdout) : reject(error)),
      )
    })

  it('runs commands of the path', async () => {
    expect(await curl('/set/foo/bar', ...AUTHORIZATION)).toBe('{"result":"OK"}')
    expect(await curl('/get/foo', ...AUTHORIZATION)).toBe('{"result":"bar"}')
    expect(await curl(`/get/foo?_token=${TOKEN}`)).toBe('{"result":"bar"}')
    expect(await curl('/get/foo')).toBe('{"error":"WRONGPASS invalid or missing auth token"}')
    expect(await curl('/setex/foo/100/bar', ...AUTHORIZATION, '-X', 'PUT')).toBe('{"result":"OK"}')
  })

  it('posts values, commands, pipelines and transactions with the content type of a form', async () => {
    expect(await curl('/set/foo?EX=100', ...AUTHORIZATION, '-d', '{"a":1}')).toBe('{"result":"OK"}')
    expect(await curl('/', ...AUTHORIZATION, '-d', '["GET","foo"]')).toBe('{"result":"{\\"a\\":1}"}')
    const commands = '[["SET","n",1],["INCR","n"],["INCR","foo"]]'
    const outcome = '[{"result":"OK"},{"result":2},{"error":"ERR value is not an integer or out of range"}]'
    expect(await curl('/pipeline', ...AUTHORIZATION, '-d', commands)).toBe(outcome)
    expect(await curl('/multi-exec', ...AUTHORIZATION, '-d', commands)).toBe(outcome)
  })

  it('is served below the base path, too', async () => {
    expect(await curl('/api/redis/echo/hi', ...AUTHORIZATION)).toBe('{"result":"hi"}')
    expect(await curl('/api/redis', ...AUTHORIZATION, '-d', '["ECHO","hi"]')).toBe('{"result":"hi"}')
  })

  it('gets RESP2 and base64 where it asks for them', async () => {
    await curl('/set/foo/bar', ...AUTHORIZATION)
    expect(await curl('/get/foo', ...AUTHORIZATION, '-H', 'Upstash-Encoding: base64')).toBe('{"result":"YmFy"}')
    expect(await curl('/get/foo', ...AUTHORIZATION, '-H', 'Upstash-Response-Format: resp2')).toBe('$3\r\nbar\r\n')
  })

  it('sees the head alone', async () => {
    expect(await curl('/get/foo', ...AUTHORIZATION, '-I')).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\n\r\n$/)
  })

  it('sends a body of many megabytes', async () => {
    const value = 'x'.repeat(8 * 2 ** 20)
    const child = new Promise<string>((resolve, reject) => {
      const args = ['-sS', ...AUTHORIZATION, '--data-binary', '@-', `${rest.url}/set/big`]
      const running = execFile('curl', args, (error, stdout) => (error === null ? resolve(stdout) : reject(error)))
      running.stdin!.end(value)
    })
    expect(await child).toBe('{"result":"OK"}')
    expect(await curl('/strlen/big', ...AUTHORIZATION)).toBe(`{"result":${value.length}}`)
  })
})
