import { contract, error, map, nil, ok, on, status, verbatim, where } from './dsl.ts'

const NOT_INTEGER = error('ERR value is not an integer or out of range')
const SYNTAX = error('ERR syntax error')
const WRONG_PASS = error('WRONGPASS invalid username-password pair or user is disabled.')
const NO_AUTH = error('NOAUTH Authentication required.')
const PONG = status('PONG')
const NO_PASSWORD = 'code in the process is let in without a password'
const NO_PROTOCOL = 'code in the process gets plain values whatever the protocol'

/** HELLO's fields, in whatever order. */
const hello = (proto: number) =>
  where((flat: unknown[]) => {
    const at = (name: string) => flat[flat.indexOf(name) + 1]
    return (
      flat.length === 14 &&
      at('server') === 'redis' &&
      /^\d+\.\d+\.\d+$/.test(String(at('version'))) &&
      at('proto') === proto &&
      Number.isInteger(at('id')) &&
      at('mode') === 'standalone' &&
      at('role') === 'master' &&
      Array.isArray(at('modules'))
    )
  }, `HELLO's fields with proto ${proto}`)

export const cases = contract('connection', {
  'PING answers PONG, or its message': [
    ['PING', PONG],
    ['ping', PONG],
    ['PING hello', 'hello'],
    [['PING', ''], ''],
    [['PING', 'a\r\n\0b'], 'a\r\n\0b'],
    ['PING a b', error("ERR wrong number of arguments for 'ping' command")],
  ],
  'ECHO answers its message': [
    ['ECHO hello', 'hello'],
    [['ECHO', '\xff\0'], '\xff\0'],
    ['ECHO', error("ERR wrong number of arguments for 'echo' command")],
    ['ECHO a b', error("ERR wrong number of arguments for 'echo' command")],
  ],
  'SELECT changes the database of its connection': [
    ['SET k zero', ok],
    ['SELECT 1', ok],
    ['GET k', nil],
    ['SET k one', ok],
    on('other', 'GET k', 'zero'),
    ['SELECT 15', ok],
    ['GET k', nil],
    ['SELECT 0', ok],
    ['GET k', 'zero'],
  ],
  'SELECT refuses an index that is not there': [
    ['SELECT 16', error('ERR DB index is out of range')],
    ['SELECT -1', error('ERR DB index is out of range')],
    ['SELECT a', NOT_INTEGER],
    [['SELECT', ''], NOT_INTEGER],
    ['SELECT 1.5', NOT_INTEGER],
    ['SELECT 2147483648', error('ERR value is out of range, value must between -2147483648 and 2147483647')],
    ['SELECT 99999999999999999999', NOT_INTEGER],
    ['SELECT', error("ERR wrong number of arguments for 'select' command")],
  ],
  'AUTH without a password configured is refused, and with a user accepts any': [
    [
      'AUTH x',
      error(
        'ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?',
      ),
    ],
    ['AUTH default whatever', ok],
    ['AUTH nobody x', WRONG_PASS],
    ['AUTH a b c', SYNTAX],
    ['AUTH', error("ERR wrong number of arguments for 'auth' command")],
  ],
  'with requirepass, a connection must say the password first': {
    skip: { inprocess: NO_PASSWORD },
    steps: [
      ['CONFIG SET requirepass secret', ok],
      ['PING', PONG],
      on('stranger', 'PING', NO_AUTH),
      on('stranger', 'GET k', NO_AUTH),
      on('stranger', 'CLIENT ID', NO_AUTH),
      on(
        'stranger',
        'NOSUCH',
        where((text) => /^-(ERR unknown command|NOAUTH)/.test(text), 'an error'),
      ),
      on('stranger', 'AUTH wrong', WRONG_PASS),
      on('stranger', 'AUTH secre', WRONG_PASS),
      on('stranger', 'AUTH secrets', WRONG_PASS),
      on('stranger', ['AUTH', ''], WRONG_PASS),
      on('stranger', 'AUTH nobody secret', WRONG_PASS),
      on('stranger', 'AUTH default wrong', WRONG_PASS),
      on('stranger', 'PING', NO_AUTH),
      on('stranger', 'AUTH secret', ok),
      on('stranger', 'PING', PONG),
      on('another', 'AUTH default secret', ok),
      on('another', 'PING', PONG),
      ['CONFIG SET requirepass ""', ok],
    ],
  },
  'a wrong password does not shut out who is in': [
    ['CONFIG SET requirepass secret', ok],
    on('client', 'AUTH secret', ok),
    on('client', 'AUTH wrong', WRONG_PASS),
    on('client', 'PING', PONG),
    ['CONFIG SET requirepass ""', ok],
  ],
  'RESET shuts out until the password is said again': {
    skip: { inprocess: NO_PASSWORD },
    steps: [
      ['CONFIG SET requirepass secret', ok],
      on('client', 'AUTH secret', ok),
      on('client', 'RESET', status('RESET')),
      on('client', 'PING', NO_AUTH),
      on('client', 'AUTH secret', ok),
      ['CONFIG SET requirepass ""', ok],
    ],
  },
  'HELLO without arguments tells about the server': [['HELLO', where((flat) => flat.length === 14, 'seven fields')]],
  'HELLO changes the protocol': {
    skip: { inprocess: NO_PROTOCOL },
    steps: [
      ['HELLO 3', hello(3)],
      ['CONFIG GET hz', map(['hz', '10'])],
      ['HELLO 2', hello(2)],
      ['CONFIG GET hz', ['hz', '10']],
      ['HELLO 3', hello(3)],
      ['HELLO', hello(3)],
    ],
  },
  'HELLO refuses protocols it does not speak': [
    ['HELLO 4', error('NOPROTO unsupported protocol version')],
    ['HELLO 1', error('NOPROTO unsupported protocol version')],
    ['HELLO x', error('ERR Protocol version is not an integer or out of range')],
    [['HELLO', ''], error('ERR Protocol version is not an integer or out of range')],
  ],
  'HELLO SETNAME names the connection': [
    ['HELLO 2 SETNAME me', hello(2)],
    ['CLIENT GETNAME', 'me'],
    ['HELLO 2 setname ""', hello(2)],
    ['CLIENT GETNAME', nil],
    ['HELLO 2 SETNAME "a b"', error('ERR Client names cannot contain spaces, newlines or special characters.')],
  ],
  'HELLO refuses what it does not know': [
    ['HELLO 3 FOO', error("ERR Syntax error in HELLO option 'FOO'")],
    ['HELLO 3 SETNAME', error("ERR Syntax error in HELLO option 'SETNAME'")],
    ['HELLO 3 AUTH default', error("ERR Syntax error in HELLO option 'AUTH'")],
    [['HELLO', '2', 'A\r\nB'], error("ERR Syntax error in HELLO option 'A  B'")],
  ],
  'HELLO AUTH lets in, and nothing is changed by one that fails': {
    skip: { inprocess: NO_PASSWORD },
    steps: [
      ['CONFIG SET requirepass secret', ok],
      on('client', 'HELLO 2 AUTH default wrong SETNAME me', WRONG_PASS),
      on('client', 'HELLO 2 AUTH nobody secret', WRONG_PASS),
      on(
        'client',
        'HELLO 3',
        where(
          (text) => String(text).startsWith('-NOAUTH HELLO must be called with the client already authenticated'),
          'NOAUTH',
        ),
      ),
      on('client', 'PING', NO_AUTH),
      on('client', 'HELLO 4', error('NOPROTO unsupported protocol version')),
      on('client', 'HELLO 2 AUTH default secret SETNAME me', hello(2)),
      on('client', 'CLIENT GETNAME', 'me'),
      ['CONFIG SET requirepass ""', ok],
    ],
  },
  'QUIT answers OK whatever comes with it': [['QUIT', ok]],
  'QUIT takes arguments': [['QUIT now please', ok]],
  'QUIT does not wait for EXEC': [
    ['MULTI', ok],
    ['QUIT', ok],
  ],
  'RESET ends the transaction and forgets what was watched': [
    ['SET k 1', ok],
    ['WATCH k', ok],
    ['MULTI', ok],
    ['SET k 2', status('QUEUED')],
    ['RESET', status('RESET')],
    ['EXEC', error('ERR EXEC without MULTI')],
    ['GET k', '1'],
    ['WATCH k', ok],
    ['RESET', status('RESET')],
    on('other', 'SET k 3', ok),
    ['MULTI', ok],
    ['PING', status('QUEUED')],
    ['EXEC', [PONG]],
  ],
  'RESET goes back to database 0, RESP2, and no name': [
    ['HELLO 3 SETNAME me', hello(3)],
    ['SELECT 5', ok],
    ['RESET', status('RESET')],
    ['HELLO', hello(2)],
    ['CLIENT GETNAME', nil],
    ['SET k v', ok],
    on('other', 'GET k', 'v'),
    ['RESET x', error("ERR wrong number of arguments for 'reset' command")],
  ],
  'RESET keeps the name of the library': {
    since: '7.2',
    steps: [
      ['CLIENT SETINFO LIB-NAME lib', ok],
      ['CLIENT NO-TOUCH ON', ok],
      ['RESET', status('RESET')],
      ['CLIENT INFO', where((line) => / flags=N .* lib-name=lib /.test(line), 'the library, no flags')],
    ],
  },
  'a text for people is a verbatim string': [['INFO cluster', verbatim('# Cluster\r\ncluster_enabled:0\r\n')]],
})
