import { anything, contract, double, error, map, nil, ok, on, status, unordered, verbatim, where } from './dsl.ts'

const SYNTAX = error('ERR syntax error')
const NOT_INTEGER = error('ERR value is not an integer or out of range')
const arity = (name: string) => error(`ERR wrong number of arguments for '${name}' command`)
const unknown = (command: string, sub: string) =>
  error(`ERR unknown subcommand or wrong number of arguments for '${sub}'. Try ${command} HELP.`)
const has = (pattern: RegExp) => where((text) => pattern.test(text), `text with ${pattern}`)
const lacks = (pattern: RegExp) => where((text) => !pattern.test(text), `text without ${pattern}`)

export const cases = contract('server', {
  'INFO has the default sections, each with a title': [
    ['INFO', has(/^# Server\r\n/)],
    ['INFO', has(/\r\n\r\n# Clients\r\n.*\r\n\r\n# Memory\r\n.*\r\n\r\n# Persistence\r\n.*\r\n\r\n# Stats\r\n/s)],
    ['INFO', has(/# Replication\r\n.*# CPU\r\n.*# Modules\r\n.*# Errorstats\r\n.*# Cluster\r\n.*# Keyspace\r\n/s)],
    ['INFO', lacks(/# Commandstats|# Latencystats/)],
    ['INFO default', lacks(/# Commandstats/)],
  ],
  'INFO all and everything add what is counted per command': [
    ['INFO all', has(/# Commandstats\r\n.*# Errorstats\r\n.*# Latencystats\r\n/s)],
    ['INFO everything', has(/# Commandstats/)],
    ['INFO everything', has(/# Modules/)],
    ['INFO ALL', has(/# Commandstats/)],
  ],
  'INFO takes several sections, in any order and case, and ignores unknown ones': [
    ['INFO CLUSTER', verbatim('# Cluster\r\ncluster_enabled:0\r\n')],
    ['INFO nosuch', verbatim('')],
    ['INFO keyspace nosuch cluster', verbatim('# Cluster\r\ncluster_enabled:0\r\n\r\n# Keyspace\r\n')],
    ['INFO cluster cluster', verbatim('# Cluster\r\ncluster_enabled:0\r\n')],
    ['INFO default commandstats', has(/# Server\r\n.*# Commandstats/s)],
  ],
  'INFO keyspace counts keys and those that expire': [
    ['MSET a 1 b 2', ok],
    ['EXPIRE a 100', 1],
    on(
      'other',
      'SELECT 9',
      where((reply) => reply === 'OK', 'OK'),
    ),
    on('other', 'SET c 3', ok),
    [
      'INFO keyspace',
      has(/^# Keyspace\r\ndb0:keys=2,expires=1,avg_ttl=(9[5-9]\d{3}|100000|0)[^\r]*\r\ndb9:keys=1,expires=0,avg_ttl=0/),
    ],
  ],
  'INFO stats counts hits and misses': [
    ['CONFIG RESETSTAT', ok],
    ['SET a 1', ok],
    ['GET a', '1'],
    ['GET b', nil],
    ['GET b', nil],
    ['INFO stats', has(/keyspace_hits:1\r\nkeyspace_misses:2\r\n/)],
  ],
  'INFO tells how many commands the slow log took, and how long they took': {
    since: '8.8',
    steps: [
      ['CONFIG SET slowlog-log-slower-than 1000000', ok],
      ['CONFIG RESETSTAT', ok],
      ['SET a 1', ok],
      [
        'INFO stats',
        has(/slowlog_commands_count:0\r\nslowlog_commands_time_ms_max:0.00\r\nslowlog_commands_time_ms_sum:0.00\r\n/),
      ],
      ['INFO commandstats', has(/cmdstat_set:calls=1,[^\r]*failed_calls=0\r\n/)],
      ['CONFIG SET slowlog-log-slower-than 0', ok],
      ['CONFIG RESETSTAT', ok],
      ['SET a 1', ok],
      ['SET a 1', ok],
      [
        'INFO commandstats',
        has(/cmdstat_set:calls=2,.*,slowlog_count=2,slowlog_time_ms_sum=\d+\.\d\d,slowlog_time_ms_max=\d+\.\d\d\r\n/),
      ],
      ['INFO stats', has(/slowlog_commands_count:[1-9]/)],
      ['CONFIG SET slowlog-log-slower-than 10000', ok],
      ['CONFIG SET slowlog-max-len 0', ok],
      ['CONFIG RESETSTAT', ok],
      ['CONFIG SET slowlog-log-slower-than 0', ok],
      ['INFO stats', has(/slowlog_commands_count:0/)],
      ['CONFIG SET slowlog-max-len 128', ok],
      ['CONFIG SET slowlog-log-slower-than 10000', ok],
    ],
  },
  'INFO commandstats and errorstats count calls, refusals and failures': [
    ['CONFIG RESETSTAT', ok],
    ['SET a text', ok],
    ['SET a text', ok],
    ['INCR a', NOT_INTEGER],
    ['GET', arity('get')],
    [
      'INFO commandstats',
      has(/cmdstat_set:calls=2,usec=\d+,usec_per_call=[\d.]+,rejected_calls=0,failed_calls=0(,slowlog[^\r]*)?\r\n/),
    ],
    [
      'INFO commandstats',
      has(/cmdstat_incr:calls=1,usec=\d+,usec_per_call=[\d.]+,rejected_calls=0,failed_calls=1(,slowlog[^\r]*)?\r\n/),
    ],
    ['INFO commandstats', has(/cmdstat_get:calls=0,usec=0,usec_per_call=0.00,rejected_calls=1,failed_calls=0\r\n/)],
    ['INFO commandstats', has(/cmdstat_config\|resetstat:calls=1/)],
    ['INFO errorstats', has(/errorstat_ERR:count=2\r\n/)],
    ['LPUSH a x', error('WRONGTYPE Operation against a key holding the wrong kind of value')],
    ['INFO errorstats', has(/errorstat_WRONGTYPE:count=1\r\n/)],
    ['INFO stats', has(/total_error_replies:3\r\n/)],
  ],
  'TIME is seconds and microseconds': [
    [
      'TIME',
      where(([seconds, micros]) => Number(seconds) > 1.6e9 && Number(micros) >= 0 && Number(micros) < 1e6, 'a time'),
    ],
    ['TIME x', arity('time')],
  ],
  'ROLE is that of a master without replicas': [
    ['ROLE', ['master', 0, []]],
    ['ROLE x', arity('role')],
  ],
  'LASTSAVE is a unix time': [
    ['LASTSAVE', where((time) => time > 1.6e9, 'a time')],
    ['LASTSAVE x', arity('lastsave')],
  ],
  'LOLWUT prints the version, and pictures by version': [
    ['LOLWUT', has(/Redis ver\. \d+\.\d+\.\d+\n$/)],
    ['LOLWUT whatever', has(/Redis ver\./)],
    ['LOLWUT VERSION 99', has(/Redis ver\./)],
    ['LOLWUT VERSION', has(/Redis ver\./)],
    ['LOLWUT VERSION 5', has(/Georg Nees - schotter, plotter on paper, 1968\. Redis ver\. /)],
    ['LOLWUT VERSION 5 20 3 2', where((text) => text.split('\n').length >= 8, 'eight lines or more')],
    ['LOLWUT VERSION 6 10 4', where((text) => text.split('\n').length >= 6, 'four rows and a text')],
    ['LOLWUT VERSION x', NOT_INTEGER],
    ['LOLWUT VERSION 5 x', NOT_INTEGER],
    ['LOLWUT VERSION 6 x', NOT_INTEGER],
  ],
  'SHUTDOWN refuses what makes no sense': [
    ['SHUTDOWN ABORT', error('ERR No shutdown in progress.')],
    ['SHUTDOWN FOO', SYNTAX],
    ['SHUTDOWN SAVE NOSAVE', SYNTAX],
    ['SHUTDOWN ABORT NOW', SYNTAX],
    ['SHUTDOWN ABORT SAVE', SYNTAX],
    ['MULTI', ok],
    ['SHUTDOWN', error('ERR Command not allowed inside a transaction')],
    ['EXEC', error('EXECABORT Transaction discarded because of previous errors.')],
  ],
  'MEMORY USAGE weighs a key and its value': [
    ['MEMORY USAGE nothing', nil],
    ['SET k v', ok],
    ['MEMORY USAGE k', where((bytes) => bytes > 20 && bytes < 200, 'some bytes')],
    ['MEMORY USAGE k SAMPLES 0', where((bytes) => bytes > 20, 'some bytes')],
    ['MEMORY USAGE k SAMPLES 1 SAMPLES 5', where((bytes) => bytes > 20, 'some bytes')],
    ['SETRANGE long 9999 x', 10000],
    ['MEMORY USAGE long', where((bytes) => bytes >= 10000 && bytes < 30000, '10000 and a bit')],
    ['RPUSH list a b c', 3],
    ['MEMORY USAGE list', where((bytes) => bytes > 20, 'some bytes')],
    ['MEMORY USAGE k SAMPLES -1', SYNTAX],
    ['MEMORY USAGE k SAMPLES x', NOT_INTEGER],
    ['MEMORY USAGE k SAMPLES', SYNTAX],
    ['MEMORY USAGE k FOO 1', SYNTAX],
    ['MEMORY USAGE', arity('memory|usage')],
  ],
  'MEMORY reports': [
    ['MEMORY DOCTOR', has(/Sam/)],
    ['MEMORY DOCTOR x', arity('memory|doctor')],
    ['MEMORY MALLOC-STATS', where((text) => text.length > 0, 'a text')],
    ['MEMORY PURGE', ok],
    [
      'MEMORY STATS',
      where(
        (flat) => flat[0] === 'peak.allocated' && flat.includes('keys.count') && flat.includes('fragmentation'),
        'pairs',
      ),
    ],
    ['MEMORY FOO', error("ERR unknown subcommand 'FOO'. Try MEMORY HELP.")],
    ['MEMORY HELP', where((lines) => lines.includes('USAGE <key> [SAMPLES <count>]'), 'the lines')],
  ],
  'SLOWLOG keeps commands slower than the threshold, newest first': [
    ['CONFIG SET slowlog-log-slower-than 0', ok],
    ['SLOWLOG RESET', ok],
    ['PING a', 'a'],
    ['PING b', 'b'],
    ['CONFIG SET slowlog-log-slower-than -1', ok],
    ['PING c', 'c'],
    [
      'SLOWLOG GET',
      where(
        (entries: [number, number, number, string[], string, string][]) =>
          entries.length === 3 &&
          `${entries[0][3]}` === 'PING,b' &&
          `${entries[1][3]}` === 'PING,a' &&
          entries[0][0] === entries[1][0] + 1 &&
          // A seventh value, how many arguments there were, came with Redis 8.10.
          entries.every((entry) => entry.length >= 6 && entry[1] > 1.6e9 && entry[2] >= 0),
        'three entries',
      ),
    ],
    ['SLOWLOG LEN', 3],
    ['SLOWLOG GET 1', where((entries) => entries.length === 1, 'one entry')],
    ['SLOWLOG GET -1', where((entries) => entries.length === 3, 'all entries')],
    ['SLOWLOG GET 0', []],
    ['SLOWLOG RESET', ok],
    ['SLOWLOG GET', []],
    ['CONFIG SET slowlog-log-slower-than 10000', ok],
  ],
  'SLOWLOG keeps no secrets': [
    ['CONFIG SET slowlog-log-slower-than 0', ok],
    ['SLOWLOG RESET', ok],
    ['CONFIG SET masterauth secret timeout 0', ok],
    ['AUTH default secret', ok],
    ['HELLO 2 AUTH default secret SETNAME me', where(() => true, 'anything')],
    ['CONFIG SET slowlog-log-slower-than -1 masterauth ""', ok],
    [
      'SLOWLOG GET',
      where(
        (entries: [number, number, number, string[]][]) =>
          entries.map((entry) => entry[3].join(' ')).join('\n') ===
          [
            'HELLO 2 AUTH (redacted) (redacted) SETNAME me',
            'AUTH (redacted) (redacted)',
            'CONFIG SET masterauth (redacted) timeout 0',
            'SLOWLOG RESET',
          ].join('\n'),
        'redacted commands',
      ),
    ],
    ['CONFIG SET slowlog-log-slower-than 10000', ok],
    ['SLOWLOG RESET', ok],
  ],
  'SLOWLOG does not tell which users there are': {
    since: '7.2',
    steps: [
      ['CONFIG SET slowlog-log-slower-than 0', ok],
      ['SLOWLOG RESET', ok],
      ['ACL GETUSER somebody', nil],
      ['ACL SETUSER somebody on >secret', ok],
      ['ACL DELUSER somebody else', 1],
      ['CONFIG SET slowlog-log-slower-than -1', ok],
      [
        'SLOWLOG GET',
        where(
          (entries: [number, number, number, string[]][]) =>
            entries.map((entry) => entry[3].join(' ')).join('\n') ===
            [
              'ACL DELUSER (redacted) (redacted)',
              'ACL SETUSER (redacted) (redacted) (redacted)',
              'ACL GETUSER (redacted)',
              'SLOWLOG RESET',
            ].join('\n'),
          'redacted commands',
        ),
      ],
      ['CONFIG SET slowlog-log-slower-than 10000', ok],
      ['SLOWLOG RESET', ok],
    ],
  },
  'SLOWLOG cuts long commands': [
    ['CONFIG SET slowlog-log-slower-than 0', ok],
    ['SLOWLOG RESET', ok],
    [['PING', 'x'.repeat(200)], 'x'.repeat(200)],
    [['DEL', ...Array.from({ length: 40 }, (_, i) => `k${i}`)], 0],
    ['CONFIG SET slowlog-log-slower-than -1', ok],
    [
      'SLOWLOG GET 2',
      where(
        ([del, ping]) =>
          del[3].length === 32 &&
          del[3][31] === '... (10 more arguments)' &&
          ping[3][1] === `${'x'.repeat(128)}... (72 more bytes)`,
        'cut commands',
      ),
    ],
    ['CONFIG SET slowlog-log-slower-than 10000', ok],
    ['SLOWLOG RESET', ok],
  ],
  'SLOWLOG keeps as much of a command as directives say, and how many arguments there were': {
    since: '8.10',
    steps: [
      ['CONFIG GET slowlog-entry-max-*', map(['slowlog-entry-max-argc', '32', 'slowlog-entry-max-string-len', '128'])],
      ['CONFIG SET slowlog-log-slower-than 0 slowlog-entry-max-argc 5 slowlog-entry-max-string-len 16', ok],
      ['SLOWLOG RESET', ok],
      ['SADD myset a b c d e f g h', 8],
      ['SADD myset a b c', 0],
      ['SET mykey aaaaaaaaaaaaaaaaaaaa', ok],
      ['CONFIG SET slowlog-log-slower-than -1', ok],
      [
        'SLOWLOG GET 3',
        where((entries) => {
          const seen = JSON.stringify(entries.map((entry: unknown[]) => [entry[3], entry[6]]))
          const expected = [
            [['SET', 'mykey', 'aaaaaaaaaaaaaaaa... (4 more bytes)'], 3],
            [['SADD', 'myset', 'a', 'b', 'c'], 5],
            [['SADD', 'myset', 'a', 'b', '... (6 more arguments)'], 10],
          ]
          return seen === JSON.stringify(expected)
        }, 'three entries'),
      ],
      [
        'CONFIG SET slowlog-entry-max-argc 1',
        error(
          "ERR CONFIG SET failed (possibly related to argument 'slowlog-entry-max-argc') - argument must be between 2 and 2147483647 inclusive",
        ),
      ],
      ['CONFIG SET slowlog-entry-max-argc 2', ok],
      ['CONFIG SET slowlog-log-slower-than 0', ok],
      ['SADD myset a b c d', 0],
      ['SLOWLOG GET 1', where(([entry]) => entry[3].join() === 'SADD,... (5 more arguments)', 'the name and how many')],
      ['CONFIG SET slowlog-entry-max-string-len 0', anything],
      ['CONFIG GET slowlog-entry-max-string-len', map(['slowlog-entry-max-string-len', '16'])],
      ['CONFIG SET slowlog-log-slower-than 10000 slowlog-entry-max-argc 32 slowlog-entry-max-string-len 128', ok],
      ['SLOWLOG RESET', ok],
    ],
  },
  'SLOWLOG lists what EXEC ran, and not EXEC': [
    ['CONFIG SET slowlog-log-slower-than 0', ok],
    ['SLOWLOG RESET', ok],
    ['MULTI', ok],
    ['PING a', status('QUEUED')],
    ['EXEC', ['a']],
    ['CONFIG SET slowlog-log-slower-than -1', ok],
    [
      'SLOWLOG GET',
      where((entries) => entries[0][3].join(' ') === 'PING a' && entries[1][3].join(' ') === 'MULTI', 'PING, MULTI'),
    ],
    ['CONFIG SET slowlog-log-slower-than 10000', ok],
    ['SLOWLOG RESET', ok],
  ],
  'SLOWLOG keeps slowlog-max-len entries': [
    ['CONFIG SET slowlog-log-slower-than 0 slowlog-max-len 2', ok],
    ['PING a', 'a'],
    ['PING b', 'b'],
    ['PING c', 'c'],
    ['SLOWLOG LEN', 2],
    ['CONFIG SET slowlog-log-slower-than 10000 slowlog-max-len 128', ok],
    ['SLOWLOG RESET', ok],
  ],
  'SLOWLOG refuses bad arguments': [
    ['SLOWLOG GET x', error('ERR count should be greater than or equal to -1')],
    ['SLOWLOG GET -2', error('ERR count should be greater than or equal to -1')],
    ['SLOWLOG GET 1 2', unknown('SLOWLOG', 'GET')],
    ['SLOWLOG LEN x', arity('slowlog|len')],
    ['SLOWLOG FOO', error("ERR unknown subcommand 'FOO'. Try SLOWLOG HELP.")],
    ['SLOWLOG HELP', where((lines) => lines.includes('GET [<count>]'), 'the lines')],
  ],
  'LATENCY is silent until something was slow': [
    ['LATENCY RESET', where((count) => count >= 0, 'a count')],
    ['LATENCY LATEST', []],
    ['LATENCY HISTORY command', []],
    ['LATENCY GRAPH command', error("ERR No samples available for event 'command'")],
    ['LATENCY RESET', 0],
    ['LATENCY RESET command nosuch', 0],
    ['LATENCY DOCTOR', has(/^I'm sorry, Dave, I can't do that\. Latency monitoring is disabled/)],
  ],
  'LATENCY keeps the delays of slow commands': [
    ['CONFIG SET latency-monitor-threshold 5', ok],
    ['DEBUG SLEEP 0.01', ok],
    ['DEBUG SLEEP 0.02', ok],
    ['CONFIG SET latency-monitor-threshold 0', ok],
    [
      'LATENCY LATEST',
      where(([[event, time, last, max]]) => event === 'command' && time > 1.6e9 && last >= 10 && max >= 20, 'command'),
    ],
    ['LATENCY HISTORY command', where((samples) => samples.length >= 1 && samples[0][1] >= 10, 'samples')],
    ['LATENCY GRAPH command', has(/^command - high \d+ ms, low \d+ ms \(all time high \d+ ms\)\n-{80}\n/)],
    [
      'LATENCY DOCTOR',
      has(/^Dave, I have observed latency spikes in this Redis instance\..*\n\n1\. command: \d latency spikes/s),
    ],
    ['LATENCY RESET nosuch command', 1],
    ['LATENCY LATEST', []],
  ],
  'LATENCY HISTOGRAM counts calls by how long they took': [
    ['CONFIG RESETSTAT', ok],
    ['DEBUG SLEEP 0', ok],
    ['DEBUG SLEEP 0.002', ok],
    [
      'LATENCY HISTOGRAM debug',
      where(
        ([name, [, calls, , buckets]]) =>
          name === 'debug' && calls === 2 && buckets.at(-1) === 2 && buckets.at(-2) >= 2000 && buckets.at(-2) < 1e6,
        'two calls',
      ),
    ],
    ['CONFIG GET timeout', map(['timeout', '0'])],
    ['LATENCY HISTOGRAM nosuch', map([])],
    ['LATENCY HISTOGRAM config|get', where((flat) => flat.length === 2 && flat[0] === 'config|get', 'one command')],
    [
      'LATENCY HISTOGRAM config',
      where((flat) => flat.includes('config|get') && flat.includes('config|resetstat'), 'both'),
    ],
    ['LATENCY HISTOGRAM', where((flat) => flat.includes('debug') && flat.includes('config|get'), 'all')],
  ],
  'LATENCY refuses bad arguments': [
    ['LATENCY GRAPH', arity('latency|graph')],
    ['LATENCY HISTORY', arity('latency|history')],
    ['LATENCY FOO', error("ERR unknown subcommand 'FOO'. Try LATENCY HELP.")],
    ['LATENCY HELP', where((lines) => lines.includes('LATEST') && lines.includes('RESET [<event> ...]'), 'the lines')],
  ],
  'DEBUG SLEEP, SET-ACTIVE-EXPIRE and other switches': [
    ['DEBUG SLEEP 0', ok],
    ['DEBUG SLEEP x', ok],
    ['DEBUG SET-ACTIVE-EXPIRE 0', ok],
    ['DEBUG SET-ACTIVE-EXPIRE 1', ok],
    ['DEBUG PAUSE-CRON 1', ok],
    ['DEBUG PAUSE-CRON 0', ok],
    ['DEBUG CHANGE-REPL-ID', ok],
    ['DEBUG LOG hello', ok],
    ['DEBUG REPLICATE x', ok],
    ['DEBUG DROP-CLUSTER-PACKET-FILTER 1', ok],
    ['DEBUG SET-DISABLE-DENY-SCRIPTS 0', ok],
    ['DEBUG SET-SKIP-CHECKSUM-VALIDATION 0', ok],
    ['DEBUG REPLYBUFFER PEAK-RESET-TIME NEVER', ok],
    ['DEBUG REPLYBUFFER PEAK-RESET-TIME RESET', ok],
    ['DEBUG REPLYBUFFER PEAK-RESET-TIME 100', ok],
    ['DEBUG REPLYBUFFER PEAK-RESET-TIME x', NOT_INTEGER],
    ['DEBUG REPLYBUFFER RESIZING 1', ok],
    ['DEBUG REPLYBUFFER x y', unknown('DEBUG', 'REPLYBUFFER')],
    ['DEBUG QUICKLIST-PACKED-THRESHOLD 100b', ok],
    ['DEBUG QUICKLIST-PACKED-THRESHOLD 0', ok],
    [
      'DEBUG QUICKLIST-PACKED-THRESHOLD x',
      error('ERR argument must be a memory value bigger than 1 and smaller than 4gb'),
    ],
    ['DEBUG STRUCTSIZE', has(/^bits:64 /)],
  ],
  'DEBUG ERROR answers what it is told': [
    ['DEBUG ERROR "MYCODE some text"', error('MYCODE some text')],
    ['DEBUG ERROR', unknown('DEBUG', 'ERROR')],
  ],
  'DEBUG OBJECT tells about a value': [
    ['DEBUG OBJECT nothing', error('ERR no such key')],
    ['SET k v', ok],
    [
      'DEBUG OBJECT k',
      has(/^Value at:0x[0-9a-f]+ refcount:\d+ encoding:embstr serializedlength:2 lru:\d+ lru_seconds_idle:\d+/),
    ],
    ['SET n 12345', ok],
    ['DEBUG OBJECT n', has(/ encoding:int /)],
  ],
  'DEBUG SDSLEN tells lengths of strings': [
    ['SET key value1', ok],
    [
      'DEBUG SDSLEN key',
      has(/^key_sds_len:3, key_sds_avail:0, key_zmalloc: \d+, val_sds_len:6, val_sds_avail:\d+, val_zmalloc: \d+$/),
    ],
    ['DEBUG SDSLEN nothing', error('ERR no such key')],
    ['SET n 1', ok],
    ['DEBUG SDSLEN n', error('ERR Not an sds encoded string.')],
    ['RPUSH l a', 1],
    ['DEBUG SDSLEN l', error('ERR Not an sds encoded string.')],
  ],
  'DEBUG DIGEST-VALUE is the digest of each value': [
    ['SET s v', ok],
    ['RPUSH l a b', 2],
    ['SADD set a b 1', 3],
    ['ZADD z 1.5 a inf b', 2],
    [
      'DEBUG DIGEST-VALUE s l set z nothing',
      [
        status('d79ee9fe5d5ad902d7f6620efc3b07b75ddd742f'),
        status('62f55a532623cf6c3d81081db480b6fd8461eb3f'),
        status('e8f32bbb1ad9bf537c8867de4f19fec9e001296d'),
        status('e59228f0b3b4ebae6975e3449a12b75db333f555'),
        status('0000000000000000000000000000000000000000'),
      ],
    ],
  ],
  'DEBUG DIGEST-VALUE of a hash and of a stream': [
    ['HSET h f v g w', 2],
    ['XADD st 1-1 a b c d', '1-1'],
    [
      'DEBUG DIGEST-VALUE h st',
      [status('d127864ed50239662bf61bafc9bda63c17da5b37'), status('2f06edaefc387eea993b3104d4b133e527de184b')],
    ],
  ],
  'DEBUG DIGEST is the digest of all databases': [
    ['DEBUG DIGEST', status('0000000000000000000000000000000000000000')],
    ['MSET a 1 b 2', ok],
    ['RPUSH l a b', 2],
    ['DEBUG DIGEST', status('399952c6810f9381075d293222b760daed6e79db')],
  ],
  'DEBUG HTSTATS': [
    ['DEBUG HTSTATS 0', has(/^\[Dictionary HT\]\nHash table 0 stats \(main hash table\):\n/)],
    ['DEBUG HTSTATS x', NOT_INTEGER],
    ['DEBUG HTSTATS 99', error('ERR Out of range database')],
    ['DEBUG HTSTATS-KEY nothing', error('ERR no such key')],
    ['SET k v', ok],
    ['DEBUG HTSTATS-KEY k', error('ERR The value stored at the specified key is not represented using an hash table')],
    ['SADD s a', 1],
    ['DEBUG LISTPACK k', error('ERR Not a listpack encoded object.')],
    ['DEBUG LISTPACK nothing', error('ERR no such key')],
    ['ZADD z 1 a', 1],
    ['DEBUG LISTPACK z', status('Listpack structure printed on stdout')],
  ],
  'DEBUG LISTPACK takes a packed hash whose fields expire': {
    since: '7.4',
    steps: [
      ['HSET h f v', 1],
      ['HPEXPIRE h 100000 FIELDS 1 f', [1]],
      ['OBJECT ENCODING h', 'listpackex'],
      ['DEBUG LISTPACK h', status('Listpack structure printed on stdout')],
    ],
  },
  'DEBUG POPULATE makes keys that are not there yet': [
    ['SET foo:1 mine', ok],
    ['DEBUG POPULATE 3 foo', ok],
    ['MGET foo:0 foo:1 foo:2', ['value:0', 'mine', 'value:2']],
    ['DEBUG POPULATE 2', ok],
    ['DBSIZE', 5],
    ['DEBUG POPULATE 1 big 10', ok],
    ['GET big:0', 'value:0\0\0\0'],
    ['DEBUG POPULATE 1 small 3', ok],
    ['GET small:0', 'val'],
    ['DEBUG POPULATE x', error('ERR value is out of range, must be positive')],
    ['DEBUG POPULATE -1', error('ERR value is out of range, must be positive')],
    ['DEBUG POPULATE', unknown('DEBUG', 'POPULATE')],
  ],
  'DEBUG PROTOCOL answers each kind of reply': [
    ['DEBUG PROTOCOL string', 'Hello World'],
    ['DEBUG PROTOCOL integer', 12345],
    ['DEBUG PROTOCOL double', double('3.141')],
    ['DEBUG PROTOCOL null', nil],
    ['DEBUG PROTOCOL array', [0, 1, 2]],
    ['DEBUG PROTOCOL set', unordered([0, 1, 2])],
    ['DEBUG PROTOCOL map', where((flat) => flat.length === 6, 'three pairs')],
    ['DEBUG PROTOCOL bignum', where((text) => `${text}` === '1234567999999999999999999999999999999', 'a long number')],
    ['DEBUG PROTOCOL verbatim', verbatim('This is a verbatim\nstring')],
    ['DEBUG PROTOCOL true', where((value) => value === true || value === 1, 'true')],
    ['DEBUG PROTOCOL FALSE', where((value) => value === false || value === 0, 'false')],
    [
      'DEBUG PROTOCOL x',
      error(
        'ERR Wrong protocol type name. Please use one of the following: string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false',
      ),
    ],
  ],
  'DEBUG refuses what it does not know': [
    ['DEBUG', arity('debug')],
    ['DEBUG FOO', unknown('DEBUG', 'FOO')],
    ['DEBUG __proto__', unknown('DEBUG', '__proto__')],
    ['DEBUG constructor', unknown('DEBUG', 'constructor')],
    ['DEBUG SLEEP', unknown('DEBUG', 'SLEEP')],
    ['DEBUG HELP', where((lines) => lines.includes('SLEEP <seconds>'), 'the lines')],
  ],
})
