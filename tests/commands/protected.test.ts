/** Whom enable-debug-command, enable-module-command and enable-protected-configs let do what: nobody, all, or those on this machine. */
import { describe, expect, test } from 'vitest'
import { createServer } from '../../lib/server.ts'

const LINK = { push() {}, closeAfterReply() {}, close() {}, inputBytes: 0, outputBytes: 0 }

/** What a client at an address is told. */
function ask(who: 'no' | 'local' | 'yes', addr: string, ...argv: string[]): string {
  const server = createServer({
    'enable-debug-command': who,
    'enable-module-command': who,
    'enable-protected-configs': who,
  })
  const reply = server.engine.execute(server.openSession('tcp', LINK, addr, ''), argv)
  return (reply as { text: string }).text
}

const HERE = ['127.0.0.1:5', '127.9.9.9:5', '[::1]:5', '/tmp/socket:0']
const ELSEWHERE = ['10.0.0.1:5', '[2001:db8::1]:5', '128.0.0.1:5']
const notAllowed = (command: string) =>
  `ERR ${command} command not allowed. If the enable-${command.toLowerCase()}-command option is set to "local", you can run it from a local connection, otherwise you need to set this option in the configuration file, and then restart the server.`
const notSet = "ERR CONFIG SET failed (possibly related to argument 'dbfilename') - can't set protected config"

describe.each([
  ['no', []],
  ['local', HERE],
  ['yes', [...HERE, ...ELSEWHERE]],
] as const)('%s', (who, allowed) => {
  test.each([...HERE, ...ELSEWHERE])('to %s', (addr) => {
    const may = (allowed as readonly string[]).includes(addr)
    expect(ask(who, addr, 'DEBUG', 'SLEEP', '0')).toBe(may ? 'OK' : notAllowed('DEBUG'))
    const noModule = 'ERR Error loading the extension. Please check the server logs.'
    expect(ask(who, addr, 'MODULE', 'LOAD', 'x')).toBe(may ? noModule : notAllowed('MODULE'))
    expect(ask(who, addr, 'CONFIG', 'SET', 'dbfilename', 'x.rdb')).toBe(may ? 'OK' : notSet)
  })
})

test('CONFIG SET cannot change whom', () => {
  for (const name of ['enable-debug-command', 'enable-module-command', 'enable-protected-configs']) {
    expect(ask('no', HERE[0], 'CONFIG', 'SET', name, 'yes')).toBe(
      `ERR CONFIG SET failed (possibly related to argument '${name}') - can't set immutable config`,
    )
  }
})
