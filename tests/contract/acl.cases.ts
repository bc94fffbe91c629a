import {
  anything,
  array,
  contract,
  error,
  map,
  nil,
  ok,
  on,
  push,
  pushed,
  resp,
  sends,
  since72,
  status,
  where,
} from './dsl.ts'

const NO_STATE = { rest: 'each request is a connection of its own' }
const NO_SUBSCRIBERS = { ...NO_STATE, inprocess: 'execute takes no messages' }
const OURS = { genuine: 'a command of Upstash' }

const NO_KEY = since72(
  error('NOPERM No permissions to access a key'),
  error('NOPERM this user has no permissions to access one of the keys used as arguments'),
)
const NO_CHANNEL = since72(
  error('NOPERM No permissions to access a channel'),
  error('NOPERM this user has no permissions to access one of the channels used as arguments'),
)
const noCommand = (name: string, user = 'alice') =>
  since72(
    error(`NOPERM User ${user} has no permissions to run the '${name}' command`),
    error(`NOPERM this user has no permissions to run the '${name}' command`),
  )
/** What ACL DRYRUN says that alice may not run or access. */
const lacks = (what: string) =>
  since72(`User alice has no permissions to ${what}`, `This user has no permissions to ${what}`)
const refused = (rule: string, fault: string) => error(`ERR Error in ACL SETUSER modifier '${rule}': ${fault}`)
const UNKNOWN = 'Unknown command or category name in ACL'

const scriptError = (now: string, before: string) =>
  since72(error(`ERR ACL failure in script: ${now}`), error(`ERR The user executing the script can't ${before}`))
const NO_KEY_IN_SCRIPT = scriptError(
  'No permissions to access a key',
  'access at least one of the keys mentioned in the command arguments',
)
const NO_CHANNEL_IN_SCRIPT = scriptError(
  'No permissions to access a channel',
  'publish to the channel mentioned in the command',
)
const noCommandInScript = (name: string) =>
  scriptError(`User alice has no permissions to run the '${name}' command`, 'run this command or subcommand')
const LIBRARY = "#!lua name=acl\nredis.register_function('del_a', function() return redis.call('del', 'a') end)"

/** Flags of a user; since 7.2 `sanitize-payload` is always one of them. */
const flags = (...expected: string[]) =>
  where(
    (seen: string[]) => seen.filter((flag) => flag !== 'sanitize-payload').join() === expected.join(),
    `flags ${expected}`,
  )

/** Rules as ACL LIST prints them; since 7.2 with `sanitize-payload`. */
const line = (expected: string) =>
  where((seen: string) => seen.replace(' sanitize-payload', '') === expected, `the line '${expected}'`)

const SHA256_OF_PW = '30c952fab122c3f9759f02a6d95c3758b246b4fee239957b2d4fee46e26170c4'

const user = (fields: Record<string, unknown>) =>
  map([
    ...['flags', fields.flags ?? flags('off'), 'passwords', fields.passwords ?? []],
    ...['commands', fields.commands ?? '-@all', 'keys', fields.keys ?? ''],
    ...['channels', fields.channels ?? '', 'selectors', fields.selectors ?? []],
  ] as never)

/** One entry of ACL LOG, by some of its fields, and by the command that the line of its client names. */
const entry = (fields: Record<string, unknown>, cmd = '.*') =>
  where(
    (flat: unknown[]) => {
      const at = (name: string) => flat[flat.indexOf(name) + 1]
      return (
        Object.entries(fields).every(([name, value]) => at(name) === value) &&
        Number(at('age-seconds')) >= 0 &&
        new RegExp(`^id=\\d+ addr=.* cmd=${cmd} user=`).test(String(at('client-info')))
      )
    },
    `an entry with ${JSON.stringify(fields)} of cmd=${cmd}`,
  )

export const cases = contract('acl', {
  'there is one user at first, who may do everything': [
    ['ACL WHOAMI', 'default'],
    ['ACL USERS', ['default']],
    ['ACL LIST', [line('user default on nopass ~* &* +@all')]],
    ['ACL GETUSER default', user({ flags: flags('on', 'nopass'), commands: '+@all', keys: '~*', channels: '&*' })],
    ['ACL GETUSER nobody', nil],
  ],
  'a new user is off and may do nothing': [
    ['ACL SETUSER alice', ok],
    ['ACL LIST', [line('user alice off resetchannels -@all'), anything]],
    ['ACL GETUSER alice', user({})],
    ['ACL USERS', ['alice', 'default']],
    ['ACL DELUSER alice nobody', 1],
    ['ACL USERS', ['default']],
  ],
  'passwords are kept as their SHA-256, and come and go': [
    ['ACL SETUSER alice on >pw', ok],
    ['ACL GETUSER alice', user({ flags: flags('on'), passwords: [SHA256_OF_PW] })],
    ['ACL SETUSER alice >pw >other', ok],
    ['ACL SETUSER alice <other', ok],
    ['ACL GETUSER alice', user({ flags: flags('on'), passwords: [SHA256_OF_PW] })],
    [
      'ACL SETUSER alice <other',
      refused('<other', 'The password you are trying to remove from the user does not exist'),
    ],
    [`ACL SETUSER alice !${SHA256_OF_PW}`, ok],
    ['ACL GETUSER alice', user({ flags: flags('on') })],
    [`ACL SETUSER alice #${SHA256_OF_PW}`, ok],
    [
      'ACL SETUSER alice #abc',
      refused(
        '#abc',
        'The password hash must be exactly 64 characters and contain only lowercase hexadecimal characters',
      ),
    ],
    [
      `ACL SETUSER alice !${SHA256_OF_PW.toUpperCase()}`,
      refused(
        `!${SHA256_OF_PW.toUpperCase()}`,
        'The password hash must be exactly 64 characters and contain only lowercase hexadecimal characters',
      ),
    ],
    ['ACL SETUSER alice nopass', ok],
    ['ACL GETUSER alice', user({ flags: flags('on', 'nopass') })],
    ['ACL SETUSER alice >pw', ok],
    ['ACL GETUSER alice', user({ flags: flags('on'), passwords: [SHA256_OF_PW] })],
    ['ACL SETUSER alice resetpass', ok],
    ['ACL GETUSER alice', user({ flags: flags('on') })],
    ['ACL DELUSER alice', 1],
  ],
  'a rule that is none changes nothing, not even by those before it': [
    ['ACL SETUSER alice on ~a', ok],
    ['ACL SETUSER alice off ~b +nosuch', refused('+nosuch', UNKNOWN)],
    ['ACL SETUSER alice off -nosuch', refused('-nosuch', UNKNOWN)],
    ['ACL SETUSER alice off +@nosuch', refused('+@nosuch', UNKNOWN)],
    ['ACL SETUSER alice off +@', refused('+@', UNKNOWN)],
    ['ACL SETUSER alice off +', refused('+', UNKNOWN)],
    ['ACL SETUSER alice off +config|nosuch', refused('+config|nosuch', UNKNOWN)],
    ['ACL SETUSER alice off -config|nosuch', refused('-config|nosuch', UNKNOWN)],
    ['ACL SETUSER alice off -get|key', refused('-get|key', UNKNOWN)],
    ['ACL SETUSER alice off +get|a|b', refused('+get|a|b', UNKNOWN)],
    [
      'ACL SETUSER alice off +config|get|appendonly',
      refused('+config|get|appendonly', 'Allowing first-arg of a subcommand is not supported'),
    ],
    ['ACL SETUSER alice off +config|', refused('+config|', 'Syntax error')],
    ['ACL SETUSER alice off +get|', refused('+get|', 'Syntax error')],
    ['ACL SETUSER alice off nosuch', refused('nosuch', 'Syntax error')],
    ['ACL SETUSER alice off %X~a', refused('%X~a', 'Syntax error')],
    ['ACL SETUSER alice off %RR~a', refused('%RR~a', 'Syntax error')],
    [['ACL', 'SETUSER', 'alice', 'off', '~a b'], refused('~a b', 'Syntax error')],
    [['ACL', 'SETUSER', 'alice', 'off', '&a\tb'], refused('&a\tb', 'Syntax error')],
    ['ACL SETUSER alice off (+get', error("ERR Unmatched parenthesis in acl selector starting at '(+get'.")],
    ['ACL SETUSER alice off (+nosuch)', refused('(+nosuch)', UNKNOWN)],
    ['ACL SETUSER alice off (on)', refused('(on)', 'Syntax error')],
    ['ACL SETUSER fresh on +nosuch', refused('+nosuch', UNKNOWN)],
    ['ACL GETUSER fresh', nil],
    ['ACL GETUSER alice', user({ flags: flags('on'), keys: '~a' })],
    [['ACL', 'SETUSER', 'a b'], error("ERR Usernames can't contain spaces or null characters")],
    [['ACL', 'SETUSER', 'a\0b'], error("ERR Usernames can't contain spaces or null characters")],
    ['ACL DELUSER alice', 1],
  ],
  'patterns of keys and channels add up, until all are permitted': [
    ['ACL SETUSER alice ~a* %R~b* %W~c* %rw~d* &x* &y', ok],
    ['ACL GETUSER alice', user({ keys: '~a* %R~b* %W~c* ~d*', channels: '&x* &y' })],
    ['ACL SETUSER alice %W~b* ~a* &y', ok],
    ['ACL GETUSER alice', user({ keys: '~a* ~b* %W~c* ~d*', channels: '&x* &y' })],
    ['ACL SETUSER alice allkeys allchannels', ok],
    ['ACL GETUSER alice', user({ keys: '~*', channels: '&*' })],
    [
      'ACL SETUSER alice ~e',
      refused(
        '~e',
        "Adding a pattern after the * pattern (or the 'allkeys' flag) is not valid and does not have any effect. Try 'resetkeys' to start with an empty list of patterns",
      ),
    ],
    [
      'ACL SETUSER alice &e',
      refused(
        '&e',
        "Adding a pattern after the * pattern (or the 'allchannels' flag) is not valid and does not have any effect. Try 'resetchannels' to start with an empty list of channels",
      ),
    ],
    ['ACL SETUSER alice resetkeys ~e resetchannels &e', ok],
    ['ACL GETUSER alice', user({ keys: '~e', channels: '&e' })],
    ['ACL SETUSER alice ~* &*', ok],
    ['ACL GETUSER alice', user({ keys: '~*', channels: '&*' })],
    ['ACL DELUSER alice', 1],
  ],
  'selectors come in one word or several, and go all at once': [
    [['ACL', 'SETUSER', 'alice', '(+get ~a*)', '(+set', '~b*)', '( %R~c* )'], ok],
    [
      'ACL GETUSER alice',
      user({
        selectors: [
          map(['commands', '-@all +get', 'keys', '~a*', 'channels', '']),
          map(['commands', '-@all +set', 'keys', '~b*', 'channels', '']),
          map(['commands', '-@all', 'keys', '%R~c*', 'channels', '']),
        ],
      }),
    ],
    [
      'ACL LIST',
      [
        line(
          'user alice off resetchannels -@all (~a* resetchannels -@all +get) (~b* resetchannels -@all +set) (%R~c* resetchannels -@all)',
        ),
        anything,
      ],
    ],
    ['ACL SETUSER alice clearselectors', ok],
    ['ACL GETUSER alice', user({})],
    ['ACL SETUSER alice on nopass ~a &b +get (+set) reset', ok],
    ['ACL GETUSER alice', user({})],
    ['ACL DELUSER alice', 1],
  ],
  'commands are printed in the order of their rules, without those that a later one makes void': {
    since: '7.2', // before, what was closest in categories and then whatever differed
    steps: [
      ['ACL SETUSER alice -@all +set +@string -GET +config|get +select|0', ok],
      ['ACL GETUSER alice', user({ commands: '-@all +set +@string -get +config|get +select|0' })],
      ['ACL SETUSER alice +get -set +config', ok],
      ['ACL GETUSER alice', user({ commands: '-@all +@string +select|0 +get -set +config' })],
      ['ACL SETUSER alice +@all -@dangerous', ok],
      ['ACL GETUSER alice', user({ commands: '+@all -@dangerous' })],
      ['ACL SETUSER alice nocommands', ok],
      ['ACL GETUSER alice', user({ commands: '-@all' })],
      ['ACL DELUSER alice', 1],
    ],
  },
  'single commands and categories are printed as they were given': [
    ['ACL SETUSER alice +@all -client|kill', ok],
    ['ACL GETUSER alice', user({ commands: '+@all -client|kill' })],
    ['ACL SETUSER alice -@all +@hash', ok],
    ['ACL GETUSER alice', user({ commands: '-@all +@hash' })],
    ['ACL SETUSER alice -@all +memory|doctor', ok],
    ['ACL SETUSER alice +memory', ok],
    ['ACL GETUSER alice', user({ commands: '-@all +memory' })],
    ['ACL DELUSER alice', 1],
  ],
  'a user may run what his rules permit, on the keys that they permit': {
    skip: NO_STATE,
    steps: [
      ['ACL SETUSER alice on >pw ~a* %R~r* %W~w* +@string +ping +auth +copy +sort +config|get +select|1 -append', ok],
      on('alice', 'AUTH alice pw', ok),
      on('alice', 'PING', status('PONG')),
      on('alice', 'SET a1 v', ok),
      on('alice', 'GET a1', 'v'),
      on('alice', 'GET b', NO_KEY),
      on('alice', 'MGET a1 b', NO_KEY),
      on('alice', 'GET r', nil),
      on('alice', 'SET r v', NO_KEY),
      on('alice', 'GETSET r v', NO_KEY),
      on('alice', 'SET w v', ok),
      on('alice', 'GET w', NO_KEY),
      on('alice', 'SET w v GET', NO_KEY),
      on('alice', 'COPY r1 w1', 0),
      on('alice', 'COPY w1 r1', NO_KEY),
      on('alice', 'APPEND a1 x', noCommand('append')),
      on('alice', 'DEL a1', noCommand('del')),
      on('alice', 'CONFIG GET hz', resp(['hz', '10'], map(['hz', '10']))),
      on('alice', 'CONFIG SET hz 10', noCommand('config|set')),
      on('alice', 'SELECT 1', ok),
      on('alice', 'SELECT 0', noCommand('select')),
      on('alice', 'SORT a2 STORE a3', 0),
      on('alice', 'SORT a2 STORE b3', NO_KEY),
      on(
        'alice',
        'NOSUCH',
        where((text) => /^-ERR unknown command/.test(text), 'unknown command'),
      ),
      on('alice', 'GET', error("ERR wrong number of arguments for 'get' command")),
      ['ACL DELUSER alice', 1],
    ],
  },
  'selectors do not add up: one of them must permit all of a command': {
    skip: NO_STATE,
    steps: [
      ['ACL SETUSER alice on nopass (+get ~a*) (+set ~b*) (+mget +select|0 ~a* ~b*)', ok],
      on('alice', 'AUTH alice x', ok),
      on('alice', 'GET a', nil),
      on('alice', 'SET b v', ok),
      on('alice', 'GET b', NO_KEY),
      on('alice', 'SET a v', NO_KEY),
      on('alice', 'MGET a b', [nil, 'v']),
      on('alice', 'MGET a c', NO_KEY),
      on('alice', 'INCR a', noCommand('incr')),
      ['ACL DELUSER alice', 1],
    ],
  },
  'rules hold for those who are connected, from their next command on': {
    skip: NO_STATE,
    steps: [
      ['ACL SETUSER alice on >pw allkeys +@all', ok],
      on('alice', 'AUTH alice pw', ok),
      on('alice', 'SET k v', ok),
      ['ACL SETUSER alice -set', ok],
      on('alice', 'SET k v', noCommand('set')),
      ['ACL SETUSER alice resetkeys ~other', ok],
      on('alice', 'GET k', NO_KEY),
      ['ACL SETUSER alice off resetpass', ok],
      on('alice', 'GET other', nil),
      on('alice', 'AUTH alice pw', error('WRONGPASS invalid username-password pair or user is disabled.')),
      on('alice', 'ACL WHOAMI', 'alice'),
      ['ACL SETUSER alice allcommands allkeys', ok],
      on('alice', 'SET k v', ok),
      ['ACL DELUSER alice', 1],
    ],
  },
  'channels are permitted by pattern, patterns of PSUBSCRIBE only as they are': {
    skip: NO_SUBSCRIBERS,
    steps: [
      ['ACL SETUSER alice on nopass +@all resetchannels &a* &b:*', ok],
      on('alice', 'AUTH alice x', ok),
      on('alice', 'PUBLISH a1 m', 0),
      on('alice', 'PUBLISH c m', NO_CHANNEL),
      on('alice', 'SPUBLISH c m', NO_CHANNEL),
      on('alice', 'SUBSCRIBE a1 c', NO_CHANNEL),
      on('alice', 'PSUBSCRIBE a1*', NO_CHANNEL),
      on('alice', 'SSUBSCRIBE c', NO_CHANNEL),
      sends('alice', 'UNSUBSCRIBE c'),
      pushed('alice', push(['unsubscribe', 'c', 0])),
      sends('alice', 'PSUBSCRIBE a*'),
      pushed('alice', push(['psubscribe', 'a*', 1])),
      sends('alice', 'SUBSCRIBE b:1'),
      pushed('alice', push(['subscribe', 'b:1', 2])),
      ['ACL DELUSER alice', 1],
    ],
  },
  'MULTI refuses what may not be run, and EXEC what may no longer be': {
    skip: NO_STATE,
    steps: [
      ['ACL SETUSER alice on nopass +@all ~a &a', ok],
      on('alice', 'AUTH alice x', ok),
      on('alice', 'MULTI', ok),
      on('alice', 'SET b v', NO_KEY),
      on('alice', 'EXEC', error('EXECABORT Transaction discarded because of previous errors.')),
      on('alice', 'MULTI', ok),
      on('alice', 'SET a v', status('QUEUED')),
      on('alice', 'INCR a', status('QUEUED')),
      on('alice', 'PUBLISH a m', status('QUEUED')),
      on('alice', 'PING', status('QUEUED')),
      ['ACL SETUSER alice -set resetkeys resetchannels', ok],
      on(
        'alice',
        'EXEC',
        array([
          error(
            'NOPERM ACLs rules changed between the moment the transaction was accumulated and the EXEC call. This command is no longer allowed for the following reason: no permission to execute the command or subcommand',
          ),
          error(
            'NOPERM ACLs rules changed between the moment the transaction was accumulated and the EXEC call. This command is no longer allowed for the following reason: no permission to touch the specified keys',
          ),
          error(
            'NOPERM ACLs rules changed between the moment the transaction was accumulated and the EXEC call. This command is no longer allowed for the following reason: no permission to access one of the channels used as arguments',
          ),
          status('PONG'),
        ]),
      ),
      on('alice', 'MULTI', ok),
      ['ACL SETUSER alice -exec', ok],
      on(
        'alice',
        'EXEC',
        since72(
          error(
            "EXECABORT Transaction discarded because of: NOPERM User alice has no permissions to run the 'exec' command",
          ),
          error(
            "EXECABORT Transaction discarded because of: NOPERM this user has no permissions to run the 'exec' command",
          ),
        ),
      ),
      ['ACL DELUSER alice', 1],
    ],
  },
  'AUTH, HELLO, QUIT and RESET are for everyone': {
    skip: NO_STATE,
    steps: [
      ['ACL SETUSER alice on nopass', ok],
      on('alice', 'AUTH alice x', ok),
      on('alice', 'PING', noCommand('ping')),
      on('alice', 'HELLO 2', anything),
      on('alice', 'RESET', status('RESET')),
      on('alice', 'ACL WHOAMI', 'default'),
      on('alice', 'HELLO 2 AUTH alice x', anything),
      on('alice', 'GET k', noCommand('get')),
      on('alice', 'QUIT', ok),
      ['ACL DELUSER alice', 1],
    ],
  },
  'scripts and functions may do what their caller may': {
    skip: NO_STATE,
    steps: [
      ['ACL LOG RESET', ok],
      ['ACL SETUSER alice on nopass ~a* %R~r* &c +@scripting +@string +publish -append', ok],
      [['FUNCTION', 'LOAD', 'REPLACE', LIBRARY], 'acl'],
      on('alice', 'AUTH alice x', ok),
      on('alice', ['EVAL', "return redis.call('set', KEYS[1], 'v')", '1', 'a'], ok),
      on('alice', ['EVAL', "return redis.call('get', 'a')", '0'], 'v'),
      on('alice', ['EVAL', "return redis.call('set', KEYS[1], 'v')", '1', 'b'], NO_KEY),
      on('alice', ['EVAL', "return redis.pcall('set', 'r', 'v')", '0'], NO_KEY_IN_SCRIPT),
      on('alice', ['EVAL', "return redis.pcall('get', 'r')", '0'], nil),
      on('alice', ['EVAL', "return redis.pcall('get', 'b')", '0'], NO_KEY_IN_SCRIPT),
      on('alice', ['EVAL', "return redis.pcall('publish', 'd', 'm')", '0'], NO_CHANNEL_IN_SCRIPT),
      on('alice', ['EVAL', "return redis.pcall('append', 'a', 'v')", '0'], noCommandInScript('append')),
      on('alice', ['EVAL', "return redis.pcall('del', 'a')", '0'], noCommandInScript('del')),
      on(
        'alice',
        ['FCALL', 'del_a', '0'],
        where((text) => /^-ERR (ACL failure in script: User|The user executing the script)/.test(text), 'refused'),
      ),
      on(
        'alice',
        [
          'EVAL',
          "local may = redis.acl_check_cmd return {may('get', 'r'), may('set', 'r', 'v'), may('get', 'b'), may('del', 'a'), may('publish', 'd', 'm')}",
          '0',
        ],
        [1, nil, nil, nil, nil],
      ),
      ['ACL LOG 1', [entry({ reason: 'command', context: 'lua', object: 'del', username: 'alice' }, 'fcall')]],
      ['FUNCTION DELETE acl', ok],
      ['ACL DELUSER alice', 1],
    ],
  },
  'SORT reads other keys only for those who may read all': {
    skip: NO_STATE,
    steps: [
      ['ACL SETUSER alice on nopass ~l %R~w* +sort +auth', ok],
      ['RPUSH l 1', 1],
      on('alice', 'AUTH alice x', ok),
      on('alice', 'SORT l BY w*', error('ERR BY option of SORT denied due to insufficient ACL permissions.')),
      on('alice', 'SORT l GET #', error('ERR GET option of SORT denied due to insufficient ACL permissions.')),
      on('alice', 'SORT l BY nosort', ['1']),
      ['ACL SETUSER alice %R~*', ok],
      on('alice', 'SORT l BY w* GET #', ['1']),
      ['ACL DELUSER alice', 1],
    ],
  },
  'the default user has his rules as any other': {
    skip: NO_STATE,
    steps: [
      ['ACL SETUSER admin on nopass +@all allkeys', ok],
      on('admin', 'AUTH admin x', ok),
      ['ACL SETUSER default -get', ok],
      ['GET k', noCommand('get', 'default')],
      on('other', 'GET k', noCommand('get', 'default')),
      on('admin', 'GET k', nil),
      on('admin', 'ACL SETUSER default +@all', ok),
      ['GET k', nil],
      ['ACL DELUSER default', error("ERR The 'default' user cannot be removed")],
      ['ACL DELUSER admin default', error("ERR The 'default' user cannot be removed")],
      on('admin', 'ACL WHOAMI', 'admin'),
      ['ACL DELUSER admin', 1],
    ],
  },
  'while the default user is off or has a password, strangers must say who they are': {
    skip: { ...NO_STATE, inprocess: 'code in the process is let in without a password' },
    steps: [
      ['ACL SETUSER alice on >pw +@all', ok],
      ['ACL SETUSER default off', ok],
      on('one', 'PING', error('NOAUTH Authentication required.')),
      on('one', 'AUTH alice pw', ok),
      on('one', 'PING', status('PONG')),
      on('two', 'PING', error('NOAUTH Authentication required.')),
      ['ACL SETUSER default on', ok],
      on('two', 'PING', status('PONG')),
      ['ACL SETUSER default >secret', ok],
      on('two', 'PING', error('NOAUTH Authentication required.')),
      ['PING', status('PONG')],
      on('two', 'AUTH secret', ok),
      on('two', 'PING', status('PONG')),
      ['ACL SETUSER default nopass', ok],
      ['ACL DELUSER alice', 1],
    ],
  },
  'requirepass is the password of the default user': [
    ['CONFIG SET requirepass pw', ok],
    ['ACL GETUSER default', where((flat) => String(flat[3]) === SHA256_OF_PW, 'its hash')],
    ['CONFIG SET requirepass ""', ok],
    ['ACL LIST', [line('user default on nopass ~* &* +@all')]],
  ],
  'ACL DRYRUN tells what a user lacks': [
    ['ACL SETUSER alice ~a* %R~r* &c +@string +publish +config|get', ok],
    ['ACL DRYRUN alice GET a', ok],
    ['ACL DRYRUN alice get b', lacks("access the 'b' key")],
    ['ACL DRYRUN alice MSET a 1 r 2', lacks("access the 'r' key")],
    ['ACL DRYRUN alice DEL a', lacks("run the 'del' command")],
    ['ACL DRYRUN alice CONFIG SET a b', lacks("run the 'config|set' command")],
    ['ACL DRYRUN alice CONFIG GET a', ok],
    ['ACL DRYRUN alice PUBLISH c m', ok],
    ['ACL DRYRUN alice PUBLISH d m', lacks("access the 'd' channel")],
    ['ACL DRYRUN alice GET', error("ERR wrong number of arguments for 'get' command")],
    ['ACL DRYRUN alice CONFIG', error("ERR wrong number of arguments for 'config' command")],
    ['ACL DRYRUN alice NOSUCH a', error("ERR Command 'NOSUCH' not found")],
    ['ACL DRYRUN alice CONFIG NOSUCH a', error("ERR Command 'CONFIG' not found")],
    ['ACL DRYRUN nobody GET a', error("ERR User 'nobody' not found")],
    ['ACL DELUSER alice', 1],
  ],
  'first arguments are permitted one by one, until a rule speaks of the whole command': [
    ['ACL SETUSER alice +select|0 +select|1 +debug|OBJECT', ok],
    ['ACL DRYRUN alice SELECT 0', ok],
    ['ACL DRYRUN alice SELECT 2', lacks("run the 'select' command")],
    ['ACL DRYRUN alice DEBUG sleep', lacks("run the 'debug' command")],
    ['ACL DRYRUN alice DEBUG object k', ok],
    ['ACL SETUSER alice -select', ok],
    ['ACL DRYRUN alice SELECT 0', lacks("run the 'select' command")],
    ['ACL DRYRUN alice DEBUG OBJECT k', ok],
    ['ACL SETUSER alice -@dangerous', ok],
    ['ACL DRYRUN alice DEBUG OBJECT k', lacks("run the 'debug' command")],
    ['ACL SETUSER alice +select|0 +@all', ok],
    ['ACL DRYRUN alice SELECT 2', ok],
    ['ACL SETUSER alice -@all', ok],
    ['ACL DRYRUN alice SELECT 0', lacks("run the 'select' command")],
    ['ACL DELUSER alice', 1],
  ],
  'a key that can be told is checked also where others are missing': {
    skip: { genuine: '7.0 looks at no key of a command of which it cannot tell all: anybody may PFMERGE to any key' },
    steps: [
      ['ACL SETUSER alice ~a +@all', ok],
      ['ACL DRYRUN alice PFMERGE a', ok],
      ['ACL DRYRUN alice PFMERGE b', lacks("access the 'b' key")],
      ['ACL DRYRUN alice ZUNIONSTORE b 0 a', lacks("access the 'b' key")],
      ['ACL DRYRUN alice ZUNIONSTORE a 9 b', ok], // which tells no source: it will be refused for that
      ['ACL DELUSER alice', 1],
    ],
  },
  'another name that a command has only here is permitted with it': {
    skip: { genuine: 'it has no other names' },
    steps: [
      ['ACL SETUSER alice allkeys +@all -del -flushdb', ok],
      ['ACL DRYRUN alice DELETE k', lacks("run the 'delete' command")],
      ['ACL DRYRUN alice FLUSH', lacks("run the 'flush' command")],
      ['ACL SETUSER alice -@all +delete', ok],
      ['ACL DRYRUN alice DEL k', ok],
      ['ACL DRYRUN alice DELETE k', ok],
      ['ACL GETUSER alice', user({ commands: '-@all +del', keys: '~*' })],
      ['ACL DELUSER alice', 1],
    ],
  },
  'rules may name commands of Redis that are not here, as those of clusters': [
    ['ACL SETUSER alice -@all +readonly -cluster|slots +migrate', ok],
    ['ACL DRYRUN alice GET k', lacks("run the 'get' command")],
    ['ACL SETUSER alice +readonly|', refused('+readonly|', 'Syntax error')],
    ['ACL DELUSER alice', 1],
  ],
  'ACL CAT lists the categories, and the commands of one': [
    [
      'ACL CAT',
      where(
        // Redis 8 has those for arrays and JSON, too.
        (names: string[]) =>
          names.filter((name) => name !== 'array' && name !== 'json').length === 21 && names[0] === 'keyspace',
        'the categories',
      ),
    ],
    ['ACL CAT transaction', where((names: string[]) => names.sort().join() === 'discard,exec,multi,unwatch,watch', '')],
    ['ACL CAT DANGEROUS', where((names: string[]) => names.includes('config|set'), 'subcommands too')],
    ['ACL CAT nosuch', error("ERR Unknown category 'nosuch'")],
    ['ACL CAT a b', error("ERR unknown subcommand or wrong number of arguments for 'CAT'. Try ACL HELP.")],
  ],
  'ACL GENPASS makes a password of so many bits': [
    ['ACL GENPASS', where((text) => /^[0-9a-f]{64}$/.test(text), '64 digits')],
    ['ACL GENPASS 5', where((text) => /^[0-9a-f]{2}$/.test(text), '2 digits')],
    ['ACL GENPASS 4096', where((text) => /^[0-9a-f]{1024}$/.test(text), '1024 digits')],
    [
      'ACL GENPASS 4097',
      error(
        'ERR ACL GENPASS argument must be the number of bits for the output password, a positive number up to 4096',
      ),
    ],
    [
      'ACL GENPASS 0',
      error(
        'ERR ACL GENPASS argument must be the number of bits for the output password, a positive number up to 4096',
      ),
    ],
    ['ACL GENPASS x', error('ERR value is not an integer or out of range')],
    ['ACL GENPASS 1 2', error("ERR unknown subcommand or wrong number of arguments for 'GENPASS'. Try ACL HELP.")],
  ],
  'ACL LOG remembers who was refused what, and counts what is alike': {
    skip: NO_STATE,
    steps: [
      ['ACL LOG RESET', ok],
      ['ACL SETUSER alice on >pw ~a &a +set +publish +multi +exec', ok],
      on('alice', 'AUTH alice pw', ok),
      on('alice', 'GET a', noCommand('get')),
      on('alice', 'GET a', noCommand('get')),
      on('alice', 'SET b v', NO_KEY),
      on('alice', 'PUBLISH b m', NO_CHANNEL),
      on('alice', 'MULTI', ok),
      on('alice', 'INCR a', noCommand('incr')),
      on('alice', 'EXEC', anything),
      on('alice', 'AUTH alice wrong', anything),
      on('alice', 'HELLO 2 AUTH nobody x', anything),
      [
        'ACL LOG',
        [
          entry({ count: 1, reason: 'auth', context: 'toplevel', object: 'HELLO', username: 'nobody' }, 'hello'),
          entry({ count: 1, reason: 'auth', context: 'toplevel', object: 'AUTH', username: 'alice' }, 'auth'),
          entry({ count: 1, reason: 'command', context: 'multi', object: 'incr', username: 'alice' }, 'incr'),
          entry({ count: 1, reason: 'channel', context: 'toplevel', object: 'b', username: 'alice' }, 'publish'),
          entry({ count: 1, reason: 'key', context: 'toplevel', object: 'b', username: 'alice' }, 'set'),
          entry({ count: 2, reason: 'command', context: 'toplevel', object: 'get', username: 'alice' }, 'get'),
        ],
      ],
      on('alice', 'GET a', noCommand('get')),
      ['ACL LOG 1', [entry({ count: 3, object: 'get' })]],
      ['ACL LOG -1', []],
      ['ACL LOG x', error('ERR value is not an integer or out of range')],
      ['ACL LOG 1 2', error("ERR unknown subcommand or wrong number of arguments for 'LOG'. Try ACL HELP.")],
      ['ACL LOG RESET', ok],
      ['ACL LOG', []],
      ['ACL DELUSER alice', 1],
    ],
  },
  'ACL LOG holds acllog-max-len entries': [
    ['ACL LOG RESET', ok],
    ['CONFIG SET acllog-max-len 2', ok],
    ['AUTH one x', anything],
    ['AUTH two x', anything],
    ['AUTH three x', anything],
    ['ACL LOG', [entry({ username: 'three' }), entry({ username: 'two' })]],
    ['CONFIG SET acllog-max-len 128', ok],
    ['ACL LOG RESET', ok],
  ],
  'entries of ACL LOG have ids and times': {
    since: '7.2',
    steps: [
      ['ACL LOG RESET', ok],
      ['AUTH one x', anything],
      [
        'ACL LOG',
        [
          where(
            (flat) =>
              flat.includes('entry-id') &&
              flat.at(-4) === 'timestamp-created' &&
              flat.at(-2) === 'timestamp-last-updated',
            'id and times',
          ),
        ],
      ],
    ],
  },
  'acl-pubsub-default says what channels a new user may use': [
    ['CONFIG SET acl-pubsub-default allchannels', ok],
    ['ACL SETUSER alice (+get)', ok],
    [
      'ACL GETUSER alice',
      user({ channels: '&*', selectors: [map(['commands', '-@all +get', 'keys', '', 'channels', '&*'])] }),
    ],
    ['CONFIG SET acl-pubsub-default resetchannels', ok],
    ['ACL GETUSER alice', where((flat) => flat.includes('&*'), 'as it was')],
    ['ACL SETUSER alice reset', ok],
    ['ACL GETUSER alice', user({})],
    ['ACL DELUSER alice', 1],
  ],
  'LOAD and SAVE want a file': [
    ['ACL LOAD', where((text) => /^-ERR This Redis instance is not configured to use an ACL file/.test(text), 'none')],
    ['ACL SAVE', where((text) => /^-ERR This Redis instance is not configured to use an ACL file/.test(text), 'none')],
  ],
  'CLIENT LIST and KILL know the user': {
    skip: NO_STATE,
    steps: [
      ['ACL SETUSER alice on nopass +@all', ok],
      on('alice', 'AUTH alice x', ok),
      ['CLIENT LIST', where((text) => / user=alice /.test(text) && / user=default /.test(text), 'both users')],
      ['CLIENT KILL USER nobody', error("ERR No such user 'nobody'")],
      ['CLIENT KILL USER alice', 1],
      ['ACL DELUSER alice', 1],
    ],
  },
  'ACL HELP tells the subcommands': [
    ['ACL HELP', where((lines: string[]) => lines.includes('SETUSER <username> <attribute> [<attribute> ...]'), '')],
    ['ACL HELP x', error("ERR wrong number of arguments for 'acl|help' command")],
    ['ACL', error("ERR wrong number of arguments for 'acl' command")],
    ['ACL NOSUCH', error("ERR unknown subcommand 'NOSUCH'. Try ACL HELP.")],
  ],
  'RESTTOKEN gives a token for the right password, GENTOKEN for any user': {
    skip: OURS,
    steps: [
      ['ACL SETUSER alice on >pw', ok],
      ['ACL RESTTOKEN alice pw', where((text) => /^[\w-]{40,}$/.test(text), 'a token')],
      ['ACL RESTTOKEN alice wrong', error('WRONGPASS invalid username-password pair or user is disabled.')],
      ['ACL RESTTOKEN nobody pw', error('WRONGPASS invalid username-password pair or user is disabled.')],
      ['ACL SETUSER alice off', ok],
      ['ACL RESTTOKEN alice pw', error('WRONGPASS invalid username-password pair or user is disabled.')],
      ['ACL GENTOKEN fresh', where((text) => /^[\w-]{40,}$/.test(text), 'a token')],
      ['ACL GENTOKEN fresh pw', where((text) => /^[\w-]{40,}$/.test(text), 'a token')],
      [
        'ACL GENTOKEN a b c',
        error("ERR unknown subcommand or wrong number of arguments for 'GENTOKEN'. Try ACL HELP."),
      ],
      [['ACL', 'GENTOKEN', 'a b'], error("ERR Usernames can't contain spaces or null characters")],
    ],
  },
})
