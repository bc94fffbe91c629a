import { advance, answered, blocks, contract, error, nil, nilArray, ok, on, status, verbatim, where } from './dsl.ts'

const SYNTAX = error('ERR syntax error')
const INVALID_NAME = error('ERR Client names cannot contain spaces, newlines or special characters.')
const RESET = status('RESET')

/** One line of CLIENT LIST that has all of these fields. */
const line = (fields: Record<string, string | RegExp>) =>
  where(
    (text: string) =>
      text.endsWith('\n') &&
      Object.entries(fields).every(([name, value]) => {
        const found = new RegExp(`(?:^| )${name}=([^ \\n]*)`).exec(text)?.[1]
        return found !== undefined && (typeof value === 'string' ? found === value : value.test(found))
      }),
    `a line with ${JSON.stringify(fields)}`,
  )

/** The fields of a line, in Redis's order; those of 7.2 and later may be missing. */
const ORDER =
  'id addr laddr fd name age idle flags db sub psub ssub multi (watch )?qbuf qbuf-free argv-mem multi-mem rbs rbp obl oll ' +
  'omem tot-mem events cmd user redir resp( lib-name lib-ver)?( io-thread tot-net-in tot-net-out tot-cmds)?'

const inOrder = where(
  (text: string) =>
    new RegExp(`^${ORDER}$`).test(
      text
        .trimEnd()
        .split(' ')
        .map((field) => field.split('=')[0])
        .join(' '),
    ),
  'the fields in order',
)

export const cases = contract('client', {
  'cmd is the command that came last, whether it was run or not': {
    skip: { rest: 'each request is a connection of its own' },
    steps: [
      on('other', 'CLIENT SETNAME other', ok),
      on('other', 'GET', error("ERR wrong number of arguments for 'get' command")),
      ['CLIENT LIST', where((text: string) => / name=other .* cmd=get /.test(text), 'cmd=get')],
      on(
        'other',
        'NOSUCH',
        where((text: string) => text.startsWith('-ERR unknown command'), 'an error'),
      ),
      ['CLIENT LIST', where((text: string) => / name=other .* cmd=NULL /.test(text), 'cmd=NULL')],
      on('other', 'MULTI', ok),
      on('other', 'SET k v', status('QUEUED')),
      ['CLIENT LIST', where((text: string) => / name=other .* cmd=set /.test(text), 'cmd=set')],
      on('other', 'DISCARD', ok),
    ],
  },
  'CLIENT ID is a number that grows': [
    ['CLIENT ID', where((id) => Number.isInteger(id) && id > 0, 'a positive integer')],
    ['CLIENT ID x', error("ERR wrong number of arguments for 'client|id' command")],
  ],
  'CLIENT SETNAME and GETNAME': [
    ['CLIENT GETNAME', nil],
    ['CLIENT SETNAME me', ok],
    ['CLIENT GETNAME', 'me'],
    ['CLIENT SETNAME "a b"', INVALID_NAME],
    ['CLIENT SETNAME "a\\nb"', INVALID_NAME],
    [['CLIENT', 'SETNAME', 'a\x7f'], INVALID_NAME],
    ['CLIENT GETNAME', 'me'],
    [['CLIENT', 'SETNAME', ''], ok],
    ['CLIENT GETNAME', nil],
    ['CLIENT GETNAME x', error("ERR wrong number of arguments for 'client|getname' command")],
  ],
  'CLIENT SETINFO keeps the library and its version': {
    since: '7.2',
    steps: [
      ['CLIENT SETINFO LIB-NAME lib', ok],
      ['CLIENT SETINFO lib-ver 1.2.3', ok],
      ['CLIENT INFO', line({ 'lib-name': 'lib', 'lib-ver': '1.2.3' })],
      ['CLIENT SETINFO LIB-NAME "a b"', error('ERR LIB-NAME cannot contain spaces, newlines or special characters.')],
      ['CLIENT SETINFO lib-ver "1 2"', error('ERR lib-ver cannot contain spaces, newlines or special characters.')],
      ['CLIENT SETINFO FOO bar', error("ERR Unrecognized option 'FOO'")],
      ['CLIENT SETINFO LIB-NAME', error("ERR wrong number of arguments for 'client|setinfo' command")],
      [['CLIENT', 'SETINFO', 'LIB-NAME', ''], ok],
      ['CLIENT INFO', line({ 'lib-name': '', 'lib-ver': '1.2.3' })],
    ],
  },
  'CLIENT INFO describes this connection': [
    ['CLIENT SETNAME me', ok],
    ['SELECT 3', ok],
    ['CLIENT INFO', line({ id: /^\d+$/, name: 'me', db: '3', flags: /^[NU]$/, multi: '-1', cmd: 'client|info' })],
    [
      'CLIENT INFO',
      line({ age: /^\d+$/, idle: /^\d+$/, sub: '0', psub: '0', ssub: '0', user: 'default', redir: '-1' }),
    ],
    ['CLIENT INFO', inOrder],
  ],
  'CLIENT INFO tells which protocol is spoken': [
    ['HELLO 3', where(() => true, 'anything')],
    ['CLIENT INFO', line({ resp: '3' })],
    ['HELLO 2', where(() => true, 'anything')],
    ['CLIENT INFO', line({ resp: '2' })],
  ],
  'CLIENT LIST WITHKEYS tells the keys that a client waits for, and nothing of others': {
    skip: { genuine: 'WITHKEYS is ours', rest: 'each request is a connection of its own' },
    steps: [
      on('other', 'CLIENT SETNAME other', ok),
      ['CLIENT LIST WITHKEYS', where((text: string) => / name=other .* keys=\n/.test(text), 'no keys')],
      blocks('other', ['BLPOP', 'jobs:{1}', 'a,b', 'c\xff\n', '0']),
      ['CLIENT LIST WITHKEYS', where((text: string) => / keys=jobs:\{1\},a%2Cb,c%FF%0A\n/.test(text), 'the keys')],
      ['CLIENT LIST WITHKEYS TYPE replica', verbatim('')],
      ['CLIENT LIST', where((text: string) => !text.includes(' keys='), 'no such field')],
      ['RPUSH a,b x', 1],
      answered('other', ['a,b', 'x']),
      blocks('other', 'BLMOVE from to LEFT LEFT 0'),
      ['CLIENT LIST WITHKEYS', where((text: string) => / keys=from\n/.test(text), 'where it comes from')],
      ['RPUSH from x', 1],
      answered('other', 'x'),
      blocks('other', ['BLPOP', 'k'.repeat(2000), '0']),
      ['CLIENT LIST WITHKEYS', where((text: string) => / keys=k{1024}%\+\n/.test(text), 'a part of it')],
    ],
  },
  'CLIENT LIST has a line for each connection': [
    ['CLIENT SETNAME first', ok],
    on('other', 'CLIENT SETNAME second', ok),
    [
      'CLIENT LIST',
      where((text: string) => / name=first /.test(text) && / name=second .* cmd=client\|setname /.test(text), 'both'),
    ],
    ['CLIENT LIST TYPE normal', where((text: string) => / name=first /.test(text), 'this connection')],
    ['CLIENT LIST TYPE NORMAL', where((text: string) => / name=second /.test(text), 'the other one')],
    ['CLIENT LIST TYPE replica', verbatim('')],
    ['CLIENT LIST TYPE slave', verbatim('')],
    ['CLIENT LIST TYPE master', verbatim('')],
    ['CLIENT LIST TYPE pubsub', verbatim('')],
  ],
  'CLIENT LIST shows a transaction, and how much of it is queued': [
    on('other', 'CLIENT SETNAME busy', ok),
    on('other', 'MULTI', ok),
    on('other', 'SET k v', status('QUEUED')),
    on('other', 'SET k w', status('QUEUED')),
    ['CLIENT LIST', where((text: string) => / name=busy .* flags=xU? .* multi=2 /.test(text), 'flags=x multi=2')],
    on('other', 'DISCARD', ok),
  ],
  'CLIENT LIST shows who waits': [
    on('other', 'CLIENT SETNAME waiting', ok),
    blocks('other', 'BLPOP k 0'),
    [
      'CLIENT LIST',
      where((text: string) => / name=waiting .* flags=bU? .* cmd=blpop /.test(text), 'flags=b cmd=blpop'),
    ],
    ['RPUSH k a', 1],
    answered('other', ['k', 'a']),
  ],
  'CLIENT LIST ID gives those that exist': [
    ['CLIENT LIST ID 999999999', verbatim('')],
    ['CLIENT LIST ID 0 -1', verbatim('')],
    ['CLIENT LIST ID x', error('ERR Invalid client ID')],
    ['CLIENT LIST ID 1 x', error('ERR Invalid client ID')],
  ],
  'CLIENT LIST refuses what it does not know': [
    ['CLIENT LIST FOO', SYNTAX],
    ['CLIENT LIST ID', SYNTAX],
    ['CLIENT LIST TYPE', SYNTAX],
    ['CLIENT LIST TYPE normal x', SYNTAX],
    ['CLIENT LIST TYPE foo', error("ERR Unknown client type 'foo'")],
  ],
  'CLIENT KILL by filters counts those it ends, and spares this connection': [
    ['CLIENT KILL TYPE replica', 0],
    ['CLIENT KILL TYPE slave SKIPME no', 0],
    ['CLIENT KILL ID 999999999', where((reply) => reply === 0, '0')],
    ['CLIENT KILL ADDR 1.2.3.4:5', 0],
    ['CLIENT KILL LADDR 1.2.3.4:5', 0],
    ['CLIENT KILL ADDR 1.2.3.4:5 TYPE normal USER default SKIPME yes', 0],
    ['PING', status('PONG')],
  ],
  'CLIENT KILL refuses bad filters': [
    ['CLIENT KILL nowhere:1', error('ERR No such client')],
    ['CLIENT KILL ID', error('ERR No such client')],
    ['CLIENT KILL ID x', error('ERR client-id should be greater than 0')],
    ['CLIENT KILL ID 0', error('ERR client-id should be greater than 0')],
    ['CLIENT KILL ID -1', error('ERR client-id should be greater than 0')],
    ['CLIENT KILL ID 999999999 FOO', SYNTAX],
    ['CLIENT KILL FOO bar', SYNTAX],
    ['CLIENT KILL TYPE foo', error("ERR Unknown client type 'foo'")],
    ['CLIENT KILL USER nobody', error("ERR No such user 'nobody'")],
    ['CLIENT KILL SKIPME maybe', SYNTAX],
    ['CLIENT KILL', error("ERR wrong number of arguments for 'client|kill' command")],
  ],
  'CLIENT KILL MAXAGE spares the young': {
    since: '7.4',
    steps: [
      on('other', 'PING', status('PONG')),
      ['CLIENT KILL MAXAGE 3600', 0],
      ['CLIENT KILL MAXAGE x', error('ERR maxage is not an integer or out of range')],
      ['CLIENT KILL MAXAGE 0', error('ERR maxage should be greater than 0')],
      ['CLIENT KILL MAXAGE -1', error('ERR maxage should be greater than 0')],
      on('other', 'PING', status('PONG')),
    ],
  },
  'CLIENT KILL ends itself after the reply': {
    skip: { genuine: 'other connections of the run are ended as well' },
    steps: [['CLIENT KILL TYPE normal SKIPME no', where((count) => count >= 1, 'at least 1')]],
  },
  'CLIENT NO-EVICT and NO-TOUCH are flags': {
    since: '7.2',
    steps: [
      ['CLIENT NO-EVICT ON', ok],
      ['CLIENT NO-TOUCH on', ok],
      ['CLIENT INFO', line({ flags: /^U?eT$/ })],
      ['CLIENT NO-EVICT off', ok],
      ['CLIENT NO-TOUCH OFF', ok],
      ['CLIENT INFO', line({ flags: /^[NU]$/ })],
      ['CLIENT NO-TOUCH x', SYNTAX],
      ['CLIENT NO-TOUCH', error("ERR wrong number of arguments for 'client|no-touch' command")],
    ],
  },
  'CLIENT NO-EVICT takes ON or OFF': [
    ['CLIENT NO-EVICT ON', ok],
    ['CLIENT INFO', line({ flags: /^U?e$/ })],
    ['CLIENT NO-EVICT OFF', ok],
    ['CLIENT NO-EVICT x', SYNTAX],
    ['CLIENT NO-EVICT', error("ERR wrong number of arguments for 'client|no-evict' command")],
  ],
  'CLIENT PAUSE WRITE holds writes back until UNPAUSE, and lets reads pass': {
    skip: { inprocess: 'code in the process is not paused' },
    steps: [
      ['SET k before', ok],
      ['CLIENT PAUSE 100000 WRITE', ok],
      ['GET k', 'before'],
      blocks('other', 'SET k after'),
      ['GET k', 'before'],
      ['CLIENT UNPAUSE', ok],
      answered('other', ok),
      ['GET k', 'after'],
    ],
  },
  'what expires during CLIENT PAUSE is gone, and removed when it is over': [
    ['SET a 1 PX 50', ok],
    ['CLIENT PAUSE 100000 WRITE', ok],
    advance(200),
    ['GET a', nil],
    ['DBSIZE', 1],
    ['CLIENT UNPAUSE', ok],
    ['GET a', nil],
    ['DBSIZE', 0],
  ],
  'CLIENT PAUSE refuses bad arguments': [
    ['CLIENT PAUSE x', error('ERR timeout is not an integer or out of range')],
    ['CLIENT PAUSE -1', error('ERR timeout is negative')],
    ['CLIENT PAUSE 1.5', error('ERR timeout is not an integer or out of range')],
    ['CLIENT PAUSE 10 FOO', error('ERR CLIENT PAUSE mode must be WRITE or ALL')],
    ['CLIENT PAUSE x FOO', error('ERR CLIENT PAUSE mode must be WRITE or ALL')],
    [
      'CLIENT PAUSE 10 WRITE x',
      error("ERR unknown subcommand or wrong number of arguments for 'PAUSE'. Try CLIENT HELP."),
    ],
    ['CLIENT PAUSE', error("ERR wrong number of arguments for 'client|pause' command")],
    ['CLIENT UNPAUSE', ok],
    ['CLIENT UNPAUSE x', error("ERR wrong number of arguments for 'client|unpause' command")],
  ],
  'CLIENT REPLY ON answers, and refuses other words': [
    ['CLIENT REPLY ON', ok],
    ['CLIENT REPLY x', SYNTAX],
    ['CLIENT REPLY', error("ERR wrong number of arguments for 'client|reply' command")],
    ['RESET', RESET],
  ],
  'CLIENT UNBLOCK ends a wait as timed out': [
    ['CLIENT UNBLOCK 999999999', 0],
    ['CLIENT UNBLOCK 999999999 TIMEOUT', 0],
    ['CLIENT UNBLOCK 999999999 error', 0],
    ['CLIENT UNBLOCK x', error('ERR value is not an integer or out of range')],
    ['CLIENT UNBLOCK 1 x', error('ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR')],
    ['CLIENT UNBLOCK x x', error('ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR')],
    [
      'CLIENT UNBLOCK 1 TIMEOUT x',
      error("ERR unknown subcommand or wrong number of arguments for 'UNBLOCK'. Try CLIENT HELP."),
    ],
    ['CLIENT UNBLOCK', error("ERR wrong number of arguments for 'client|unblock' command")],
  ],
  'CLIENT GETREDIR is -1 for who does not track': [['CLIENT GETREDIR', -1]],
  'CLIENT refuses what it does not know': [
    ['CLIENT', error("ERR wrong number of arguments for 'client' command")],
    ['CLIENT FOO', error("ERR unknown subcommand 'FOO'. Try CLIENT HELP.")],
  ],
  'CLIENT HELP lists the subcommands': [
    [
      'CLIENT HELP',
      where(
        (lines) =>
          lines[0] === 'CLIENT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:' &&
          lines.includes('ID') &&
          lines.includes('    Return the ID of the current connection.') &&
          lines.includes('PAUSE <timeout> [WRITE|ALL]') &&
          lines.at(-2) === 'HELP',
        'the lines of HELP',
      ),
    ],
    ['CLIENT HELP x', error("ERR wrong number of arguments for 'client|help' command")],
  ],
  'a client that waits is told that its wait was ended': {
    skip: {
      genuine: 'the id of the other connection must be known beforehand',
      inprocess: 'each wait has a session of its own',
    },
    steps: [
      ['CLIENT ID', 1],
      on('other', 'CLIENT ID', 2),
      blocks('other', 'BLPOP k 0'),
      ['CLIENT UNBLOCK 2', 1],
      answered('other', nilArray),
      blocks('other', 'BLPOP k 0'),
      ['CLIENT UNBLOCK 2 ERROR', 1],
      answered('other', error('UNBLOCKED client unblocked via CLIENT UNBLOCK')),
      ['CLIENT UNBLOCK 2', 0],
    ],
  },
})
