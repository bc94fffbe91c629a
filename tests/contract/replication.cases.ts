/** What a replica says before it is synchronised. The rest is in tests/replication. */
import { contract, error, ok, on, type Step, status } from './dsl.ts'

const NO_REPLICAS = error('NOREPLICAS Not enough good replicas to write.')
const DISCARDED = error('EXECABORT Transaction discarded because of previous errors.')
const NO_REPLICA = { rest: 'a replica is a connection that stays' }
/** Other cases find the server as it was. */
const open: Step = ['CONFIG SET min-replicas-to-write 0 min-replicas-max-lag 10', ok]

export const cases = contract('replication', {
  'REPLCONF takes what a replica says of itself': {
    skip: NO_REPLICA,
    steps: [
      ['REPLCONF', ok],
      ['REPLCONF listening-port 6380', ok],
      ['REPLCONF ip-address 127.0.0.1 listening-port 6380', ok],
      ['REPLCONF capa eof capa psync2', ok],
      ['REPLCONF rdb-only 1', ok],
      ['REPLCONF rdb-only 0', ok],
      ['REPLCONF rdb-filter-only functions', ok],
      ['REPLCONF rdb-filter-only "Functions functions"', ok],
      [['REPLCONF', 'rdb-filter-only', ''], ok],
    ],
  },
  'REPLCONF refuses what it does not know': {
    skip: NO_REPLICA,
    steps: [
      ['REPLCONF listening-port', error('ERR syntax error')],
      ['REPLCONF listening-port here', error('ERR value is not an integer or out of range')],
      ['REPLCONF rdb-only 2', error('ERR value is out of range, value must between 0 and 1')],
      ['REPLCONF rdb-filter-only "functions keys"', error('ERR Unsupported rdb-filter-only option: keys')],
      [['REPLCONF', 'rdb-filter-only', '"'], error('ERR Missing rdb-filter-only values')],
      ['REPLCONF colour blue', error('ERR Unrecognized REPLCONF option: colour')],
    ],
  },
  'min-replicas-to-write refuses writes while there are too few replicas': [
    ['SET k v', ok],
    ['CONFIG SET min-replicas-to-write 1', ok],
    ['SET k w', NO_REPLICAS],
    ['FLUSHALL', NO_REPLICAS],
    ['DEL missing', NO_REPLICAS],
    ['GET k', 'v'],
    ['PING', status('PONG')],
    ['PUBLISH c m', 0],
    ['SET k', error("ERR wrong number of arguments for 'set' command")],
    ['CONFIG SET min-replicas-max-lag 0', ok],
    ['SET k w', ok],
    ['CONFIG SET min-replicas-max-lag 10', ok],
    ['SET k x', NO_REPLICAS],
    open,
    ['SET k x', ok],
  ],
  'min-replicas-to-write refuses a transaction that writes': [
    ['MULTI', ok],
    ['SET k v', status('QUEUED')],
    on('other', 'CONFIG SET min-replicas-to-write 1', ok),
    ['EXEC', error('EXECABORT Transaction discarded because of: NOREPLICAS Not enough good replicas to write.')],
    ['MULTI', ok],
    ['SET k v', NO_REPLICAS],
    ['EXEC', DISCARDED],
    ['MULTI', ok],
    ['GET k', status('QUEUED')],
    ['EXEC', [null]],
    open,
  ],
  'min-replicas-to-write refuses the writes of scripts': [
    ['CONFIG SET min-replicas-to-write 1', ok],
    [['EVAL', "return redis.pcall('SET', KEYS[1], 'v')", '1', 'k'], NO_REPLICAS],
    [['EVAL', "return redis.call('GET', KEYS[1])", '1', 'k'], null],
    [['EVAL', '#!lua\nreturn 1', '0'], NO_REPLICAS],
    [['EVAL', '#!lua flags=no-writes\nreturn 1', '0'], 1],
    [['EVAL', 'return 1', '0'], 1],
    ['CONFIG SET min-replicas-to-write 0', ok],
    [['FUNCTION', 'LOAD', "#!lua name=l\nredis.register_function('f', function() return 1 end)"], 'l'],
    ['CONFIG SET min-replicas-to-write 1', ok],
    ['FCALL f 0', NO_REPLICAS],
    ['MULTI', ok],
    ['FCALL f 0', NO_REPLICAS],
    ['EXEC', DISCARDED],
    open,
    ['FCALL f 0', 1],
    ['FUNCTION DELETE l', ok],
  ],
})
