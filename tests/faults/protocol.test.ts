/** What no client should send over TCP: zerodis answers each with the bytes of genuine Redis, and closes where it does. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Bytes } from '../../lib/base/bytes.ts'
import { createServer, type Server } from '../../lib/server.ts'
import { TcpListener } from '../../lib/transports/tcp.ts'
import { converse } from '../clients/raw.ts'
import { Genuine, genuineVersion, NO_GENUINE } from '../contract/harness/genuine.ts'

const MB = 1024 * 1024

interface Input {
  readonly send: Bytes
  /** What comes of the connection; without it, it goes on. */
  readonly ends?: 'closed' | 'waiting'
  /** The answer, for where no genuine Redis can be asked. */
  readonly answer?: Bytes
  /** Why genuine Redis is not asked. */
  readonly differs?: string
}

const INPUTS: Record<string, Input> = {
  'an empty line is no command': { send: '\r\n\r\n' },
  'an array of no arguments is no command': { send: '*0\r\n' },
  'an array of -1 arguments is no command': { send: '*-1\r\n' },
  'an array of -100 arguments is no command': { send: '*-100\r\n' },
  'a thousand million arguments are waited for, and cost nothing': {
    send: '*1000000000\r\n$4\r\nPING\r\n',
    ends: 'waiting',
  },
  'more arguments than an int holds are refused': {
    send: '*2147483648\r\n',
    answer: '-ERR Protocol error: invalid multibulk length\r\n',
    ends: 'closed',
  },
  'a count that is no number is refused': {
    send: '*abc\r\n',
    answer: '-ERR Protocol error: invalid multibulk length\r\n',
    ends: 'closed',
  },
  'a count past 64 bits is refused': { send: '*99999999999999999999\r\n', ends: 'closed' },
  'an empty count is refused': { send: '*\r\n', ends: 'closed' },
  'a count with a plus sign is refused': { send: '*+1\r\n$4\r\nPING\r\n', ends: 'closed' },
  'a count with a space is refused': { send: '* 1\r\n$4\r\nPING\r\n', ends: 'closed' },
  'a count with leading zeros is refused': { send: '*01\r\n$4\r\nPING\r\n', ends: 'closed' },
  'a negative bulk length is refused': {
    send: '*1\r\n$-5\r\nPING\r\n',
    answer: '-ERR Protocol error: invalid bulk length\r\n',
    ends: 'closed',
  },
  'a bulk length of -1 is refused': { send: '*1\r\n$-1\r\n', ends: 'closed' },
  'a bulk length that is no number is refused': { send: '*1\r\n$x\r\nPING\r\n', ends: 'closed' },
  'a bulk length past the limit is refused': { send: '*1\r\n$2000000000\r\n', ends: 'closed' },
  'an argument that is no bulk string is refused': {
    send: '*2\r\n$4\r\nPING\r\n:1\r\n',
    answer: "-ERR Protocol error: expected '$', got ':'\r\n",
    ends: 'closed',
  },
  'an argument that begins with a control character is refused': { send: '*1\r\n\x01\r\n', ends: 'closed' },
  'an argument that begins with a byte past ASCII is refused': { send: '*1\r\n\xff\r\n', ends: 'closed' },
  'an empty bulk string as command is unknown': { send: '*1\r\n$0\r\n\r\n' },
  'what follows a bulk string is skipped, whatever it is': { send: '*1\r\n$4\r\nPINGxx' },
  'a bulk string that goes on past its length breaks the protocol': { send: '*1\r\n$4\r\nPINGPONG\r\n' },
  'the byte after a carriage return is skipped, whatever it is': { send: '*1\rx$4\rxPING\r\n' },
  'a line that ends without carriage return is an inline command': { send: 'PING\n' },
  'an inline command takes quotes and escapes': { send: 'PING "a\\x00\\n\\"b" \r\n' },
  'an inline command takes single quotes': { send: "PING 'a\\'b\\n'\r\n" },
  'unbalanced quotes are refused': {
    send: 'PING "abc\r\n',
    answer: '-ERR Protocol error: unbalanced quotes in request\r\n',
    ends: 'closed',
  },
  'a quote that is not followed by a space is refused': { send: 'PING "abc"d\r\n', ends: 'closed' },
  'an inline command is read to its end, also past a NUL byte': {
    send: 'PING a\x00b\r\n',
    answer: '$1\r\na\r\n$19\r\nend-of-conversation\r\n',
    differs: 'Redis looks for the end of the line with strchr, and waits for ever',
  },
  'an inline command may begin with blanks': { send: ' \t PING \t x\r\n' },
  'an unknown inline command is an error': { send: 'NOSUCH a b c\r\n' },
  'an unknown command of many arguments is cut short': {
    send: `NOSUCH ${'x'.repeat(50)} ${'y'.repeat(50)} ${'z'.repeat(50)}\r\n`,
  },
  'an unknown command with line breaks stays one line': { send: '*2\r\n$4\r\nA\r\nB\r\n$4\r\nC\r\nD\r\n' },
  'a line of 64 KB without end is refused': {
    send: 'x'.repeat(70_000),
    answer: '-ERR Protocol error: too big inline request\r\n',
    ends: 'closed',
  },
  'a line of 10 MB without end is refused': {
    send: 'x'.repeat(10 * MB),
    ends: 'closed',
    differs: 'it closes with bytes unread, so that its answer may be lost on the way',
  },
  'a count of 64 KB without end is refused': { send: `*${'1'.repeat(70_000)}`, ends: 'closed' },
  'a bulk length of 64 KB without end is refused': { send: `*1\r\n$${'1'.repeat(70_000)}`, ends: 'closed' },
  'a request of HTTP is a security attack': {
    send: 'POST / HTTP/1.1\r\nHost: localhost\r\n\r\n',
    answer: '',
    ends: 'closed',
  },
  'a Host header alone is a security attack': { send: 'Host: localhost\r\n', answer: '', ends: 'closed' },
  'RESP3 types are no requests': { send: '%1\r\n+a\r\n+b\r\n' },
  'an argument of 1 MB arrives whole': { send: `*2\r\n$4\r\nPING\r\n$${MB}\r\n${'v'.repeat(MB)}\r\n` },
  'commands before a breach are answered': { send: '*1\r\n$4\r\nPING\r\nPING\r\n*1\r\n$-5\r\n', ends: 'closed' },
  'a breach ends what comes after it': { send: '*1\r\n$-5\r\n*1\r\n$4\r\nPING\r\n', ends: 'closed' },
}

describe('protocol faults over TCP', () => {
  let server: Server
  let listener: TcpListener
  let genuine: Genuine | undefined

  beforeAll(async () => {
    server = createServer()
    listener = await TcpListener.listen(server, { host: '127.0.0.1', port: 0 })
    if (genuineVersion !== undefined) genuine = await Genuine.start()
  })

  afterAll(async () => {
    await listener.close()
    await server.close()
    await genuine?.stop()
  })

  for (const [title, { send, ends, answer, differs }] of Object.entries(INPUTS)) {
    test(title, async (context) => {
      if (genuine === undefined && answer === undefined && ends === undefined) return context.skip(NO_GENUINE)
      const ours = await converse({ port: listener.port, host: '127.0.0.1' }, [send], ends === undefined)
      expect(ours.closed).toBe(ends === 'closed')
      if (answer !== undefined) expect(ours.bytes).toBe(answer)
      if (genuine !== undefined && differs === undefined) {
        expect(ours).toEqual(await converse({ path: genuine.path }, [send], ends === undefined))
      }
    })
  }
})
