/** Passwords and tokens do not show where others look: logs, MONITOR, the slow log, ACL LOG, CLIENT LIST, INFO, startup lines. */
import { afterEach, expect, test } from 'vitest'
import type { Status } from '../../lib/base/reply.ts'
import { httpRest, type RestServer } from '../clients/rest.ts'
import { EventReader } from '../clients/sse.ts'
import { RespSocket, TextSocket } from '../clients/websocket.ts'

let rest: RestServer
afterEach(() => rest.close())

/** Each stands in one place, so that one that shows tells from where. */
const secret = (name: string): string => `s3cret-${name}`

test('whatever door they come by, right or wrong', async () => {
  const shown: string[] = []
  const full = secret('full-token')
  rest = await httpRest({
    'rest-token': full,
    'rest-read-only-token': secret('read-only-token'),
    'metrics-token': secret('metrics-token'),
    requirepass: secret('requirepass'),
    loglevel: 'debug',
    'auth-throttle-max-delay': 0,
    'slowlog-log-slower-than': 0,
    'slowlog-max-len': 10_000,
    log: (_, message) => shown.push(`log: ${message}`),
  })
  const { server, url } = rest
  const monitor = server.openSession(
    'tcp',
    {
      push: (line) => shown.push(`MONITOR: ${(line as Status).text}`),
      closeAfterReply() {},
      close() {},
      inputBytes: 0,
      outputBytes: 0,
    },
    '',
    '',
  )
  server.engine.execute(monitor, ['AUTH', secret('requirepass')])
  server.engine.execute(monitor, ['MONITOR'])
  const headers = { authorization: `Bearer ${full}` }
  const events = new EventReader((await fetch(`${url}/monitor`, { headers })).body!)

  const commands = [
    ['AUTH', secret('auth-wrong')],
    ['AUTH', 'alice', secret('auth-user-wrong')],
    ['AUTH', secret('requirepass')],
    ['HELLO', '2', 'AUTH', 'alice', secret('hello-wrong'), 'SETNAME', 'x'],
    ['HELLO', '9', 'AUTH', 'alice', secret('hello-bad-version')],
    ['ACL', 'SETUSER', 'alice', 'on', `>${secret('setuser')}`, '+@all', '~*'],
    ['ACL', 'SETUSER', 'alice', `<${secret('setuser-none')}`],
    ['ACL', 'SETUSER', 'alice', `#${secret('setuser-hash')}`],
    ['ACL', 'SETUSER', 'alice', `>${secret('setuser-then-wrong')}`, 'nonsense'],
    ['acl', 'resttoken', 'alice', secret('resttoken-wrong')],
    ['ACL', 'GENTOKEN', 'alice', secret('gentoken')],
    ['CONFIG', 'SET', 'maxmemory', 'nonsense', 'rest-read-only-token', secret('config-set-refused')],
    ['CONFIG', 'SET', 'rest-read-only-token', secret('config-set')],
    ['config', 'set', 'REQUIREPASS', secret('requirepass')],
    ['AUTH', 'alice', secret('setuser')],
  ]
  const post = (path: string, body: unknown) => rest.call('POST', path, { token: full, body })
  for (const argv of commands) {
    await post('/', argv)
    await rest.call('GET', `/${argv.map(encodeURIComponent).join('/')}`, { token: full })
  }
  await post('/pipeline', commands)
  await post('/multi-exec', commands)
  const resp = new RespSocket(`ws${url.slice(4)}/ws?token=${full}`)
  for (const argv of commands) await resp.ask(...argv)
  const json = new TextSocket(`ws${url.slice(4)}/ws?format=json`, ['zerodis', full])
  for (const argv of commands) await json.ask(...argv)
  await resp.ask('MULTI')
  for (const argv of commands) await resp.ask(...argv)
  await resp.ask('EXEC')
  const { result: token } = (await post('/', ['ACL', 'RESTTOKEN', 'alice', secret('setuser')])).json as {
    result: string
  }

  // Right and wrong tokens, in a header and in a URL, for what answers, fails and cannot be parsed.
  for (const each of [full, token, secret('wrong-token')]) {
    for (const path of ['/get/k', '/nosuch/k', '/monitor/x', '/pipeline', '/%zz']) {
      const answers = [
        await rest.call('GET', path, { token: each }),
        await rest.call('GET', `${path}?_token=${each}`, { token: '' }),
        await rest.call('POST', `${path}?_token=${each}&EX=1`, { token: '', body: '{' }),
      ]
      for (const { body } of answers) shown.push(`answer to ${path}: ${body}`)
    }
  }
  // A command takes `_token` out of what it runs.
  await rest.call('GET', `/set/k/v?_token=${full}&EX=100`, { token: '' })

  const door = server.inProcess()
  for (const argv of [
    ['SLOWLOG', 'GET', '-1'],
    ['ACL', 'LOG', '10000'],
    ['CLIENT', 'LIST'],
    ['INFO', 'everything'],
    ['ACL', 'LIST'],
    ['ACL', 'GETUSER', 'alice'],
    ['LATENCY', 'LATEST'],
    ['COMMAND', 'DOCS', 'auth'],
  ]) {
    shown.push(`${argv.join(' ')}: ${JSON.stringify(await door.execute(...argv))}`)
  }
  await post('/', ['PING', 'last'])
  while (!events.events.some((event) => event.includes('"last"'))) await new Promise((resolve) => setImmediate(resolve))
  shown.push(...events.events.map((event) => `monitor over HTTP: ${event}`))

  const told = shown.join('\n')
  // What is looked through is there: the commands show, with their secrets taken out.
  for (const part of ['"auth" "(redacted)"', '"SETUSER"', '"(redacted)"', 'resttoken', 'REQUIREPASS']) {
    expect(told.toLowerCase()).toContain(part.toLowerCase())
  }
  expect(shown.filter((line) => line.includes('s3cret') || line.includes(token))).toEqual([])
  resp.socket.close()
  json.socket.close()
  await events.cancel()
})
