/** DUMP, RESTORE and DEBUG RELOAD. Payloads are those of genuine Redis; tests/persistence compares many more. */
import { advance, array, contract, error, nil, ok, where } from './dsl.ts'

/** What Redis 7.0 dumps of the string "v", and of the list a, b, a, b. */
const STRING = '\x00\x01v\n\x00\x91\b\xce\xb2\x198\x8a\xce'
const LIST =
  '\x12\x01\x02\x13\x13\x00\x00\x00\x04\x00\x81a\x02\x81b\x02\x81a\x02\x81b\x02\xff\n\x00\x16\xb6$\xdc\x1f\x0f\xd7\x11'
const BUSY = error('BUSYKEY Target key name already exists.')
const MISMATCH = error('ERR DUMP payload version or checksum are wrong')

export const cases = contract('dump', {
  'DUMP gives the value with a version and a checksum': [
    ['SET k v', ok],
    ['DUMP k', STRING],
    ['RPUSH l a b', 2],
    ['DUMP l', where((payload) => typeof payload === 'string' && payload.length > 20, 'a payload')],
    ['DUMP none', nil],
  ],
  'RESTORE makes the key': [
    [['RESTORE', 'k', '0', STRING], ok],
    ['GET k', 'v'],
    ['TTL k', -1],
    [['RESTORE', 'l', '0', LIST], ok],
    ['LRANGE l 0 -1', array(['a', 'b', 'a', 'b'])],
  ],
  'RESTORE leaves a key that exists, unless told to replace it': [
    ['SET k old EX 100', ok],
    [['RESTORE', 'k', '0', STRING], BUSY],
    ['GET k', 'old'],
    [['RESTORE', 'k', '0', STRING, 'REPLACE'], ok],
    ['GET k', 'v'],
    ['TTL k', -1],
  ],
  'RESTORE takes a time to live, or with ABSTTL a time': [
    [['RESTORE', 'k', '100000', STRING], ok],
    ['TTL k', where((ttl) => ttl === 100 || ttl === 99, 'about 100')],
    [['RESTORE', 'k', '4000000000000', STRING, 'ABSTTL', 'REPLACE'], ok],
    ['PEXPIRETIME k', 4000000000000],
  ],
  'RESTORE of what is past its time answers OK and leaves no key': [
    ['SET k old', ok],
    [['RESTORE', 'k', '1', STRING, 'ABSTTL', 'REPLACE'], ok],
    ['EXISTS k', 0],
    [['RESTORE', 'k', '1', STRING, 'ABSTTL'], ok],
    ['EXISTS k', 0],
  ],
  'a restored key expires': [[['RESTORE', 'k', '1000', STRING], ok], advance(1001), ['EXISTS k', 0]],
  'RESTORE IDLETIME says when the key was last used': [
    [['RESTORE', 'k', '0', STRING, 'IDLETIME', '1000'], ok],
    ['OBJECT IDLETIME k', where((idle) => typeof idle === 'number' && idle >= 1000 && idle < 1010, 'about 1000')],
  ],
  'RESTORE FREQ says how often the key was used, under a policy that counts it': [
    ['CONFIG SET maxmemory-policy allkeys-lfu', ok],
    [['RESTORE', 'k', '0', STRING, 'FREQ', '100'], ok],
    ['OBJECT FREQ k', 100],
    ['CONFIG SET maxmemory-policy noeviction', ok],
  ],
  'RESTORE refuses a payload that was changed': [
    [['RESTORE', 'k', '0', STRING.replace('v', 'w')], MISMATCH],
    ['RESTORE k 0 short', MISMATCH],
    [['RESTORE', 'k', '0', ''], MISMATCH],
    ['SET k old', ok],
    ['RESTORE k 0 short REPLACE', MISMATCH],
    ['GET k', 'old'],
  ],
  'RESTORE refuses a version that is not known yet': [
    [['RESTORE', 'k', '0', `${STRING.slice(0, 3)}\xff\x00${STRING.slice(5)}`], MISMATCH],
  ],
  'RESTORE checks its options, then the key, the time, and the payload': [
    ['SET k old', ok],
    ['RESTORE k a x FREQ', error('ERR syntax error')],
    ['RESTORE k a x FOO', error('ERR syntax error')],
    ['RESTORE k a x IDLETIME 1 FREQ 1', error('ERR syntax error')],
    ['RESTORE k a x FREQ 1 IDLETIME 1', error('ERR syntax error')],
    ['RESTORE k a x FREQ 256', error('ERR Invalid FREQ value, must be >= 0 and <= 255')],
    ['RESTORE k a x FREQ -1', error('ERR Invalid FREQ value, must be >= 0 and <= 255')],
    ['RESTORE k a x IDLETIME -1', error('ERR Invalid IDLETIME value, must be >= 0')],
    ['RESTORE k a x IDLETIME b', error('ERR value is not an integer or out of range')],
    ['RESTORE k a x IDLETIME 1 IDLETIME 2', BUSY],
    ['RESTORE k a x', BUSY],
    ['RESTORE k a x REPLACE', error('ERR value is not an integer or out of range')],
    ['RESTORE k -1 x REPLACE', error('ERR Invalid TTL value, must be >= 0')],
    ['RESTORE k 0 x REPLACE', MISMATCH],
    ['GET k', 'old'],
  ],
  'DEBUG RELOAD keeps keys, times and databases': [
    ['SET k v PXAT 4000000000000', ok],
    ['RPUSH l a b', 2],
    ['SADD s 1 2', 2],
    ['SELECT 1', ok],
    ['HSET h f v', 1],
    ['DEBUG RELOAD', ok],
    ['HGET h f', 'v'],
    ['SELECT 0', ok],
    ['GET k', 'v'],
    ['PEXPIRETIME k', 4000000000000],
    ['LRANGE l 0 -1', array(['a', 'b'])],
    ['OBJECT ENCODING s', 'intset'],
    ['DBSIZE', 3],
  ],
  'DEBUG RELOAD keeps the times of fields': {
    since: '7.4',
    steps: [
      ['HSET h f v g w', 2],
      ['HPEXPIREAT h 4000000000000 FIELDS 1 f', array([1])],
      ['DEBUG RELOAD', ok],
      ['HPEXPIRETIME h FIELDS 2 f g', array([4000000000000, -1])],
      ['OBJECT ENCODING h', 'listpackex'],
      ['HSET h big xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx', 1],
      ['DEBUG RELOAD', ok],
      ['HPEXPIRETIME h FIELDS 3 f g big', array([4000000000000, -1, -1])],
      ['OBJECT ENCODING h', 'hashtable'],
    ],
  },
  'SAVE and BGSAVE check what they are told': [
    ['SAVE now', error("ERR wrong number of arguments for 'save' command")],
    ['BGSAVE now', error('ERR syntax error')],
    ['BGSAVE SCHEDULE now', error('ERR syntax error')],
  ],
  'DEBUG RELOAD knows three options': [
    ['DEBUG RELOAD NOW', error('ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.')],
    ['SET k v', ok],
    ['DEBUG RELOAD MERGE NOFLUSH', ok],
    ['GET k', 'v'],
  ],
})
