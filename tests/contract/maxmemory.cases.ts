/** What clients see of `maxmemory`. Its unit is the byte of each server's own account, so cases set it far from what is used. */
import { contract, error, map, nil, nilArray, ok, on, push, pushed, type Step, sends, status } from './dsl.ts'

const QUEUED = status('QUEUED')
const OOM = error("OOM command not allowed when used memory > 'maxmemory'.")
const ABORTED = error('EXECABORT Transaction discarded because of previous errors.')
const ABORTED_BY_OOM = error(
  "EXECABORT Transaction discarded because of: OOM command not allowed when used memory > 'maxmemory'.",
)

/** No store is so small. */
const full = (policy = 'noeviction'): Step[] => [
  [`CONFIG SET maxmemory-policy ${policy}`, ok],
  ['CONFIG SET maxmemory 1', ok],
]
const roomy = (): Step => ['CONFIG SET maxmemory 0', ok]

/** The limits do not outlive a case: genuine Redis goes on to the next. */
function limits(cases: Record<string, readonly Step[]>): Record<string, readonly Step[]> {
  const free = on(
    'admin',
    'CONFIG SET maxmemory 0 maxmemory-policy noeviction maxmemory-clients 0 maxmemory-samples 5 maxmemory-eviction-tenacity 10',
    ok,
  )
  return Object.fromEntries(Object.entries(cases).map(([title, steps]) => [title, [free, ...steps, free]]))
}

export const cases = contract(
  'maxmemory',
  limits({
    'a full store refuses what needs memory, and nothing else': [
      ['SET a 1', ok],
      ['RPUSH l x y', 2],
      ...full(),
      ['SET a 2', OOM],
      ['APPEND a x', OOM],
      ['INCR a', OOM],
      ['LPUSH l z', OOM],
      ['HSET h f v', OOM],
      ['SADD s m', OOM],
      ['ZADD z 1 m', OOM],
      ['XADD x * f v', OOM],
      ['PFADD p e', OOM],
      ['SETBIT a 1 1', OOM],
      ['COPY a b', OOM],
      ['GET a', '1'],
      ['LPOP l', 'x'],
      ['EXPIRE a 100', 1],
      ['RENAME a b', ok],
      ['DEL b', 1],
      ['PING', status('PONG')],
      roomy(),
      ['SET a 2', ok],
    ],
    'what is wrong with a command is told before that there is no room': [
      ...full(),
      ['SET a', error("ERR wrong number of arguments for 'set' command")],
      ['NOSUCH a', error("ERR unknown command 'NOSUCH', with args beginning with: 'a' ")],
    ],
    'a refused command is counted as rejected': [
      ['CONFIG RESETSTAT', ok],
      ...full(),
      ['SET a 1', OOM],
      [
        'INFO commandstats',
        {
          matches: (seen) => /cmdstat_set:calls=0,.*rejected_calls=1,failed_calls=0/.test(JSON.stringify(seen)),
          show: () => 'SET rejected once',
        },
      ],
    ],
    'in a transaction a full store refuses to keep any command': [
      ['MULTI', ok],
      ...[on('other', 'CONFIG SET maxmemory 1', ok)],
      ['GET a', OOM],
      ['PING', OOM],
      on('other', 'CONFIG SET maxmemory 0', ok),
      ['GET a', QUEUED],
      ['EXEC', ABORTED],
      ['EXEC', error('ERR EXEC without MULTI')],
    ],
    'MULTI and WATCH are among what a full store refuses in a transaction': [
      ['MULTI', ok],
      on('other', 'CONFIG SET maxmemory 1', ok),
      ['MULTI', OOM],
      ['WATCH a', OOM],
      ['DISCARD', ok],
      ['WATCH a', ok],
      ['MULTI', ok],
    ],
    'a command that may not be in a transaction is told so first': [
      ['MULTI', ok],
      on('other', 'CONFIG SET maxmemory 1', ok),
      ['SAVE', error('ERR Command not allowed inside a transaction')],
    ],
    'DISCARD and RESET leave a transaction though memory is full': [
      ['MULTI', ok],
      on('other', 'CONFIG SET maxmemory 1', ok),
      ['DISCARD', ok],
      ['MULTI', ok],
      ['RESET', status('RESET')],
      ['GET a', nil],
    ],
    'EXEC is refused if a command in it needs memory, and ends the transaction': [
      ['MULTI', ok],
      ['GET a', QUEUED],
      ['SET a 1', QUEUED],
      on('other', 'CONFIG SET maxmemory 1', ok),
      ['EXEC', ABORTED_BY_OOM],
      ['EXEC', error('ERR EXEC without MULTI')],
      ['GET a', nil],
    ],
    'EXEC runs what needs no memory': [
      ['SET a 1', ok],
      ['MULTI', ok],
      ['GET a', QUEUED],
      ['DEL a', QUEUED],
      on('other', 'CONFIG SET maxmemory 1', ok),
      ['EXEC', ['1', 1]],
    ],
    'a transaction that fills memory goes on': [
      ['MULTI', ok],
      ['SET a 1', QUEUED],
      ['CONFIG SET maxmemory 1', QUEUED],
      ['SET b 1', QUEUED],
      ['EXEC', [ok, ok, ok]],
      ['SET c 1', OOM],
      ['GET b', '1'],
    ],
    'keys go before the next command, and what needs memory is refused once none is left': [
      ['SET a 1', ok],
      ['SET b 1', ok],
      ...full('allkeys-lru'),
      ['GET a', nil],
      ['DBSIZE', 0],
      ['SET a 1', OOM],
      ['CONFIG SET maxmemory 0', ok],
      ['SET a 1', ok],
    ],
    'any policy for all keys takes keys of all databases': ['allkeys-lru', 'allkeys-lfu', 'allkeys-random'].flatMap(
      (policy) => [
        roomy(),
        ['SET a 1', ok],
        ['HSET h f v', 1],
        ['SELECT 3', ok],
        ['SET b 1', ok],
        ...full(policy),
        ['EXISTS b', 0],
        ['DBSIZE', 0],
        ['SELECT 0', ok],
        ['DBSIZE', 0],
      ],
    ),
    'a policy for volatile keys leaves the others': [
      'volatile-lru',
      'volatile-lfu',
      'volatile-random',
      'volatile-ttl',
    ].flatMap((policy) => [
      roomy(),
      ['FLUSHALL', ok],
      ['SET lasting 1', ok],
      ['SET volatile 1 EX 100', ok],
      ...full(policy),
      ['GET volatile', nil],
      ['GET lasting', '1'],
      ['SET lasting 2', OOM],
      ['DEL lasting', 1],
    ]),
    'readers of events hear of a key that has to go': [
      ['SET a 1', ok],
      ['CONFIG SET notify-keyspace-events KEe', ok],
      sends('reader', 'PSUBSCRIBE __key*__:*'),
      pushed('reader', push(['psubscribe', '__key*__:*', 1])),
      ...full('allkeys-lru'),
      ['PING', status('PONG')],
      pushed('reader', push(['pmessage', '__key*__:*', '__keyspace@0__:a', 'evicted'])),
      pushed('reader', push(['pmessage', '__key*__:*', '__keyevent@0__:evicted', 'a'])),
    ],
    'a watched key that had to go breaks the transaction': [
      ['SET a 1', ok],
      ['WATCH a', ok],
      ['MULTI', ok],
      ['PING', QUEUED],
      on('other', 'CONFIG SET maxmemory-policy allkeys-lru', ok),
      on('other', 'CONFIG SET maxmemory 1', ok),
      on('other', 'CONFIG SET maxmemory 0', ok),
      ['EXEC', nilArray],
    ],
    'nothing has to go while clients are paused': [
      ['SET a 1', ok],
      ['CLIENT PAUSE 100000 WRITE', ok],
      ...full('allkeys-lru'),
      ['GET a', '1'],
      ['CLIENT UNPAUSE', ok],
      ['GET a', nil],
    ],
    'integers are shared unless a policy looks at the use of each key': [
      ['CONFIG SET maxmemory 1gb', ok],
      ['CONFIG SET maxmemory-policy allkeys-random', ok],
      ['SET a 1', ok],
      ['OBJECT REFCOUNT a', 2147483647],
      ['CONFIG SET maxmemory-policy allkeys-lru', ok],
      ['SET a 1', ok],
      ['OBJECT REFCOUNT a', 1],
      ['CONFIG SET maxmemory-policy volatile-lfu', ok],
      ['SET a 1', ok],
      ['OBJECT REFCOUNT a', 1],
    ],
    'the directives take what Redis takes': [
      ['CONFIG SET maxmemory 100mb maxmemory-policy volatile-ttl maxmemory-samples 10', ok],
      ['CONFIG SET maxmemory-eviction-tenacity 100 maxmemory-clients 5%', ok],
      ['CONFIG GET maxmemory', map(['maxmemory', '104857600'])],
      ['CONFIG GET maxmemory-clients', map(['maxmemory-clients', '5%'])],
      ['CONFIG SET maxmemory-clients 1mb', ok],
      ['CONFIG GET maxmemory-clients', map(['maxmemory-clients', '1048576'])],
      [
        'CONFIG SET maxmemory-eviction-tenacity 101',
        error(
          "ERR CONFIG SET failed (possibly related to argument 'maxmemory-eviction-tenacity') - argument must be between 0 and 100 inclusive",
        ),
      ],
      [
        'CONFIG SET maxmemory-samples 0',
        error(
          "ERR CONFIG SET failed (possibly related to argument 'maxmemory-samples') - argument must be between 1 and 2147483647 inclusive",
        ),
      ],
    ],
  }),
)
